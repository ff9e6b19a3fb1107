//! Faults of a store that the simulation has to find.

use std::sync::Mutex;

use acceptance::hooked::Hooks;
use stateward::store::{Changes, CommitError, Store, StoreError};

use super::run::Between;

/// What is wrong with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    Nothing,
    /// A commit is acknowledged, and never made.
    Commit,
    /// A commit is made whatever has changed meanwhile.
    Conflict,
    Messages,
    Claims,
    QuotaCells,
    Timers,
    Attempts,
    Keys,
}

impl Planted {
    /// Everything that can be wrong.
    pub const ALL: [Self; 8] = [
        Self::Commit,
        Self::Conflict,
        Self::Messages,
        Self::Claims,
        Self::QuotaCells,
        Self::Timers,
        Self::Attempts,
        Self::Keys,
    ];

    fn commit(self, store: &dyn Store, mut changes: Changes, turn: u64) -> Result<(), CommitError> {
        // Now and then, so that it takes more than a look at the first commit.
        if turn % 7 != 6 {
            return store.commit(changes);
        }
        match self {
            Self::Nothing => {}
            Self::Commit => return Ok(()),
            Self::Conflict => {
                changes.claims_seen.clear();
                let snapshot = store.snapshot()?;
                changes.expected = snapshot.account(&changes.account.id)?.map(|it| it.revision);
            }
            Self::Messages => changes.queued.clear(),
            Self::Claims => changes.claimed.clear(),
            Self::QuotaCells => changes.account.quotas.clear(),
            Self::Timers => changes.timers_armed.clear(),
            Self::Attempts => changes.attempts_removed.clear(),
            Self::Keys => changes.remember = None,
        }
        store.commit(changes)
    }
}

/// Lets somebody else come in between, and then does what is planted.
pub struct Meddling {
    pub planted: Planted,
    /// Who comes in between the next decision and its commit.
    pub next: Mutex<Option<Between>>,
    /// Commits so far, and how many were refused because somebody came in between.
    pub commits: Mutex<(u64, u64)>,
}

impl Meddling {
    pub fn new(planted: Planted) -> Self {
        Self {
            planted,
            next: Mutex::default(),
            // What a process commits first may go wrong, too.
            commits: Mutex::new((5, 0)),
        }
    }
}

impl Hooks for Meddling {
    fn commit(&self, store: &dyn Store, changes: Changes) -> Result<(), CommitError> {
        let between = self.next.lock().unwrap().take();
        if let Some(between) = between {
            between.happen()?;
        }
        let turn = {
            let mut commits = self.commits.lock().unwrap();
            commits.0 += 1;
            commits.0
        };
        let committed = self.planted.commit(store, changes, turn);
        if matches!(committed, Err(CommitError::Conflict)) {
            self.commits.lock().unwrap().1 += 1;
        }
        committed
    }
}

/// What a caller that came in between leaves behind where the store failed.
pub fn gone() -> CommitError {
    CommitError::Store(StoreError::Io("the store failed before".to_owned()))
}
