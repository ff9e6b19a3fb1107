//! What expressions come to.

use super::{Sampled, value};

const NOW: Sampled = Sampled::Time(1_700_000_000_000);

#[track_caller]
fn check(text: &str, given: &[(&str, Sampled)], expected: &str) {
    let found = match value(text, given) {
        Ok(Some(value)) => value,
        Ok(None) => "(unset)".to_owned(),
        Err(message) => format!("error: {message}"),
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn constants_and_arithmetic() {
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-7 / 2", "-3"),
        ("-7 % 2", "-1"),
        ("minutes(90)", "90m"),
        ("hours(1) + minutes(30)", "90m"),
        ("hours(1) - hours(2)", "0s"),
        ("!(1 == 2) && 3 > 2", "true"),
        ("len(\"z\u{fc}rich\")", "6"),
        ("lower(\"AbC\")", "abc"),
        ("`abc`", "abc"),
        ("#\"a\"b\"#", "a\"b"),
        ("\"a\\tb\"", "a\tb"),
        ("3 in [1, 2, 3]", "true"),
        ("3 !in [1, 2, 3]", "false"),
        (
            "if 1 == 2 { \"a\" } else if 2 == 2 { \"b\" } else { \"c\" }",
            "b",
        ),
    ] {
        check(text, &[], expected);
    }
}

#[test]
fn names_and_functions() {
    let facts = [
        ("account.name", Sampled::Text("payments")),
        ("account.phone", Sampled::Text("+6591234567")),
        ("account.email", Sampled::Text("Ops@example.com")),
        ("account.country", Sampled::Text("SG")),
        ("account.age", Sampled::Int(9)),
        (
            "account.created_at",
            Sampled::Time(1_700_000_000_000 - 7_200_000),
        ),
        ("principal.groups", Sampled::Texts(vec!["ops".into()])),
        ("state.phone", Sampled::Text("bound")),
        ("resource", Sampled::Text("acs:ram::1001:user/ops")),
        ("now.hour", Sampled::Int(8)),
        ("now", NOW),
    ];
    for (text, expected) in [
        ("account.name", "payments"),
        ("account.phone", "+6591234567"),
        ("account.nick", "(unset)"),
        ("unset", "(unset)"),
        ("account.nick ?? account.name", "payments"),
        (
            "phone_country(account.phone ?? \"+447400123456\") == account.country",
            "true",
        ),
        ("email_domain(account.email)", "example.com"),
        ("state.phone == \"bound\"", "true"),
        ("\"ops\" in principal.groups", "true"),
        ("len(principal.groups)", "1"),
        ("like(resource, \"acs:ram:*:user/*\")", "true"),
        ("now - account.created_at", "2h"),
        ("now - account.created_at >= hours(2)", "true"),
        ("account.created_at + hours(2) == now", "true"),
        ("now.hour >= 8 && now > account.created_at", "true"),
        (
            "has(account.phone) && account.phone == \"+6591234567\"",
            "true",
        ),
        (
            "if has(account.nick) { account.nick } else { account.name }",
            "payments",
        ),
        ("pick(now.hour > 3, account.name, \"none\")", "payments"),
        ("grade(account.age)", "low"),
        ("grade(account.age + 1)", "high"),
    ] {
        check(text, &facts, expected);
    }
}

#[test]
fn a_needed_value_that_is_unset_is_an_error() {
    for (text, expected) in [
        (
            "principal.kind == \"root\"",
            "error: `principal.kind` is unset",
        ),
        (
            "principal.kind != \"root\"",
            "error: `principal.kind` is unset",
        ),
        ("!context.trusted", "error: `context.trusted` is unset"),
        (
            "true && context.trusted",
            "error: `context.trusted` is unset",
        ),
        ("false && context.trusted", "false"),
        (
            "if context.trusted { 1 } else { 2 }",
            "error: `context.trusted` is unset",
        ),
        ("account.age + 1", "error: `account.age` is unset"),
        ("-account.age", "error: `account.age` is unset"),
        ("lower(account.name)", "error: `account.name` is unset"),
        (
            "starts_with(\"x\", account.name)",
            "error: `account.name` is unset",
        ),
        ("account.name in [\"x\"]", "error: `account.name` is unset"),
        (
            "\"x\" in [\"x\", account.name]",
            "error: `account.name` is unset",
        ),
        (
            "\"ops\" in principal.groups",
            "error: `principal.groups` is unset",
        ),
        ("has(account.name)", "false"),
        ("account.name ?? \"none\"", "none"),
        (
            "pick(context.trusted, 1, 2)",
            "error: `context.trusted` is unset",
        ),
        // An argument may fail even where the function ignores it.
        ("first(1, account.age + 1)", "error: `account.age` is unset"),
        ("first(1, account.age)", "1"),
    ] {
        check(text, &[], expected);
    }
}

#[test]
fn what_goes_wrong_at_run_time_is_an_error() {
    let facts = [
        ("account.age", Sampled::Int(i64::MAX)),
        ("account.created_at", Sampled::Time(i64::MAX)),
        ("input.phone", Sampled::Text("+80012345678")),
        ("account.email", Sampled::Text("nobody")),
        ("now.hour", Sampled::Int(0)),
    ];
    for (text, expected) in [
        ("account.age + 1", "error: the result is too large"),
        ("-(-account.age - 1)", "error: the result is too large"),
        ("account.age * 2", "error: the result is too large"),
        ("1 / now.hour", "error: a number is divided by zero"),
        ("1 % now.hour", "error: a number is divided by zero"),
        ("days(account.age)", "error: the result is too large"),
        ("days(now.hour - 1)", "error: a duration is negative"),
        (
            "account.created_at + days(1)",
            "error: the result is too large",
        ),
        (
            "phone_country(input.phone)",
            "error: the phone number belongs to no country",
        ),
        (
            "email_domain(account.email)",
            "error: the e-mail address has no domain",
        ),
        ("twice(account.age)", "error: the result is too large"),
    ] {
        check(text, &facts, expected);
    }
}
