//! In-memory limits that shed bursts before anything else is looked at; governor decides them.
//!
//! A throttle is a plain rate limiter per key: so many at once, and the same number spread evenly
//! over each period. Within a stretch of one period it can therefore admit nearly twice its limit
//! (see [`plain_gcra_admits`](crate::quota::plain_gcra_admits)), and a restart forgets it: it
//! protects the engine, while what must be counted exactly is a [quota](crate::quota).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::gcra::{Gcra, Verdict};
use crate::name::Name;
use crate::time::Timestamp;

/// Keys that are remembered at most, in all throttles together; about 64 bytes each.
pub const KEYS_MAX: usize = 131_072;

/// The longest period that is told apart from a longer one.
const PERIOD_MAX: Duration = Duration::from_secs(3_660 * 86_400);

/// All throttles of an engine, each with a cell per key.
///
/// Memory is bounded: keys are kept as digests in two generations of at most half of [`KEYS_MAX`].
/// A key that is used moves to the younger one; when that is full, idle keys are dropped from it,
/// and if this does not halve it the older generation is dropped and the younger takes its place.
/// So a key is forgotten before it is idle only when more than a quarter of [`KEYS_MAX`] other keys
/// were used since it was: it then has its burst again, which a throttle can afford.
#[derive(Debug)]
pub struct Throttles {
    generation_max: usize,
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    younger: HashMap<Key, Held>,
    older: HashMap<Key, Held>,
}

/// A digest of a throttle's name and a key of it.
type Key = [u8; 32];

/// One cell: governor's, counted from the instant of the last decision.
#[derive(Debug, Clone, Copy)]
struct Held {
    origin: Timestamp,
    cell: u64,
}

impl Held {
    /// The same cell counted from another instant. Where the clock was set back, the time that it
    /// went back counts as not having passed, and no longer.
    fn seen_at(self, now: Timestamp) -> Self {
        let passed = u64::try_from(now.since(self.origin).as_nanos()).unwrap_or(u64::MAX);
        Self {
            origin: now,
            cell: self.cell.saturating_sub(passed),
        }
    }

    /// Whether the cell is as good as new.
    fn is_idle(self, now: Timestamp) -> bool {
        self.seen_at(now).cell == 0
    }
}

impl Default for Throttles {
    fn default() -> Self {
        Self::new()
    }
}

impl Throttles {
    /// Throttles that were never used.
    pub fn new() -> Self {
        Self::with_keys_max(KEYS_MAX)
    }

    /// Throttles that remember so many keys at most.
    pub fn with_keys_max(keys_max: usize) -> Self {
        Self {
            generation_max: (keys_max / 2).max(1),
            generations: Mutex::default(),
        }
    }

    /// Lets one more pass under a throttle's key, `limit` at once and as many again each `per`.
    ///
    /// # Errors
    /// When it may not pass: the first instant at which it may. A limit of zero lets nothing pass.
    pub fn check(
        &self,
        throttle: &Name,
        key: &str,
        limit: u32,
        per: Duration,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        let per = per.min(PERIOD_MAX);
        let Some(period) = per.checked_div(limit) else {
            return Err(now.after(PERIOD_MAX));
        };
        // More than one per nanosecond is no limit.
        let Some(gcra) = Gcra::new(period, limit) else {
            return Ok(());
        };
        let key = digest(throttle, key);
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let held = generations.take(&key).map(|held| held.seen_at(now));
        let (cell, verdict) = match gcra.decide(held.map(|held| held.cell), 0) {
            Verdict::Admitted { cell } => (cell, Ok(())),
            Verdict::Refused { earliest } => {
                let wait = Duration::from_nanos(earliest.next_multiple_of(1_000_000));
                (held.map_or(0, |held| held.cell), Err(now.after(wait)))
            }
        };
        generations.put(key, Held { origin: now, cell }, self.generation_max);
        verdict
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        let generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        generations.younger.len() + generations.older.len()
    }

    /// Whether no key is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Generations {
    fn take(&mut self, key: &Key) -> Option<Held> {
        self.younger.remove(key).or_else(|| self.older.remove(key))
    }

    fn put(&mut self, key: Key, held: Held, generation_max: usize) {
        if self.younger.len() >= generation_max {
            self.younger.retain(|_, other| !other.is_idle(held.origin));
            if self.younger.len() > generation_max / 2 {
                self.older = std::mem::take(&mut self.younger);
            }
        }
        self.younger.insert(key, held);
    }
}

