//! The journal of an account, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Actor, Command, Outcome, Record};

use super::change::{Change, Timed};
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
    /// What was asked: `create`, `run`, `confirm`, `resend`, `cancel` or `fire`.
    pub command: &'static str,
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
    /// Fingerprint of the definition that decided.
    pub bundle: String,
    /// Hash of the record before.
    pub previous: String,
}

impl RecordLine {
    /// A record, with what is personal masked.
    pub fn new(record: &Record, veil: Veil<'_>) -> Self {
        let (command, subject) = asked(&record.request.command);
        let (decision, moves, denial) = match &record.outcome {
            Outcome::Applied { moves } => ("applied", moves.iter().map(Move::from).collect(), None),
            Outcome::Pending { .. } => ("pending", Vec::new(), None),
            Outcome::Denied(denial) => ("denied", Vec::new(), Some(Denial::from(denial.as_ref()))),
        };
        Self {
            revision: record.revision.0,
            at: record.at.to_string(),
            by: by(&record.request.actor),
            command,
            subject,
            decision,
            moves,
            denial,
            changes: record
                .events
                .iter()
                .map(|event| Change::new(event, veil))
                .collect(),
            bundle: record.bundle.to_string(),
            previous: record.previous.to_string(),
        }
    }
}

/// Who asked: a principal, `owner` or `system`.
pub fn by(actor: &Actor) -> String {
    match actor {
        Actor::Principal(principal) => principal.name.to_string(),
        Actor::Owner => "owner".to_owned(),
        Actor::System => "system".to_owned(),
    }
}

/// What was asked, in a word, and of what.
pub fn asked(command: &Command) -> (&'static str, Option<String>) {
    match command {
        Command::Create { .. } => ("create", None),
        Command::Run { transition, .. } => ("run", Some(transition.to_string())),
        Command::Confirm { attempt, .. } => ("confirm", Some(attempt.to_string())),
        Command::Resend { attempt, .. } => ("resend", Some(attempt.to_string())),
        Command::Cancel { attempt } => ("cancel", Some(attempt.to_string())),
        Command::Fire { timer } => ("fire", Some(Timed::new(timer, None).timer)),
        Command::Migrate { .. } => ("migrate", None),
    }
}
