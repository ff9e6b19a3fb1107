//! What a table says is what policies say, whatever the session.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Scene, in_their_states, matrix, permissions, principals};
use crate::account::Account;
use crate::bundle::{Bundle, read_sources};
use crate::name::Name;
use crate::policy::Effect;
use crate::situation::{Asked, Situation};
use crate::source::SourceMap;
use crate::time::Timestamp;
use crate::value::Value;
use crate::workbench::matrix::{Answer, Key};

/// The shipped lifecycle, with policies whose answers depend on states, sessions and the time.
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let principals = r#"
principals:
  ram_user/day: { account: "1000", policies: [Day] }
  ram_user/safe: { account: "1000", policies: [Day, Safe] }
  ram_user/bound: { account: "1000", policies: [Bound] }
"#;
    let day = r#"
allow "resourcemanager:Get*";
allow "resourcemanager:BindSecureMobilePhone" when now.hour >= 8 && (context.mfa ?? false);
deny "resourcemanager:Enable*";
"#;
    let safe = r#"
allow "resourcemanager:UpdateAccount" on "acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*";
deny all unless context.mfa ?? false because "sign in with a second factor";
"#;
    let bound = r#"allow "resourcemanager:UpdateAccount" when state.mobile_phone == "bound";"#;
    bundle(&[
        ("principals.yaml", principals),
        ("Day.rhai", day),
        ("Safe.rhai", safe),
        ("Bound.rhai", bound),
    ])
});

/// The shipped lifecycle with these policies.
fn bundle(policies: &[(&str, &str)]) -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let shipped = read_sources(&root, "resource_account").unwrap();
    let mut sources = SourceMap::default();
    for file in shipped.files() {
        if !file.path.starts_with("policies/") {
            sources.add(&file.path, &file.text);
        }
    }
    for (name, text) in policies {
        sources.add(&format!("policies/{name}"), text);
    }
    Bundle::load(sources, "resource_account").unwrap()
}

fn scene(name: &str, folder: &str) -> Scene {
    let attribute = |name: &str, value| (name.parse::<Name>().unwrap(), value);
    let path = format!("rd-3G/r-Wm/{folder}/1001");
    let attributes = BTreeMap::from([
        attribute("manager", Value::AccountId("1000".parse().unwrap())),
        attribute("path", Value::Text(path.as_str().into())),
    ]);
    let workflows = BUNDLE.lifecycle.workflows.iter();
    let states = workflows.map(|(name, workflow)| (name.clone(), workflow.initial.clone()));
    let at = Timestamp::from_ms(0);
    Scene {
        name: name.to_owned(),
        account: Account::new("1001".parse().unwrap(), at, attributes, states),
    }
}

fn scenes() -> Vec<Scene> {
    vec![scene("a", "fd-A"), scene("b", "fd-B")]
}