/// A name has no NUL, so one ends it: name and key cannot run into each other.
fn digest(throttle: &Name, key: &str) -> Key {
    let digest = Sha256::new()
        .chain_update(throttle.as_str())
        .chain_update([0]);
    digest.chain_update(key).finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn check(throttles: &Throttles, key: &str, now: i64) -> Result<(), i64> {
        let name = "send_code".parse().unwrap();
        throttles
            .check(&name, key, 10, SECOND, at(now))
            .map_err(Timestamp::as_ms)
    }

    #[test]
    fn of_ten_a_second_the_eleventh_is_refused() {
        let throttles = Throttles::new();
        for _ in 0..10 {
            assert_eq!(check(&throttles, "1001", 5), Ok(()));
        }
        assert_eq!(check(&throttles, "1001", 5), Err(105));
        assert_eq!(check(&throttles, "1001", 104), Err(105));
        assert_eq!(check(&throttles, "1001", 105), Ok(()));
        assert_eq!(check(&throttles, "1001", 105), Err(205));
    }

    #[test]
    fn keys_and_throttles_are_counted_apart() {
        let throttles = Throttles::new();
        while check(&throttles, "1001", 0).is_ok() {}
        assert_eq!(check(&throttles, "1002", 0), Ok(()));
        let other = "bind".parse().unwrap();
        assert_eq!(throttles.check(&other, "1001", 10, SECOND, at(0)), Ok(()));
        assert_eq!(throttles.len(), 3);
    }

    #[test]
    fn a_clock_that_is_set_back_refills_nothing_and_locks_nothing() {
        let throttles = Throttles::new();
        while check(&throttles, "1001", 1_000_000_000).is_ok() {}
        assert_eq!(check(&throttles, "1001", 0), Err(100));
        assert_eq!(check(&throttles, "1001", 99), Err(100));
        assert_eq!(check(&throttles, "1001", 100), Ok(()));
    }

    #[test]
    fn limits_that_make_no_sense_harm_nobody() {
        let throttles = Throttles::new();
        let check = |limit, per| throttles.check(&"any".parse().unwrap(), "", limit, per, at(0));
        assert!(check(0, SECOND).is_err());
        assert!(check(u32::MAX, SECOND).is_ok());
        assert!(check(1, Duration::ZERO).is_ok());
        assert!(check(1, Duration::MAX).is_ok());
        assert_eq!(check(1, Duration::MAX), Err(at(0).after(PERIOD_MAX)));
    }

    #[test]
    fn memory_is_bounded_and_the_busy_are_remembered() {
        let throttles = Throttles::with_keys_max(100);
        while check(&throttles, "busy", 0).is_ok() {}
        for stranger in 0..10_000 {
            assert_eq!(
                check(&throttles, &format!("stranger {stranger}"), 0),
                Ok(())
            );
            assert!(throttles.len() <= 101, "{}", throttles.len());
            assert!(check(&throttles, "busy", 0).is_err());
        }
    }

    #[test]
    fn idle_keys_make_room_first() {
        let throttles = Throttles::with_keys_max(100);
        for stranger in 0..10_000 {
            let _ = check(
                &throttles,
                &format!("stranger {stranger}"),
                stranger * 1_000,
            );
            assert!(throttles.len() <= 51, "{}", throttles.len());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// 1,000 cases of up to 200 checks: like one governor cell per key over the whole time, and
        /// never more than it says within any second.
        #[test]
        fn throttles_admit_what_plain_gcra_admits(gaps in vec(0..150_i64, 1..200)) {
            let (throttles, mut now, mut passed) = (Throttles::new(), 0, Vec::new());
            let plain = Gcra::new(SECOND / 10, 10).unwrap();
            let mut cell = None;
            for gap in gaps {
                now += gap;
                let expected = plain.decide(cell, now.unsigned_abs() * 1_000_000);
                if let Verdict::Admitted { cell: next } = expected {
                    cell = Some(next);
                    passed.push(now);
                }
                let admitted = matches!(expected, Verdict::Admitted { .. });
                prop_assert_eq!(check(&throttles, "1001", now).is_ok(), admitted);
            }
            for start in &passed {
                let within = passed.iter().filter(|at| (0..1_000).contains(&(*at - start)));
                prop_assert!(within.count() as u64 <= plain.most_within(SECOND));
            }
        }
    }
}
