//! A difference leaves nothing out, and a definition does not differ from itself.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::domain::Dimension;
use super::pair::Pair;
use super::*;
use crate::expr::{Facts, Val};
use crate::source::SourceMap;
use crate::workbench::sample::{self, Setup, World};

fn allowed(bundle: &Bundle, setup: &Setup, world: &World) -> bool {
    let account = world.account();
    let situation = world.situation(Some(&account), setup);
    let mut facts = situation.facts(&bundle.lifecycle);
    let read = bundle.lifecycle.read.as_ref().unwrap();
    let resources = bundle.resources(read, &facts).unwrap();
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let ruling = bundle.rule(&setup.principal, "s:Read", &resources, &mut facts);
    ruling.is_allowed()
}

fn compared(old: &Bundle, new: &Bundle, who: [&Setup; 2]) -> Difference {
    let [one, other] = who;
    let mut difference = Difference::default();
    let pair = Pair {
        same_language: true,
        sides: [
            Side {
                bundle: old,
                principal: Some(&one.principal),
            },
            Side {
                bundle: new,
                principal: Some(&other.principal),
            },
        ],
        accesses: [old.lifecycle.read.as_ref(), new.lifecycle.read.as_ref()],
        who: &Who::Listed(one.principal.name.clone()),
        permission: "s:Read",
        asked_by: Some("read"),
    };
    pair.compare(&mut difference);
    difference
}

/// What a request is in each of the dimensions.
fn situated(dimensions: &[Dimension], bundle: &Bundle, facts: &Facts<'_>) -> Vec<Told> {
    let vocabulary = &bundle.lifecycle.vocabulary;
    let in_one = |dimension: &Dimension| {
        let value = facts.get(vocabulary.slot(&dimension.path).unwrap());
        let is = |told: &&Told| match (told, value) {
            (Told::Within(first, last), Val::Int(number)) => (*first..=*last).contains(&number),
            (Told::Another | Told::Open, _) => false,
            (told, value) => told.val() == Some(value),
        };
        let is_other = |told: &&Told| matches!(told, Told::Another | Told::Open);
        let named = dimension.values.iter().find(is);
        let told = named.or_else(|| dimension.values.iter().find(is_other));
        told.unwrap_or_else(|| panic!("{value:?} is none of {dimension:?}"))
            .clone()
    };
    dimensions.iter().map(in_one).collect()
}

/// Whether a shift is told of a request.
fn is_told(shift: &Shift, dimensions: &[Dimension], request: &[Told]) -> bool {
    let names = |(path, told): &(Arc<str>, Told)| {
        let of = dimensions.iter().position(|it| it.path == *path).unwrap();
        match (told, &request[of]) {
            (Told::Within(from, to), Told::Within(first, last)) => from <= first && last <= to,
            (told, request) => told == request,
        }
    };
    let in_it = |situation: &Situated| situation.iter().all(names);
    shift.when.is_empty() || shift.when.iter().any(in_it)
}

/// What two definitions say to a request, and whether the difference says so.
fn check_told(
    setups: [&Setup; 2],
    bundles: [&Bundle; 2],
    difference: &Difference,
    world: &World,
) -> Result<[usize; 2], TestCaseError> {
    let [old, new] = bundles;
    let sides = [0, 1].map(|side| Side {
        bundle: bundles[side],
        principal: Some(&setups[side].principal),
    });
    let accesses = bundles.map(|bundle| bundle.lifecycle.read.as_ref());
    let dimensions = domain::dimensions([&sides[0], &sides[1]], "s:Read", accesses);
    let (account, [one, other]) = (world.account(), setups);
    let situation = world.situation(Some(&account), one);
    let request = situated(&dimensions, old, &situation.facts(&old.lifecycle));
    let (before, after) = (allowed(old, one, world), allowed(new, other, world));
    let told = |shifts: &[Shift], certain: bool| {
        let mut shifts = shifts.iter().filter(|it| it.certain == certain);
        shifts.any(|it| is_told(it, &dimensions, &request))
    };
    let gains = told(&difference.gains, true);
    let losses = told(&difference.losses, true);
    prop_assert!(!gains || !before && after, "{request:?} {difference:#?}");
    prop_assert!(!losses || before && !after, "{request:?} {difference:#?}");
    let perhaps = told(&difference.gains, false) || told(&difference.losses, false);
    let is_same = before == after || gains || losses || perhaps;
    prop_assert!(is_same, "{request:?} {difference:#?}");
    Ok([
        usize::from(gains || losses),
        usize::from(!perhaps && before == after),
    ])
}

