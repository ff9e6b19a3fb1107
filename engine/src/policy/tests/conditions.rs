//! Conditions of statements: asked for each request, over its facts.

use super::world::World;
use crate::expr::Val;
use crate::policy::RulingError;

const RESOURCE: &str = "acs:s:*:1000:thing/a";

#[test]
fn conditions_are_asked_for_each_request() {
    let world = World::one(
        r#"
        let from = 8;
        allow "s:Get*" when now.hour >= from && now.hour < 18
            unless principal.name == "ram_user/bob";
        "#,
    );
    let says = |hour, name| {
        let set = [
            ("now.hour", Val::Int(hour)),
            ("principal.name", Val::Text(name)),
        ];
        world.says("s:GetX", RESOURCE, &set)
    };
    assert_eq!(says(9, "ram_user/lin"), "Allow");
    assert_eq!(says(7, "ram_user/lin"), "ImplicitDeny");
    assert_eq!(says(9, "ram_user/bob"), "ImplicitDeny");
}

#[test]
fn conditions_see_the_resource_and_the_action() {
    let world = World::one("allow all when resource == \"a\" && permission == \"s:X\";");
    assert_eq!(world.says("s:X", "a", &[]), "Allow");
    assert_eq!(world.says("s:X", "b", &[]), "ImplicitDeny");
    assert_eq!(world.says("s:Y", "a", &[]), "ImplicitDeny");
}

#[test]
fn values_of_the_script_are_fixed_in_conditions() {
    let world = World::one(
        r#"
        for name in ["ann", "bob"] {
            allow `s:${name}` when principal.name == name;
        }
        let names = ["cid", "dan"];
        allow "s:Both" when principal.name in names;
        "#,
    );
    let says = |action, name| world.says(action, "r", &[("principal.name", Val::Text(name))]);
    assert_eq!(says("s:ann", "ann"), "Allow");
    assert_eq!(says("s:ann", "bob"), "ImplicitDeny");
    assert_eq!(says("s:bob", "bob"), "Allow");
    assert_eq!(says("s:Both", "dan"), "Allow");
}

#[test]
fn a_failing_condition_never_helps() {
    let allow = World::one("allow all when has(context.mfa) && context.mfa; allow \"s:Get*\";");
    assert_eq!(allow.says("s:X", "r", &[]), "ImplicitDeny");
    // `now.hour` is never unset in a real decision; here nobody has set it.
    let failing = World::one("allow all when now.hour > 8; allow \"s:Get*\";");
    let ruling = failing.rule_with(&["p"], "s:X", &["r"], &[], None);
    assert_eq!(ruling.effect.to_string(), "ImplicitDeny");
    assert!(matches!(ruling.error, Some(RulingError::Condition { .. })));
    let ruling = failing.rule_with(&["p"], "s:GetX", &["r"], &[], None);
    assert!(ruling.is_allowed() && ruling.error.is_some());
    let denying = World::one("allow all; deny all when now.hour > 8;");
    let ruling = denying.rule_with(&["p"], "s:X", &["r"], &[], None);
    assert_eq!(ruling.effect.to_string(), "ExplicitDeny");
    let says = ruling.error.unwrap().to_string();
    assert!(says.starts_with("the condition of policies/p.rhai:1:12#1 in policy `p` failed"));
}

#[test]
fn the_example_of_the_documentation_loads() {
    let world = World::one(
        r#"//! What this policy is for.
let folder = "rd-3G/r-Wm/fd-A";
allow ["resourcemanager:Get*", "resourcemanager:List*"];
allow "resourcemanager:*Account*" on `acs:resourcemanager:*:*:account/${folder}/*`
    when context.mfa ?? false;
deny all except "ram:BindMFADevice" unless context.mfa ?? false
    because "sign in with a second factor";
"#,
    );
    let policy = world.policies.get("p").unwrap();
    assert_eq!(policy.about(), Some("What this policy is for."));
    let mfa = [("context.mfa", Val::Bool(true))];
    assert_eq!(world.says("resourcemanager:GetX", "r", &mfa), "Allow");
    assert_eq!(world.says("resourcemanager:GetX", "r", &[]), "ExplicitDeny");
    assert_eq!(world.says("ram:BindMFADevice", "r", &[]), "ImplicitDeny");
}

