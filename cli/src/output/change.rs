//! What a decision changes, as scripts read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Closing, Event, OutboxMessage, Timer};
use stateward::lifecycle::model::Channel;
use stateward::name::{Name, TransitionName};
use stateward::time::Timestamp;
use stateward::value::Value;

use super::decision::Move;
use super::veil::Veil;

/// One change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The account came to be.
    Created(Beginning),
    /// A transition was applied.
    Moved(Move),
    /// An attribute got a value, or lost it.
    Assigned(Assignment),
    /// A quota was spent.
    QuotaSpent(Spending),
    /// An attempt was opened or moved on.
    AttemptPut(AttemptPut),
    /// An attempt ended.
    AttemptClosed(AttemptClosed),
    /// A wrong code was presented.
    CodeFailed,
    /// The right code was presented.
    CodeMatched,
    /// A code of an authenticator counted, or the account has another one or none.
    Authenticator(Authenticator),
    /// A transition came to be owed.
    ObligationOpened(Owed),
    /// An owed transition was made.
    ObligationMet(Owed),
    /// An overdue obligation was reminded of.
    ObligationReminded(Owed),
    /// Something will happen by itself.
    TimerArmed(Timed),
    /// It will not.
    TimerDisarmed(Timed),
    /// A message waits for its courier.
    Queued(Message),
    /// The account holds a value that few may hold.
    Claimed(Assignment),
    /// The account let go of it.
    Released(Assignment),
    /// A timer was due, and what it waits for did not hold.
    TimerPostponed(Timed),
    /// A migration brought the account into a state, or out of a workflow that is gone.
    Migrated(Migrated),
    /// A migration ended: the account fits this definition.
    BroughtUnder(BroughtUnder),
    /// Everything personal was erased.
    Erased,
}

/// Where a migration brought an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Migrated {
    /// The workflow.
    pub workflow: String,
    /// The state that it was in, if the workflow is as old as the account.
    pub from: Option<String>,
    /// The state that it is in, if the workflow is still there.
    pub to: Option<String>,
}

/// Under which definition a migration brought an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BroughtUnder {
    /// Its fingerprint.
    pub bundle: String,
}

/// How an account began.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Beginning {
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its state in every workflow.
    pub states: BTreeMap<String, String>,
}

/// An attribute and its value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Assignment {
    /// Which.
    pub attribute: String,
    /// Its value, if it has one.
    pub value: Option<String>,
}

/// A quota that was spent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Spending {
    /// Which.
    pub quota: String,
    /// Counted by what.
    pub key: String,
}

/// An attempt that was opened or moved on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AttemptPut {
    /// Which.
    pub attempt: String,
    /// Of which transition.
    pub transition: String,
    /// When it lapses.
    pub expires_at: String,
}

/// An attempt that ended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AttemptClosed {
    /// Which.
    pub attempt: String,
    /// Of which transition.
    pub transition: String,
    /// `applied`, `cancelled`, `expired`, `locked` or `superseded`.
    pub how: &'static str,
}

/// An authenticator of an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Authenticator {
    /// Which.
    pub authenticator: String,
    /// Whether the account has one.
    pub kept: bool,
}

/// A transition that is owed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Owed {
    /// What.
    pub owed: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// Something that happens by itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Timed {
    /// What.
    pub timer: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// A message on its way.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Which message of the lifecycle.
    pub message: String,
    /// The address.
    pub to: String,
    /// How it travels.
    pub by: &'static str,
}

