//! States that freeze an account: while it is in one, nothing else is asked of it with success.
//!
//! A freeze is a condition of every transition that it refuses, before their own: so decisions,
//! analysis and comparison of definitions know it as they know any other condition.

use super::names::check_repeats;
use super::scope::{Findings, Scope, Source, text};
use super::transitions::Reader;
use crate::diagnostic::Diagnostic;
use crate::expr::Type;
use crate::lifecycle::codes;
use crate::lifecycle::model::Guard;
use crate::lifecycle::syntax::{FreezeForm, TransitionForm, WorkflowFile};
use crate::name::Name;
use crate::source::Place;

/// A state that freezes, and where it says so.
struct Freeze<'a> {
    workflow: &'a Name,
    state: &'a Name,
    form: &'a FreezeForm,
    place: Place<'a>,
}

/// The conditions that freezing states make of a transition.
pub(super) fn guards(reader: &mut Reader<'_, '_>, out: &mut Findings) -> Vec<Guard> {
    let scope = reader.context.scope;
    let mut guards = Vec::new();
    for freeze in refusing(scope, &reader.name.workflow, reader.source.form) {
        let Freeze {
            workflow, state, ..
        } = freeze;
        let condition = format!("state.{workflow} != \"{state}\"");
        let Some(condition) = reader.expression(&condition, freeze.place, (Type::Bool, false), out)
        else {
            continue;
        };
        guards.push(Guard {
            condition,
            deny_code: text(freeze.form.deny_code.as_deref()),
            because: text(freeze.form.because.as_deref()).or_else(|| {
                Some(format!("nothing changes while `{workflow}` is `{state}`").into())
            }),
            is_freeze: true,
        });
    }
    guards
}

/// The freezes that refuse a transition of a workflow, each as it decides: the workflow, the state
/// and the words.
pub(super) fn of<'a>(
    scope: &Scope<'a>,
    workflow: &Name,
    form: &TransitionForm,
) -> Vec<(&'a Name, &'a Name, &'a FreezeForm)> {
    let refusing = refusing(scope, workflow, form);
    let of = refusing.map(|freeze| (freeze.workflow, freeze.state, freeze.form));
    of.collect()
}

fn refusing<'s, 'a>(
    scope: &'s Scope<'a>,
    workflow: &'s Name,
    form: &TransitionForm,
) -> impl Iterator<Item = Freeze<'a>> + use<'s, 'a> {
    let is_requested = form.permission.is_some();
    let all = scope.workflows.values().filter(move |_| is_requested);
    let others = all.filter(move |source| source.form.workflow != *workflow);
    let freezes = others.flat_map(freezes);
    freezes.filter(move |freeze| !freeze.form.except.0.contains(workflow))
}

fn freezes<'a>(source: &Source<'a, WorkflowFile>) -> impl Iterator<Item = Freeze<'a>> + use<'a> {
    let (form, place) = (source.form, source.place.key("states"));
    form.states.iter().filter_map(move |(state, declared)| {
        Some(Freeze {
            workflow: &form.workflow,
            state,
            form: declared.freezes.as_ref()?,
            place: place.key(state.as_str()).key("freezes"),
        })
    })
}

/// Whether what freezes are to leave out is there to be left out.
pub(super) fn check(scope: &Scope<'_>, out: &mut Findings) {
    for freeze in scope.workflows.values().flat_map(freezes) {
        let at = freeze.place.key("except");
        let names = &freeze.form.except.0;
        check_repeats(names, at, out);
        for (index, name) in names.iter().enumerate() {
            // A workflow whose file could not be read is not unknown.
            if !scope.stems.contains(name.as_str()) {
                scope.workflow_names().resolve(name, at.item(index), out);
            }
            if name == freeze.workflow {
                let message = format!("`{name}` never freezes itself");
                let error = Diagnostic::error(codes::KEY_NOT_HERE, at.item(index).text(), message);
                out.push(error.help("its own transitions leave from its states as they say"));
            }
        }
    }
}
