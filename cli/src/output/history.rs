//! The journal of an account, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Entry, Outcome};

use super::audit::AuditDenial;
use super::change::Change;
use super::decision::Move;
use super::denial::Denial;
use super::veil::Veil;
use super::{Document, values};

/// `stateward/history/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryDocument {
    /// The account.
    pub account: String,
    /// Its records, oldest first.
    pub records: Vec<RecordLine>,
    /// Requests that were refused and changed nothing, as far as they are kept; oldest first.
    pub denials: Vec<AuditDenial>,
}

impl Document for HistoryDocument {
    const SCHEMA: &'static str = "stateward/history/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/record/v1", values(&self.records)))
    }
}

/// `stateward/record/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecordLine {
    /// The revision it brought the account to.
    pub revision: u64,
    /// When.
    pub at: String,
    /// Who: a principal, `owner` or `system`.
    pub by: String,
    /// What was asked: `create`, `run`, `confirm`, `resend`, `cancel`, `fire` or `erase`.
    pub command: String,
    /// Of what: a transition, an attempt, a timer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// `applied`, `pending` or `denied`.
    pub decision: &'static str,
    /// The states that were left and entered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
    /// What changed.
    pub changes: Vec<Change>,
    /// Whether the rest is closed for good, because the account was erased.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// Fingerprint of the definition that decided.
    pub bundle: String,
    /// Hash of the record before.
    pub previous: String,
}

impl RecordLine {
    /// A record, with what is personal masked.
    pub fn new(entry: &Entry, veil: Veil<'_>) -> Self {
        let Entry {
            envelope, record, ..
        } = entry;
        let record = record.as_ref();
        let (moves, denial) = match record.map(|record| &record.outcome) {
            Some(Outcome::Applied { moves }) => (moves.iter().map(Move::from).collect(), None),
            Some(Outcome::Denied(denial)) => (Vec::new(), Some(Denial::from(denial.as_ref()))),
            Some(Outcome::Pending { .. }) | None => (Vec::new(), None),
        };
        // The envelope tells the transition; who may read more is told the attempt, too.
        let subject = record.map(|record| record.request.command.subject());
        let events = record.map(|record| record.events.as_slice());
        let changes = events.unwrap_or_default().iter();
        Self {
            revision: envelope.revision.0,
            at: envelope.at.to_string(),
            by: envelope.by.clone(),
            command: envelope.command.clone(),
            subject: subject.unwrap_or_else(|| envelope.subject.clone()),
            decision: envelope.answer.name(),
            moves,
            denial,
            changes: changes.map(|event| Change::new(event, veil)).collect(),
            closed: record.is_none(),
            bundle: envelope.bundle.to_string(),
            previous: envelope.previous.to_string(),
        }
    }
}
