//! The product of the shipped lifecycles and of small ones.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path as FilePath;

use super::*;
use crate::bundle::{Bundle, read_sources};
use crate::name::Name;
use crate::source::SourceMap;
use crate::value::Value;

fn shipped(lifecycle: &str) -> Bundle {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, lifecycle).unwrap();
    Bundle::load(sources, lifecycle).unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

fn small(account: &str, workflows: &[(&str, &str)]) -> Bundle {
    let mut sources = SourceMap::default();
    let head = "lifecycle: demo\nedition: 2026-01\nprincipal_kinds: { user: {} }\n";
    sources.add("workflows/demo/account.yaml", &format!("{head}{account}"));
    for (name, text) in workflows {
        sources.add(&format!("workflows/demo/{name}.yaml"), text);
    }
    sources.add("policies/All.rhai", "allow all;");
    let principals = "principals: { user/ann: { account: \"9\", policies: [All] }, \
                      user/bob: { account: \"9\" } }";
    sources.add("policies/principals.yaml", principals);
    Bundle::load(sources, "demo").unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

fn explored<'b>(bundle: &'b Bundle, profile: Profile, tracking: &Tracking) -> Product<'b> {
    let model = Model::new(bundle, profile, tracking).unwrap();
    explore(
        model,
        &Limits::default(),
        &mut |_| ControlFlow::Continue(()),
    )
}

/// Every state of a product, with what leads out of it.
fn shown(product: &Product<'_>) -> String {
    let mut text = String::new();
    for node in product.nodes() {
        writeln!(text, "{}", state(product, product.state(node))).unwrap();
        let mut edges: Vec<_> = product.graph().edges(node).collect();
        edges.reverse();
        for edge in edges {
            let firing = product.firing(*edge.weight()).unwrap();
            let made: Vec<String> = firing.transitions().map(ToString::to_string).collect();
            let to = product.state(petgraph::visit::EdgeRef::target(&edge));
            let certainty = firing.certainty();
            let to = state(product, to);
            writeln!(text, "  {} {certainty:?} -> {to}", made.join(" + ")).unwrap();
        }
    }
    text
}

