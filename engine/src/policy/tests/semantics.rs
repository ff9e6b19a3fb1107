//! What statements mean.

use super::world::World;
use crate::policy::{DecidedBy, RulingError};

const RESOURCE: &str = "acs:s:*:1000:thing/a";

#[test]
fn a_script_computes_statements_once() {
    let world = World::one(
        r#"
        let services = ["ecs", "oss"];
        let admin = true;
        for service in services {
            allow `${service}:Get*` on [`acs:${service}:*:*:thing/*`];
        }
        if admin { allow "ram:*"; }
        "#,
    );
    let ids: Vec<String> = world
        .policies
        .get("p")
        .unwrap()
        .statements()
        .map(|statement| statement.id().to_string())
        .collect();
    let place = "policies/p.rhai:5:13";
    assert_eq!(ids[..2], [format!("{place}#1"), format!("{place}#2")]);
    assert_eq!(ids[2], "policies/p.rhai:7:20#1");
    assert_eq!(
        world.says("oss:GetThing", "acs:oss::1:thing/x", &[]),
        "Allow"
    );
    assert_eq!(
        world.says("oss:GetThing", "acs:ecs::1:thing/x", &[]),
        "ImplicitDeny"
    );
}

#[test]
fn a_deny_wins_wherever_it_stands() {
    let scripts = [
        ("a", "allow all;"),
        ("b", "deny \"s:Get*\" because \"no\"; allow all;"),
    ];
    let world = World::of(&scripts);
    for order in [["a", "b"], ["b", "a"]] {
        let ruling = world.rule_with(&order, "S:GETX", &[RESOURCE], &[], None);
        assert_eq!(ruling.effect.to_string(), "ExplicitDeny");
        let statement = ruling.statement().unwrap();
        assert_eq!(
            (&**statement.policy(), statement.because()),
            ("b", Some("no"))
        );
    }
    let ruling = world.rule_with(&["a"], "s:GetX", &[RESOURCE], &[], None);
    assert!(ruling.is_allowed());
    assert_eq!(ruling.statement().unwrap().because(), None);
}

#[test]
fn the_first_statement_that_covers_a_request_is_named() {
    let world = World::one("allow \"t:*\"; allow \"s:Get*\"; allow \"s:GetX\"; allow all;");
    let ruling = world.rule_with(&["p"], "s:GetX", &[RESOURCE], &[], None);
    let id = ruling.statement().unwrap().id().to_string();
    assert_eq!(id, "policies/p.rhai:1:14#1");
}

#[test]
fn an_owner_needs_no_policy_on_its_own_account_only() {
    let world = World::one("deny all;");
    let owner = "1000".parse().unwrap();
    let own = ["acs:s:*:1000:thing/a", "acs:s::1000:thing/b:c"];
    let ruling = world.rule_with(&[], "s:X", &own, &[], Some(&owner));
    assert!(ruling.is_allowed());
    assert!(matches!(ruling.by, DecidedBy::Ownership));
    for other in [
        "acs:s:*:1001:thing/a",
        "acs:s:*:*:thing/a",
        "acs:s:::x",
        "*",
        "1000",
    ] {
        let both = [own[0], other];
        let ruling = world.rule_with(&[], "s:X", &both, &[], Some(&owner));
        assert!(!ruling.is_allowed(), "{other}");
        assert_eq!(ruling.resource, 1);
    }
}

#[test]
fn a_query_without_resources_or_with_an_unknown_policy_is_denied() {
    let world = World::one("allow all;");
    let ruling = world.rule_with(&["p"], "s:X", &[], &[], None);
    assert_eq!(ruling.effect.to_string(), "ImplicitDeny");
    let ruling = world.rule_with(&["p", "gone"], "s:X", &[RESOURCE], &[], None);
    assert_eq!(ruling.effect.to_string(), "ImplicitDeny");
    assert!(matches!(ruling.error, Some(RulingError::UnknownPolicy(name)) if &*name == "gone"));
}

#[test]
fn an_explicit_deny_of_any_resource_outweighs_an_implicit_one() {
    let world = World::one("deny all on \"b\"; allow all on \"c\";");
    let ruling = world.rule_with(&["p"], "s:X", &["a", "b", "c"], &[], None);
    assert_eq!(
        (ruling.effect.to_string(), ruling.resource),
        ("ExplicitDeny".into(), 1)
    );
}

#[test]
fn clause_words_are_names_everywhere_else() {
    let world = World::one(
        "allow \"s:on\" on \"when\" because \"unless\"; \
         allow [\"all:except\"]; let on_top = \"s:o\"; allow on_top;",
    );
    assert_eq!(world.policies.get("p").unwrap().statements().len(), 3);
}
