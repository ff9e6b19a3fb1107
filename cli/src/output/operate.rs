//! What letting time pass and messages out did, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::engine::{Pumped, Ticked};
use stateward::store::Due;

use super::Document;
use super::change::Timed;
use super::decision::Move;

/// `stateward/tick/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct TickDocument {
    /// Timers that had their effect.
    pub fired: Vec<Fired>,
    /// Timers that are due and wait for a condition.
    pub waiting: Vec<Fired>,
    /// How many rows were removed because they can have no effect any more: kept answers, and cells
    /// of quotas that accounts share.
    pub swept: usize,
}

/// A timer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fired {
    /// Whose.
    pub account: String,
    /// What.
    pub timer: String,
    /// When it was due.
    pub due: String,
    /// The states that changed.
    pub moves: Vec<Move>,
}

impl Document for TickDocument {
    const SCHEMA: &'static str = "stateward/tick/v1";
}

impl Fired {
    fn new(due: &Due, moves: Vec<Move>) -> Self {
        Self {
            account: due.account.to_string(),
            timer: Timed::new(&due.timer, None).timer,
            due: due.at.to_string(),
            moves,
        }
    }
}

impl From<&Ticked> for TickDocument {
    fn from(ticked: &Ticked) -> Self {
        let moves = |answer: &stateward::account::Answer| match &answer.outcome {
            stateward::account::Outcome::Applied { moves } => {
                moves.iter().map(Move::from).collect()
            }
            _ => Vec::new(),
        };
        Self {
            fired: ticked
                .fired
                .iter()
                .map(|(due, a)| Fired::new(due, moves(a)))
                .collect(),
            waiting: ticked
                .waiting
                .iter()
                .map(|due| Fired::new(due, Vec::new()))
                .collect(),
            swept: ticked.swept,
        }
    }
}

/// `stateward/pump/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct PumpDocument {
    /// Messages that a courier took.
    pub delivered: Vec<String>,
    /// Messages that it did not take; they are tried again later.
    pub failed: Vec<Undelivered>,
    /// Messages whose code had expired unsent.
    pub expired: Vec<String>,
}

/// A message that was not delivered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Undelivered {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: String,
    /// Whether trying again is of no use until somebody has changed something.
    pub permanent: bool,
}

impl Document for PumpDocument {
    const SCHEMA: &'static str = "stateward/pump/v1";
}

impl From<&Pumped> for PumpDocument {
    fn from(pumped: &Pumped) -> Self {
        let failed = pumped.failed.iter().map(|(id, error)| Undelivered {
            id: id.to_string(),
            reason: error.to_string(),
            permanent: error.is_permanent(),
        });
        Self {
            delivered: pumped.delivered.iter().map(ToString::to_string).collect(),
            failed: failed.collect(),
            expired: pumped.expired.iter().map(ToString::to_string).collect(),
        }
    }
}
