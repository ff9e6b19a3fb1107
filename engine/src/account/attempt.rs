//! Attempts: requested transitions that wait for their verifications.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Actor, Digest};
use crate::challenge::{Authenticator, Challenge};
use crate::name::{AccountId, AttemptId, Name, TransitionName};
use crate::policy::Principal;
use crate::time::Timestamp;
use crate::value::Value;

/// A requested transition that waits. It is durable, it expires, and it carries everything pending,
/// so that the account itself is not disturbed before the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The account it is for.
    pub account: AccountId,
    /// The transition it waits to make.
    pub transition: TransitionName,
    /// Fingerprint of the transition's definition; under another definition the attempt is void.
    pub definition: Digest,
    /// Who asked, as it was when the attempt was moved on last.
    pub requester: Principal,
    /// Whether the bundle listed the requester. If so, nobody can act for one that it lists no more.
    pub listed: bool,
    /// The session facts of the request.
    pub context: BTreeMap<Name, Value>,
    /// What the requester supplied.
    pub inputs: BTreeMap<Name, Value>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
    /// Codes sent so far, for all steps.
    pub sends: u32,
    /// The verification steps, in order.
    pub steps: Vec<Step>,
    /// Authenticators that become the account's once the transition is made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub enrolling: BTreeMap<Name, Authenticator>,
}

/// One verification step of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Not put to anybody yet: not its turn, or no code could be sent.
    Waiting,
    /// Put to somebody.
    Put {
        /// Which verification.
        verification: Name,
        /// The code that was sent, if it is one by code.
        challenge: Option<Box<Challenge>>,
        /// Wrong codes against this challenge.
        wrong: u32,
    },
    /// Proved.
    Proved {
        /// By which verification.
        verification: Name,
        /// When.
        at: Timestamp,
    },
}

impl Attempt {
    /// Whether an actor has a say in this attempt: its requester and the store's owner move it on;
    /// any other principal can at most approve it. To everybody else it does not exist.
    pub fn has_say(&self, actor: &Actor, approving: bool) -> bool {
        match actor {
            Actor::Principal(principal) => {
                let same = (&principal.name, &principal.account)
                    == (&self.requester.name, &self.requester.account);
                same != approving
            }
            Actor::Owner => !approving,
            Actor::System => false,
        }
    }

    /// The first step that is not proved, with its index.
    pub fn current(&self) -> Option<(usize, &Step)> {
        self.steps
            .iter()
            .enumerate()
            .find(|(_, step)| !matches!(step, Step::Proved { .. }))
    }

    /// The challenge that the attempt waits on, if it waits on a code.
    pub fn challenge(&self) -> Option<&Challenge> {
        match self.current()?.1 {
            Step::Put { challenge, .. } => challenge.as_deref(),
            Step::Waiting | Step::Proved { .. } => None,
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closing {
    /// Its transition was applied.
    Applied,
    /// It was given up.
    Cancelled,
    /// Its time was over.
    Expired,
    /// Too many wrong codes.
    Locked,
    /// A newer attempt at the same transition took its place.
    Superseded,
    /// Its transition is defined otherwise now, or not at all.
    Void,
}
