//! Whether two answers to one request are the same.

use std::fmt;

use super::{Again, Translation};
use crate::account::{Event, Move, Outcome, Record};
use crate::decide::Decision;
use crate::name::{Name, TransitionName};
use crate::value::Value;

/// Something that a decision changes besides states, as far as it does not depend on chance.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// An attribute gets a value, or loses it.
    Assigned {
        /// Which.
        attribute: Name,
        /// Its value.
        value: Option<Value>,
    },
    /// A message goes out.
    Sent {
        /// Which.
        message: Name,
        /// Where to.
        to: String,
    },
    /// A transition comes to be owed.
    Owed(TransitionName),
}

impl fmt::Debug for Effect {
    /// Without values and addresses, which may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Effect {
    /// Without values and addresses, which may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned { attribute, .. } => write!(f, "{attribute} set"),
            Self::Sent { message, .. } => write!(f, "{message} sent"),
            Self::Owed(owed) => write!(f, "{owed} owed"),
        }
    }
}

/// Compares to the byte: everything that is recorded of a decision.
pub(super) fn exactly(record: &Record, decision: Decision) -> Again {
    let same = record.outcome == decision.outcome
        && record.gates == decision.gates
        && record.events == decision.events;
    match same {
        true => Again::Same,
        false if record.outcome == decision.outcome => other_effects(record, &decision),
        false => Again::Other {
            outcome: decision.outcome,
            gates: decision.gates,
        },
    }
}

/// Compares what matters: what moves, what is waited for, why it is refused, and the effects.
pub(super) fn alike(record: &Record, translation: &Translation<'_>, decision: Decision) -> Again {
    if !same_outcome(&record.outcome, &decision.outcome, translation) {
        return Again::Other {
            outcome: decision.outcome,
            gates: decision.gates,
        };
    }
    match effects(&record.events) == effects(&decision.events) {
        true => Again::Same,
        false => other_effects(record, &decision),
    }
}

fn other_effects(record: &Record, decision: &Decision) -> Again {
    let (old, new) = (effects(&record.events), effects(&decision.events));
    let without = |these: &[Effect], those: &[Effect]| {
        let gone = these.iter().filter(|effect| !those.contains(effect));
        gone.cloned().collect()
    };
    Again::OtherEffects {
        gone: without(&old, &new),
        come: without(&new, &old),
    }
}

fn same_outcome(old: &Outcome, new: &Outcome, translation: &Translation<'_>) -> bool {
    match (old, new) {
        (Outcome::Applied { moves: old }, Outcome::Applied { moves: new }) => {
            let translated = |it: &Move| Move {
                transition: it.transition.clone(),
                from: translation.state(&it.transition.workflow, &it.from).clone(),
                to: translation.state(&it.transition.workflow, &it.to).clone(),
            };
            old.iter().map(translated).eq(new.iter().cloned())
        }
        (Outcome::Pending { waiting: old, .. }, Outcome::Pending { waiting: new, .. }) => {
            (&old.verification, old.step, old.steps) == (&new.verification, new.step, new.steps)
        }
        (Outcome::Denied(old), Outcome::Denied(new)) => {
            (old.gate, &old.code) == (new.gate, &new.code)
        }
        _ => false,
    }
}

fn effects(events: &[Event]) -> Vec<Effect> {
    let effect = |event: &Event| match event {
        Event::Assigned { attribute, value } => Some(Effect::Assigned {
            attribute: attribute.clone(),
            value: value.clone(),
        }),
        Event::Queued(message) => Some(Effect::Sent {
            message: message.message.clone(),
            to: message.to.clone(),
        }),
        Event::ObligationOpened(obligation) => Some(Effect::Owed(obligation.owed.clone())),
        _ => None,
    };
    events.iter().filter_map(effect).collect()
}
