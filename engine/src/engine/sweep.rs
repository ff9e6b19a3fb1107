//! Sweeping: what can have no effect any more goes, a little at a time, while time passes.
//!
//! Two kinds of rows come with every new key and belong to no account: answers that are kept under
//! idempotency keys, and cells of quotas that accounts share. A sweep looks at some of each, goes on
//! where the one before it ended, and removes what is over for as long as answers are kept: so a
//! decision that was begun before never meets cells that began anew meanwhile.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::{Engine, EngineError};
use crate::bundle::Bundle;
use crate::store::{Snapshot, StoreError, Sweep, Swept};
use crate::time::Timestamp;

/// How long an answer is kept under its idempotency key, unless it is said.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3_600);
/// Shortest time between two sweeps of one engine.
const PAUSE: Duration = Duration::from_secs(60);
/// Rows of each kind that one sweep looks at.
const PAGE: usize = 1_024;

/// When to sweep, and what.
pub(super) struct Sweeper {
    kept_for: Duration,
    /// The last sweep, in milliseconds of Unix time.
    last: AtomicI64,
}

impl Default for Sweeper {
    fn default() -> Self {
        Self::keeping(KEPT_FOR)
    }
}

impl Sweeper {
    pub(super) fn keeping(kept_for: Duration) -> Self {
        Self {
            kept_for,
            last: AtomicI64::new(i64::MIN),
        }
    }

    /// Whether it is time; whoever is told so does it.
    fn is_time(&self, now: Timestamp) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        let rested = Timestamp::from_ms(last).after(PAUSE) <= now || now.as_ms() < last;
        let mine = |last| {
            let (ok, failed) = (Ordering::Relaxed, Ordering::Relaxed);
            self.last.compare_exchange(last, now.as_ms(), ok, failed)
        };
        rested && mine(last).is_ok()
    }

    /// What there is to remove at an instant, of the rows that come next.
    fn look(
        &self,
        bundle: &Bundle,
        snapshot: &dyn Snapshot,
        now: Timestamp,
    ) -> Result<Sweep, StoreError> {
        let from = snapshot.swept()?;
        let before = now.before(self.kept_for);
        let answers = snapshot.answers(from.answers.as_ref(), PAGE)?;
        let cells = snapshot.shared_keys(from.cells.as_ref(), PAGE)?;
        // At the end it begins anew.
        let next = Swept {
            answers: answers.get(PAGE - 1).map(|(key, _)| key.clone()),
            cells: cells.get(PAGE - 1).map(|(key, _)| key.clone()),
            over: from.over,
        };
        let old = answers
            .into_iter()
            .filter(|(_, at)| at.is_some_and(|at| at <= before));
        let over = cells.into_iter().filter(|(key, shared)| {
            let quota = bundle.lifecycle.quotas.get(&key.quota);
            quota.is_some_and(|quota| quota.window.is_over(&shared.cells, before))
        });
        let cells: Vec<_> = over.map(|(key, shared)| (key, shared.revision)).collect();
        let over = next.over.max((!cells.is_empty()).then_some(before));
        Ok(Sweep {
            answers: old.map(|(key, _)| key).collect(),
            cells,
            swept: Swept { over, ..next },
        })
    }
}

impl Engine {
    /// Removes what can have no effect any more, if it is time; how many rows.
    pub(super) fn sweep(&self, now: Timestamp) -> Result<usize, EngineError> {
        if !self.sweeper.is_time(now) {
            return Ok(0);
        }
        let (sweep, before) = {
            let snapshot = self.store.snapshot()?;
            let sweep = self.sweeper.look(&self.bundle(), snapshot.as_ref(), now)?;
            (sweep, snapshot.swept()?)
        };
        let rows = sweep.answers.len() + sweep.cells.len();
        if rows > 0 || sweep.swept != before {
            self.store.sweep(sweep)?;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::bundle;
    use crate::store::conformance::{header, next, remembered};
    use crate::store::{MemoryStore, Store};

    /// However many answers are kept, a sweep looks at some of them, and all of them have their turn.
    #[test]
    fn every_answer_has_its_turn() {
        let store = MemoryStore::new(header());
        let given = Timestamp::from_ms(1_790_000_000_000);
        let count = PAGE + 10;
        for number in 0..count {
            let mut changes = next(&store, "1001");
            let mut answer = remembered("1001");
            answer.at = Some(given).filter(|_| number > 0);
            changes.remember = Some((format!("key-{number}").parse().unwrap(), answer));
            store.commit(changes).unwrap();
        }
        let (sweeper, mut now) = (Sweeper::default(), given.after(KEPT_FOR));
        let kept = |store: &MemoryStore| {
            let snapshot = store.snapshot().unwrap();
            snapshot.answers(None, usize::MAX).unwrap().len()
        };
        let sweep = |now| {
            let look = sweeper.look(&bundle(), store.snapshot().unwrap().as_ref(), now);
            store.sweep(look.unwrap()).unwrap();
            kept(&store)
        };
        assert_eq!(sweep(now.before(Duration::from_millis(1))), count);
        assert_eq!(sweep(now), count - 10, "the second page");
        now = now.after(PAUSE);
        // The first answer was given by a version that did not note when.
        assert_eq!(sweep(now), 1, "and the first one again");
        assert_eq!(sweep(now), 1);
    }

    #[test]
    fn a_sweeper_rests_between_sweeps_and_follows_a_clock_that_is_set_back() {
        let (sweeper, now) = (Sweeper::default(), Timestamp::from_ms(1_790_000_000_000));
        assert!(sweeper.is_time(now));
        assert!(!sweeper.is_time(now.after(PAUSE / 2)));
        assert!(sweeper.is_time(now.after(PAUSE)));
        assert!(sweeper.is_time(now));
    }
}
