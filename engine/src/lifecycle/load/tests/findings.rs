//! Declarations and references that are wrong.

use super::support::{findings, load_files, report};

#[test]
fn a_good_lifecycle_loads_without_findings() {
    let files = super::support::changed("account", "lifecycle", "lifecycle");
    assert_eq!(findings(&files), "");
    let (_, loaded) = load_files(&files);
    let lifecycle = loaded.lifecycle.unwrap();
    assert_eq!(lifecycle.transitions.len(), 2);
    assert_eq!(lifecycle.workflows["phone"].graph.edge_count(), 2);
}

#[test]
fn unknown_names_are_reported_with_the_likely_one() {
    insta::assert_snapshot!(report(&[
        ("account", "kinds: [operator]", "kinds: [operatr]"),
        ("account", "quota: codes", "quota: [codes, cods]"),
        ("account", "type: phone", "type: fone"),
        ("phone", "caller: operator", "caller: operater"),
        ("phone", "throttle: calls", "throttle: call"),
        (
            "phone",
            "[risk, new_phone]",
            "[risk, { any: [new_phone, newphone] }]"
        ),
        ("phone", "message: bound", "message: bund"),
        ("phone", "set: { phone: input", "set: { fone: input"),
        ("phone", "to: bound", "to: bond"),
        ("phone", "initial: unbound", "initial: unbond"),
        (
            "phone",
            "permission: demo:UnbindPhone",
            "cooldown: [{ after: phone.bnd, wait: 1h }]\n    permission: demo:UnbindPhone"
        ),
        (
            "phone",
            "permission: demo:UnbindPhone",
            "restore: { by: fone.bind, within: 1h }\n    permission: demo:UnbindPhone"
        ),
        (
            "account",
            "edition: 2026-11",
            "edition: 2026-11\nzone: Asia/Atlantis"
        ),
    ]));
}

#[test]
fn condition_keys_are_of_their_form_and_declared_once() {
    let context = |form: &'static str| ("account", "{ mfa: bool }", form);
    insta::assert_snapshot!(report(&[
        context(
            "{ mfa: { type: bool, key: acs:MFAPresent }, ip: { type: ip, key: acs:SourceIp } }"
        ),
        context("{ mfa: { type: bool, key: MFAPresent } }"),
        context("{ mfa: { type: bool, key: \"acs:MFA present\" } }"),
        context("{ mfa: { type: bool, key: [acs:MFAPresent, acs:mfapresent] } }"),
        context("{ mfa: { type: bool, key: acs:M }, other: { type: bool, key: [ram:M, ACS:m] } }"),
        context("{ mfa: { type: bool }, at: { type: time, key: acs:CurrentTime } }"),
        (
            "phone",
            "permission: demo:UnbindPhone",
            "when: context[\"acs:MFAPresent\"] ?? false\n    permission: demo:UnbindPhone"
        ),
    ]));
}

#[test]
fn a_session_fact_is_found_by_its_key() {
    let declared = "{ mfa: { type: bool, key: acs:MFAPresent, about: A second factor. } }";
    let files = super::support::changed("account", "{ mfa: bool }", declared);
    let lifecycle = load_files(&files).1.lifecycle.unwrap();
    let (name, fact) = lifecycle.context_key("ACS:mfapresent").unwrap();
    assert_eq!(*name, "mfa");
    assert_eq!(fact.about.as_deref(), Some("A second factor."));
    let vocabulary = &lifecycle.vocabulary;
    assert_eq!(vocabulary.slot_of_key("acs:MFAPresent"), Some(fact.slot));
    let now = vocabulary.slot_of_key("acs:CurrentTime");
    assert_eq!(now, Some(lifecycle.slots.now));
    assert!(lifecycle.context_key("acs:SourceIp").is_none());
}

/// The small lifecycle with several texts replaced.
fn with(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut files = super::support::changed("account", "lifecycle", "lifecycle");
    for (_, text) in &mut files {
        for (from, to) in changes {
            *text = text.replacen(from, to, 1);
        }
    }
    files
}

