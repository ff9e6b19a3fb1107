//! Raises of privilege that nobody hears of.

use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Lifecycle, Method, Transition, Trigger, VerifyStep};
use crate::name::Name;

use super::codes;

pub(super) fn check(lifecycle: &Lifecycle, out: &mut Vec<Diagnostic>) {
    for transition in lifecycle.transitions.values() {
        let Some(raised) = raises(lifecycle, transition) else {
            continue;
        };
        if !is_heard_of(lifecycle, transition) {
            let name = &transition.name;
            let says = format!("`{name}` raises privilege without a word");
            let finding = Diagnostic::warning(codes::SILENT_RAISE, transition.span, says);
            let span = state_span(lifecycle, transition, raised);
            let finding = match span {
                Some(span) => finding.also(span, "a privileged state"),
                None => finding,
            };
            out.push(finding.help(
                "let somebody acknowledge the risk, notify the account, or owe the way back with \
                 `restore:`",
            ));
        }
    }
}

/// The privileged state that a transition leads to from one that is none.
fn raises<'t>(lifecycle: &Lifecycle, transition: &'t Transition) -> Option<&'t Name> {
    let states = &lifecycle.workflows.get(&transition.name.workflow)?.states;
    let is_privileged = |name: &Name| states.get(name).is_some_and(|state| state.privileged);
    let is_raise = is_privileged(&transition.to) && !transition.from.iter().all(is_privileged);
    is_raise.then_some(&transition.to)
}

fn state_span(
    lifecycle: &Lifecycle,
    transition: &Transition,
    state: &Name,
) -> Option<crate::source::Span> {
    let workflow = lifecycle.workflows.get(&transition.name.workflow)?;
    Some(workflow.states.get(state)?.span)
}

/// Whether somebody acknowledges it or is told, or the way back is owed; of what is triggered, by
/// way of everything that triggers it.
fn is_heard_of(lifecycle: &Lifecycle, transition: &Transition) -> bool {
    let itself = !transition.notify.is_empty()
        || transition.restore.is_some()
        || transition
            .verify
            .iter()
            .any(|step| is_consent(lifecycle, step));
    let by_causes = || match &transition.trigger {
        Trigger::TriggeredBy(causes) => causes.iter().all(|cause| {
            let cause = lifecycle.transitions.get(cause);
            cause.is_some_and(|cause| is_heard_of(lifecycle, cause))
        }),
        Trigger::Request { .. } | Trigger::After(_) => false,
    };
    itself || by_causes()
}

/// Whether a step is proved by consent, whichever of its proofs is used.
fn is_consent(lifecycle: &Lifecycle, step: &VerifyStep) -> bool {
    let mut proofs = step
        .any
        .iter()
        .map(|name| lifecycle.verifications.get(name));
    proofs.all(|proof| {
        let method = proof.map(|proof| &proof.method);
        matches!(
            method,
            Some(Method::Acknowledge { .. } | Method::Approval { .. })
        )
    })
}