fn state(product: &Product<'_>, state: Packed) -> String {
    let words = product
        .model()
        .space()
        .unpack(state)
        .map(|(_, held)| match held {
            Held::State(name) => name.to_string(),
            Held::Value(value) => value.text(),
            Held::Unset => "-".to_owned(),
            Held::Given => "given".to_owned(),
            Held::New => "new".to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_seed_lifecycle_is_explored_whole() {
    let bundle = shipped("resource_account");
    let product = explored(&bundle, Profile::default(), &Tracking::nothing());
    assert!(product.is_complete());
    let fired: BTreeSet<_> = product
        .firings()
        .flat_map(|(_, f)| f.transitions().cloned())
        .collect();
    let declared: BTreeSet<_> = bundle.lifecycle.transitions.keys().cloned().collect();
    let never: Vec<String> = declared
        .difference(&fired)
        .map(ToString::to_string)
        .collect();
    assert!(
        never.is_empty(),
        "every transition can fire somewhere: {never:?}"
    );
    let space = product.model().space();
    let read = |workflow: &str, packed| {
        let workflow: Name = workflow.parse().unwrap();
        space.state(&workflow, packed).unwrap().to_string()
    };
    for node in product.nodes() {
        let state = product.state(node);
        let is_cloud = read("member_type", state) == "cloud";
        let is_on = ["enabled", "active"].contains(&read("root_user", state).as_str());
        assert_eq!(
            is_cloud, is_on,
            "the root user is on in cloud accounts, and in no others"
        );
    }
}

#[test]
fn the_three_step_change_of_a_number_is_the_shortest() {
    let bundle = shipped("resource_account");
    let profile = Profile {
        states: [("mobile_phone".parse().unwrap(), "bound".parse().unwrap())].into(),
        attributes: [(
            "phone".parse().unwrap(),
            Some(Value::Phone("+6591234567".into())),
        )]
        .into(),
        ..Profile::default()
    };
    let tracking = Tracking {
        changes: ["phone".parse().unwrap()].into(),
        ..Tracking::default()
    };
    let product = explored(&bundle, profile, &tracking);
    let space = product.model().space();
    let phone = space
        .variable(&Of::Attribute("phone".parse().unwrap()))
        .unwrap();
    let changed = |state: Packed| space.held(phone, state) == Some(&Held::New);
    let first = product
        .nodes()
        .find(|node| changed(product.state(*node)))
        .unwrap();
    let path = product.path_to(first);
    let named = path
        .steps
        .iter()
        .map(|step| product.firing(step.firing).unwrap());
    let named: Vec<String> = named.map(|firing| firing.transition.to_string()).collect();
    let expected = [
        "member_type.switch_to_cloud",
        "root_user.retrieve_password",
        "mobile_phone.change",
    ];
    assert_eq!(named, expected);
    let again = product
        .path_between(product.starts()[0], &changed, &|_| true)
        .unwrap();
    assert_eq!(again.steps.len(), 3);
}

#[test]
fn what_is_triggered_belongs_to_the_firing_and_what_is_unknown_goes_both_ways() {
    let door = r#"
workflow: door
initial: shut
states: { shut: {}, open: {} }
transitions:
  open: { from: shut, to: open, permission: "s:Open", resource: "acs:s:*:1:x", when: account.grade == "high" }
  shut: { from: open, to: shut, after: 1h }
"#;
    let lamp = r#"
workflow: lamp
initial: dark
states: { dark: {}, lit: {} }
transitions:
  light: { from: dark, to: lit, triggered_by: door.open, when: account.owner == "me" }
"#;
    let account = "attributes: { grade: { one_of: [low, high] }, owner: text }\n";
    let bundle = small(account, &[("door", door), ("lamp", lamp)]);
    let product = explored(&bundle, Profile::default(), &Tracking::nothing());
    insta::assert_snapshot!(shown(&product), @r"
    shut dark low
    shut dark high
      door.open + lamp.light Open -> open lit high
      door.open Open -> open dark high
    open lit high
      door.shut Sure -> shut lit high
    open dark high
      door.shut Sure -> shut dark high
    shut lit high
      door.open Sure -> open lit high
    ");
    let owner = [("owner".parse().unwrap(), Some(Value::Text("me".into())))];
    let high = [(
        "grade".parse().unwrap(),
        Some(Value::OneOf("high".parse().unwrap())),
    )];
    let profile = Profile {
        attributes: owner.into_iter().chain(high).collect(),
        ..Profile::default()
    };
    let product = explored(&bundle, profile, &Tracking::nothing());
    insta::assert_snapshot!(shown(&product), @r"
    shut dark
      door.open + lamp.light Sure -> open lit
    open lit
      door.shut Sure -> shut lit
    shut lit
      door.open Sure -> open lit
    ");
}

#[test]
fn an_earlier_proof_may_have_ceased_to_be_available() {
    let account = r#"
attributes: { phone: { type: phone, optional: true } }
verifications:
  old: { code: sms, to: account.phone }
  risk: { acknowledge: "Sure?" }
codes: { quota: codes }
quotas: { codes: { limit: 9, per: 24h, key: account.id } }
"#;
    let phone = r#"
workflow: phone
initial: kept
states: { kept: {}, gone: {} }
transitions:
  drop: { from: kept, to: gone, permission: "s:Drop", resource: "acs:s:*:1:x", set: { phone: unset } }
"#;
    let steps = |verify: &str| {
        format!(
            r#"
workflow: safe
initial: shut
states: {{ shut: {{}}, open: {{}} }}
transitions:
  open: {{ from: shut, to: open, permission: "s:Open", resource: "acs:s:*:1:x", verify: {verify} }}
"#
        )
    };
    let profile = Profile {
        attributes: [(
            "phone".parse().unwrap(),
            Some(Value::Phone("+6591234567".into())),
        )]
        .into(),
        ..Profile::default()
    };
    let opens_without_phone = |verify: &str| {
        let steps = steps(verify);
        let bundle = small(account, &[("phone", phone), ("safe", &steps)]);
        let product = explored(&bundle, profile.clone(), &Tracking::nothing());
        product.graph().edge_indices().any(|edge| {
            let (from, _) = product.graph().edge_endpoints(edge).unwrap();
            let firing = product.firing_of(edge).unwrap();
            firing.transition.to_string() == "safe.open"
                && state(&product, product.state(from)).starts_with("gone")
        })
    };
    assert!(
        opens_without_phone("[old, risk]"),
        "the code was confirmed before the number went"
    );
    assert!(
        !opens_without_phone("[risk, old]"),
        "the last proof is given when it fires"
    );
}

#[test]
fn a_bound_ends_an_exploration_that_is_then_not_complete() {
    let bundle = shipped("resource_account");
    let model = || Model::new(&bundle, Profile::default(), &Tracking::nothing()).unwrap();
    let limits = Limits {
        states: 5,
        ..Limits::default()
    };
    let product = explore(model(), &limits, &mut |_| ControlFlow::Continue(()));
    assert!(!product.is_complete());
}

#[test]
fn who_may_ask_is_told_of_each() {
    let door = r#"
workflow: door
initial: shut
states: { shut: {}, open: {} }
transitions:
  open: { from: shut, to: open, permission: "s:Open", resource: "acs:s:*:1:x" }
  shut: { from: open, to: shut, permission: "s:Shut", resource: "acs:s:*:1:x", when: principal.name == "user/bob" }
"#;
    let bundle = small("", &[("door", door)]);
    let product = explored(&bundle, Profile::default(), &Tracking::nothing());
    let who = |transition: &str| -> Vec<String> {
        let mut firings = product.firings().map(|(_, firing)| firing);
        let Some(firing) = firings.find(|f| f.transition.to_string() == transition) else {
            return Vec::new();
        };
        let name = |(id, _): &(AskerId, _)| product.model().asker(*id).unwrap().who.to_string();
        firing.askers.iter().map(name).collect()
    };
    assert_eq!(who("door.open"), ["user/ann"]);
    assert!(
        who("door.shut").is_empty(),
        "policies allow bob nothing, and the guard ann"
    );
}

#[test]
fn what_is_known_at_the_start_is_not_known_once_it_was_set() {
    let account = "attributes: { note: { type: text, optional: true }, seen: { type: text } }";
    let door = r#"
workflow: door
initial: shut
states: { shut: {}, open: {}, gone: {} }
transitions:
  write:
    from: shut
    to: shut
    permission: "s:Write"
    resource: "acs:s:*:1:x"
    input: { note: text }
    set: { note: input.note, seen: input.note }
  open: { from: shut, to: open, permission: "s:Open", resource: "acs:s:*:1:x", when: 'has(account.note) && account.note != "a"' }
  leave: { from: open, to: gone, permission: "s:Leave", resource: "acs:s:*:1:x", when: '(account.note ?? "b") == "a"' }
"#;
    let bundle = small(account, &[("door", door)]);
    for note in [None, Some("a")] {
        let mut profile = Profile::default();
        let value = |text: &str| Value::Text(text.into());
        let note = note.map(value);
        profile.attributes.insert("note".parse().unwrap(), note);
        let seen = ("seen".parse().unwrap(), Some(value("x")));
        profile.attributes.extend([seen]);
        let product = explored(&bundle, profile, &Tracking::nothing());
        let fires = |wanted: &str| {
            let mut all = product.firings();
            all.any(|(_, firing)| firing.transition.to_string() == wanted)
        };
        assert!(fires("door.open"), "it may have been given another value");
        assert!(fires("door.leave"), "it may have been given this one");
        let seen = bundle.lifecycle.attributes["seen"].slot;
        let view = super::view::View::of_state(product.model(), product.state(product.starts()[0]));
        assert_ne!(view.known(seen), crate::expr::Knowledge::Value);
    }
}
