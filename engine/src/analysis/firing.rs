//! Firings: a transition in a certain situation, with who may make it and what is left open.

use std::collections::BTreeMap;

use crate::expr::Truth;
use crate::name::{Name, TransitionName};

use super::asker::AskerId;

/// A firing of a [`Product`](super::Product), by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiringId(pub(super) u32);

impl FiringId {
    /// Its place among the firings.
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A transition as it fires in some product states, together with all that it triggers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// The transition that is requested, or whose time has come.
    pub transition: TransitionName,
    /// Who may ask for it; nobody, where its time has come. Nobody else may.
    pub askers: Vec<(AskerId, Truth)>,
    /// For every step of verification the proofs that may be available there.
    pub proofs: Vec<Vec<(Name, Truth)>>,
    /// Who may approve, for every approval among the proofs. Nobody approves what it asks for itself.
    pub approvers: BTreeMap<Name, Vec<(AskerId, Truth)>>,
    /// What must hold for it to fire so, and is not known to.
    pub open: Vec<Open>,
    /// The transitions that it triggers, in their order.
    pub triggered: Vec<TransitionName>,
    /// The attributes that it and what it triggers give a value, or clear.
    pub sets: Vec<Name>,
}

/// Something that must hold, or must not, for a firing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// A condition of a transition.
    Guard {
        /// Of which.
        transition: TransitionName,
        /// Which of its conditions, from 0.
        index: usize,
        /// Whether what the requester brings takes part in deciding it: inputs, the session, the
        /// hour of its choice.
        supplied: bool,
    },
    /// That a transition is not triggered, though it might be.
    NotTriggered {
        /// Which.
        transition: TransitionName,
    },
    /// That the wait after another transition is over for one that would be triggered.
    Cooldown {
        /// Of which.
        transition: TransitionName,
    },
    /// That a step of verification can be proved in one of its ways.
    Proof {
        /// Which step, from 0.
        step: usize,
    },
    /// That one of those who may be allowed is.
    Asker,
}

/// How certain it is that a transition can fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It can.
    Sure,
    /// It can, if a requester brings what its conditions ask for.
    Supplied,
    /// It depends on what is not known of the account.
    Open,
}

impl Firing {
    /// How certain it is that it can fire, by those who may ask for it.
    pub fn certainty(&self) -> Certainty {
        let certainty = |open: &Open| match open {
            Open::Guard { supplied: true, .. } => Certainty::Supplied,
            _ => Certainty::Open,
        };
        let all = self.open.iter().map(certainty);
        all.max().unwrap_or(Certainty::Sure)
    }

    /// Every transition that is made: itself and what it triggers.
    pub fn transitions(&self) -> impl Iterator<Item = &TransitionName> {
        std::iter::once(&self.transition).chain(&self.triggered)
    }

    /// Whether a step of verification can be proved only by one of these.
    pub fn demands(&self, one_of: &[Name]) -> bool {
        let only = |step: &Vec<(Name, Truth)>| {
            !step.is_empty() && step.iter().all(|(proof, _)| one_of.contains(proof))
        };
        self.proofs.iter().any(only)
    }
}