#[test]
fn mistakes_in_conditions_are_found_at_their_places() {
    let world = World::of(&[(
        "p",
        "allow all when acount.id == \"1\";\ndeny all when now.hour == \"x\";\n\
         allow all when 5; allow all when address == \"\";",
    )]);
    let places: Vec<String> = world
        .findings
        .iter()
        .map(|finding| world.sources.locate(finding.primary.span).unwrap())
        .map(|place| format!("{}:{}", place.line, place.column))
        .collect();
    assert_eq!(places.len(), 4, "{}", world.report());
    assert_eq!(places[0], "1:16");
    assert!(places[1].starts_with("2:"));
    assert!(world.policies.get("p").is_none());
}

#[test]
fn long_conditions_are_no_deep_ones() {
    let terms = |count: usize| vec!["now.hour != 30"; count].join(" && ");
    let world = World::one(&format!("if true {{ allow all when {}; }}", terms(40)));
    assert_eq!(
        world.says("s:X", "r", &[("now.hour", Val::Int(1))]),
        "Allow"
    );
    let world = World::of(&[("p", &format!("allow all when {};", terms(400)))]);
    assert!(world.report().contains("P0110"), "{}", world.report());
}

#[test]
fn thousands_of_statements_load_and_are_found() {
    use std::fmt::Write as _;
    let mut script = String::new();
    for n in 0..5_000 {
        let on = format!("acs:s:*:*:account/rd/f{}/a{n}", n % 50);
        writeln!(
            script,
            "allow \"s:Act{}\" on \"{on}\" when now.hour >= 8;",
            n % 100
        )
        .unwrap();
    }
    let world = World::one(&script);
    let hour = [("now.hour", Val::Int(9))];
    assert_eq!(
        world.says("s:act99", "acs:s:*:1:account/rd/f49/a4999", &hour),
        "Allow"
    );
    assert_eq!(
        world.says("s:act98", "acs:s:*:1:account/rd/f49/a4999", &hour),
        "ImplicitDeny"
    );
}

/// The cases of the condition language in RAM's documentation, by their numbers.
mod domain {
    use super::*;
    use crate::time::Timestamp;

    fn ip(address: &str) -> [(&'static str, Val<'static>); 1] {
        [("context.source_ip", Val::Ip(address.parse().unwrap()))]
    }

    fn tag(text: &str) -> [(&'static str, Val<'_>); 1] {
        [("context.tag", Val::Text(text))]
    }

    #[test]
    fn p14_addresses_are_allowed_by_network() {
        let world = World::one(
            r#"
            let offices = ["192.0.2.0/24", "203.0.113.2"];
            allow all when has(context.source_ip) && ip_in(context.source_ip, offices);
            "#,
        );
        for (address, expected) in [
            ("192.0.2.9", "Allow"),
            ("203.0.113.2", "Allow"),
            ("203.0.113.3", "ImplicitDeny"),
            ("198.51.100.1", "ImplicitDeny"),
            ("2001:db8::1", "ImplicitDeny"),
        ] {
            assert_eq!(
                world.says("s:X", RESOURCE, &ip(address)),
                expected,
                "{address}"
            );
        }
        assert_eq!(world.says("s:X", RESOURCE, &[]), "ImplicitDeny");
    }

    #[test]
    fn p14_addresses_are_denied_unless_they_are_of_a_network() {
        let world = World::one(
            r#"
            allow all;
            deny all when !has(context.source_ip)
                || !ip_in(context.source_ip, ["192.0.2.0/24", "203.0.113.2"]);
            "#,
        );
        assert_eq!(world.says("s:X", RESOURCE, &ip("192.0.2.9")), "Allow");
        assert_eq!(world.says("s:X", RESOURCE, &ip("203.0.113.2")), "Allow");
        assert_eq!(
            world.says("s:X", RESOURCE, &ip("198.51.100.1")),
            "ExplicitDeny"
        );
        assert_eq!(world.says("s:X", RESOURCE, &[]), "ExplicitDeny");
    }

    #[test]
    fn p14_a_block_that_is_none_does_not_load() {
        let world = World::of(&[(
            "p",
            "allow all when has(context.source_ip)\n    \
             && ip_in(context.source_ip, [\"192.0.2.0/24\", \"192.0.2.0/33\"]);",
        )]);
        let report = world.report();
        assert!(
            report.starts_with(
                "W0313 2:50 `192.0.2.0/33` is not an address or a network [\"192.0.2.0/33\"]"
            ),
            "{report}"
        );
    }

