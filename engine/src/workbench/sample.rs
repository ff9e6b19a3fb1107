//! A small world for the tests of the workbench: a lifecycle, policies of every kind in every place
//! that takes them, and requests.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::account::Account;
use crate::bundle::Bundle;
use crate::name::Name;
use crate::policy::Principal;
use crate::situation::{Asked, Situation};
use crate::source::SourceMap;
use crate::time::Timestamp;
use crate::value::Value;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes:
  path: text
  manager: account_id
  country: { type: country, optional: true }
  email: { type: email, personal: true }
context: { mfa: bool, level: int, zone: text }
principal_kinds: { owner: { owns_account: true }, user: {} }
read: { permission: "s:Read", resource: "acs:s:*:${account.manager}:thing/${account.path}" }
"#;

const WORKFLOW: &str = r#"
workflow: phone
initial: unbound
states: { unbound: {}, bound: {} }
transitions:
  bind: { from: unbound, to: bound, permission: "s:Bind",
          resource: "acs:s:*:${account.manager}:thing/${account.path}" }
  unbind: { from: bound, to: unbound, permission: "s:Unbind",
            resource: ["acs:s:*:${account.manager}:thing/${account.path}", "acs:s:::folder/f"] }
"#;

/// Statements of every kind; conditions hold, do not hold and fail.
const ALLOWS: [&str; 10] = [
    "allow all;",
    "allow \"s:B*\";",
    "allow \"s:*ind\" on \"acs:s:*:*:thing/r/a/*\" when now.hour >= 8;",
    "allow all except \"s:Unbind\" when now.hour < 8 || (context.mfa ?? false);",
    "allow all when 12 / (context.level ?? 0) > 3;",
    "allow \"s:*\" when state.phone == \"unbound\" && (account.country ?? \"SG\") == \"SG\";",
    "allow \"s:*\" unless (context.level ?? 9) > 3;",
    "allow \"s:*\" on \"acs:s:*:*:thing/r/b/*\"; allow \"s:Read\" when has(context.zone) && context.zone in [\"x\", \"y\"];",
    "allow \"s:Bnd\"; allow \"t:*\";",
    "allow \"s:Unbind\" on [\"acs:s:*:*:thing/*\", \"acs:s:*:*:folder/?\"] when !(context.mfa ?? true);",
];
const DENIES: [&str; 6] = [
    "deny \"s:B*\" on \"acs:s:*:*:thing/r/a/2\";",
    "deny \"s:*\" when now.hour >= 18;",
    "deny all unless context.mfa ?? false;",
    "deny \"s:Unbind\" when has(account.country) && account.country == \"CN\";",
    "deny \"s:*\" when 6 / (context.level ?? 0) == 3 && state.phone == \"bound\";",
    "deny \"s:Read\" when like(resource, \"*b/1\");",
];

/// Policies and where they are attached.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    control: Option<[Vec<usize>; 2]>,
    resource: Vec<usize>,
    pub(crate) principal: Principal,
}

/// Policies by number: first those that allow.
fn name(number: usize) -> String {
    format!("p{number}")
}

fn policies(most: usize, bounds: bool) -> impl Strategy<Value = Vec<usize>> {
    let one = prop_oneof![
        if bounds { 6 } else { 1 } => Just(0),
        4 => 0..ALLOWS.len(),
        2 => ALLOWS.len()..ALLOWS.len() + DENIES.len(),
    ];
    prop::collection::vec(one, 0..=most)
}

/// Any setup.
pub(crate) fn setup() -> impl Strategy<Value = Setup> {
    let control = prop::option::of([policies(2, true), policies(2, true)]);
    let session = prop::option::weighted(0.3, policies(2, true));
    let places = (
        control,
        session,
        policies(4, false),
        policies(2, false),
        policies(2, false),
    );
    (places, 0..8_u8).prop_map(|((control, session, own, group, resource), who)| {
        let names = |numbers: &[usize]| numbers.iter().map(|n| name(*n).into()).collect();
        let (full, home) = match who {
            0 => ("owner/1000", "1000"),
            1 => ("owner/7", "7"),
            _ => ("user/u", "7"),
        };
        let mut principal = Principal::new(full.parse().unwrap(), home.parse().unwrap());
        principal.policies = names(&own);
        principal.session = session.as_deref().map(names);
        if !group.is_empty() {
            principal.resource_groups = [("g".into(), names(&group))].into();
        }
        if who == 2 {
            principal.policies.push("gone".into());
        }
        Setup {
            control,
            resource,
            principal,
        }
    })
}

