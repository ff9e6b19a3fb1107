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