/// Every gain and loss that is certain happens in the situations it is told of, and every request
/// of which nothing is told is decided as before.
#[test]
fn what_is_certain_happens_and_nothing_else_changes() {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    });
    let worlds = prop::collection::vec(sample::world(), 24);
    let seen = std::cell::Cell::new([0; 2]);
    let checked = runner.run(
        &(sample::setup(), sample::setup(), worlds),
        |(one, mut other, worlds)| {
            other.principal.name = one.principal.name.clone();
            other.principal.kind = one.principal.kind.clone();
            other.principal.account = one.principal.account.clone();
            let (old, new) = (one.bundle(), other.bundle());
            let difference = compared(&old, &new, [&one, &other]);
            for world in &worlds {
                let [told, same] = check_told([&one, &other], [&old, &new], &difference, world)?;
                let [all_told, all_same] = seen.get();
                seen.set([all_told + told, all_same + same]);
            }
            Ok(())
        },
    );
    if let Err(found) = checked {
        panic!("{found}");
    }
    // Differences that are never certain, or requests that always may change, would prove nothing.
    assert!(seen.get().iter().all(|count| *count > 100), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_not_told_does_not_happen(
        one in sample::setup(),
        other in sample::setup(),
        worlds in prop::collection::vec(sample::world(), 12),
    ) {
        // The same somebody, with what the other has.
        let mut other = other;
        other.principal.name = one.principal.name.clone();
        other.principal.kind = one.principal.kind.clone();
        other.principal.account = one.principal.account.clone();
        let (old, new) = (one.bundle(), other.bundle());
        let difference = compared(&old, &new, [&one, &other]);
        for world in &worlds {
            let (before, after) = (allowed(&old, &one, world), allowed(&new, &other, world));
            let may_gain = !difference.gains.is_empty();
            let may_lose = !difference.losses.is_empty() || difference.gains.iter().any(|it| !it.certain);
            prop_assert!(before || !after || may_gain, "{difference:#?}");
            prop_assert!(!before || after || may_lose, "{difference:#?}");
        }
        prop_assert!(compared(&old, &old, [&one, &one]).gains.is_empty());
        prop_assert!(diff(&new, &new).is_empty());
    }
}

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { path: text, manager: account_id }
context: { mfa: bool, level: int }
principal_kinds: { root: { owns_account: true }, user: {} }
read: { permission: "s:Read", resource: "acs:s:*:${account.manager}:thing/${account.path}" }
"#;
const WORKFLOW: &str = r#"
workflow: phone
initial: unbound
states: { unbound: {}, bound: {} }
transitions:
  bind: { from: unbound, to: bound, permission: "s:Bind",
          resource: "acs:s:*:${account.manager}:thing/${account.path}" }
"#;

fn bundle(policy: &str, principals: &str) -> Bundle {
    let mut sources = SourceMap::default();
    sources.add("workflows/demo/account.yaml", ACCOUNT);
    sources.add("workflows/demo/phone.yaml", WORKFLOW);
    sources.add("policies/P.rhai", policy);
    sources.add("policies/principals.yaml", principals);
    Bundle::load(sources, "demo").unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

const LIN: &str = "principals: { user/lin: { account: \"9\", policies: [P] } }";

/// Each shift as `+ who permission: situations`.
fn told(old: &Bundle, new: &Bundle) -> String {
    let difference = diff(old, new);
    let value = |told: &Told| match told {
        Told::Unset => "unset".to_owned(),
        Told::Is(value) => value.text(),
        Told::Text(text) => text.to_string(),
        Told::Within(first, last) => format!("{first}..={last}"),
        Told::Another | Told::Open => "another".to_owned(),
    };
    let mut lines = Vec::new();
    for (sign, shifts) in [('+', &difference.gains), ('-', &difference.losses)] {
        for shift in shifts {
            let when = shift.when.iter().map(|situation| {
                let words = situation
                    .iter()
                    .map(|(path, told)| format!("{path}={}", value(told)));
                words.collect::<Vec<_>>().join(" ")
            });
            let when: Vec<String> = when.collect();
            let who = match &shift.who {
                Who::Listed(name) => name.to_string(),
                Who::Owner { kind, .. } => format!("owner {kind}"),
            };
            let mark = if shift.certain { "" } else { "?" };
            let (permission, by) = (&shift.permission, shift.asked_by.as_deref());
            let by = by.unwrap_or("-");
            lines.push(format!(
                "{sign}{mark} {who} {permission} {by}: {}",
                when.join(" | ")
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn who_gains_and_loses_what_is_told_with_the_situations() {
    let old = bundle(
        "allow \"s:Read\" when (context.mfa ?? false) && state.phone == \"bound\";",
        LIN,
    );
    let new = bundle(
        "allow \"s:Read\" when state.phone == \"bound\"; allow \"s:Bind\" on \"acs:s:*:*:thing/a/*\";",
        LIN,
    );
    insta::assert_snapshot!(told(&old, &new), @r"
    + user/lin s:Bind phone.bind: account.path=a/x
    + user/lin s:Read read: context.mfa=unset state.phone=bound | context.mfa=false state.phone=bound
    +? user/lin s:Bind phone.bind: account.path=another
    ");
    insta::assert_snapshot!(told(&new, &old), @r"
    - user/lin s:Bind phone.bind: account.path=a/x
    - user/lin s:Read read: context.mfa=unset state.phone=bound | context.mfa=false state.phone=bound
    -? user/lin s:Bind phone.bind: account.path=another
    ");
}

#[test]
fn bounds_places_and_people_count() {
    let all = bundle("allow \"s:Read\";", LIN);
    let bounded = bundle("allow \"s:Read\" when (context.level ?? 0) > 3;", LIN);
    insta::assert_snapshot!(told(&all, &bounded), @"- user/lin s:Read read: context.level=unset | context.level=-9223372036854775808..=3");
    let nobody = bundle("allow \"s:Read\";", "principals: {}");
    insta::assert_snapshot!(told(&all, &nobody), @"- user/lin s:Read read:");
    insta::assert_snapshot!(told(&nobody, &all), @"+ user/lin s:Read read:");
}

#[test]
fn statements_that_came_and_went_are_listed() {
    let old = bundle("allow \"s:Read\";\nallow \"s:Bind\";", LIN);
    let new = bundle(
        "// Moved and laid out anew, it is still the same.\nallow [\n    \"s:Bind\",\n];\ndeny all unless context.mfa ?? false;",
        LIN,
    );
    let changes = diff(&old, &new).statements;
    let line =
        |it: &StatementChange| format!("{:?} {} {} {}", it.edit, it.policy, it.text, it.place);
    let lines: Vec<String> = changes.iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    Removed P allow s:Read policies/P.rhai:1:1
    Added P deny all unless context.mfa ?? false policies/P.rhai:5:1
    ");
}
