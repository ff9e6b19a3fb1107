//! The decision matrix and its changes, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::workbench::matrix::{Cell, Change, Direction, Key, Matrix};

use crate::output::{Document, values};
use crate::project::snapshots::Pending;

/// `stateward/policy-matrix/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct MatrixDocument {
    /// The accounts, in the states, that the matrix is about.
    pub situations: Vec<String>,
    /// What is allowed, denied explicitly, or open; everything else is denied.
    pub decisions: Vec<DecisionLine>,
    /// The same as text.
    #[serde(skip)]
    pub table: String,
}

/// `stateward/policy-decision/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct DecisionLine {
    /// Who asks.
    pub principal: String,
    /// For what.
    pub permission: String,
    /// About which account, in which states.
    pub situation: String,
    /// `allow`, `DENY`, or `open`.
    pub decision: String,
    /// What decides.
    pub by: String,
}

impl MatrixDocument {
    /// What a matrix says.
    pub fn new(matrix: &Matrix) -> Self {
        let line = |(key, cell): (&Key, &Cell)| DecisionLine {
            principal: key.principal.clone(),
            permission: key.permission.clone(),
            situation: key.situation.clone(),
            decision: cell.answer.to_string(),
            by: cell.by.clone(),
        };
        Self {
            situations: matrix.situations().map(str::to_owned).collect(),
            decisions: matrix.listed().map(line).collect(),
            table: matrix.text(),
        }
    }
}

impl Document for MatrixDocument {
    const SCHEMA: &'static str = "stateward/policy-matrix/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/policy-decision/v1", values(&self.decisions)))
    }
}

/// `stateward/policy-pending/v1`
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct PendingDocument {
    /// The permissions that are not what was accepted; what is widened comes first.
    pub changes: Vec<ChangeLine>,
    /// How many decisions the matrix lists.
    pub decisions: usize,
    /// How many of the changes were taken over, or dropped, by this command.
    pub settled: usize,
}

/// `stateward/policy-change/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeLine {
    /// Names it for `accept` and `reject`.
    pub id: String,
    /// `widened`, `narrowed`, `otherwise` (decided by something else), or `new` (in a situation that
    /// was not in the table, or is no longer).
    pub direction: String,
    /// Who asks.
    pub principal: String,
    /// For what.
    pub permission: String,
    /// About which accounts, in which states; `*` for all.
    pub situation: String,
    /// What was said.
    pub was: String,
    /// What is said now.
    pub now: String,
    /// What decides now; what decided, where nothing does.
    pub by: String,
}

impl ChangeLine {
    /// A change under its id.
    pub fn new(id: &str, change: &Change) -> Self {
        let Change { was, now, .. } = change;
        let by = if now.by.is_empty() { &was.by } else { &now.by };
        Self {
            id: id.to_owned(),
            direction: word(change.direction).to_owned(),
            principal: change.principal.clone(),
            permission: change.permission.clone(),
            situation: change.situation(),
            was: was.answer.to_string(),
            now: now.answer.to_string(),
            by: by.clone(),
        }
    }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Widened => "widened",
        Direction::Narrowed => "narrowed",
        Direction::Otherwise => "otherwise",
        Direction::Situation => "new",
    }
}

impl PendingDocument {
    /// What waits to be reviewed.
    pub fn new(pending: Option<&Pending>, settled: usize) -> Self {
        let changes = pending.map_or(&[][..], |pending| &pending.changes);
        let line = |(id, change): &(String, Change)| ChangeLine::new(id, change);
        Self {
            changes: changes.iter().map(line).collect(),
            decisions: pending.map_or(0, |it| it.proposed.listed().len()),
            settled,
        }
    }
}

impl Document for PendingDocument {
    const SCHEMA: &'static str = "stateward/policy-pending/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/policy-change/v1", values(&self.changes)))
    }
}
