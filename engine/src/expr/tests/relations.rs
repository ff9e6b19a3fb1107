//! `like`, `like_any_case`, `same_text`, `ip_in` and `time`: what they hold for, and what they refuse.

use proptest::prelude::*;

use super::{Sampled, compile_as, refused, value, written};
use crate::expr::Type;
use crate::expr::agreement::{facts, sample};
use crate::expr::functions::FUNCTIONS;

#[track_caller]
fn check(text: &str, given: &[(&str, Sampled)], expected: bool) {
    let found = value(text, given).map_err(|error| format!("{text}: {error}"));
    assert_eq!(found, Ok(Some(expected.to_string())), "{text}");
}

fn named(name: &'static str) -> [(&'static str, Sampled); 1] {
    [("account.name", Sampled::Text(name))]
}

fn from(address: &str) -> [(&'static str, Sampled); 1] {
    [("context.source_ip", Sampled::Ip(address.parse().unwrap()))]
}

#[test]
fn texts_are_compared_with_and_without_their_case() {
    for (text, name, expected) in [
        ("account.name == \"Dev\"", "dev", false),
        ("same_text(account.name, \"Dev\")", "dEV", true),
        ("same_text(account.name, [\"Ops\", \"Dev\"])", "dev", true),
        ("!same_text(account.name, [\"Ops\", \"Dev\"])", "dev", false),
        ("!same_text(account.name, [\"Ops\", \"Dev\"])", "qa", true),
        ("same_text(account.name, [])", "dev", false),
        (
            "same_text(account.name, \"Z\u{dc}RICH\")",
            "z\u{fc}rich",
            false,
        ),
        ("like(account.name, \"d?v*\")", "dev1", true),
        ("like(account.name, \"d?v*\")", "dv", false),
        ("like(account.name, \"d?v*\")", "Dev1", false),
        ("like_any_case(account.name, \"d?V*\")", "Dev1", true),
        ("like(account.name, [\"ops*\", \"*v1\"])", "dev1", true),
        ("!like(account.name, [\"ops*\", \"*v1\"])", "dev1", false),
        ("!like(account.name, [\"ops*\", \"*v1\"])", "qa", true),
        (
            "like(account.name, [\"ops*\", lower(\"DEV\") ])",
            "dev",
            true,
        ),
        ("like(account.name, account.name)", "a?*", true),
        ("like(account.name, [account.name, \"x\"])", "a?*", true),
        ("like(account.name, `dev`)", "dev", true),
    ] {
        check(text, &named(name), expected);
    }
}

#[test]
fn addresses_are_sought_in_networks() {
    let office =
        "context.source_ip ?? \"::\", [\"192.0.2.0/24\", \"203.0.113.2\", \"2001:DB8::/32\"]";
    for (address, expected) in [
        ("192.0.2.0", true),
        ("192.0.2.255", true),
        ("192.0.3.0", false),
        ("203.0.113.2", true),
        ("203.0.113.3", false),
        ("2001:db8:ffff::1", true),
        ("2001:db9::", false),
    ] {
        check(&format!("ip_in({office})"), &from(address), expected);
        check(&format!("!ip_in({office})"), &from(address), !expected);
    }
    check("context.source_ip ?? \"::\" == \"::\"", &[], true);
    for (text, expected) in [
        ("(context.source_ip ?? \"::\") == \"192.0.2.1\"", true),
        ("(context.source_ip ?? \"::\") != \"192.0.2.1\"", false),
        (
            "(context.source_ip ?? \"::\") in [\"::1\", \"192.0.2.1\"]",
            true,
        ),
        (
            "has(context.source_ip) && ip_in(context.source_ip, \"192.0.2.1\")",
            true,
        ),
        (
            "!has(context.source_ip) || context.source_ip != \"192.0.2.2\"",
            true,
        ),
    ] {
        check(text, &from("192.0.2.1"), expected);
    }
}

#[test]
fn times_and_numbers_can_be_sought_in_lists() {
    let at = |seconds: i64| {
        [
            ("now", Sampled::Time(seconds * 1_000)),
            ("account.age", Sampled::Int(3)),
            ("account.quiet", Sampled::Duration(7_200)),
        ]
    };
    // 2012-11-11T23:59:59Z
    let instant = 1_352_678_399;
    for (text, seconds, expected) in [
        ("now < time(\"2012-11-11T23:59:59Z\")", instant - 1, true),
        ("now < time(\"2012-11-11T23:59:59Z\")", instant, false),
        ("now == time(\"2012-11-12T07:59:59+08:00\")", instant, true),
        ("now >= time(\"2012-11-11T23:59:59.001Z\")", instant, false),
        (
            "now in [time(\"2001-01-01T00:00:00Z\"), time(\"2012-11-11T23:59:59Z\")]",
            instant,
            true,
        ),
        ("now !in [time(\"2012-11-11T23:59:59Z\")]", instant, false),
        (
            "now - time(\"2012-11-11T23:59:59Z\") >= hours(1)",
            instant + 3_600,
            true,
        ),
        ("account.age in [1, 3]", 0, true),
        ("!(account.age in [1, 2])", 0, true),
        (
            "(account.quiet ?? days(1)) in [minutes(5), hours(2)]",
            0,
            true,
        ),
    ] {
        check(text, &at(seconds), expected);
    }
}

#[test]
fn an_unset_value_is_related_to_nothing() {
    for text in [
        "like(account.name, \"*\")",
        "like(account.name, [\"*\", \"a\"])",
        "like(account.name, [])",
        "!same_text(account.name, [\"a\"])",
        "like_any_case(account.name, resource)",
    ] {
        let found = value(text, &[]);
        assert_eq!(found, Err("`account.name` is unset".to_owned()), "{text}");
    }
    let found = value(
        "like(resource, [\"*\", account.name])",
        &[("resource", Sampled::Text("r"))],
    );
    assert_eq!(found, Err("`account.name` is unset".to_owned()));
}

#[test]
fn what_cannot_be_read_is_refused_when_it_is_loaded() {
    let all: String = [
        "ip_in(context.source_ip ?? \"::\", \"192.0.2.0/33\")",
        "ip_in(context.source_ip ?? \"::\", [\"::1\", \"192.0.2.300\", \"office\"])",
        "ip_in(context.source_ip ?? \"::\", account.name)",
        "ip_in(context.source_ip, \"::1\")",
        "ip_in(account.name, \"::1\")",
        "now < time(\"2012-13-11T00:00:00Z\")",
        "now < time(\"2012-11-11\")",
        "now < time(account.name)",
        "now < \"2012-11-11T23:59:59Z\"",
        "(context.source_ip ?? \"::\") == \"192.0.2\"",
        "(context.source_ip ?? \"::\") == \"2001:DB8::1\"",
        "(context.source_ip ?? \"::\") in [\"192.0.2.0/24\"]",
        "like(context.source_ip ?? \"::\", \"192.0.2.*\")",
        "like(principal.groups, \"ops-*\")",
        "like(account.age, \"1*\")",
        "like(account.name, [1, \"a\"])",
        "like(account.name, principal.groups)",
        "like(account.nick, \"a*\")",
        "like(state.phone, [\"bound\", \"bond*\"])",
        "same_text(state.phone, \"bond\")",
        "like(account.name)",
        "starts_with(account.name, [\"a\"])",
    ]
    .iter()
    .map(|text| format!("{text}\n{}\n", refused(text)))
    .collect();
    insta::assert_snapshot!(all);
}

#[test]
fn every_example_of_a_function_is_a_condition_that_uses_it() {
    let compiler = sample().unwrap();
    for function in &FUNCTIONS {
        let example = function.example;
        assert!(
            example.contains(&format!("{}(", function.name)),
            "{example}"
        );
        let compiled = compile_as(&compiler, example, Some(Type::Bool), false)
            .unwrap_or_else(|found| panic!("{}", written(example, &found)));
        assert!(compiled.is_lowered(), "{example}");
    }
}

/// What a condition on `account.name` comes to.
fn holds(text: &str, name: &'static str) -> bool {
    value(text, &named(name)).unwrap().unwrap() == "true"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_list_is_any_of_its_elements(
        function in prop::sample::select(&["like", "like_any_case", "same_text"][..]),
        texts in prop::collection::vec("[dDeEv*?]{0,4}", 0..4),
        name in prop::sample::select(&["", "dev", "DEV", "d", "eve", "v*"][..]),
    ) {
        let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
        let list = format!("{function}(account.name, [{}])", quoted.join(", "));
        let any = quoted.iter().any(|text| holds(&format!("{function}(account.name, {text})"), name));
        prop_assert_eq!(holds(&list, name), any);
        prop_assert_eq!(holds(&format!("!{list}"), name), !any);
    }

    #[test]
    fn a_list_of_networks_is_any_of_them(
        networks in prop::collection::vec((any::<[u8; 4]>(), 0..=32_u8), 0..4),
        address: [u8; 4],
    ) {
        let quoted: Vec<String> = networks
            .iter()
            .map(|([a, b, c, d], bits)| format!("\"{a}.{b}.{c}.{d}/{bits}\""))
            .collect();
        let given = [("context.source_ip", Sampled::Ip(address.into()))];
        let holds = |among: &str| {
            let text = format!("ip_in(context.source_ip ?? \"::\", {among})");
            value(&text, &given).unwrap().unwrap() == "true"
        };
        let any = quoted.iter().any(|network| holds(network));
        prop_assert_eq!(holds(&format!("[{}]", quoted.join(", "))), any);
    }

    #[test]
    fn any_case_is_like_in_lower_case(
        pattern in "[aAbB*?\u{e9}]{0,6}",
        name in prop::sample::select(&["", "a", "AB", "abBA", "\u{e9}A", "b"][..]),
    ) {
        let lowered = pattern.to_ascii_lowercase();
        let plain = format!("like(lower(account.name), {lowered:?})");
        let any_case = format!("like_any_case(account.name, {pattern:?})");
        prop_assert_eq!(holds(&any_case, name), holds(&plain, name));
    }
}

#[test]
fn networks_that_are_written_out_are_read_once() {
    let compiler = sample().unwrap();
    let text =
        "like(account.name, [\"a*\", \"b\"]) && ip_in(context.source_ip ?? \"::\", \"::/0\")";
    let expression = compile_as(&compiler, text, Some(Type::Bool), false).unwrap();
    let clause = expression.clauses(&facts(compiler.vocabulary(), &[]), &|_| false);
    assert_eq!(clause.text, text, "and are told as they were written");
    let unread = format!("{:?}", expression.node())
        .matches("prepared: None")
        .count();
    assert_eq!(unread, 0);
}