impl Setup {
    /// The definition.
    pub(crate) fn bundle(&self) -> Bundle {
        let mut sources = SourceMap::default();
        sources.add("workflows/demo/account.yaml", ACCOUNT);
        sources.add("workflows/demo/phone.yaml", WORKFLOW);
        for (number, script) in ALLOWS.iter().chain(&DENIES).enumerate() {
            sources.add(&format!("policies/{}.rhai", name(number)), script);
        }
        let list = |numbers: &[usize]| {
            // One policy is attached to a place once.
            let names: std::collections::BTreeSet<_> = numbers.iter().map(|n| name(*n)).collect();
            names.into_iter().collect::<Vec<_>>().join(", ")
        };
        let mut yaml =
            "resource_groups: { g: { resources: \"acs:s:*:*:thing/r/a/*\" } }\n".to_owned();
        if !self.resource.is_empty() {
            let policies = list(&self.resource);
            yaml.push_str(&format!(
                "resource_policies: [{{ resources: \"acs:s:*:*:thing/*\", policies: [{policies}] }}]\n"
            ));
        }
        if let Some([root, folder]) = &self.control {
            let line = |node: &str, numbers: &[usize]| match list(numbers) {
                none if none.is_empty() => String::new(),
                policies => format!("    {node}: [{policies}]\n"),
            };
            let lines = [line("r", root), line("r/a", folder)].concat();
            let attached = if lines.is_empty() {
                String::new()
            } else {
                format!("  attached:\n{lines}")
            };
            yaml.push_str(&format!(
                "control_policies:\n  root: r\n  place: account.path\n  manager: account.manager\n  \
                 default: [p0]\n{attached}"
            ));
        }
        sources.add("policies/principals.yaml", &yaml);
        Bundle::load(sources, "demo")
            .unwrap_or_else(|error| panic!("{yaml} {:#?}", error.diagnostics))
    }
}

/// A request and the account that it is about.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) action: String,
    paths: Vec<&'static str>,
    manager: &'static str,
    country: Option<&'static str>,
    bound: bool,
    pub(crate) context: BTreeMap<Name, Value>,
    hour: i64,
}

/// One setup and request: a user with some policies who asks at some hour.
pub(crate) fn fixed(
    policies: &[usize],
    action: &str,
    hour: i64,
    context: &[(&str, Value)],
) -> (Setup, World) {
    let mut principal = Principal::new("user/u".parse().unwrap(), "7".parse().unwrap());
    principal.policies = policies.iter().map(|n| name(*n).into()).collect();
    let setup = Setup {
        control: None,
        resource: Vec::new(),
        principal,
    };
    let set = |(name, value): &(&str, Value)| (name.parse().unwrap(), value.clone());
    let world = World {
        action: action.to_owned(),
        paths: vec!["r/a/1"],
        manager: "1000",
        country: None,
        bound: false,
        context: context.iter().map(set).collect(),
        hour,
    };
    (setup, world)
}

/// Any request.
pub(crate) fn world() -> impl Strategy<Value = World> {
    let action = prop::sample::select(vec![
        "s:Bind",
        "s:Unbind",
        "s:Read",
        "S:READ",
        "t:X",
        "sts:AssumeRole",
    ]);
    let path = prop::sample::select(vec!["r/a/1", "r/a/2", "r/b/1", "r/c/d/1", "q/1"]);
    let country = prop::option::of(prop::sample::select(vec!["SG", "CN"]));
    let level = prop::option::of(1_i64..5);
    let zone = prop::option::of(prop::sample::select(vec!["x", "z"]));
    let session = (prop::option::of(any::<bool>()), level, zone);
    let manager = prop::sample::select(vec!["1000", "7"]);
    (
        action,
        prop::collection::vec(path, 1..3),
        manager,
        country,
        any::<bool>(),
        session,
        0_i64..24,
    )
        .prop_map(
            |(action, paths, manager, country, bound, (mfa, level, zone), hour)| {
                let mut context = BTreeMap::new();
                let mut set = |name: &str, value: Option<Value>| {
                    context.extend(value.map(|value| (name.parse().unwrap(), value)));
                };
                set("mfa", mfa.map(Value::Bool));
                set("level", level.map(Value::Int));
                set("zone", zone.map(|zone| Value::Text(zone.into())));
                let action = action.to_owned();
                World {
                    action,
                    paths,
                    manager,
                    country,
                    bound,
                    context,
                    hour,
                }
            },
        )
}

impl World {
    /// The account.
    pub(crate) fn account(&self) -> Account {
        let mut attributes: BTreeMap<Name, Value> = BTreeMap::new();
        let mut set = |name: &str, value| attributes.insert(name.parse().unwrap(), value);
        set("path", Value::Text(self.paths[0].into()));
        set("manager", Value::AccountId(self.manager.parse().unwrap()));
        set("email", Value::Email("a@example.com".into()));
        if let Some(country) = self.country {
            set("country", Value::Country(country.into()));
        }
        let state = if self.bound { "bound" } else { "unbound" };
        let states = [("phone".parse().unwrap(), state.parse().unwrap())];
        Account::new("77".parse().unwrap(), self.now(), attributes, states)
    }

    /// Its situation, or that of one who knows of no account.
    pub(crate) fn situation<'f>(
        &'f self,
        account: Option<&'f Account>,
        setup: &'f Setup,
    ) -> Situation<'f> {
        static NO_INPUTS: BTreeMap<Name, Value> = BTreeMap::new();
        let asked = Asked {
            principal: Some(&setup.principal),
            context: &self.context,
            inputs: &NO_INPUTS,
        };
        Situation {
            account,
            asked,
            now: self.now(),
        }
    }

    /// The resources that it names.
    pub(crate) fn resources(&self) -> Vec<String> {
        let manager = self.manager;
        let name = |path: &&str| format!("acs:s::{manager}:thing/{path}");
        self.paths.iter().map(name).collect()
    }

    /// The instant.
    pub(crate) fn now(&self) -> Timestamp {
        format!("2026-03-01T{:02}:30:00Z", self.hour)
            .parse()
            .unwrap()
    }
}
