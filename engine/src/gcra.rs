//! One cell of the generic cell rate algorithm, decided by governor as a pure function.
//!
//! governor keeps a cell as one number, the nanoseconds from its clock's first reading to the
//! instant at which the cell is empty again, behind its own traits for clocks and state stores.
//! Here the clock first reads zero and then the instant of the decision, and the store holds the
//! one cell that is being decided: so governor decides, while the caller says what time it is and
//! keeps the cell, in a store's row or in memory.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

/// All instants and cells lie below this many nanoseconds (146 years), so that governor's
/// arithmetic, which is unchecked, cannot overflow.
const NANOS_END: u64 = 1 << 62;

/// How many at once, and how often one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gcra(Quota);

/// What governor says of one cell; instants and cells count from an origin of the caller's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass.
    Admitted {
        /// What the cell holds from now on.
        cell: u64,
    },
    /// It may not; the cell keeps what it holds.
    Refused {
        /// The first instant at which it may.
        earliest: u64,
    },
}

impl Gcra {
    /// At most `burst` at once, and one more each `period`.
    ///
    /// Nothing if one of them is zero, or so large that `period` times `burst + 1` reaches 2^62
    /// nanoseconds.
    pub fn new(period: Duration, burst: u32) -> Option<Self> {
        let most = period.as_nanos().checked_mul(u128::from(burst) + 1)?;
        if most >= u128::from(NANOS_END) {
            return None;
        }
        let burst = NonZeroU32::new(burst)?;
        Some(Self(Quota::with_period(period)?.allow_burst(burst)))
    }

    /// What a cell holds that was used so many times at its origin; nothing, if it was not.
    pub fn cell_after(self, uses: u32) -> Option<u64> {
        let period = self.0.replenish_interval().as_nanos();
        let cell = u64::try_from(period * u128::from(uses)).unwrap_or(u64::MAX);
        (uses > 0).then_some(cell)
    }

    /// Decides one cell at an instant; a cell that was never used is `None`.
    pub fn decide(self, cell: Option<u64>, now: u64) -> Verdict {
        let store = OneCell {
            held: cell.map(|cell| cell.min(NANOS_END)),
            next: Cell::new(0),
        };
        let clock = TwoReadings {
            now: now.min(NANOS_END),
            started: Cell::new(false),
        };
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Nanos>> =
            RateLimiter::new(self.0, store, clock);
        match limiter.check() {
            Ok(()) => Verdict::Admitted {
                cell: limiter.into_state_store().next.get(),
            },
            Err(not_until) => Verdict::Refused {
                earliest: not_until.earliest_possible().as_u64(),
            },
        }
    }

    /// The most that can pass within any stretch of this length: a full burst, and then whatever
    /// the stretch replenishes while it lasts.
    ///
    /// It is why a window is not counted by one cell: 100 at once and one more each 864 s, which
    /// sounds like 100 a day, lets 199 pass within a day.
    pub fn most_within(self, stretch: Duration) -> u64 {
        let periods = stretch
            .as_nanos()
            .div_ceil(self.0.replenish_interval().as_nanos().max(1));
        let replenished = u64::try_from(periods).unwrap_or(u64::MAX).saturating_sub(1);
        u64::from(self.0.burst_size().get()).saturating_add(replenished)
    }
}

/// A governor state store that holds one cell; what governor writes is left in `next`.
struct OneCell {
    held: Option<u64>,
    next: Cell<u64>,
}

impl StateStore for OneCell {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, next) = decide(self.held.map(Nanos::from))?;
        self.next.set(next.as_u64());
        Ok(outcome)
    }
}

/// A governor clock that reads zero when the limiter is made and `now` when it decides.
struct TwoReadings {
    now: u64,
    started: Cell<bool>,
}

impl Clock for TwoReadings {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let reading = if self.started.replace(true) {
            self.now
        } else {
            0
        };
        reading.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    /// How many pass within `[0, stretch)` when one knocks every `step`.
    fn admitted(gcra: Gcra, stretch: Duration, step: Duration) -> u64 {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap();
        let (mut cell, mut count, mut now) = (None, 0, 0);
        while now < nanos(stretch) {
            match gcra.decide(cell, now) {
                Verdict::Admitted { cell: next } => {
                    cell = Some(next);
                    count += 1;
                }
                Verdict::Refused { earliest } => {
                    assert!(earliest > now);
                    now += nanos(step);
                }
            }
        }
        count
    }

    /// What every durable limit here is built to avoid.
    #[test]
    fn plain_gcra_of_100_a_day_admits_199_within_a_day() {
        let plain = Gcra::new(Duration::from_secs(864), 100).unwrap();
        assert_eq!(admitted(plain, DAY, Duration::from_secs(1)), 199);
        assert_eq!(plain.most_within(DAY), 199);
    }

    #[test]
    fn a_cell_of_one_a_day_admits_one_a_day() {
        let one = Gcra::new(DAY, 1).unwrap();
        assert_eq!(admitted(one, DAY, Duration::from_secs(60)), 1);
        assert_eq!(one.most_within(DAY), 1);
        assert_eq!(
            one.decide(Some(100), 99),
            Verdict::Refused { earliest: 100 }
        );
        assert!(matches!(
            one.decide(Some(100), 100),
            Verdict::Admitted { .. }
        ));
    }

    #[test]
    fn what_could_overflow_is_refused() {
        let years = |years: u64| Duration::from_secs(years * 365 * 86_400);
        assert!(Gcra::new(years(10), 1).is_some());
        assert!(Gcra::new(years(10), 13).is_some());
        assert!(Gcra::new(years(10), 14).is_none());
        assert!(Gcra::new(Duration::MAX, 1).is_none());
        assert!(Gcra::new(DAY, 0).is_none());
        assert!(Gcra::new(Duration::ZERO, 1).is_none());
        let longest = Gcra::new(years(73), 1).unwrap();
        assert!(matches!(
            longest.decide(None, u64::MAX),
            Verdict::Admitted { .. }
        ));
        assert!(matches!(
            longest.decide(Some(u64::MAX), 0),
            Verdict::Refused { .. }
        ));
    }
}