#[test]
fn addresses_can_be_attributes_inputs_and_facts() {
    let changes = |guard: &'static str, default: &'static str| {
        let files = with(&[
            (
                "  name: text",
                "  name: text\n  gateway: { type: ip, default: DEFAULT }",
            ),
            ("DEFAULT", default),
            ("{ mfa: bool }", "{ from: { type: ip, key: acs:SourceIp } }"),
            (
                "input: { phone: phone }",
                "input: { phone: phone, gateway: ip }\n    when: GUARD",
            ),
            ("GUARD", guard),
            (
                "set: { phone: input.phone }",
                "set: { phone: input.phone, gateway: input.gateway }",
            ),
        ]);
        findings(&files)
    };
    let by_key = "'has(context[\"acs:SourceIp\"]) && ip_in(context.from, \"192.0.2.0/24\")'";
    let equal = "account.gateway != input.gateway && account.gateway in [\"::1\", input.gateway]";
    assert_eq!(changes(by_key, "192.0.2.1"), "");
    assert_eq!(changes(equal, "192.0.2.1"), "");
    let wrong = changes("account.gateway == \"192.0.2.0/24\"", "192.0.2.300");
    insta::assert_snapshot!(wrong);
}

#[test]
fn contradictions_and_ranges_are_reported() {
    insta::assert_snapshot!(report(&[
        ("account", "shared_by_at_most: 6", "shared_by_at_most: 0"),
        (
            "account",
            "shared_by_at_most: 6",
            "shared_by_at_most: 6, unique: true"
        ),
        (
            "account",
            "name: text",
            "name: { type: text, unique: true, default: nobody }"
        ),
        (
            "account",
            "name: text",
            "name: { type: text, deny_code: Taken }"
        ),
        (
            "account",
            "name: text",
            "name: { type: country, default: XX }"
        ),
        (
            "account",
            "name: text",
            "name: { type: text, one_of: [a, b] }"
        ),
        ("account", "name: text", "name: { optional: true }"),
        ("account", "name: text", "name: { one_of: [] }"),
        ("account", "name: text", "name: { one_of: [a, b, a] }"),
        ("account", "limit: 100, per: 24h", "limit: 0, per: 0s"),
        (
            "account",
            "limit: 100, per: 24h",
            "limit: 100000, per: 24h, zone: UTC"
        ),
        ("account", "limit: 10, per: 1s", "limit: 10000, per: 3650d"),
        (
            "account",
            "codes: { quota: codes }",
            "codes: { quota: codes, digits: 4, valid_for: 1h, attempts: 0, sends: 11, resend_after: [0s] }"
        ),
        (
            "account",
            "code: sms, to: input.phone",
            "code: sms, acknowledge: yes it is"
        ),
        (
            "account",
            "{ code: sms, to: input.phone }",
            "{ about: nothing }"
        ),
        ("account", "code: sms, to: input.phone", "code: sms"),
        (
            "account",
            "acknowledge: \"This",
            "digits: 8, acknowledge: \"This"
        ),
        ("account", "kinds: [operator]", "kinds: []"),
        (
            "account",
            "acknowledge: \"This gives full access.\"",
            "approval: boss"
        ),
    ]));
}

#[test]
fn broken_transitions_are_reported() {
    insta::assert_snapshot!(report(&[
        (
            "phone",
            "permission: demo:BindPhone",
            "after: 3d\n    permission: demo:BindPhone"
        ),
        (
            "phone",
            "    permission: demo:UnbindPhone\n    resource: acs:demo:*:${account.manager}:account/${account.id}\n    caller: operator\n",
            ""
        ),
        (
            "phone",
            "resource: acs:demo:*:${account.manager}:account/${account.id}\n",
            "\n"
        ),
        (
            "phone",
            "permission: demo:BindPhone",
            "permission: demo:Bind*"
        ),
        (
            "phone",
            "permission: demo:BindPhone",
            "triggered_by: phone.unbind"
        ),
        ("phone", "from: unbound", "from: [unbound, unbound]"),
        ("phone", "from: unbound", "from: []"),
        (
            "phone",
            "set: { phone: unset }",
            "set: { manager: account.id }"
        ),
        ("phone", "set: { phone: unset }", "verify: [new_phone]"),
        ("phone", "set: { phone: unset }", "input: { phone: email }"),
        (
            "phone",
            "set: { phone: unset }",
            "restore: { by: phone.unbind, within: 24h }"
        ),
        ("phone", "set: { phone: unset }", "cooldown: 0s"),
        ("phone", "workflow: phone", "workflow: telephone"),
        ("account", "lifecycle: demo", "lifecycle: domo"),
    ]));
}

