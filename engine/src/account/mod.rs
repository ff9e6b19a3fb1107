//! The account, and the events that are the only way it changes.

mod answer;
mod attempt;
mod data_key;
mod event;
mod record;
mod refusal;
mod request;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use answer::{
    Answer, Denial, Digest, Enrolment, Gate, GateReport, GateStatus, Move, Outcome, Waiting,
};
pub use attempt::{Attempt, Closing, Step};
pub use data_key::DataKey;
pub use event::{ClaimKey, Event, Obligation, OutboxBody, OutboxMessage, QuotaKey, Timer};
pub use record::{
    AnswerKind, Entry, Envelope, JournalError, Record, RecordKey, RecordKeys, StoredRecord,
};
pub use refusal::{Refusal, check_head, prove_head};
pub use request::{Actor, Command, InputText, Proof, Request};

use crate::challenge::{Authenticator, Failures};
use crate::name::{AccountId, AttemptId, Name, TransitionName};
use crate::quota::{Cells, CellsError};
use crate::time::Timestamp;
use crate::value::Value;

/// How many changes an account has seen. A commit names the revision it was decided on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The state an account is in, in one workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupancy {
    /// The state.
    pub state: Name,
    /// Since when.
    pub since: Timestamp,
}

/// Everything the store knows of one account but its open attempts and its journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// When it was created.
    pub created_at: Timestamp,
    /// How many records its journal has.
    pub revision: Revision,
    /// Hash of its newest journal record.
    pub head: Digest,
    /// Its attributes; an unset one is absent.
    pub attributes: BTreeMap<Name, Value>,
    /// Its state in every workflow.
    pub states: BTreeMap<Name, Occupancy>,
    /// Cells of the quotas that are keyed by this account.
    pub quotas: BTreeMap<Name, Cells>,
    /// Wrong codes of late.
    pub failures: Failures,
    /// When each transition was last applied.
    pub applied: BTreeMap<TransitionName, Timestamp>,
    /// Open attempts: at most one per transition.
    pub attempts: BTreeMap<TransitionName, AttemptId>,
    /// Transitions that are owed, each once.
    pub obligations: Vec<Obligation>,
    /// What happens by itself, and when.
    pub timers: BTreeMap<Timer, Timestamp>,
    /// Timers that were due when what they wait for did not hold, since when.
    #[serde(default)]
    pub waiting: BTreeMap<Timer, Timestamp>,
    /// The bundle that a migration brought it under last.
    #[serde(default)]
    pub brought_under: Option<Digest>,
    /// When its personal data were erased. Nothing happens to it any more, and its id is never used
    /// again.
    #[serde(default)]
    pub erased_at: Option<Timestamp>,
    /// What it shares with authenticator apps, sealed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authenticators: BTreeMap<Name, Authenticator>,
}

/// An event that does not fit the account it is applied to: damaged data or a bug, never a denial.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Only the first event of an account creates it.
    #[error("the account is created twice")]
    CreatedTwice,
    /// A move that does not leave the state the account is in.
    #[error("`{workflow}` is not in state `{expected}`")]
    NotInState {
        /// The workflow.
        workflow: Name,
        /// The state that the event leaves.
        expected: Name,
    },
    /// A quota cell that does not fit.
    #[error(transparent)]
    Cells(#[from] CellsError),
}

impl Account {
    /// An account as its creation leaves it.
    pub fn new(
        id: AccountId,
        at: Timestamp,
        attributes: BTreeMap<Name, Value>,
        states: impl IntoIterator<Item = (Name, Name)>,
    ) -> Self {
        let occupied = |(workflow, state)| (workflow, Occupancy { state, since: at });
        Self {
            id,
            created_at: at,
            revision: Revision::default(),
            head: Digest::default(),
            attributes,
            states: states.into_iter().map(occupied).collect(),
            quotas: BTreeMap::new(),
            failures: Failures::default(),
            applied: BTreeMap::new(),
            attempts: BTreeMap::new(),
            obligations: Vec::new(),
            timers: BTreeMap::new(),
            waiting: BTreeMap::new(),
            brought_under: None,
            erased_at: None,
            authenticators: BTreeMap::new(),
        }
    }

    /// The state the account is in.
    pub fn state(&self, workflow: &Name) -> Option<&Name> {
        self.states.get(workflow).map(|occupancy| &occupancy.state)
    }

