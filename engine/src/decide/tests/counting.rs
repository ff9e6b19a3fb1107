//! What is counted where.

use super::*;
use crate::lifecycle::model::Channel;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { phone: { type: phone, default: "+6591234567" } }
principal_kinds: { user: {} }
verifications: { number: { code: sms, to: account.phone } }
codes: { quota: codes }
quotas: { codes: { limit: 1, per: 24h, key: principal.account } }
"#;

const WORKFLOW: &str = r#"
workflow: flow
initial: idle
states: { idle: {} }
transitions:
  ring: { from: idle, to: idle, permission: demo:Ring, resource: "acs:demo:*:*:bell", verify: [number] }
"#;

const PRINCIPALS: &str = "principals: { user/own: { account: acc, policies: [Demo] } }\n";

/// A principal of account `acc` has one code, whether it asks for that account or for another:
/// its key is the id of an account, and still no account's own.
#[test]
fn a_key_that_is_an_accounts_id_is_counted_among_all() {
    let mut world = World::of(load(
        ACCOUNT,
        &[WORKFLOW],
        "allow \"demo:*\";\n",
        PRINCIPALS,
    ));
    world.create(&[]);
    let rung = world.run("user/own", "flow.ring", &[]);
    let sent = |event: &&Event| matches!(event, Event::Queued(sent) if sent.by == Channel::Sms);
    assert_eq!(rung.events.iter().filter(sent).count(), 1);
    let (key, cells) = rung.shared.iter().next().unwrap();
    assert_eq!(key.key, "acc");
    assert!(rung.account.unwrap().quotas.is_empty());

    world.view.shared.insert(key.clone(), cells.clone());
    let again = world.run("user/own", "flow.ring", &[]);
    assert_eq!(denied(&again), (Gate::Quota, "Q0001", None));
}
