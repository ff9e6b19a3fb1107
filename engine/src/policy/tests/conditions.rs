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
