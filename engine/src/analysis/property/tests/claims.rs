//! What claims mean, on a lifecycle that is small enough to see it.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::{check, checked, read};
use crate::analysis::Limits;
use crate::analysis::property::Verdict;
use crate::bundle::Bundle;
use crate::source::SourceMap;

const ACCOUNT: &str = r#"
lifecycle: house
edition: 2026-11
attributes:
  keeper: account_id
  phone: { type: phone, personal: true }
  note: { type: text, optional: true }
  floor: { type: int, immutable: true }
principal_kinds: { owner: { owns_account: true }, user: {} }
callers:
  keeper: { kinds: [user], of: account.keeper }
  owner: { kinds: [owner], of: account.id }
verifications:
  phone: { code: sms, to: account.phone }
  new: { code: sms, to: input.phone }
  risk: { acknowledge: Doors break. }
codes: { quota: codes }
quotas: { codes: { limit: 9, per: 24h, key: account.id } }
"#;

const DOOR: &str = r#"
workflow: door
initial: closed
states: { closed: {}, open: {}, broken: {} }
transitions:
  open:
    from: closed
    to: open
    permission: house:Open
    resource: acs:house:*:${account.id}:door
    caller: owner
    input: { pin: text }
    when: len(input.pin) == 4
    verify: [phone]
  close: { from: open, to: closed, after: 1h }
  break:
    from: closed
    to: broken
    permission: house:Break
    resource: acs:house:*:${account.id}:door
    caller: keeper
    verify: [risk, { any: [phone, risk] }]
    set: { note: unset }
  mend:
    from: broken
    to: closed
    permission: house:Mend
    resource: acs:house:*:${account.id}:door
    when: account.floor < 3
  move:
    from: closed
    to: closed
    permission: house:Move
    resource: acs:house:*:${account.id}:door
    caller: owner
    input: { phone: phone }
    verify: [phone, new]
    set: { phone: input.phone }
"#;

const LIGHT: &str = r#"
workflow: light
initial: "off"
states: { "off": {}, "on": {} }
transitions:
  shine: { from: "off", to: "on", triggered_by: door.open }
  fade: { from: "on", to: "off", triggered_by: door.close }
"#;

const PRINCIPALS: &str = r#"
principals:
  user/ann: { account: "7", policies: [Everything] }
  user/bob: { account: "8" }
"#;

static HOUSE: LazyLock<Bundle> = LazyLock::new(|| {
    let mut sources = SourceMap::default();
    for (path, text) in [
        ("workflows/house/account.yaml", ACCOUNT),
        ("workflows/house/door.yaml", DOOR),
        ("workflows/house/light.yaml", LIGHT),
        ("policies/house/principals.yaml", PRINCIPALS),
        ("policies/house/Everything.rhai", "allow all;"),
    ] {
        sources.add(path, text);
    }
    let loaded = Bundle::load(sources, "house");
    loaded.unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
});

/// What becomes of a property, in short.
fn verdict(claim: &str) -> String {
    let text = format!("properties: [{{ name: it, {claim} }}]");
    let (properties, _, findings) = read(&HOUSE, &text);
    assert_eq!(findings, [], "{claim}");
    let properties = properties.unwrap();
    let found = checked(&HOUSE, &properties);
    match &found[0].verdict {
        Verdict::Holds(conditions) if conditions.is_empty() => "holds".to_owned(),
        Verdict::Holds(conditions) => format!("holds if {}", conditions.join(", ")),
        Verdict::Fails(way) => format!("fails in {}", way.path.steps.len()),
        Verdict::MayFail(way) => format!("may fail in {}", way.path.steps.len()),
        Verdict::Idle => "idle".to_owned(),
        Verdict::Undecided(why) => why.clone(),
    }
}