#[test]
fn a_table_tells_what_is_open_and_in_which_states() {
    let table = matrix(&BUNDLE, &scenes()).text();
    let listed: Vec<&str> = table
        .lines()
        .filter(|line| !line.contains("root/"))
        .collect();
    insta::assert_snapshot!(listed.join("\n"), @r"
    situations: a mobile_phone=bound, a mobile_phone=unbound, b mobile_phone=bound, b mobile_phone=unbound

    principal       permission                                        situation                                     decision  by
    ram_user/bound  resourcemanager:UpdateAccount                     a mobile_phone=bound, b mobile_phone=bound    allow     Bound
    ram_user/day    resourcemanager:BindSecureMobilePhone             *                                             open      Day when now.hour >= 8 && (context.mfa ?? false)
    ram_user/day    resourcemanager:EnableResourceDirectory           *                                             DENY      Day
    ram_user/day    resourcemanager:GetAccount                        *                                             allow     Day
    ram_user/safe   resourcemanager:BindSecureMobilePhone             *                                             open      Day when now.hour >= 8 && (context.mfa ?? false); denied by Safe unless context.mfa ?? false
    ram_user/safe   resourcemanager:EnableResourceDirectory           *                                             DENY      Day
    ram_user/safe   resourcemanager:GetAccount                        *                                             open      Day; denied by Safe unless context.mfa ?? false
    ram_user/safe   resourcemanager:UpdateAccount                     a mobile_phone=bound, a mobile_phone=unbound  open      Safe; denied by Safe unless context.mfa ?? false
    ");
}

#[test]
fn an_account_of_which_too_little_is_known_leaves_open_what_depends_on_it() {
    let mut bare = scene("bare", "fd-A");
    bare.account.attributes.clear();
    let table = matrix(&BUNDLE, &[bare]);
    let key = Key {
        principal: "ram_user/safe".to_owned(),
        permission: "resourcemanager:UpdateAccount".to_owned(),
        situation: "bare mobile_phone=bound".to_owned(),
    };
    let cell = table.get(&key);
    assert_eq!(
        (cell.answer, &*cell.by),
        (Answer::Open, "`account.manager` is not known")
    );
}

#[test]
fn what_depends_on_too_many_states_is_open() {
    let principals = r#"principals: { ram_user/one: { account: "1000", policies: [States] } }"#;
    let workflows = BUNDLE.lifecycle.workflows.iter();
    let initial = workflows.map(|(name, it)| format!("state.{name} == \"{}\"", it.initial));
    let initial: Vec<String> = initial.collect();
    let policy = format!("allow \"resourcemanager:*\" when {};", initial.join(" && "));
    let bundle = bundle(&[("principals.yaml", principals), ("States.rhai", &policy)]);
    let table = matrix(&bundle, &scenes()[..1]);
    let key = Key {
        principal: "ram_user/one".to_owned(),
        permission: "resourcemanager:GetAccount".to_owned(),
        situation: "a".to_owned(),
    };
    assert_eq!(table.get(&key).answer, Answer::Open);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_session_contradicts_the_table(
        mfa in proptest::option::of(any::<bool>()),
        hour in 0_i64..24,
        folder in "fd-[AB]",
    ) {
        let name: Name = "mfa".parse().unwrap();
        let context: BTreeMap<Name, Value> =
            mfa.map(|mfa| (name, Value::Bool(mfa))).into_iter().collect();
        // What a request must bring is there: without it nothing is allowed to anybody.
        let input = |name: &str, text: String| {
            (name.parse::<Name>().unwrap(), Value::Text(text.into()))
        };
        let folder = format!("rd-3G/r-Wm/{folder}");
        let inputs =
            BTreeMap::from([input("path", format!("{folder}/1001")), input("folder", folder)]);
        let scenes = scenes();
        let table = matrix(&BUNDLE, &scenes);
        for scene in in_their_states(&BUNDLE, &scenes).scenes {
            for principal in principals(&BUNDLE, std::slice::from_ref(&scene)) {
                let situation = Situation {
                    account: Some(&scene.account),
                    asked: Asked {
                        principal: Some(&principal),
                        context: &context,
                        inputs: &inputs,
                    },
                    now: Timestamp::from_ms(hour * 3_600_000),
                };
                for (permission, access) in permissions(&BUNDLE) {
                    let mut facts = situation.facts(&BUNDLE.lifecycle);
                    let resources = BUNDLE.resources(access, &facts).unwrap();
                    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
                    let action = &access.permission;
                    let effect = BUNDLE.rule(&principal, action, &resources, &mut facts).effect;
                    let key = Key {
                        principal: principal.name.to_string(),
                        permission,
                        situation: scene.name.clone(),
                    };
                    let fits = match table.get(&key).answer {
                        Answer::Allow => effect == Effect::Allow,
                        Answer::Deny => effect == Effect::ExplicitDeny,
                        Answer::None => effect != Effect::Allow,
                        Answer::Open => true,
                    };
                    prop_assert!(fits, "{key:?}: {effect}");
                }
            }
        }
    }
}
