//! The consent of another principal: who can give it, and what trying to tells everybody else.

use super::*;
use crate::name::AttemptId;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { owner: account_id }
context: { mfa: bool }
principal_kinds: { user: {} }
callers:
  own_user: { kinds: [user], of: account.owner }
verifications:
  second: { approval: own_user }
  risk: { acknowledge: "It cannot be undone." }
"#;

const WORKFLOW: &str = r#"
workflow: flow
initial: open
states: { open: {}, closed: {} }
transitions:
  close:
    from: open
    to: closed
    permission: demo:Close
    resource: "acs:demo:*:${account.owner}:thing"
    caller: own_user
    verify: [second, risk]
  slam:
    from: open
    to: closed
    permission: demo:Close
    resource: "acs:demo:*:${account.owner}:thing"
"#;

const PRINCIPALS: &str = r#"
principals:
  user/own: { account: a1, policies: [Demo] }
  user/peer: { account: a1, policies: [Demo] }
  user/other: { account: b2, policies: [Demo] }
  user/none: { account: a1 }
"#;

const ALLOW: &str = "allow \"demo:*\";\n";
const ALLOW_WITH_MFA: &str = "allow \"demo:*\" when context.mfa ?? false;\n";

fn world(policy: &str) -> World {
    let mut world = World::of(load(ACCOUNT, &[WORKFLOW], policy, PRINCIPALS));
    world.create(&[("owner", "a1")]);
    world
}

fn mfa(request: Request) -> Request {
    let fact = ("mfa".parse().unwrap(), crate::value::Value::Bool(true));
    let context = BTreeMap::from([fact]);
    Request { context, ..request }
}

/// `user/own` asks, in a session with a second factor.
#[track_caller]
fn ask(world: &mut World) -> AttemptId {
    let asked = request("acc", world.principal("user/own"), run("flow.close", &[]));
    match world.commit(&mfa(asked), now()).outcome {
        Outcome::Pending { attempt, .. } => attempt,
        other => panic!("{other:?}"),
    }
}

fn approval(world: &World, who: &str, attempt: &AttemptId) -> Request {
    let (attempt, proof) = (attempt.clone(), Proof::Approve);
    let approve = Command::Confirm { attempt, proof };
    request("acc", world.principal(who), approve)
}

#[test]
fn another_holder_of_the_permission_approves_and_the_requester_cannot() {
    let mut world = world(ALLOW);
    let attempt = ask(&mut world);

    let own = world.commit(&approval(&world, "user/own", &attempt), now());
    assert_eq!(denied(&own), (Gate::Verification, "V0005", None));

    let peer = world.commit(&approval(&world, "user/peer", &attempt), now());
    let Outcome::Pending { waiting, .. } = &peer.outcome else {
        panic!("{peer:?}")
    };
    assert_eq!((waiting.verification.as_str(), waiting.step), ("risk", 2));
}

#[test]
fn an_approver_does_not_borrow_the_requesters_session() {
    let mut world = world(ALLOW_WITH_MFA);
    let attempt = ask(&mut world);
    let approval = approval(&world, "user/peer", &attempt);

    let without = world.commit(&approval, now());
    assert_eq!(denied(&without), (Gate::Verification, "V0005", None));

    let with = world.commit(&mfa(approval), now());
    assert!(matches!(with.outcome, Outcome::Pending { .. }), "{with:?}");
}

/// Neither that there is an attempt, nor where its account is, nor what it waits for.
#[test]
fn a_stranger_learns_nothing_by_approving() {
    for who in ["user/none", "user/other"] {
        let mut world = world(ALLOW);
        let attempt = ask(&mut world);
        let unknown = "att_0000000000000000".parse().unwrap();
        let nothing = world.decide(&approval(&world, who, &unknown), now());

        let waiting = world.decide(&approval(&world, who, &attempt), now());
        let slam = request("acc", world.principal("user/own"), run("flow.slam", &[]));
        world.commit(&slam, now());
        let closed = world.decide(&approval(&world, who, &attempt), now());

        for known in [waiting, closed] {
            assert_eq!(known.outcome, nothing.outcome, "{who}");
            assert_eq!(known.gates, nothing.gates, "{who}");
        }
    }
}
