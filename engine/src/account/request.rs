//! Requests as decisions see them: complete, and free of secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::Timer;
use crate::challenge::SealedSecret;
use crate::name::{AccountId, AttemptId, Name, TransitionName};
use crate::policy::Principal;
use crate::value::Value;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// An authenticated principal.
    Principal(Principal),
    /// Whoever owns the store: creates accounts, and acts for an attempt's requester.
    Owner,
    /// The engine itself, when a timer is due.
    System,
}

impl Actor {
    /// Who it is: a principal's kind and name, `owner` or `system`.
    pub fn told(&self) -> String {
        match self {
            Self::Principal(principal) => principal.name.to_string(),
            Self::Owner => "owner".to_owned(),
            Self::System => "system".to_owned(),
        }
    }
}

/// What is asked of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The account.
    pub account: AccountId,
    /// Who asks.
    pub actor: Actor,
    /// Facts about the actor's session, as the lifecycle declares them; for moving an attempt on,
    /// those of the request that opened it.
    pub context: BTreeMap<Name, Value>,
    /// What is asked.
    pub command: Command,
    /// A secret that was drawn for it, sealed, where it may begin to enrol an authenticator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<SealedSecret>,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Create the account.
    Create {
        /// Its attributes, as text.
        attributes: BTreeMap<String, InputText>,
        /// The states it is in already, by workflow; initial ones where left out.
        states: BTreeMap<Name, Name>,
    },
    /// Make a transition.
    Run {
        /// Which.
        transition: TransitionName,
        /// What the requester supplies, as text.
        inputs: BTreeMap<String, InputText>,
        /// Risks that the requester acknowledges: names of verifications.
        acknowledged: BTreeSet<Name>,
        /// The verification to use where there is a choice.
        prefer: Option<Name>,
    },
    /// Prove the step that an attempt waits for.
    Confirm {
        /// Which attempt.
        attempt: AttemptId,
        /// The proof.
        proof: Proof,
    },
    /// Send the code again.
    Resend {
        /// Which attempt.
        attempt: AttemptId,
        /// The verification to use where there is a choice.
        prefer: Option<Name>,
    },
    /// Give an attempt up.
    Cancel {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// Let a due timer have its effect.
    Fire {
        /// Which.
        timer: Timer,
    },
    /// Take over an authenticator app that somebody has already; its secret is what was drawn.
    Enrol {
        /// The authenticator.
        authenticator: Name,
        /// Whether it takes the place of one that is enrolled.
        replace: bool,
    },
    /// Bring the account under the definition that decides this.
    Migrate {
        /// Each old state that has another name now, by workflow.
        states: BTreeMap<Name, BTreeMap<Name, Name>>,
        /// Open attempts whose transitions are defined otherwise now.
        void: BTreeSet<AttemptId>,
        /// Attributes whose values are not held any more.
        released: BTreeSet<Name>,
    },
    /// Erase everything personal, for good.
    Erase,
}

impl Command {
    /// What is asked, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Run { .. } => "run",
            Self::Confirm { .. } => "confirm",
            Self::Resend { .. } => "resend",
            Self::Cancel { .. } => "cancel",
            Self::Fire { .. } => "fire",
            Self::Enrol { .. } => "enrol",
            Self::Migrate { .. } => "migrate",
            Self::Erase => "erase",
        }
    }

    /// Of what: a transition, an attempt, or what happens by itself.
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::Create { .. } | Self::Migrate { .. } | Self::Erase => None,
            Self::Run { transition, .. } => Some(transition.to_string()),
            Self::Enrol { authenticator, .. } => Some(authenticator.to_string()),
            Self::Confirm { attempt, .. }
            | Self::Resend { attempt, .. }
            | Self::Cancel { attempt } => Some(attempt.to_string()),
            Self::Fire { timer } => Some(timer.to_string()),
        }
    }

    /// Whether this is the approval of another principal's attempt.
    pub fn is_approval(&self) -> bool {
        let approval = Proof::Approve;
        matches!(self, Self::Confirm { proof, .. } if *proof == approval)
    }
}

/// A supplied text, or the sealed digest of a secret one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputText {
    /// Plain text.
    Plain(String),
    /// The digest of a text that is never kept.
    Sealed(Arc<str>),
}

impl std::fmt::Debug for InputText {
    /// Hidden: before it is read nobody knows whether the text is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(supplied)")
    }
}

/// A proof, reduced to what the decision may know: the code itself stays outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// A code was presented.
    Code {
        /// Whether it is the one that was sent.
        matches: bool,
    },
    /// Risks were acknowledged.
    Acknowledge(BTreeSet<Name>),
    /// The acting principal approves.
    Approve,
    /// A code of an authenticator was presented.
    Totp {
        /// The step of which it is, if it is the authenticator's.
        step: Option<u64>,
    },
}
