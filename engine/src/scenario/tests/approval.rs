//! Approvals: whoever gives one has a session of its own, which a step can tell of.

use std::sync::{Arc, LazyLock};

use super::{played, read, told};
use crate::bundle::Bundle;
use crate::scenario::{Deed, Draft, Start};
use crate::source::SourceMap;

const FILES: [(&str, &str); 4] = [
    (
        "workflows/vault/account.yaml",
        "\
lifecycle: vault
edition: 2026-11
principal_kinds: { keeper: {} }
callers: { keeper: { kinds: [keeper] } }
context: { mfa: bool }
verifications:
  second_keeper: { approval: keeper }
  alarm: { acknowledge: It rings. }
",
    ),
    (
        "workflows/vault/door.yaml",
        "\
workflow: door
initial: shut
states: { shut: {}, open: { final: true } }
transitions:
  unlock:
    from: shut
    to: open
    permission: vault:Unlock
    resource: acs:vault:*:${account.id}:door
    caller: keeper
    verify: [second_keeper, alarm]
",
    ),
    (
        "policies/Keepers.rhai",
        "allow \"vault:*\" when context.mfa ?? false;\n",
    ),
    (
        "policies/principals.yaml",
        "\
principals:
  keeper/bob: { account: v1, policies: [Keepers] }
  keeper/eve: { account: v1, policies: [Keepers] }
",
    ),
];

/// A vault that two keepers open, each signed in with a second factor.
static VAULT: LazyLock<Arc<Bundle>> = LazyLock::new(|| {
    let mut sources = SourceMap::default();
    for (path, text) in FILES {
        sources.add(path, text);
    }
    Arc::new(Bundle::load(sources, "vault").unwrap())
});

/// Plays a vault's scenario in which eve asks and then these steps follow; what is said of it.
fn findings(steps: &str) -> String {
    let text = format!(
        "given: {{ accounts: {{ v1: {{}} }} }}\nsteps:\n  \
         - {{ run: door.unlock, as: keeper/eve, context: {{ mfa: true }} }}\n{steps}"
    );
    match read(&VAULT, &text) {
        Ok(_) => {
            let mut sources = VAULT.sources.clone();
            sources.add("scenario.yaml", &text);
            told(&sources, &played(&VAULT, &text).findings)
        }
        Err((sources, findings)) => told(&sources, &findings),
    }
}

#[test]
fn whoever_approves_tells_of_a_session_of_its_own() {
    let silent = findings("  - { confirm: second_keeper, as: keeper/bob }\n");
    assert!(silent.contains("A0081 4:7 step 2 is denied"), "{silent}");
    let told = findings(
        "  - { confirm: second_keeper, as: keeper/bob, expect: { denied: verification } }
  - { confirm: second_keeper, as: keeper/bob, context: { mfa: false }, expect: { denied: verification } }
  - { confirm: second_keeper, as: keeper/bob, context: { mfa: true }, expect: { waits_for: alarm } }
  - { confirm: alarm, expect: { fires: [door.unlock] } }
",
    );
    assert_eq!(told, "");
}

#[test]
fn what_a_proof_does_not_ask_for_is_told_at_its_place() {
    let wrong = [
        "  - { confirm: second_keeper, as: keeper/bob, context: { mfa: maybe } }\n",
        "  - { confirm: second_keeper, as: keeper/bob, context: { maf: true } }\n",
        "  - { confirm: second_keeper, as: keeper/bob, with: wrong }\n",
        "  - { confirm: alarm, context: { mfa: true } }\n",
        "  - { resend: door.unlock, context: { mfa: true } }\n",
    ];
    let told: String = wrong.iter().map(|steps| findings(steps)).collect();
    insta::assert_snapshot!(told, @r"
    W0212 4:58 context `mfa`: expected `true` or `false` []
    W0212 4:58 context `maf`: the lifecycle declares no such fact; did you mean `mfa`? []
    W0211 4:47 `with` goes with a code, and `second_keeper` asks for none []
    W0211 4:23 `context` goes with an approval, and `alarm` asks for none []
    W0211 4:28 `context` does not go with `resend` []
    ");
}

#[test]
fn a_draft_finds_the_session_that_approves() {
    let draft = Draft {
        about: "The door is opened.".to_owned(),
        account: Start::default(),
        steps: vec![Deed::new("door.unlock".parse().unwrap())],
        ..Draft::default()
    };
    let drafted = draft.write(&VAULT).unwrap();
    assert_eq!(drafted.stuck, None);
    let text = drafted.text();
    assert!(played(&VAULT, &text).is_good(), "{text}");
    insta::assert_snapshot!(text, @r#"
    about: The door is opened.
    given:
      now: "2026-01-05T08:00:00Z"
      accounts: { "1001": {} }
    steps:
      - run: door.unlock
        as: keeper/bob
        context: { mfa: "true" }
        ack: [alarm]
        expect: { waits_for: second_keeper }
      - confirm: second_keeper
        as: keeper/eve
        context: { mfa: "true" }
        expect: { waits_for: alarm }
      - confirm: alarm
        expect: { fires: [door.unlock] }
    then:
      "1001": { states: { door: open } }
    "#);
}
