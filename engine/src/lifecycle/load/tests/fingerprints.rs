//! What changes a transition's fingerprint, and what does not.

use super::support::{changed, load_files};

/// The fingerprint of `phone.bind` after a change.
#[track_caller]
fn after(file: &str, from: &str, to: &str) -> [u8; 32] {
    let (_, loaded) = load_files(&changed(file, from, to));
    let findings = loaded.diagnostics;
    let lifecycle = loaded.lifecycle.unwrap_or_else(|| panic!("{findings:?}"));
    lifecycle.transitions[&"phone.bind".parse().unwrap()].fingerprint
}

#[test]
fn everything_that_a_transition_refers_to_is_part_of_it() {
    let before = after("phone", "workflow", "workflow");
    for (file, from, to) in [
        (
            "phone",
            "permission: demo:BindPhone",
            "permission: demo:Bind",
        ),
        ("phone", "verify: [risk, new_phone]", "verify: [new_phone]"),
        ("phone", "set: { phone: input.phone }", "set: {}"),
        ("account", "kinds: [operator]", "kinds: [operator, owner]"),
        ("account", "to: input.phone", "to: input.phone, digits: 8"),
        (
            "account",
            "codes: { quota: codes }",
            "codes: { quota: codes, attempts: 3 }",
        ),
        ("account", "limit: 100", "limit: 99"),
        ("account", "this number is bound", "this is your number"),
        ("account", "shared_by_at_most: 6", "shared_by_at_most: 5"),
        (
            "account",
            "\"This gives full access.\"",
            "\"This gives some access.\"",
        ),
    ] {
        assert_ne!(after(file, from, to), before, "{from} -> {to}");
    }
}

#[test]
fn words_for_readers_and_other_transitions_are_not() {
    let before = after("phone", "workflow", "workflow");
    for (file, from, to) in [
        ("phone", "workflow", "# a comment\nworkflow"),
        (
            "phone",
            "from: unbound\n    to: bound",
            "to: bound\n    from: [unbound]",
        ),
        (
            "phone",
            "permission: demo:BindPhone",
            "about: Bind it.\n    permission: \"demo:BindPhone\"",
        ),
        (
            "phone",
            "permission: demo:UnbindPhone",
            "permission: demo:Unbind",
        ),
        ("account", "edition: 2026-11", "edition: 2026-12"),
        (
            "account",
            "kinds: [operator]",
            "about: An operator., kinds: [operator]",
        ),
    ] {
        assert_eq!(after(file, from, to), before, "{from} -> {to}");
    }
}

#[test]
fn functions_are_part_of_it() {
    let mut files = changed("phone", "workflow", "workflow");
    let of = |files: &[(String, String)]| {
        let lifecycle = load_files(files).1.lifecycle.unwrap();
        lifecycle.transitions[&"phone.bind".parse().unwrap()].fingerprint
    };
    let before = of(&files);
    files.push(("functions.rhai".to_owned(), "fn one() { 1 }\n".to_owned()));
    assert_ne!(of(&files), before);
}
