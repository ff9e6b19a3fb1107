//! What holds of every stage: more denies never grant, more allows never deny, and the order of
//! policies does not matter.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::principals::load;
use super::world::World;
use crate::expr::Val;
use crate::policy::pattern::Pattern;
use crate::policy::{
    Attached, Attachments, ControlPolicies, Effect, Principal, Query, ResourceGroup,
    ResourcePolicies, Ruling, RulingError, Stage,
};
use crate::source::Span;

/// Policies that only allow, and policies that only deny; conditions hold, do not hold and fail.
const ALLOWS: [&str; 5] = [
    "allow all;",
    "allow \"s:A*\";",
    "allow \"s:*\" on \"acs:s:*:*:x*\" when now.hour >= 8;",
    "allow all when now.hour < 8;",
    "allow all when principal.name == \"x\";",
];
const DENIES: [&str; 4] = [
    "deny \"s:B*\";",
    "deny \"s:*\" on \"acs:s:*:*:y\" when now.hour >= 8;",
    "deny \"*:*b\" when now.hour < 8;",
    "deny \"s:Ab\" when principal.name == \"x\";",
];

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let named = |letter, scripts: &'static [&str]| {
            let name = move |(number, script): (usize, &&'static str)| {
                (format!("{letter}{number}"), *script)
            };
            scripts.iter().enumerate().map(name)
        };
        let scripts: Vec<_> = named("a", &ALLOWS).chain(named("d", &DENIES)).collect();
        let scripts: Vec<_> = scripts.iter().map(|(n, s)| (n.as_str(), *s)).collect();
        let world = World::of(&scripts);
        assert_eq!(world.report(), "");
        world
    })
}

/// Where policies can be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Root,
    Member,
    Session,
    Own,
    Group,
    Resource,
}

/// The names of the policies attached at each place.
type Setup = BTreeMap<Where, Vec<String>>;

fn setup() -> impl Strategy<Value = Setup> {
    use Where::{Group, Member, Own, Resource, Root, Session};
    let of = |at| prop::collection::vec(policy(at), 0..4).prop_map(move |names| (at, names));
    let places = [Root, Member, Session, Own, Group, Resource].map(of);
    places.prop_map(|places| places.into_iter().collect())
}

/// Those that bound others mostly allow, or nothing would get past them.
fn policy(at: Where) -> impl Strategy<Value = String> {
    let bounds = at < Where::Own;
    prop_oneof![
        if bounds { 6 } else { 1 } => Just("a0".to_owned()),
        3 => (0..ALLOWS.len()).prop_map(|number| format!("a{number}")),
        1 => (0..DENIES.len()).prop_map(|number| format!("d{number}")),
    ]
}

#[derive(Debug, Clone)]
struct Asked {
    action: String,
    resources: Vec<String>,
}

fn asked() -> impl Strategy<Value = Asked> {
    let resource = prop_oneof!["acs:s::1:[xy]", "acs:s:c:1:[xz]{1,2}"];
    let action = prop_oneof![4 => "s:[AB][ab]?", 1 => Just("sts:AssumeRole".to_owned())];
    let resources = prop::collection::vec(resource, 1..3);
    (action, resources).prop_map(|(action, resources)| Asked { action, resources })
}

fn rule(setup: &Setup, asked: &Asked) -> Ruling {
    let world = world();
    let names = |at: Where| setup.get(&at).into_iter().flatten();
    let texts = |at| {
        names(at)
            .map(|name| name.as_str().into())
            .collect::<Vec<_>>()
    };
    let policies = |at| -> Attached {
        let policy = |name: &String| world.policies.shared(name).unwrap().clone();
        names(at).map(policy).collect()
    };
    let everywhere: Box<[Pattern]> = [Pattern::resource("acs:s:*:1:x*").unwrap()].into();
    let group = ResourceGroup {
        resources: everywhere.clone(),
        about: None,
        span: somewhere(),
    };
    let mut attachments = Attachments {
        resource_groups: [("g".into(), group)].into(),
        resource_policies: vec![ResourcePolicies {
            resources: everywhere,
            policies: policies(Where::Resource),
            span: somewhere(),
        }],
        ..Attachments::default()
    };
    let mut control = control();
    control.default = policies(Where::Member);
    control.attached = [("r".into(), policies(Where::Root))].into();
    attachments.control = Some(control);

    let mut who = Principal::new("ram_user/x".parse().unwrap(), "1".parse().unwrap());
    who.policies = texts(Where::Own);
    who.resource_groups = [("g".into(), texts(Where::Group))].into();
    who.session = Some(texts(Where::Session));
    let resources: Vec<&str> = asked.resources.iter().map(String::as_str).collect();
    let query = Query {
        principal: &who,
        owns_account: false,
        control: attachments.control(),
        attachments: &attachments,
        action: &asked.action,
        resources: &resources,
    };
    let mut facts = world.facts(&[
        ("account.id", Val::Text("1")),
        ("account.path", Val::Text("r/f/1")),
        ("account.manager", Val::Text("m")),
        ("now.hour", Val::Int(9)),
    ]);
    world.policies.rule(&query, &mut facts)
}

