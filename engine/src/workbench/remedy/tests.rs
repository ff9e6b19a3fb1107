//! Remedies help, and need all that they name.

use proptest::prelude::*;

use super::*;
use crate::name::Name;
use crate::workbench::sample::{self, Setup, World};

/// Whether policies allow a request under some changes, by the ruling itself; `None` where the
/// changes are not of a kind that a request or a principal can have.
fn allowed(setup: &Setup, world: &World, changes: &[Change]) -> Option<bool> {
    let bundle = setup.bundle();
    let mut principal = setup.principal.clone();
    let mut account = world.account();
    let mut context = world.context.clone();
    let mut now = world.now();
    let mut resources = world.resources();
    for change in changes {
        match change {
            Change::Context { name, value } => {
                context.insert(name.clone(), value.clone());
            }
            Change::At(at) => now = *at,
            Change::State { workflow, state } => {
                account.states.get_mut(workflow).unwrap().state = state.clone();
            }
            Change::Resource { example, .. } => resources = vec![example.clone()],
            Change::Policy(policy) => principal.policies.push(policy.clone()),
            Change::Group(_) | Change::Stage(_) | Change::Without(_) | Change::Fact { .. } => {
                return None;
            }
        }
    }
    let situation = Situation {
        account: Some(&account),
        asked: crate::situation::Asked {
            principal: Some(&principal),
            context: &context,
            inputs: &Default::default(),
        },
        now,
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let mut facts = situation.facts(&bundle.lifecycle);
    let ruling = bundle.rule(&principal, &world.action, &resources, &mut facts);
    Some(ruling.is_allowed())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_remedy_helps_and_nothing_of_it_can_be_left_out(
        setup in sample::setup(),
        world in sample::world(),
    ) {
        let bundle = setup.bundle();
        let account = world.account();
        let situation = world.situation(Some(&account), &setup);
        let resources = world.resources();
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let found = remedies(&Told::of(&bundle, &situation), &world.action, &resources);
        if allowed(&setup, &world, &[]) == Some(true) {
            prop_assert!(found.is_empty());
        }
        for remedy in found.iter().filter(|remedy| remedy.certain) {
            let helps = allowed(&setup, &world, &remedy.changes);
            prop_assert!(helps != Some(false), "{remedy:?}");
            for left_out in 0..remedy.changes.len() {
                let mut fewer = remedy.changes.clone();
                // A later instant may do alone what an earlier one does not.
                let timed = fewer.iter().any(|it| matches!(it, Change::At(_)));
                fewer.remove(left_out);
                let helps = allowed(&setup, &world, &fewer);
                prop_assert!(timed || helps != Some(true), "{remedy:?} without {left_out}");
            }
        }
    }
}

#[test]
fn what_helps_is_found() {
    let name = |name: &str| -> Name { name.parse().unwrap() };
    for (policies, hour, expected) in [
        // A second factor; by night also without one.
        (&[0, 12][..], 9, "context.mfa = true"),
        // By day only.
        (&[2], 3, "at 2026-03-01T08:00:00Z"),
        // Both a second factor and an hour before the evening.
        (
            &[0, 11, 12],
            20,
            "context.mfa = true, at 2026-03-02T00:00:00Z",
        ),
        (&[5], 9, "in state phone = unbound"),
    ] {
        let (setup, world) = sample::fixed(policies, "s:Bind", hour, &[]);
        let bundle = setup.bundle();
        let mut account = world.account();
        account.states.get_mut("phone").unwrap().state = name("bound");
        let situation = world.situation(Some(&account), &setup);
        let resources = world.resources();
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let found = remedies(&Told::of(&bundle, &situation), "s:Bind", &resources);
        let first = found.first().map(|remedy| said(&remedy.changes));
        assert_eq!(first.as_deref(), Some(expected), "{found:?}");
        assert!(found.iter().all(|remedy| remedy.certain));
    }
}

#[test]
fn a_grant_is_the_narrowest_that_helps_and_a_deny_is_named() {
    let (setup, world) = sample::fixed(&[10], "s:Bind", 9, &[]);
    let bundle = setup.bundle();
    let account = world.account();
    let situation = world.situation(Some(&account), &setup);
    let on = |resource: &str| -> Vec<String> {
        let found = remedies(&Told::of(&bundle, &situation), "s:Bind", &[resource]);
        found.iter().map(|remedy| said(&remedy.changes)).collect()
    };
    let granted = on("acs:s:*:1000:thing/r/b/1");
    assert_eq!(granted[0], "policy p1", "{granted:?}");
    let denied = on("acs:s:*:1000:thing/r/a/2");
    assert!(
        denied[0].contains("without policies/p10.rhai"),
        "{denied:?}"
    );
}

fn said(changes: &[Change]) -> String {
    let word = |change: &Change| match change {
        Change::Context { name, value } => format!("context.{name} = {}", value.text()),
        Change::At(at) => format!("at {at}"),
        Change::State { workflow, state } => format!("in state {workflow} = {state}"),
        Change::Resource { pattern, .. } => format!("on {pattern}"),
        Change::Fact { path } => format!("another {path}"),
        Change::Group(group) => format!("group {group}"),
        Change::Policy(policy) => format!("policy {policy}"),
        Change::Stage(stage) => format!("allowed by {stage}"),
        Change::Without(statement) => format!("without {}", statement.id()),
    };
    let words: Vec<String> = changes.iter().map(word).collect();
    words.join(", ")
}