#[test]
fn states_are_those_that_an_account_can_come_to() {
    for (claim, expected) in [
        (
            r#"always: (state.light == "on") == (state.door == "open")"#,
            "holds",
        ),
        (
            r#"never: state.light == "on" && state.door != "open""#,
            "holds",
        ),
        (r#"always: state.door != "broken""#, "fails in 1"),
        (r#"never: state.light == "on""#, "fails in 1"),
        (
            r#"always: has(account.note), for: { note: x }"#,
            "fails in 1",
        ),
        (
            r#"always: has(account.note), for: { note: unset }"#,
            "fails in 0",
        ),
        (
            r#"never: state.door == "closed", starting_in: { door: broken }, for: { floor: "3" }"#,
            "holds",
        ),
        (
            r#"never: state.door == "closed", starting_in: { door: broken }, for: { floor: "2" }"#,
            "fails in 1",
        ),
        // Nothing is known of the floor: the example that is tried has one that can be mended.
        (
            r#"never: state.door == "closed", starting_in: { door: broken }"#,
            "fails in 1",
        ),
        // What no example shows is left open, and is no proof either way.
        ("always: account.floor < 100", "may fail in 0"),
        ("always: account.floor != 100", "may fail in 0"),
    ] {
        assert_eq!(verdict(claim), expected, "{claim}");
    }
}

#[test]
fn a_step_is_a_transition_with_what_it_triggers() {
    for (claim, expected) in [
        ("never: { does: light.shine }", "fails in 1"),
        ("never: { does: light.shine, by: user/ann }", "holds"),
        ("never: { does: light.fade, by: { kind: owner } }", "holds"),
        ("never: { does: light.fade, by: time }", "fails in 2"),
        ("only: { who: time, does: light.fade }", "holds"),
        (
            "only: { who: { caller: owner }, does: light.* }",
            "fails in 2",
        ),
        (
            "only: { who: [{ caller: owner }, time], does: light.* }",
            "holds",
        ),
        ("only: { who: { kind: owner }, changes: phone }", "holds"),
        ("only: { who: user/bob, changes: note }", "fails in 1"),
        ("only: { who: user/ann, changes: note }", "holds"),
        (
            r#"only: { who: { caller: keeper }, enters: state.door == "broken" }"#,
            "holds",
        ),
        (
            r#"only: { who: { caller: owner }, does: any, when: state.door == "closed" }"#,
            "fails in 1",
        ),
        (
            r#"only: { who: time, does: any, when: state.door == "open" }"#,
            "holds",
        ),
        (
            r#"only: { who: time, does: any, when: state.light == "on" && state.door == "closed" }"#,
            "idle",
        ),
        // Who owns an account of which the id is not known may be anybody who is named.
        ("never: { does: door.open, by: owner/9 }", "may fail in 1"),
        (
            "never: { does: door.open, by: owner/9 }, for: { id: \"9\" }",
            "fails in 1",
        ),
        (
            "never: { does: door.open, by: owner/9 }, for: { id: \"7\" }",
            "holds",
        ),
    ] {
        assert_eq!(verdict(claim), expected, "{claim}");
    }
}

#[test]
fn a_proof_is_demanded_if_no_choice_avoids_it() {
    for (claim, expected) in [
        ("requires: { does: door.open, proof: phone }", "holds"),
        ("requires: { does: door.open, proof: risk }", "fails in 1"),
        ("requires: { does: door.break, proof: risk }", "holds"),
        ("requires: { does: door.break, proof: phone }", "fails in 1"),
        (
            "requires: { does: door.break, proof: { any: [risk, phone] } }",
            "holds",
        ),
        (
            "requires: { changes: phone, proof: [phone, new], in_order: true }",
            "holds",
        ),
        ("requires: { changes: phone, proof: [new, phone] }", "holds"),
        (
            "requires: { changes: phone, proof: [new, phone], in_order: true }",
            "fails in 1",
        ),
        (
            "requires: { changes: phone, proof: [{ code_to: account.phone }, { code_to: input.phone }], in_order: true }",
            "holds",
        ),
        // What happens by itself is proved by nobody.
        (
            r#"requires: { enters: state.door == "closed", proof: phone }"#,
            "fails in 2",
        ),
        (
            r#"requires: { enters: state.door == "broken" && state.light == "on", proof: phone }"#,
            "idle",
        ),
    ] {
        assert_eq!(verdict(claim), expected, "{claim}");
    }
}

#[test]
fn a_way_on_is_one_that_can_be_gone_for_certain() {
    for (claim, expected) in [
        (
            r#"leads_to: { from: state.door == "open", to: state.door == "closed" }"#,
            "holds",
        ),
        (
            r#"leads_to: { from: state.door == "open", to: state.door == "closed", by: { kind: user } }"#,
            "fails in 1",
        ),
        (
            r#"leads_to: { from: state.door == "open", to: state.door == "closed", without: light.fade }"#,
            "fails in 1",
        ),
        // Requesters can bring a code of four digits.
        (
            r#"leads_to: { from: state.door == "closed", to: state.light == "on" }, for: { id: "7" }"#,
            "holds if len(input.pin) == 4",
        ),
        // Nobody is known to be a keeper of an account of which nothing is known.
        (
            r#"leads_to: { from: state.door == "closed", to: state.door == "broken" }, for: { keeper: "7" }"#,
            "holds",
        ),
        (
            r#"leads_to: { from: state.door == "closed", to: state.door == "broken" }, for: { keeper: "8" }"#,
            "fails in 0",
        ),
        // Whether a door can be mended depends on the floor.
        (
            r#"leads_to: { from: state.door == "broken", to: state.door == "closed" }, for: { floor: "2" }"#,
            "holds",
        ),
        (
            r#"leads_to: { from: state.door == "broken", to: state.door == "closed" }, for: { floor: "5" }"#,
            "fails in 1",
        ),
        (
            r#"leads_to: { from: state.door == "broken", to: state.door == "closed" }"#,
            "may fail in 1",
        ),
        (
            r#"leads_to: { from: state.door == "broken" && account.floor < 3, to: state.door == "closed" }"#,
            "holds",
        ),
        (
            r#"leads_to: { from: state.door == "broken" && account.floor < 4, to: state.door == "closed" }"#,
            "may fail in 1",
        ),
        (
            r#"leads_to: { from: state.door == "broken" && state.light == "on", to: state.door == "closed" }"#,
            "idle",
        ),
    ] {
        assert_eq!(verdict(claim), expected, "{claim}");
    }
}

#[test]
fn what_was_not_explored_proves_nothing() {
    let text = r#"
properties:
  - { name: a, never: state.light == "on" && state.door == "broken" }
  - { name: b, always: state.door == "broken" }
  - { name: c, leads_to: { from: state.door == "broken", to: state.door == "closed" }, for: { floor: "1" } }
"#;
    let (properties, _, _) = read(&HOUSE, text);
    let properties = properties.unwrap();
    let few = Limits {
        states: 1,
        edges: 1,
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    let found = check(&HOUSE, &properties, &few, go_on);
    let verdicts: Vec<&Verdict> = found.iter().map(|it| &it.verdict).collect();
    let [
        Verdict::Undecided(_),
        Verdict::Fails(way),
        Verdict::Undecided(_),
    ] = verdicts.as_slice()
    else {
        panic!("{verdicts:?}");
    };
    assert_eq!(
        way.path.steps.len(),
        0,
        "what was found is a counterexample all the same"
    );
}
