//! Events: what a decision changes, and the durable things that it changes besides the account.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, Closing};
use super::{Account, Digest};
use crate::challenge::{Authenticator, Challenge};
use crate::lifecycle::model::Channel;
use crate::name::{AccountId, AttemptId, MessageId, Name, TransitionName};
use crate::quota::CellChange;
use crate::time::Timestamp;
use crate::value::Value;

/// One change. A journal record lists them; folding all records gives the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The account came to be. Always the first event, never a later one.
    Created {
        /// Its attributes.
        attributes: BTreeMap<Name, Value>,
        /// Its state in every workflow.
        states: BTreeMap<Name, Name>,
    },
    /// A transition was applied.
    Moved {
        /// Which.
        transition: TransitionName,
        /// The state it left.
        from: Name,
        /// The state it led to.
        to: Name,
    },
    /// An attribute got a value, or lost it.
    Assigned {
        /// Which.
        attribute: Name,
        /// Its new value; `None` clears it.
        value: Option<Value>,
    },
    /// A quota cell was spent, of the account itself or of a key that accounts share.
    QuotaSpent {
        /// Which quota and key.
        key: QuotaKey,
        /// Which cell.
        change: CellChange,
    },
    /// An attempt was opened or moved on.
    AttemptPut(Box<Attempt>),
    /// An attempt ended.
    AttemptClosed {
        /// Which.
        attempt: AttemptId,
        /// Of which transition.
        transition: TransitionName,
        /// How.
        how: Closing,
    },
    /// A wrong code was presented.
    CodeFailed,
    /// The right code was presented.
    CodeMatched,
    /// A transition came to be owed, or to be owed sooner.
    ObligationOpened(Obligation),
    /// An owed transition was made.
    ObligationMet {
        /// Which.
        owed: TransitionName,
    },
    /// An overdue obligation was reminded of.
    ObligationReminded {
        /// Which.
        owed: TransitionName,
    },
    /// Something will happen by itself.
    TimerArmed {
        /// What.
        timer: Timer,
        /// When.
        due: Timestamp,
    },
    /// It will not.
    TimerDisarmed {
        /// What.
        timer: Timer,
    },
    /// A message waits for its courier.
    Queued(Box<OutboxMessage>),
    /// The account holds a value that few may hold.
    Claimed(ClaimKey),
    /// The account let go of it.
    Released(ClaimKey),
    /// A timer was due, and what it waits for did not hold.
    TimerPostponed {
        /// What.
        timer: Timer,
        /// When it is looked at again.
        until: Timestamp,
    },
    /// A migration brought the account into a state, or out of a workflow that is gone.
    Migrated {
        /// The workflow.
        workflow: Name,
        /// The state it was in; `None` where the workflow is younger than the account.
        from: Option<Name>,
        /// The state it is in now.
        to: Option<Name>,
    },
    /// A migration ended: the account fits this bundle.
    BroughtUnder(Digest),
    /// A code of an authenticator counted, or another one took its place; `None`, where it went.
    Authenticator {
        /// Which.
        name: Name,
        /// What the account keeps of it now.
        kept: Option<Authenticator>,
    },
    /// Everything personal was erased, with what was open; always the last event of an account.
    Erased {
        /// What is left.
        left: Box<Account>,
    },
}

/// A transition that is owed, because one that raised privilege was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// The transition that is owed.
    pub owed: TransitionName,
    /// The transition that made it owed.
    pub since: TransitionName,
    /// Until when.
    pub due: Timestamp,
    /// Whether a reminder went out.
    pub reminded: bool,
}

/// What can happen to an account by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// A timed transition.
    After(TransitionName),
    /// An attempt lapses.
    Lapse(AttemptId),
    /// An obligation is overdue.
    Overdue(TransitionName),
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(transition) => write!(f, "transition {transition}"),
            Self::Lapse(attempt) => write!(f, "end of attempt {attempt}"),
            Self::Overdue(transition) => write!(f, "{transition} is overdue"),
        }
    }
}

/// One quota under one key.
///
/// Where its cells live follows from how the quota is keyed, never from what a key happens to be: a
/// key that is an account's id without being declared as `account.id` counts apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QuotaKey {
    /// The quota.
    pub quota: Name,
    /// What is counted separately; for most quotas the account's id.
    pub key: String,
    /// Whether the quota is counted by the account itself, and its cells live in that one's record.
    pub own: bool,
}

impl fmt::Debug for QuotaKey {
    /// With the key masked: it may be an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = Value::Text(self.key.as_str().into()).masked();
        write!(f, "{} of {key}", self.quota)
    }
}

/// A value that only so many accounts of a store may hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClaimKey {
    /// The attribute.
    pub attribute: Name,
    /// The value.
    pub value: Value,
}

/// A message that was committed and waits for delivery.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Its id, the same at every try.
    pub id: MessageId,
    /// The account it is about.
    pub account: AccountId,
    /// When it was committed.
    pub queued_at: Timestamp,
    /// The address.
    pub to: String,
    /// How it travels.
    pub by: Channel,
    /// Which message of the lifecycle.
    pub message: Name,
    /// What it says.
    pub body: OutboxBody,
    /// Deliveries that failed so far.
    pub failures: u32,
    /// Not to be tried before.
    pub not_before: Timestamp,
}

impl fmt::Debug for OutboxMessage {
    /// Without the address and the text, which are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxMessage")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("message", &self.message)
            .field("queued_at", &self.queued_at)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// What an outbox message says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutboxBody {
    /// This text.
    Text(String),
    /// The code of a challenge, derived when the message is delivered and nowhere kept.
    Code {
        /// The challenge.
        challenge: Box<Challenge>,
        /// The text, with `{code}` where the code goes.
        text: String,
    },
}

impl fmt::Debug for OutboxBody {
    /// Only its kind: a text may say anything of its account.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Code { .. } => "Code",
        })
    }
}
