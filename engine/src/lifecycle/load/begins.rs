//! Where accounts come in that have lived elsewhere.

use std::collections::BTreeMap;

use super::names::{check_not_empty, check_repeats};
use super::scope::{Findings, Scope, text};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::model::Begin;
use crate::name::Name;

pub(super) fn begins(scope: &Scope<'_>, out: &mut Findings) -> BTreeMap<Name, Begin> {
    let section = scope.account.place.key("begins");
    let mut begins = BTreeMap::new();
    for (name, form) in &scope.account.form.begins {
        let place = section.key(name.as_str());
        let mut states = BTreeMap::new();
        for (workflow, wanted) in &form.states {
            let at = place.key("states").key(workflow.as_str());
            check_not_empty(&wanted.0, &format!("`{workflow}`"), at, out);
            check_repeats(&wanted.0, at, out);
            if is_known(scope, workflow, at, out)
                && let Some(known) = scope.states(workflow)
            {
                let wanted = wanted.0.iter().enumerate();
                let found =
                    wanted.filter(|(index, state)| known.resolve(state, at.item(*index), out));
                let found: Vec<Name> = found.map(|(_, state)| state.clone()).collect();
                states.insert(workflow.clone(), found);
            }
        }
        let about = text(form.about.as_deref());
        let span = place.head();
        begins.insert(
            name.clone(),
            Begin {
                about,
                states,
                span,
            },
        );
    }
    begins
}

/// Whether there is such a workflow; one whose file is broken was reported as that.
fn is_known(
    scope: &Scope<'_>,
    workflow: &Name,
    at: crate::source::Place<'_>,
    out: &mut Findings,
) -> bool {
    let is_known = scope.workflows.contains_key(workflow);
    if !is_known && !scope.stems.contains(workflow.as_str()) {
        let known = scope.workflows.keys().map(|name| name.as_str());
        let message = format!("unknown workflow `{workflow}`");
        out.push(
            Diagnostic::error(codes::UNKNOWN_TRANSITION, at.head(), message)
                .label("no such workflow")
                .did_you_mean(workflow.as_str(), known),
        );
    }
    is_known
}