fn somewhere() -> Span {
    world()
        .policies
        .get("a0")
        .unwrap()
        .statements()
        .next()
        .unwrap()
        .span()
}

/// Control policies whose nodes are still to be filled.
fn control() -> ControlPolicies {
    static CONTROL: OnceLock<ControlPolicies> = OnceLock::new();
    let read = || {
        let text = "control_policies: { root: r, place: account.path, manager: account.manager, \
                    default: [P] }";
        let (world, principals) = load(World::of(&[("P", "allow all;")]), text);
        assert_eq!(world.report(), "");
        principals.attachments().control().unwrap().clone()
    };
    CONTROL.get_or_init(read).clone()
}

fn with(setup: &Setup, at: Where, name: String) -> Setup {
    let mut more = setup.clone();
    more.entry(at).or_default().push(name);
    more
}

fn anywhere() -> impl Strategy<Value = Where> {
    use Where::{Group, Member, Own, Resource, Root, Session};
    prop::sample::select(vec![Root, Member, Session, Own, Group, Resource])
}

proptest! {
    #[test]
    fn one_more_deny_never_grants(
        (setup, asked) in (setup(), asked()), at in anywhere(), number in 0..DENIES.len(),
    ) {
        let before = rule(&setup, &asked);
        let after = rule(&with(&setup, at, format!("d{number}")), &asked);
        prop_assert!(before.is_allowed() || !after.is_allowed(), "{before:?} {after:?}");
    }

    #[test]
    fn one_more_allow_never_denies(
        (setup, asked) in (setup(), asked()), at in anywhere(), number in 0..ALLOWS.len(),
    ) {
        let before = rule(&setup, &asked);
        let after = rule(&with(&setup, at, format!("a{number}")), &asked);
        prop_assert!(!before.is_allowed() || after.is_allowed(), "{before:?} {after:?}");
    }

    #[test]
    fn the_order_of_policies_does_not_matter(
        (setup, shuffled) in setup().prop_flat_map(|setup| {
            let places: Vec<_> = setup
                .iter()
                .map(|(at, names)| (Just(*at), Just(names.clone()).prop_shuffle()))
                .collect();
            (Just(setup), places)
        }),
        asked in asked(),
    ) {
        let shuffled: Setup = shuffled.into_iter().collect();
        let (one, other) = (rule(&setup, &asked), rule(&shuffled, &asked));
        prop_assert_eq!((one.effect, one.resource), (other.effect, other.resource));
        prop_assert_eq!(one.stage, other.stage);
    }
}

/// The properties above are about something: requests get as far as each stage.
#[test]
fn every_stage_decides_some_request() {
    let setup = |bounds: &str, own: &[&str], group: &[&str], resource: &[&str]| -> Setup {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        [
            (Where::Root, names(&["a0"])),
            (Where::Member, names(&["a0"])),
            (Where::Session, names(&[bounds])),
            (Where::Own, names(own)),
            (Where::Group, names(group)),
            (Where::Resource, names(resource)),
        ]
        .into()
    };
    let asked = Asked {
        action: "s:Ab".to_owned(),
        resources: vec!["acs:s::1:x".to_owned()],
    };
    let stage = |setup: &Setup| {
        let ruling = rule(setup, &asked);
        (ruling.effect, ruling.stage)
    };
    let group = Stage::ResourceGroup { group: "g".into() };
    let allowed = |stage| (Effect::Allow, stage);
    assert_eq!(
        stage(&setup("a0", &["a1"], &["d1"], &[])),
        allowed(Stage::Identity)
    );
    assert_eq!(stage(&setup("a0", &[], &["a1"], &[])), allowed(group));
    assert_eq!(
        stage(&setup("a0", &[], &[], &["a2"])),
        allowed(Stage::ResourceBased)
    );
    let bounded = (Effect::ImplicitDeny, Stage::Session);
    assert_eq!(stage(&setup("a3", &["a0"], &[], &[])), bounded);
    let mut controlled = setup("a0", &["a0"], &[], &[]);
    controlled.insert(Where::Root, vec!["a0".to_owned(), "d3".to_owned()]);
    let at_root = Stage::ControlPolicy { node: "r".into() };
    assert_eq!(stage(&controlled), (Effect::ExplicitDeny, at_root));
}

