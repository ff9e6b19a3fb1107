//! Policies, made up.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::bundle::{Bundle, LoadError};
use crate::lifecycle::model::Trigger;
use crate::source::SourceMap;

/// A policy as its author would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Its name.
    pub name: String,
    /// Its script.
    pub script: String,
}

/// Most policies of a set, and most statements of a policy.
const MOST: usize = 3;

/// Sets of up to three policies over the permissions of a bundle's lifecycle: allows and denies, of
/// whole services, of beginnings and of single actions, on some or all resources, with and without
/// conditions. They load with the bundle ([`with_policies`]) and are named `made_up_1` and so on.
pub fn policy_sets(bundle: &Bundle) -> impl Strategy<Value = Vec<PolicyText>> + use<> {
    let policy = vec(statement(bundle), 1..=MOST).prop_map(|statements| statements.join("\n"));
    vec(policy, 1..=MOST).prop_map(|scripts| {
        let named = |(number, script): (usize, String)| PolicyText {
            name: format!("made_up_{number}"),
            script,
        };
        (1..).zip(scripts).map(named).collect()
    })
}

fn statement(bundle: &Bundle) -> impl Strategy<Value = String> + use<> {
    let verb = select(vec!["allow", "deny"]);
    let on = prop_oneof![
        2 => Just(String::new()),
        1 => "[a-c]{1,2}".prop_map(|part| format!(" on \"acs:*:*:*:*{part}*\"")),
    ];
    let when = prop_oneof![
        2 => Just(String::new()),
        1 => (0..24).prop_map(|hour| format!(" when now.hour >= {hour}")),
        1 => (0..24).prop_map(|hour| format!(" unless now.hour < {hour}")),
    ];
    (verb, actions(bundle), on, when)
        .prop_map(|(verb, actions, on, when)| format!("{verb} {actions}{on}{when};"))
}

/// What a statement covers: one permission, those that begin alike, a service, all, or all but one.
fn actions(bundle: &Bundle) -> impl Strategy<Value = String> + use<> {
    let transitions = bundle.lifecycle.transitions.values();
    let requested = transitions.filter_map(|it| match &it.trigger {
        Trigger::Request { access, .. } => Some(access.permission.to_string()),
        _ => None,
    });
    let read = bundle.lifecycle.read.iter();
    let mut known: Vec<String> = requested
        .chain(read.map(|access| access.permission.to_string()))
        .collect();
    known.sort();
    known.dedup();
    // A lifecycle in which nobody asks for anything has no names to choose from.
    known.extend(known.is_empty().then(|| "service:Action".to_owned()));
    (select(known), 0_usize..40, 0..6).prop_map(|(action, kept, form)| {
        let service = action.split(':').next().unwrap_or_default();
        let least = service.len() + 1;
        let beginning: String = action.chars().take(least.max(kept)).collect();
        match form {
            0 => "all".to_owned(),
            1 => format!("all except \"{action}\""),
            2 => format!("\"{service}:*\""),
            3 => format!("\"{beginning}*\""),
            _ => format!("\"{action}\""),
        }
    })
}

/// The bundle with further policies, or with other policies of the same names.
///
/// # Errors
/// When one of them does not load.
pub fn with_policies(bundle: &Bundle, policies: &[PolicyText]) -> Result<Bundle, LoadError> {
    let path = |policy: &PolicyText| format!("{}/{}.rhai", bundle.policy_folder(), policy.name);
    let mut sources = SourceMap::default();
    for (kept, text) in bundle.files() {
        if !policies.iter().any(|policy| path(policy) == kept) {
            sources.add(&kept, &text);
        }
    }
    for policy in policies {
        sources.add(&path(policy), &policy.script);
    }
    Bundle::load(sources, &bundle.lifecycle.full_name())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::LazyLock;

    use super::*;
    use crate::bundle::read_sources;
    use crate::testing::requests_of_anybody;
    use proptest::strategy::ValueTree as _;

    static SHIPPED: LazyLock<Bundle> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sources = read_sources(&root, "resource_account").unwrap();
        Bundle::load(sources, "resource_account").unwrap()
    });

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_is_made_up_loads_and_is_in_effect(policies in policy_sets(&SHIPPED)) {
            let bundle = with_policies(&SHIPPED, &policies);
            let bundle = bundle.map_err(|error| {
                TestCaseError::fail(format!("{policies:?}: {:?}", error.diagnostics))
            })?;
            for policy in &policies {
                prop_assert!(bundle.policies.get(&policy.name).is_some());
            }
            let mut runner = proptest::test_runner::TestRunner::deterministic();
            let request = requests_of_anybody(&bundle).new_tree(&mut runner);
            let request = request.map_err(|why| TestCaseError::fail(why.to_string()))?;
            prop_assert!(request.current().answer(&bundle).is_ok());
        }
    }
}
