//! What a change of a whole definition does, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Digest, Outcome, Record};
use stateward::analysis::diff::{Change, Difference, Weight};
use stateward::bundle::Bundle;
use stateward::engine::replay::{Again, Redecided};
use stateward::name::AccountId;

use crate::output::Document;
use crate::output::denial::Denial;
use crate::output::policy::diff::{NamedValue, situations};

/// `stateward/diff/v1`: what a change of a whole definition does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiffDocument {
    /// The old definition.
    pub old: Definition,
    /// The new one.
    pub new: Definition,
    /// What has changed: weakenings first.
    pub changes: Vec<ChangeLine>,
    /// How many weaken, or may.
    pub weakenings: usize,
    /// The recorded requests, decided again under the new definition; none, unless asked for.
    pub journal: Option<JournalDiff>,
}

impl Document for DiffDocument {
    const SCHEMA: &'static str = "stateward/diff/v1";
}

/// One of the two definitions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Definition {
    /// The lifecycle.
    pub lifecycle: String,
    /// Its edition.
    pub edition: String,
    /// SHA-256 of its files.
    pub fingerprint: String,
}

/// One change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeLine {
    /// Its kind, for `explain`.
    pub code: &'static str,
    /// `weakening`, `may_weaken`, `strengthening` or `neutral`.
    pub weight: &'static str,
    /// What has changed.
    pub subject: String,
    /// How.
    pub message: String,
    /// More of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// Situations that show it: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Vec<NamedValue>>,
    /// `file:line:column` of where it was.
    pub old: Option<String>,
    /// `file:line:column` of where it is.
    pub new: Option<String>,
}

/// The recorded requests, decided again.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct JournalDiff {
    /// How many there are.
    pub requests: usize,
    /// How many would be answered as they were.
    pub same: usize,
    /// Those that would be answered otherwise.
    pub changed: Vec<Answered>,
    /// Those of which it cannot be told.
    pub unknown: Vec<Untold>,
}

/// A request that would be answered otherwise.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// The account.
    pub account: String,
    /// The record.
    pub revision: u64,
    /// When.
    pub at: String,
    /// Who asked.
    pub by: String,
    /// What was asked: `create`, `run`, `confirm`, `resend`, `cancel` or `fire`.
    pub command: &'static str,
    /// Of what.
    pub subject: Option<String>,
    /// How it was answered.
    pub was: Answer,
    /// How it would be.
    pub now: Answer,
    /// What it would no longer do, where the answer is the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// What it would do besides, where the answer is the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub come: Vec<String>,
}

/// An answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// `applied`, `pending` or `denied`.
    pub decision: &'static str,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
}

/// A request of which it cannot be told how it would be answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Untold {
    /// The account.
    pub account: String,
    /// The record.
    pub revision: u64,
    /// Why.
    pub reason: &'static str,
}

impl DiffDocument {
    /// What is told of a difference.
    pub fn new(old: &Bundle, new: &Bundle, difference: &Difference) -> Self {
        let line = |change: &Change| ChangeLine::new(old, new, change);
        let changes: Vec<ChangeLine> = difference.changes.iter().map(line).collect();
        let weights = difference.changes.iter().map(|change| change.weight);
        Self {
            old: Definition::from(old),
            new: Definition::from(new),
            changes,
            weakenings: weights.filter(|it| *it <= Weight::MayWeaken).count(),
            journal: None,
        }
    }
}

impl From<&Bundle> for Definition {
    fn from(bundle: &Bundle) -> Self {
        let lifecycle = &bundle.lifecycle;
        Self {
            lifecycle: lifecycle.name.to_string(),
            edition: lifecycle.edition.as_ref().to_owned(),
            fingerprint: bundle.fingerprint.to_string(),
        }
    }
}

impl ChangeLine {
    fn new(old: &Bundle, new: &Bundle, change: &Change) -> Self {
        Self {
            code: change.code.0,
            weight: match change.weight {
                Weight::Weakening => "weakening",
                Weight::MayWeaken => "may_weaken",
                Weight::Strengthening => "strengthening",
                Weight::Neutral => "neutral",
            },
            subject: change.subject.clone(),
            message: change.message.clone(),
            details: change.details.clone(),
            when: situations(&change.when),
            old: change.old.and_then(|span| old.locate(span)),
            new: change.new.and_then(|span| new.locate(span)),
        }
    }
}

impl JournalDiff {
    /// Counts a request that was decided again.
    pub fn add(&mut self, redecided: &Redecided<'_>) {
        let Redecided {
            account,
            record,
            again,
        } = redecided;
        self.requests += 1;
        match again {
            Again::Same => self.same += 1,
            Again::Other { outcome, .. } => {
                let now = Answer::from(outcome);
                self.changed.push(Answered::new(account, record, now));
            }
            Again::OtherEffects { gone, come } => {
                let now = Answer::from(&record.outcome);
                let words = |effects: &[stateward::engine::replay::Effect]| {
                    effects.iter().map(ToString::to_string).collect()
                };
                self.changed.push(Answered {
                    gone: words(gone),
                    come: words(come),
                    ..Answered::new(account, record, now)
                });
            }
            Again::Unknown(reason) => self.unknown.push(Untold {
                account: account.to_string(),
                revision: record.revision.0,
                reason,
            }),
        }
    }
}

impl Answered {
    fn new(account: &AccountId, record: &Record, now: Answer) -> Self {
        let asked = &record.request.command;
        let (command, subject) = (asked.word(), asked.subject());
        Self {
            account: account.to_string(),
            revision: record.revision.0,
            at: record.at.to_string(),
            by: record.request.actor.told(),
            command,
            subject,
            was: Answer::from(&record.outcome),
            now,
            gone: Vec::new(),
            come: Vec::new(),
        }
    }
}

impl From<&Outcome> for Answer {
    fn from(outcome: &Outcome) -> Self {
        let (decision, waits_for, denial) = match outcome {
            Outcome::Applied { .. } => ("applied", None, None),
            Outcome::Pending { waiting, .. } => {
                let step = format!("step {} of {}", waiting.step, waiting.steps);
                let waits = format!("{}, {step}", waiting.verification);
                ("pending", Some(waits), None)
            }
            Outcome::Denied(denial) => ("denied", None, Some(Denial::from(denial.as_ref()))),
        };
        Self {
            decision,
            waits_for,
            denial,
        }
    }
}

/// The beginning of a fingerprint: as much as tells it from others.
pub fn short(fingerprint: &Digest) -> String {
    fingerprint.to_string().chars().take(12).collect()
}