/// Nobody has set `principal.name`, so that `a4` and `d3` cannot be evaluated.
#[test]
fn a_condition_that_fails_denies_wherever_it_stands() {
    use Where::{Group, Member, Own, Resource, Root, Session};
    let asked = Asked {
        action: "s:Ab".to_owned(),
        resources: vec!["acs:s::1:x".to_owned()],
    };
    for at in [Root, Member, Session, Own, Group, Resource] {
        let everything = |at| (at, vec!["a0".to_owned()]);
        let mut setup: Setup = [Root, Member, Session].map(everything).into();
        // What grants by itself stands alone; what bounds needs something to bound.
        let grants = if at > Session { at } else { Own };
        setup.extend([everything(grants)]);
        assert!(rule(&setup, &asked).is_allowed(), "{at:?}");
        let denied = rule(&with(&setup, at, "d3".to_owned()), &asked);
        assert_eq!(denied.effect, Effect::ExplicitDeny, "{at:?}");
        assert!(
            matches!(denied.error, Some(RulingError::Condition { .. })),
            "{at:?}"
        );
        setup.insert(at, vec!["a4".to_owned()]);
        let not_allowed = rule(&setup, &asked);
        assert_eq!(not_allowed.effect, Effect::ImplicitDeny, "{at:?}");
        assert!(
            matches!(not_allowed.error, Some(RulingError::Condition { .. })),
            "{at:?}"
        );
    }
}

/// A policy that is attached and not loaded denies, whatever else allows, in every stage that is
/// reached.
#[test]
fn what_is_not_loaded_denies() {
    let (world, principals) = load(
        World::of(&[("All", "allow all;")]),
        "resource_policies: [{ resources: \"*\", policies: [All] }]\n\
         resource_groups: { g: { resources: \"*\" } }\n",
    );
    assert_eq!(world.report(), "");
    let gone = || vec!["Gone".into()];
    let mut own = Principal::new("ram_user/x".parse().unwrap(), "1".parse().unwrap());
    let ask = |who: &Principal| world.rule_for(&principals, who, "s:A", &["acs:s::1:x"], &[]);
    assert_eq!(ask(&own).stage, Stage::ResourceBased);
    own.session = Some(gone());
    let mut group = own.clone();
    group.session = None;
    group.resource_groups = [("g".into(), gone())].into();
    let mut unknown = group.clone();
    unknown.resource_groups = [("other".into(), vec!["All".into()])].into();
    let mut identity = group.clone();
    identity.policies = gone();
    for (who, stage) in [
        (own, Stage::Session),
        (identity, Stage::Identity),
        (group, Stage::ResourceGroup { group: "g".into() }),
        (
            unknown,
            Stage::ResourceGroup {
                group: "other".into(),
            },
        ),
    ] {
        let ruling = ask(&who);
        assert_eq!(
            (ruling.effect, &ruling.stage),
            (Effect::ImplicitDeny, &stage)
        );
        assert!(matches!(
            ruling.error,
            Some(RulingError::UnknownPolicy(_) | RulingError::UnknownResourceGroup(_))
        ));
    }
}

/// Control policies need to know where an account is; what is elsewhere is not theirs.
#[test]
fn a_member_without_a_place_is_refused_and_a_stranger_is_not_bound() {
    let (world, principals) = load(
        World::of(&[("All", "allow all;"), ("None", "deny all;")]),
        "control_policies: { root: r/x, place: account.path, default: [None] }",
    );
    assert_eq!(world.report(), "");
    let mut who = Principal::new("ram_user/x".parse().unwrap(), "1".parse().unwrap());
    who.policies = vec!["All".into()];
    let at = |place: Val<'static>| {
        let facts = [("account.id", Val::Text("1")), ("account.path", place)];
        world.rule_for(&principals, &who, "s:A", &["acs:s::1:x"], &facts)
    };
    let unknown = at(Val::Unset);
    assert_eq!(unknown.effect, Effect::ImplicitDeny);
    assert!(matches!(unknown.error, Some(RulingError::UnknownPlace)));
    assert_eq!(at(Val::Text("r/x/1")).effect, Effect::ExplicitDeny);
    assert_eq!(at(Val::Text("r/x")).effect, Effect::ExplicitDeny);
    for outside in ["r/xy/1", "r", "", "*", "s/x/1"] {
        assert_eq!(at(Val::Text(outside)).effect, Effect::Allow, "{outside}");
    }
}