#[test]
fn what_follows_from_a_reported_mistake_is_not_reported() {
    insta::assert_snapshot!(report(&[
        (
            "account",
            "operator: { kinds: [operator], of: account.manager }",
            "operator: { kindz: [operator] }"
        ),
        ("account", "phone: { type: phone,", "phone: { typ: phone,"),
        (
            "phone",
            "states: { unbound: {}, bound: {} }",
            "states: { unbound: {}, bound: { finl: true } }"
        ),
        ("phone", "  bind:\n", "  bind:\n    wen: account.nam == 1\n"),
    ]));
}

#[test]
fn missing_files_are_reported() {
    let of = |names: &[&str]| -> String {
        let files = super::support::changed("account", "lifecycle", "lifecycle");
        let kept = files
            .into_iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        findings(&kept.collect::<Vec<_>>())
    };
    let all = [of(&["phone.yaml"]), of(&["account.yaml"]), of(&[])];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn expressions_are_checked_at_their_places() {
    insta::assert_snapshot!(report(&[
        ("account", "of: account.manager", "of: account.manger"),
        ("account", "of: account.manager", "of: account.name"),
        (
            "account",
            "of: account.manager",
            "of: account.manager, when: input.phone == account.phone"
        ),
        ("account", "to: input.phone", "to: input.fone"),
        ("account", "to: input.phone", "to: account.name"),
        ("account", "key: account.id", "key: \"input.phone\""),
        ("account", "key: principal.account", "key: account.id"),
        ("account", "${account.name}:", "${account.nam}:"),
        (
            "account",
            "bound: \"${account.name}",
            "bound: \"${input.phone}"
        ),
        ("phone", "input: { phone: phone }", "input: { fone: phone }"),
        (
            "phone",
            "input: { phone: phone }",
            "when: [context.mfa]\n    input: { phone: phone }"
        ),
        (
            "phone",
            "input: { phone: phone }",
            "when: state.phone == \"unbond\"\n    input: { phone: phone }"
        ),
        (
            "phone",
            "set: { phone: input.phone }",
            "set: { phone: input.phone, name: account.phone }"
        ),
        ("phone", "set: { phone: unset }", "set: { name: unset }"),
        (
            "phone",
            "throttle: calls",
            "throttle: calls\n    within: 5m"
        ),
        (
            "phone",
            "set: { phone: unset }",
            "when: input.phone == \"+6591234567\""
        ),
        ("phone", "${account.manager}", "${account.manger}"),
    ]));
}

#[test]
fn an_input_may_be_left_out_in_one_transition_and_not_in_another() {
    let optional = "set: { phone: unset }\n    input: { phone: { type: phone, optional: true } }\n    \
                    when: has(input.phone) && input.phone == account.phone ?? input.phone";
    let found = findings(&super::support::changed(
        "phone",
        "set: { phone: unset }",
        optional,
    ));
    assert_eq!(found, "");
}

#[test]
fn what_is_personal_is_found_out() {
    let (_, loaded) = load_files(&super::support::changed(
        "phone",
        "{ phone: phone }",
        "{ phone: phone, why: text }",
    ));
    let lifecycle = loaded.lifecycle.unwrap();
    let bind = &lifecycle.transitions[&"phone.bind".parse().unwrap()];
    assert!(bind.inputs["phone"].personal);
    assert!(!bind.inputs["why"].personal);
}
