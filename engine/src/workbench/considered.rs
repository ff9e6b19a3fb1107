//! The statements that have a say in a request.

use std::sync::Arc;

use super::cases::Case;
use crate::bundle::Bundle;
use crate::policy::{Policy, Statement};

/// Every statement that covers a request, of all policies in effect, with the number of the
/// resource that it covers. Conditions are not looked at.
pub(super) fn covering<'b>(
    bundle: &'b Bundle,
    case: &Case,
    resources: &[&str],
) -> Vec<(usize, &'b Arc<Statement>)> {
    let mut found = Vec::new();
    for policy in in_effect(bundle, case) {
        for statement in policy.statements() {
            let covered = resources.iter().enumerate();
            let covered = covered.filter(|(_, on)| statement.is_about(&case.action, on));
            found.extend(covered.map(|(index, _)| (index, statement)));
        }
    }
    found
}

/// The policies in effect for a request.
fn in_effect<'b>(bundle: &'b Bundle, case: &Case) -> Vec<&'b Policy> {
    let named = case.principal.policies.iter();
    named.filter_map(|name| bundle.policies.get(name)).collect()
}