    #[test]
    fn p14_a_fact_is_the_same_by_its_key() {
        let world = World::one(
            r#"
            let key = "acs:SourceIp";
            let fact = "SourceIp";
            allow all when has(context["ACS:sourceip"])
                && ip_in(context["acs:SourceIp"], "192.0.2.0/24")
                && context[key] != "192.0.2.7"
                && context[`acs:${fact}`] != "192.0.2.8"
                && context["acs:CurrentTime"] == now;
            "#,
        );
        let at = |address: &str| {
            let now = ("now", Val::Time(Timestamp::from_ms(0)));
            [
                now,
                ("context.source_ip", Val::Ip(address.parse().unwrap())),
            ]
        };
        assert_eq!(world.says("s:X", RESOURCE, &at("192.0.2.9")), "Allow");
        for other in ["192.0.2.7", "192.0.2.8", "192.0.3.9"] {
            assert_eq!(world.says("s:X", RESOURCE, &at(other)), "ImplicitDeny");
        }
        let world = World::of(&[("p", "allow all when context[\"acs:SourceIpp\"] == \"::1\";")]);
        assert_eq!(
            world.report(),
            "W0302 1:24 no name has the condition key `acs:SourceIpp` [\"acs:SourceIpp\"]\n  \
             help: did you mean `acs:SourceIp`?\n  \
             help: keys are declared in account.yaml: `context: { name: { type, key } }`\n"
        );
    }

    #[test]
    fn p16_a_fact_that_is_absent_matches_no_truth_value() {
        let world =
            World::one("allow all; deny all when has(context.mfa) && context.mfa == false;");
        let signed_in = |mfa| [("context.mfa", Val::Bool(mfa))];
        assert_eq!(world.says("s:X", RESOURCE, &[]), "Allow");
        assert_eq!(world.says("s:X", RESOURCE, &signed_in(true)), "Allow");
        assert_eq!(
            world.says("s:X", RESOURCE, &signed_in(false)),
            "ExplicitDeny"
        );
    }

    #[test]
    fn p17_texts_are_equal_equal_but_for_case_or_alike() {
        let says = |condition: &str, text: &str| {
            let script = format!("allow all when has(context.tag) && {condition};");
            World::one(&script).says("s:X", RESOURCE, &tag(text))
        };
        for (condition, text, expected) in [
            ("context.tag == \"Dev\"", "dev", "ImplicitDeny"),
            ("context.tag == \"Dev\"", "Dev", "Allow"),
            ("same_text(context.tag, \"Dev\")", "dev", "Allow"),
            ("same_text(context.tag, \"Dev\")", "dev1", "ImplicitDeny"),
            ("like(context.tag, \"d?v*\")", "dev1", "Allow"),
            ("like(context.tag, \"d?v*\")", "dv", "ImplicitDeny"),
            ("like(context.tag, \"d?v*\")", "Dev1", "ImplicitDeny"),
            (
                "like_any_case(context.tag, [\"ops*\", \"d?v*\"])",
                "Dev1",
                "Allow",
            ),
        ] {
            assert_eq!(says(condition, text), expected, "{condition} on {text}");
        }
    }

    #[test]
    fn p17_a_negated_list_is_none_of_it_and_matches_what_is_absent() {
        let world = World::one(
            "allow all; deny all when !has(context.tag) || !like(context.tag, [\"dev*\", \"qa\"]);",
        );
        assert_eq!(world.says("s:X", RESOURCE, &tag("dev1")), "Allow");
        assert_eq!(world.says("s:X", RESOURCE, &tag("qa")), "Allow");
        assert_eq!(world.says("s:X", RESOURCE, &tag("prod")), "ExplicitDeny");
        assert_eq!(world.says("s:X", RESOURCE, &[]), "ExplicitDeny");
    }

    #[test]
    fn p19_a_time_is_before_another_until_it_is_that_one() {
        // 2012-11-11T23:59:59Z
        let end = 1_352_678_399_000;
        let now = |ms| [("now", Val::Time(Timestamp::from_ms(ms)))];
        for written in ["2012-11-11T23:59:59Z", "2012-11-12T07:59:59+08:00"] {
            let world = World::one(&format!("allow all when now < time(\"{written}\");"));
            assert_eq!(world.says("s:X", RESOURCE, &now(end - 1_000)), "Allow");
            assert_eq!(world.says("s:X", RESOURCE, &now(end)), "ImplicitDeny");
        }
        let at = World::one("allow all when now in [time(\"2012-11-11T23:59:59Z\")];");
        assert_eq!(at.says("s:X", RESOURCE, &now(end)), "Allow");
        assert_eq!(at.says("s:X", RESOURCE, &now(end + 1)), "ImplicitDeny");
    }
}
