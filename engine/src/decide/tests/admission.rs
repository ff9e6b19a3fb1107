//! Who gets in: what policies see of a request, and as whom an attempt is moved on.

use super::*;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { limit: { type: int, default: 10 } }
principal_kinds: { user: {} }
"#;

const WORKFLOW: &str = r#"
workflow: flow
initial: idle
states: { idle: {} }
transitions:
  raise:
    from: idle
    to: idle
    permission: demo:Raise
    resource: "acs:demo:*:*:limit/${input.limit}"
    input: { limit: int }
    set: { limit: input.limit }
"#;

const PRINCIPALS: &str = "principals: { user/own: { account: a1, policies: [Demo] } }\n";

fn raised(policy: &str, to: &str) -> Decision {
    let mut world = World::of(load(ACCOUNT, &[WORKFLOW], policy, PRINCIPALS));
    world.create(&[]);
    world.run("user/own", "flow.raise", &[("limit", to)])
}

#[test]
fn policies_see_what_is_supplied() {
    let policy = "allow \"demo:*\";\ndeny \"demo:Raise\" when (input.limit ?? 0) > 100;\n";
    let refused = raised(policy, "101");
    assert_eq!(denied(&refused), (Gate::Policy, "D0002", None));
    let raised = raised(policy, "100");
    assert!(
        matches!(raised.outcome, Outcome::Applied { .. }),
        "{raised:?}"
    );
}

#[test]
fn resources_are_named_by_what_is_supplied() {
    let policy = "allow \"demo:*\" on \"acs:demo:*:*:limit/50\";\n";
    assert_eq!(denied(&raised(policy, "51")), (Gate::Policy, "D0003", None));
    let raised = raised(policy, "50");
    assert!(
        matches!(raised.outcome, Outcome::Applied { .. }),
        "{raised:?}"
    );
}

const APPROVED: &str = r#"
workflow: flow
initial: idle
states: { idle: {}, done: {} }
transitions:
  finish:
    from: idle
    to: done
    permission: demo:Finish
    resource: "acs:demo:*:*:thing"
    verify: [risk]
"#;

const RISK: &str = "verifications: { risk: { acknowledge: \"It cannot be undone.\" } }\n";

/// A world in which an attempt of `user/own` waits, opened under the policy `Demo`.
fn waiting(who: Actor) -> (World, crate::name::AttemptId) {
    let account = format!("{ACCOUNT}{RISK}");
    let allow = "allow \"demo:*\";\n";
    let mut world = World::of(load(&account, &[APPROVED], allow, PRINCIPALS));
    world.create(&[]);
    let asked = request("acc", who, run("flow.finish", &[]));
    match world.commit(&asked, now()).outcome {
        Outcome::Pending { attempt, .. } => (world, attempt),
        other => panic!("{other:?}"),
    }
}

fn acknowledge(actor: Actor, attempt: crate::name::AttemptId) -> Request {
    let proof = Proof::Acknowledge(["risk".parse().unwrap()].into());
    request("acc", actor, Command::Confirm { attempt, proof })
}

/// The same definition under other principals.
fn relist(world: &mut World, principals: &str) {
    let account = format!("{ACCOUNT}{RISK}");
    world.bundle = load(&account, &[APPROVED], "allow \"demo:*\";\n", principals);
}

#[test]
fn nobody_acts_for_a_principal_that_is_listed_no_more() {
    let moved = "principals: { user/own: { account: b2, policies: [Demo] } }\n";
    let stripped = "principals: { user/own: { account: a1 } }\n";
    let gone = "principals: { user/else: { account: a1, policies: [Demo] } }\n";
    for principals in [moved, stripped, gone] {
        let (mut world, attempt) = waiting(World::new().principal("user/own"));
        relist(&mut world, principals);
        let refused = world.commit(&acknowledge(Actor::Owner, attempt), now());
        let expected = (Gate::Policy, "D0003", None);
        assert_eq!(denied(&refused), expected, "{principals}");
    }
}

/// A program's own principal is in no list: for it to act is what shows what it may do now.
#[test]
fn a_principal_that_acts_is_taken_as_it_is_now() {
    let brought = |policies: &[&str]| {
        let name = "user/brought".parse().unwrap();
        let mut principal = crate::policy::Principal::new(name, "a1".parse().unwrap());
        principal.policies = policies.iter().map(|name| (*name).into()).collect();
        Actor::Principal(principal)
    };
    let (mut world, attempt) = waiting(brought(&["Demo"]));

    let detached = world.commit(&acknowledge(brought(&[]), attempt.clone()), now());
    assert_eq!(denied(&detached), (Gate::Policy, "D0003", None));

    let attached = world.commit(&acknowledge(Actor::Owner, attempt), now());
    assert!(
        matches!(attached.outcome, Outcome::Applied { .. }),
        "{attached:?}"
    );
}
