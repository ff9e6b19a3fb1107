//! Whether the transition that is owed for a raised privilege can undo it.

use std::collections::BTreeSet;

use super::scope::{Findings, Scope};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::name::TransitionName;

/// Reports an obligation whose transition does not leave the raised state: neither itself, nor by
/// what it triggers.
pub(super) fn check(scope: &Scope<'_>, out: &mut Findings) {
    for (name, source) in &scope.transitions {
        let Some(restore) = &source.form.restore else {
            continue;
        };
        if !scope.transitions.contains_key(&restore.by) {
            continue;
        }
        let leaves = |effect: &&TransitionName| {
            let form = scope.transitions.get(*effect).map(|source| source.form);
            effect.workflow == name.workflow
                && form.is_some_and(|form| {
                    form.from.0.contains(&source.form.to) && form.to != source.form.to
                })
        };
        if effects(scope, &restore.by).iter().any(leaves) {
            continue;
        }
        let (by, to) = (&restore.by, &source.form.to);
        let message = format!("`{by}` does not lead out of `{to}`");
        let at = source.place.key("restore").key("by");
        out.push(
            Diagnostic::error(codes::RESTORE, at.text(), message)
                .label("cannot undo this transition")
                .also(
                    source.place.key("to").text(),
                    "the state that is to be left again",
                )
                .help(format!(
                    "name a transition of `{}` from `{to}`",
                    name.workflow
                )),
        );
    }
}

/// A transition and everything it triggers, directly or not.
fn effects<'s>(scope: &'s Scope<'_>, cause: &'s TransitionName) -> BTreeSet<&'s TransitionName> {
    let mut found = BTreeSet::from([cause]);
    loop {
        let more: Vec<&TransitionName> = scope
            .transitions
            .iter()
            .filter(|(name, source)| {
                let causes = source.form.triggered_by.iter();
                !found.contains(name)
                    && causes
                        .flat_map(|causes| &causes.0)
                        .any(|c| found.contains(c))
            })
            .map(|(name, _)| name)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}
