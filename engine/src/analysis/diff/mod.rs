//! What a change of a whole definition does: to transitions, to what they demand and whom they let
//! ask, to limits, attributes and states, and to who may do what.
//!
//! Every change is weighed. A weakening lets something happen, be known or be asked for that was
//! not, or with less proof; a strengthening is the opposite. Where a condition changed, both are
//! evaluated in every situation that either tells apart, and a situation that the new one lets
//! through and the old one refused is the reason given. What cannot be told apart may weaken, and is
//! weighed so: only what is shown to be no weakening counts as none.

mod access;
mod account;
pub mod codes;
mod conditions;
mod limits;
mod pair;
mod proofs;
mod states;
mod steps;
#[cfg(test)]
mod tests;
mod transitions;

use crate::bundle::Bundle;
use crate::diagnostic::Code;
use crate::source::Span;
use crate::workbench::diff::Situated;

use pair::Pair;

/// What a change does to what a definition keeps safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Something is possible that was not, or with less.
    Weakening,
    /// It cannot be told that nothing is.
    MayWeaken,
    /// Something is no longer possible, or only with more.
    Strengthening,
    /// It makes no difference to what is possible.
    Neutral,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its kind.
    pub code: Code,
    /// What it does.
    pub weight: Weight,
    /// What has changed: `mobile_phone.bind`, `quota codes`.
    pub subject: String,
    /// How, in one lower-case sentence without a full stop.
    pub message: String,
    /// More of it, a line each.
    pub details: Vec<String>,
    /// Situations that show it: any of these, each with the values that matter.
    pub when: Vec<Situated>,
    /// Where it was written.
    pub old: Option<Span>,
    /// Where it is written.
    pub new: Option<Span>,
}

/// Everything that changed between two definitions.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// The changes: weakenings first, then by what has changed.
    pub changes: Vec<Change>,
}

impl Difference {
    /// Whether something is weakened, or may be.
    pub fn weakens(&self) -> bool {
        let mut weights = self.changes.iter().map(|change| change.weight);
        weights.any(|weight| weight <= Weight::MayWeaken)
    }
}

/// Compares two definitions of one lifecycle.
pub fn diff(old: &Bundle, new: &Bundle) -> Difference {
    let mut pair = Pair::new(old, new);
    states::compare(&mut pair);
    transitions::compare(&mut pair);
    proofs::compare(&mut pair);
    limits::compare(&mut pair);
    account::compare(&mut pair);
    access::compare(&mut pair);
    let mut changes = pair.changes;
    changes.sort_by(|a, b| {
        let key = |change: &Change| (change.weight, change.code);
        key(a).cmp(&key(b)).then_with(|| a.subject.cmp(&b.subject))
    });
    Difference { changes }
}
