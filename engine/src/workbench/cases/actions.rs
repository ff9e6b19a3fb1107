//! Actions that are likely mistyped: a case that denies one would pass for the wrong reason.

use std::collections::BTreeSet;

use crate::bundle::Bundle;
use crate::lifecycle::model::Trigger;
use crate::policy::{Actions, Pattern, Policy};

/// Most letters by which a mistyped action differs from the one that is meant.
const SLIPS_MAX: usize = 2;

/// The actions that a definition speaks of.
pub(super) struct Known<'b> {
    /// In full: permissions of the lifecycle, and what policies write out.
    names: BTreeSet<&'b str>,
    /// Of policies, which cover more than one.
    patterns: Vec<&'b Pattern>,
}

impl<'b> Known<'b> {
    pub(super) fn of(bundle: &'b Bundle) -> Self {
        let transitions = bundle.lifecycle.transitions.values();
        let requested = transitions.filter_map(|it| match &it.trigger {
            Trigger::Request { access, .. } => Some(access),
            Trigger::TriggeredBy(_) | Trigger::After(_) => None,
        });
        let accesses = requested.chain(&bundle.lifecycle.read);
        let mut known = Self {
            names: accesses.map(|access| access.permission.as_ref()).collect(),
            patterns: Vec::new(),
        };
        let statements = bundle.policies.iter().flat_map(Policy::statements);
        let patterns = statements.flat_map(|statement| match statement.actions() {
            Actions::Of(patterns) | Actions::AllExcept(patterns) => patterns,
        });
        for pattern in patterns {
            match pattern.text() {
                name if !name.contains(['*', '?']) => drop(known.names.insert(name)),
                // A whole service is no sign that there is such an action.
                all if all.split_once(':').is_none_or(|(_, name)| name == "*") => {}
                _ => known.patterns.push(pattern),
            }
        }
        known
    }

    /// The action that is likely meant, where nothing speaks of this one.
    pub(super) fn meant(&self, action: &str) -> Option<&'b str> {
        let folded = action.to_ascii_lowercase();
        let is_known = |name: &&&str| name.eq_ignore_ascii_case(action);
        if self.names.iter().any(|name| is_known(&name))
            || self.patterns.iter().any(|pattern| pattern.matches(&folded))
        {
            return None;
        }
        let near = |known: &str| {
            let known = known.to_ascii_lowercase();
            let slips = strsim::damerau_levenshtein(&folded, &known);
            // `GetAccounts` is most likely another action than `GetAccount`.
            let is_plural = format!("{folded}s") == known || format!("{known}s") == folded;
            (slips <= SLIPS_MAX && !is_plural).then_some(slips)
        };
        let near = self
            .names
            .iter()
            .filter_map(|name| Some((near(name)?, *name)));
        near.min().map(|(_, name)| name)
    }
}
