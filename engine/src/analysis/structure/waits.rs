//! States that end before a code that is sent in them, and states that wait for ever.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{
    Lifecycle, Method, State, Transition, Trigger, VerifyStep, Workflow,
};
use crate::name::Name;
use crate::time::format_duration;

use super::codes;

pub(super) fn check(lifecycle: &Lifecycle, out: &mut Vec<Diagnostic>) {
    for workflow in lifecycle.workflows.values() {
        let its_own = lifecycle.transitions.values();
        let its_own = its_own.filter(|it| it.name.workflow == workflow.name);
        let looking = Looking {
            lifecycle,
            workflow,
            transitions: its_own.map(AsRef::as_ref).collect(),
        };
        looking.for_short_states(out);
        for (name, state) in &workflow.states {
            out.extend(looking.for_ever(name, state));
        }
    }
}

/// A workflow that is looked at.
struct Looking<'l> {
    lifecycle: &'l Lifecycle,
    workflow: &'l Workflow,
    transitions: Vec<&'l Transition>,
}

impl<'l> Looking<'l> {
    /// A code can be typed only while its state lasts.
    fn for_short_states(&self, out: &mut Vec<Diagnostic>) {
        for ends in &self.transitions {
            let Trigger::After(after) = ends.trigger else {
                continue;
            };
            let asked = self.transitions.iter();
            let asked = asked.filter(|it| it.from.iter().any(|from| ends.from.contains(from)));
            for asks in asked {
                let Some((step, life)) = self.longest_code(asks).filter(|(_, it)| *it > after)
                else {
                    continue;
                };
                let (after, life) = (format_duration(after), format_duration(life));
                let says = format!(
                    "`{}` ends a state before codes that are sent in it",
                    ends.name
                );
                out.push(
                    Diagnostic::warning(codes::STATE_SHORTER_THAN_CODE, ends.span, says)
                        .label(format!("ends the state after {after}"))
                        .also(step.span, format!("a code that lives for {life}"))
                        .help("lengthen `after`, or shorten the code's `valid_for`"),
                );
            }
        }
    }

    fn longest_code(&self, transition: &'l Transition) -> Option<(&'l VerifyStep, Duration)> {
        let steps = transition.verify.iter();
        let lives = steps.flat_map(|step| step.any.iter().map(move |name| (step, name)));
        let lives = lives.filter_map(|(step, name)| {
            match &self.lifecycle.verifications.get(name)?.method {
                Method::Code { rules, .. } => Some((step, rules.valid_for)),
                Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => None,
            }
        });
        lives.max_by_key(|(_, life)| *life)
    }

    /// The account's own people asked for something that only others can answer, and no time ends
    /// the wait.
    fn for_ever(&self, name: &Name, state: &State) -> Option<Diagnostic> {
        if state.is_final {
            return None;
        }
        let moves = |it: &&&Transition| it.from.iter().any(|from| *from != it.to);
        let mut enters = self.transitions.iter().filter(moves);
        let asks = enters.find(|it| it.to == *name && self.own_people(it) == Some(true))?;
        let leaves = |it: &&&Transition| it.from.contains(name) && it.to != *name;
        let mut answers = None;
        for answer in self.transitions.iter().filter(leaves) {
            if self.own_people(answer) != Some(false) {
                return None;
            }
            answers = Some(answer);
        }
        let answer = answers?;
        let says = format!("nothing ends `{name}` if nobody answers");
        Some(
            Diagnostic::warning(codes::WAITS_FOR_EVER, state.span, says)
                .label(format!("a state of `{}`", self.workflow.name))
                .also(asks.span, "the account's own people ask")
                .also(answer.span, "only others answer")
                .help("let time end the wait: a transition out of it with `after:`"),
        )
    }

    /// Whether only the account's own people can ask for a transition, or only others; `None` where
    /// both can, or nobody asks.
    fn own_people(&self, transition: &Transition) -> Option<bool> {
        let Trigger::Request { caller, .. } = &transition.trigger else {
            return None;
        };
        let lifecycle = self.lifecycle;
        let caller = lifecycle.callers.get(caller.as_ref()?)?;
        let mut kinds = caller.kinds.iter();
        let owns = |kind| Some(lifecycle.principal_kinds.get(kind)?.owns_account);
        match &caller.of {
            Some(of) => Some(of.text() == "account.id"),
            None if kinds.any(|kind| owns(kind) == Some(true)) => None,
            None => Some(false),
        }
    }
}
