//! Which way codes are sent.

use super::*;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes:
  phone: { type: phone, default: "+6591234567" }
  email: { type: email, default: "ops@example.com" }
  pin: { type: text, optional: true }
principal_kinds: { user: {} }
verifications:
  number: { code: sms, to: account.phone }
  mailbox: { code: email, to: account.email }
codes: { quota: codes, resend_after: 1s }
quotas: { codes: { limit: 9, per: 24h, key: account.id } }
"#;

const WORKFLOW: &str = r#"
workflow: flow
initial: idle
states: { idle: {} }
transitions:
  ring:
    from: idle
    to: idle
    permission: demo:Ring
    resource: "acs:demo:*:*:bell"
    verify: [{ any: [number, mailbox] }]
"#;

const PRINCIPALS: &str = "principals: { user/own: { account: a1, policies: [Demo] } }\n";

fn world() -> World {
    let allow = "allow \"demo:*\";\n";
    World::of(load(ACCOUNT, &[WORKFLOW], allow, PRINCIPALS))
}

#[test]
fn another_code_goes_the_way_that_was_asked_for_or_nowhere() {
    let mut world = world();
    world.create(&[]);
    let asked = world.run("user/own", "flow.ring", &[]);
    let Outcome::Pending { attempt, .. } = asked.outcome else {
        panic!("{asked:?}")
    };
    let resend = |prefer: Option<&str>| Command::Resend {
        attempt: attempt.clone(),
        prefer: prefer.map(|name| name.parse().unwrap()),
    };
    let actor = world.principal("user/own");
    let later = now().after(std::time::Duration::from_secs(600));

    let mistaken = request("acc", actor.clone(), resend(Some("mailbux")));
    let mistaken = world.commit(&mistaken, later);
    assert_eq!(denied(&mistaken), (Gate::Verification, "V0009", None));

    let sent = request("acc", actor, resend(Some("mailbox")));
    let sent = world.commit(&sent, later);
    let Outcome::Pending { waiting, .. } = &sent.outcome else {
        panic!("{sent:?}")
    };
    assert_eq!(waiting.verification.as_str(), "mailbox");
}

/// A digest is no text: it must not come to stand where one is shown.
#[test]
fn what_was_sealed_is_taken_for_a_secret_only() {
    let mut world = world();
    let sealed = ("pin".to_owned(), InputText::Sealed("digest".into()));
    let create = Command::Create {
        attributes: BTreeMap::from([sealed]),
        states: BTreeMap::new(),
    };
    let created = world.commit(&request("acc", Actor::Owner, create), now());
    assert_eq!(denied(&created), (Gate::State, "D0006", None));
}
