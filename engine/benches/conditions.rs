//! What a condition costs, and that none of the native ones allocates. Compare figures of one run
//! only.
//!
//! `cargo bench -p stateward --bench conditions`

#![expect(
    clippy::expect_used,
    reason = "a benchmark without its fixture cannot run"
)]

use divan::{AllocProfiler, Bencher, black_box};
use stateward::expr::{Compiler, Expected, Facts, Type, Val, Vocabulary};
use stateward::source::{SourceMap, Span};
use stateward::time::Timestamp;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// One condition of each kind that policy documents have.
const CONDITIONS: [&str; 9] = [
    "context.team == \"payments\"",
    "context.team in [\"billing\", \"audit\", \"payments\"]",
    "same_text(context.team, [\"Billing\", \"Audit\", \"Payments\"])",
    "like(resource, \"acs:ram:*:*:user/ops-*\")",
    "like(resource, [\"acs:ecs:*\", \"acs:ram:*:group/*\", \"*/ops-???\"])",
    "like_any_case(resource, [\"ACS:ECS:*\", \"ACS:RAM:*:USER/OPS-*\"])",
    "ip_in(context.source_ip, [\"198.51.100.0/24\", \"2001:db8::/32\", \"192.0.2.0/24\"])",
    "now < time(\"2027-01-01T00:00:00Z\")",
    "!ip_in(context.source_ip, \"198.51.100.0/24\") && like(context.team, \"pay*\")",
];

#[divan::bench(args = CONDITIONS)]
fn condition(bencher: Bencher<'_, '_>, text: &str) {
    let mut vocabulary = Vocabulary::default();
    let team = vocabulary.declare("context.team", Type::Text, false);
    let source_ip = vocabulary.declare("context.source_ip", Type::Ip, false);
    let resource = vocabulary.declare("resource", Type::Text, false);
    let now = vocabulary.declare("now", Type::Time, false);
    let compiler = Compiler::new(&vocabulary, None).expect("the language is sound");
    let expected = Expected {
        ty: Some(Type::Bool),
        optional: false,
        may_read: &|_| Ok(()),
    };
    let file = SourceMap::default().add("condition", text);
    let span = Span::new(file, 0..text.len());
    let expression = compiler.expression(text, span, &expected);
    let expression = expression.expect("the condition is well-formed");
    let mut facts = Facts::new(&vocabulary);
    facts.set(team, Val::Text("payments"));
    facts.set(source_ip, Val::Ip([192, 0, 2, 9].into()));
    facts.set(resource, Val::Text("acs:ram:cn-hangzhou:1000:user/ops-lin"));
    facts.set(now, Val::Time(Timestamp::from_ms(1_790_000_000_000)));
    assert_eq!(expression.truth(&facts), Ok(true), "{text}");
    bencher.bench_local(|| expression.truth(black_box(&facts)));
}