    /// Changes the account by one event that happened at an instant. Deciding and replaying a
    /// journal both go through here, so that they cannot differ.
    ///
    /// # Errors
    /// When the event does not fit the account.
    pub fn apply(&mut self, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
        match event {
            Event::Created { .. } => return Err(ApplyError::CreatedTwice),
            Event::Moved {
                transition,
                from,
                to,
            } => self.enter(transition, from, to, at)?,
            Event::Assigned {
                attribute,
                value: Some(value),
            } => {
                self.attributes.insert(attribute.clone(), value.clone());
            }
            Event::Assigned {
                attribute,
                value: None,
            } => {
                self.attributes.remove(attribute);
            }
            Event::QuotaSpent { key, change } if key.own => {
                self.quotas
                    .entry(key.quota.clone())
                    .or_default()
                    .apply(change)?;
            }
            Event::AttemptPut(attempt) => {
                self.attempts
                    .insert(attempt.transition.clone(), attempt.id.clone());
            }
            Event::AttemptClosed {
                attempt,
                transition,
                ..
            } => {
                if self.attempts.get(transition) == Some(attempt) {
                    self.attempts.remove(transition);
                }
            }
            Event::CodeFailed => self.failures = self.failures.after_failure(at),
            Event::CodeMatched => self.failures = self.failures.after_success(),
            Event::ObligationOpened(obligation) => {
                self.obligations.retain(|open| open.owed != obligation.owed);
                self.obligations.push(obligation.clone());
            }
            Event::ObligationMet { owed } => self.obligations.retain(|open| open.owed != *owed),
            Event::ObligationReminded { owed } => {
                let open = self
                    .obligations
                    .iter_mut()
                    .filter(|open| open.owed == *owed);
                open.for_each(|open| open.reminded = true);
            }
            Event::TimerArmed { timer, due } => {
                self.timers.insert(timer.clone(), *due);
                self.waiting.remove(timer);
            }
            Event::TimerDisarmed { timer } => {
                self.timers.remove(timer);
                self.waiting.remove(timer);
            }
            Event::TimerPostponed { timer, until } => {
                let due = self.timers.insert(timer.clone(), *until);
                let since = due.unwrap_or(*until);
                self.waiting.entry(timer.clone()).or_insert(since);
            }
            Event::Migrated { workflow, from, to } => {
                self.migrate(workflow, from.as_ref(), to.as_ref(), at)?;
            }
            Event::Authenticator {
                name,
                kept: Some(kept),
            } => {
                self.authenticators.insert(name.clone(), kept.clone());
            }
            Event::Authenticator { name, kept: None } => {
                self.authenticators.remove(name);
            }
            Event::BroughtUnder(bundle) => self.brought_under = Some(*bundle),
            Event::Erased { left } => *self = left.as_ref().clone(),
            // Rows of their own: shared quotas, the outbox, claims.
            Event::QuotaSpent { .. }
            | Event::Queued(_)
            | Event::Claimed(_)
            | Event::Released(_) => {}
        }
        Ok(())
    }

    fn migrate(
        &mut self,
        workflow: &Name,
        from: Option<&Name>,
        to: Option<&Name>,
        at: Timestamp,
    ) -> Result<(), ApplyError> {
        if let (Some(is), Some(from)) = (self.state(workflow), from)
            && is != from
        {
            let (workflow, expected) = (workflow.clone(), from.clone());
            return Err(ApplyError::NotInState { workflow, expected });
        }
        match to.cloned() {
            Some(state) => {
                let place = Occupancy { state, since: at };
                self.states.insert(workflow.clone(), place);
            }
            None => {
                self.states.remove(workflow);
            }
        }
        Ok(())
    }

    fn enter(
        &mut self,
        transition: &TransitionName,
        from: &Name,
        to: &Name,
        at: Timestamp,
    ) -> Result<(), ApplyError> {
        let workflow = &transition.workflow;
        // A workflow that is younger than the account has no place yet.
        if self.state(workflow).is_some_and(|state| state != from) {
            let (workflow, expected) = (workflow.clone(), from.clone());
            return Err(ApplyError::NotInState { workflow, expected });
        }
        self.states.insert(
            workflow.clone(),
            Occupancy {
                state: to.clone(),
                since: at,
            },
        );
        self.applied.insert(transition.clone(), at);
        Ok(())
    }
}
