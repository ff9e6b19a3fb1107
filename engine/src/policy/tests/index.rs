//! The index finds what a look at every statement finds, and more statements never allow what one
//! denies.

use proptest::prelude::*;

use super::world::World;
use crate::policy::requested::{Requested, canonical_resource};
use crate::policy::{Effect, Verb};

/// What the rules say, statement by statement.
fn reference(world: &World, action: &str, resource: &str) -> (Effect, Option<String>) {
    let (action, resource) = (action.to_lowercase(), canonical_resource(resource));
    let request = Requested::new(&action, &resource);
    let policy = world.policies.get("p").unwrap();
    let first = |verb| {
        policy
            .statements()
            .find(|s| s.verb() == verb && s.scope.covers(&request))
            .map(|statement| statement.id().to_string())
    };
    match (first(Verb::Deny), first(Verb::Allow)) {
        (Some(id), _) => (Effect::ExplicitDeny, Some(id)),
        (None, Some(id)) => (Effect::Allow, Some(id)),
        (None, None) => (Effect::ImplicitDeny, None),
    }
}

fn ruling(world: &World, action: &str, resource: &str) -> (Effect, Option<String>) {
    let ruling = world.rule_with(&["p"], action, &[resource], &[], None);
    let id = ruling
        .statement()
        .map(|statement| statement.id().to_string());
    (ruling.effect, id)
}

fn statement() -> impl Strategy<Value = String> {
    let verb = prop_oneof![3 => Just("allow"), 1 => Just("deny")];
    let action = prop_oneof![
        8 => "s:[AbG*?]{1,3}".prop_map(|action| format!("\"{action}\"")),
        1 => Just("all".to_owned()),
        1 => "s:[Ab*]{1,2}".prop_map(|action| format!("all except \"{action}\"")),
        1 => Just("[\"s:ab\", \"s:A*\"]".to_owned()),
    ];
    let resource = prop_oneof![
        6 => "acs:s:[*c]?:[*1]:[ab/*?]{1,4}".prop_map(|r| format!(" on \"{r}\"")),
        1 => "[a*:]{1,3}".prop_map(|r| format!(" on [\"{r}\", \"acs:s:*:*:a/*\"]")),
        2 => Just(String::new()),
    ];
    (verb, action, resource).prop_map(|(verb, action, on)| format!("{verb} {action}{on};"))
}

proptest! {
    #[test]
    fn the_index_loses_nothing(
        statements in prop::collection::vec(statement(), 1..12),
        action in "[sS]:[abAGb]{1,3}",
        resource in prop_oneof![
            "acs:s:c?:1:[ab/]{1,4}", "acs:s:c?:1?:[ab/:]{1,4}", "[a:]{1,3}",
        ],
    ) {
        let world = World::of(&[("p", &statements.join("\n"))]);
        prop_assert_eq!(
            ruling(&world, &action, &resource),
            reference(&world, &action, &resource)
        );
    }

    #[test]
    fn more_statements_never_allow_what_is_denied(
        statements in prop::collection::vec(statement(), 1..8),
        more in prop::collection::vec(statement(), 1..4),
        action in "s:[abG]{1,3}",
        resource in "acs:s:c:1:[ab/]{1,4}",
    ) {
        let few = World::of(&[("p", &statements.join("\n"))]);
        if ruling(&few, &action, &resource).0 == Effect::ExplicitDeny {
            let all = [statements, more].concat();
            let many = World::of(&[("p", &all.join("\n"))]);
            prop_assert_eq!(ruling(&many, &action, &resource).0, Effect::ExplicitDeny);
        }
    }
}
