//! Cedar's published scenarios (`cedar-examples`, `oopsla2024-benchmarks`) side by side: entities of
//! growing number, each related to each other with a probability of 0.05.
//!
//! Cedar's entities hold their ancestors, closed. Ours are facts: what a principal is in, what a
//! resource lies in and who owns something above it, closed as well, as lists of texts.

mod gdrive;
mod github;
mod hierarchy;
mod tinytodo;

use std::hint::black_box;
use std::time::Duration;

use cedar_policy::{Authorizer, Context, Decision, Entities, PolicySet, Request};
use cpu_time::ThreadTime;
use serde_json::Value;
use stateward::expr::{Facts, Type, Val, Vocabulary};
use stateward::policy::{Attachments, Principal, Query};

use self::hierarchy::{Random, kept};
use crate::engines::cedar::uid;
use crate::engines::ours::policies;

const SIZES: [usize; 5] = [5, 10, 20, 30, 50];
const HIERARCHIES: u64 = 20;
const REQUESTS: usize = 200;
const ROUNDS: usize = 7;

/// A request, for both.
pub struct Asked {
    /// The name and the type of each of the three.
    pub principal: (&'static str, String),
    pub action: &'static str,
    pub resource: (&'static str, String),
    /// What ours knows of it, by name.
    pub facts: Vec<(&'static str, Val<'static>)>,
}

/// One hierarchy and what is asked in it.
pub struct Hierarchy {
    pub entities: Vec<Value>,
    pub asked: Vec<Asked>,
}

/// A scenario: policies in both languages, and hierarchies of a size.
pub struct Scenario {
    pub name: &'static str,
    pub cedar: &'static str,
    pub ours: &'static str,
    pub vocabulary: &'static [(&'static str, Type, bool)],
    pub hierarchy: fn(usize, &mut Random) -> Hierarchy,
}

/// Times every scenario.
pub fn compare() {
    println!("\n| scenario | N | cedar-policy ns | stateward ns | ratio | allowed |");
    println!("|---|--:|--:|--:|--:|--:|");
    let scenarios = [
        gdrive::as_published(),
        gdrive::repaired(),
        github::scenario(),
        tinytodo::scenario(),
    ];
    for scenario in scenarios {
        for size in SIZES {
            let (cedar, ours, allowed) = measured(&scenario, size);
            let ratio = cedar / ours;
            println!(
                "| {} | {size} | {cedar:.0} | {ours:.0} | {ratio:.0} | {:.0} % |",
                scenario.name,
                allowed * 100.0
            );
        }
    }
}

/// Median nanoseconds per decision of both, and the share of requests that are allowed.
fn measured(scenario: &Scenario, size: usize) -> (f64, f64, f64) {
    let mut vocabulary = Vocabulary::default();
    for (path, ty, optional) in scenario.vocabulary {
        vocabulary.declare(path, ty.clone(), *optional);
    }
    for path in ["permission", "resource"] {
        vocabulary.declare(path, Type::Text, false);
    }
    let ours = policies(scenario.ours, None, &vocabulary);
    let cedar: PolicySet = scenario.cedar.parse().expect("the policies parse");
    let authorizer = Authorizer::new();
    let (mut of_cedar, mut of_ours, mut allowed) = (Vec::new(), Vec::new(), 0);
    for seed in 0..HIERARCHIES {
        let Hierarchy { entities, asked } = (scenario.hierarchy)(size, &mut Random::new(seed));
        let entities = Entities::from_json_value(Value::Array(entities), None);
        let entities = entities.expect("the entities read");
        let requests: Vec<Request> = asked.iter().map(request).collect();
        let mut queries: Vec<_> = asked
            .iter()
            .map(|asked| query(&vocabulary, asked))
            .collect();
        for (request, (query, facts)) in requests.iter().zip(&mut queries) {
            let response = authorizer.is_authorized(request, &cedar, &entities);
            assert_eq!(response.diagnostics().errors().count(), 0, "{response:?}");
            let allows = response.decision() == Decision::Allow;
            assert_eq!(
                ours.rule(query, facts).is_allowed(),
                allows,
                "{}: {request}",
                scenario.name
            );
            allowed += usize::from(allows);
        }
        for _ in 0..ROUNDS {
            of_cedar.push(timed(|| {
                for request in &requests {
                    black_box(authorizer.is_authorized(black_box(request), &cedar, &entities));
                }
            }));
            of_ours.push(timed(|| {
                for (query, facts) in &mut queries {
                    black_box(ours.rule(black_box(query), facts));
                }
            }));
        }
    }
    let all = HIERARCHIES as f64 * REQUESTS as f64;
    (median(of_cedar), median(of_ours), allowed as f64 / all)
}

fn timed(pass: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    pass();
    let took: Duration = start.elapsed();
    took.as_nanos() as f64 / REQUESTS as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn request(asked: &Asked) -> Request {
    let (principal, resource) = (&asked.principal, &asked.resource);
    Request::new(
        uid(principal.0, &principal.1),
        uid("Action", asked.action),
        uid(resource.0, &resource.1),
        Context::empty(),
        None,
    )
    .expect("a request")
}

fn query(vocabulary: &Vocabulary, asked: &Asked) -> (Query<'static>, Facts<'static>) {
    let mut facts = Facts::new(vocabulary);
    for (path, value) in &asked.facts {
        facts.set(vocabulary.slot(path).expect("it is declared"), *value);
    }
    let name = format!("user/{}", asked.principal.1)
        .parse()
        .expect("a name");
    let mut principal = Principal::new(name, "1".parse().expect("an account"));
    principal.policies.push("p".into());
    let (kind, id) = &asked.resource;
    let resource: &str = kept(format!("acs:example:*:1:{kind}/{id}"));
    let query = Query {
        principal: kept(principal),
        owns_account: false,
        control: None,
        attachments: kept(Attachments::default()),
        action: kept(format!("example:{}", asked.action)),
        resources: std::slice::from_ref(kept(resource)),
    };
    (query, facts)
}