impl Change {
    /// An event with what is personal in it masked.
    pub fn new(event: &Event, veil: Veil<'_>) -> Self {
        let owed = |owed: &TransitionName, due: Option<Timestamp>| Owed {
            owed: owed.to_string(),
            due: due.map(|due| due.to_string()),
        };
        match event {
            Event::Created { attributes, states } => Self::Created(Beginning {
                attributes: veil.attributes(attributes),
                states: states
                    .iter()
                    .map(|(w, s)| (w.to_string(), s.to_string()))
                    .collect(),
            }),
            Event::Moved {
                transition,
                from,
                to,
            } => Self::Moved(Move::new(transition, from, to)),
            Event::Assigned { attribute, value } => {
                Self::Assigned(Assignment::new(attribute, value.as_ref(), veil))
            }
            Event::QuotaSpent { key, .. } => Self::QuotaSpent(Spending {
                quota: key.quota.to_string(),
                key: veil.quota_key(&key.key),
            }),
            Event::AttemptPut(attempt) => Self::AttemptPut(AttemptPut {
                attempt: attempt.id.to_string(),
                transition: attempt.transition.to_string(),
                expires_at: attempt.expires_at.to_string(),
            }),
            Event::AttemptClosed {
                attempt,
                transition,
                how,
            } => Self::AttemptClosed(AttemptClosed {
                attempt: attempt.to_string(),
                transition: transition.to_string(),
                how: closing(*how),
            }),
            Event::CodeFailed => Self::CodeFailed,
            Event::CodeMatched => Self::CodeMatched,
            Event::Authenticator { name, kept } => Self::Authenticator(Authenticator {
                authenticator: name.to_string(),
                kept: kept.is_some(),
            }),
            Event::ObligationOpened(open) => {
                Self::ObligationOpened(owed(&open.owed, Some(open.due)))
            }
            Event::ObligationMet { owed: met } => Self::ObligationMet(owed(met, None)),
            Event::ObligationReminded { owed: of } => Self::ObligationReminded(owed(of, None)),
            Event::TimerArmed { timer, due } => Self::TimerArmed(Timed::new(timer, Some(*due))),
            Event::TimerDisarmed { timer } => Self::TimerDisarmed(Timed::new(timer, None)),
            Event::Queued(message) => Self::Queued(Message::new(message, veil)),
            Event::Claimed(claim) => {
                Self::Claimed(Assignment::new(&claim.attribute, Some(&claim.value), veil))
            }
            Event::Released(claim) => {
                Self::Released(Assignment::new(&claim.attribute, Some(&claim.value), veil))
            }
            Event::TimerPostponed { timer, until } => {
                Self::TimerPostponed(Timed::new(timer, Some(*until)))
            }
            Event::Migrated { workflow, from, to } => Self::Migrated(Migrated {
                workflow: workflow.to_string(),
                from: from.as_ref().map(ToString::to_string),
                to: to.as_ref().map(ToString::to_string),
            }),
            Event::BroughtUnder(bundle) => Self::BroughtUnder(BroughtUnder {
                bundle: bundle.to_string(),
            }),
            Event::Erased { .. } => Self::Erased,
        }
    }
}

impl Assignment {
    fn new(attribute: &Name, value: Option<&Value>, veil: Veil<'_>) -> Self {
        Self {
            attribute: attribute.to_string(),
            value: value.map(|value| veil.attribute(attribute, value)),
        }
    }
}

impl Timed {
    /// What happens by itself, in a few words.
    pub fn new(timer: &Timer, due: Option<Timestamp>) -> Self {
        Self {
            timer: timer.to_string(),
            due: due.map(|due| due.to_string()),
        }
    }
}

impl Message {
    fn new(message: &OutboxMessage, veil: Veil<'_>) -> Self {
        Self {
            id: message.id.to_string(),
            message: message.message.to_string(),
            to: veil.address(message.by, &message.to),
            by: channel(message.by),
        }
    }
}

/// How a message travels, in a word.
pub fn channel(by: Channel) -> &'static str {
    match by {
        Channel::Sms => "sms",
        Channel::Email => "email",
    }
}

fn closing(how: Closing) -> &'static str {
    match how {
        Closing::Applied => "applied",
        Closing::Cancelled => "cancelled",
        Closing::Expired => "expired",
        Closing::Locked => "locked",
        Closing::Superseded => "superseded",
        Closing::Void => "void",
    }
}
