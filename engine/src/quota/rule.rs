//! A limit over a window, and its decision.

use std::borrow::Cow;
use std::time::Duration;

use thiserror::Error;

use super::cells::{CellChange, Cells};
use super::{Window, carry};
use crate::gcra::Gcra;
use crate::time::{Timestamp, Zone};

/// The largest limit: every use of a rolling window is a cell of the record.
pub const LIMIT_MAX: u32 = 10_000;

/// The period of a date's cell. No time passes for it, so its length only has to be one.
const DATE_PERIOD: Duration = Duration::from_secs(86_400);

/// Why a limit cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleError {
    /// None at all, or more than cells are kept for.
    #[error("a limit is a number from 1 to {LIMIT_MAX}, not {limit}")]
    Limit {
        /// The limit.
        limit: u32,
    },
    /// A window that is not a whole number of milliseconds, or none.
    #[error("a window is a whole number of milliseconds and not zero")]
    WindowTooFine,
    /// A window that governor cannot count.
    #[error("a window is shorter than 73 years")]
    WindowTooLong,
}

/// A durable limit: at most so many within a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    limit: u32,
    window: Window,
    gcra: Gcra,
}

/// What a rule says of one more use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It is within the limit.
    Admitted {
        /// What it changes; to be committed together with what it paid for.
        change: CellChange,
        /// How many more there could be at the same instant.
        remaining: u32,
    },
    /// It is not.
    Refused {
        /// The first instant at which it will be, if the clock runs on from now.
        retry_at: Timestamp,
        /// What the decision had to correct in the cells before it could read them: they were dated
        /// more than a window ahead, or made for another rule. Committing it keeps `retry_at`;
        /// without it the wait begins anew with every look, until the clock has caught up.
        correction: Option<CellChange>,
    },
}

impl Window {
    /// Whether the cells are as good as none at an instant: nothing in them counts any more, not even
    /// where the clock was wrong by as much as is made up for.
    pub fn is_over(&self, cells: &Cells, now: Timestamp) -> bool {
        match self {
            Window::Rolling(length) => {
                let newest = carry::to_ring(cells, *length, now).uses().max();
                newest.is_none_or(|newest| now.since(newest) >= length.saturating_mul(2))
            }
            Window::Day(zone) => carry::to_days(cells, zone, now).is_over(zone.date(now)),
        }
    }
}

impl Rule {
    /// A limit over a window.
    ///
    /// # Errors
    /// When the limit is none or more than [`LIMIT_MAX`], or the window cannot be counted exactly.
    pub fn new(limit: u32, window: Window) -> Result<Self, RuleError> {
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(RuleError::Limit { limit });
        }
        let (period, burst) = match &window {
            Window::Rolling(length) => (*length, 1),
            Window::Day(_) => (DATE_PERIOD, limit),
        };
        if period.is_zero() || period.subsec_nanos() % 1_000_000 != 0 {
            return Err(RuleError::WindowTooFine);
        }
        let gcra = Gcra::new(period, burst).ok_or(RuleError::WindowTooLong)?;
        Ok(Self {
            limit,
            window,
            gcra,
        })
    }

    /// Most uses within a window.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The window.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Decides whether there may be one more use at an instant.
    ///
    /// Cells that another rule made are read as strictly as they allow: with another limit or a
    /// shorter window nothing is lost; where a date says less than is now asked, its uses count
    /// wherever they may have been made. Only a window made longer starts from what the shorter one
    /// still knew.
    pub fn admit(&self, cells: &Cells, now: Timestamp) -> Admission {
        match &self.window {
            Window::Rolling(length) => self.admit_to_ring(cells, *length, now),
            Window::Day(zone) => self.admit_to_date(cells, zone, now),
        }
    }

    fn admit_to_ring(&self, cells: &Cells, length: Duration, now: Timestamp) -> Admission {
        let ring = carry::to_ring(cells, length, now);
        if let Err(retry_at) = ring.decide(self.gcra, self.limit, now) {
            let correction = match ring {
                Cow::Borrowed(_) => None,
                Cow::Owned(ring) => Some(CellChange::Replaced(ring.into())),
            };
            return Admission::Refused {
                retry_at,
                correction,
            };
        }
        let remaining = ring.free(self.limit, length, now).saturating_sub(1);
        let forget = ring.forgettable(self.limit, length, now);
        let change = match ring {
            Cow::Borrowed(_) => CellChange::Used { at: now, forget },
            Cow::Owned(mut ring) => {
                ring.put(now, forget);
                CellChange::Replaced(ring.into())
            }
        };
        Admission::Admitted { change, remaining }
    }

    fn admit_to_date(&self, cells: &Cells, zone: &Zone, now: Timestamp) -> Admission {
        let days = carry::to_days(cells, zone, now);
        let date = zone.date(now);
        if !days.decide(self.gcra, date) {
            let retry_at = days.free_from(self.gcra, zone, now);
            let correction = match days {
                Cow::Borrowed(_) => None,
                Cow::Owned(days) => Some(CellChange::Replaced(days.into())),
            };
            return Admission::Refused {
                retry_at,
                correction,
            };
        }
        let remaining = self.limit.saturating_sub(days.used(date)).saturating_sub(1);
        let change = match days {
            Cow::Borrowed(_) => CellChange::UsedOn { date },
            Cow::Owned(mut days) => {
                days.put(date);
                CellChange::Replaced(days.into())
            }
        };
        Admission::Admitted { change, remaining }
    }

    /// How many uses there could be at an instant, one after another.
    pub fn remaining(&self, cells: &Cells, now: Timestamp) -> u32 {
        match &self.window {
            Window::Rolling(length) => {
                carry::to_ring(cells, *length, now).free(self.limit, *length, now)
            }
            Window::Day(zone) => {
                let used = carry::to_days(cells, zone, now).used(zone.date(now));
                self.limit.saturating_sub(used)
            }
        }
    }

    /// How much of the limit is used up at an instant.
    pub fn used(&self, cells: &Cells, now: Timestamp) -> u32 {
        self.limit.saturating_sub(self.remaining(cells, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells after uses at instants.
    fn used(rule: &Rule, uses: &[Timestamp]) -> Cells {
        let mut cells = Cells::default();
        for at in uses {
            match rule.admit(&cells, *at) {
                Admission::Admitted { change, .. } => cells.apply(&change).unwrap(),
                refused @ Admission::Refused { .. } => panic!("{refused:?}"),
            }
        }
        cells
    }

    /// What is over admits what no cells admit, also where the clock is set back by a window.
    #[test]
    fn cells_that_are_over_are_as_good_as_none() {
        let hour = Duration::from_secs(3_600);
        let at = |hours: u32| Timestamp::from_ms(1_790_000_000_000).after(hour * hours);
        let windows = [(Window::Rolling(hour), 2), (Window::Day(Zone::UTC), 24 * 6)];
        for (window, over_after) in windows {
            let rule = Rule::new(3, window).unwrap();
            assert!(rule.window.is_over(&Cells::default(), at(0)));
            let cells = used(&rule, &[at(0), at(0), at(0)]);
            let over: Vec<bool> = (0..400)
                .map(|hours| rule.window.is_over(&cells, at(hours)))
                .collect();
            let first = over.iter().position(|over| *over).unwrap();
            assert!(first >= over_after && first <= over_after + 24, "{first}");
            assert!(over[first..].iter().all(|over| *over));
            let back = u32::try_from(first).unwrap() - 1;
            assert_eq!(rule.remaining(&cells, at(back)), 3);
        }
    }

    #[test]
    fn rules_that_cannot_be_kept_are_refused() {
        let days = |days: u64| Window::Rolling(Duration::from_secs(days * 86_400));
        let rule = |limit, window| Rule::new(limit, window).map(|rule| rule.limit());
        assert_eq!(rule(100, days(1)), Ok(100));
        assert_eq!(rule(10_000, Window::Day(Zone::UTC)), Ok(10_000));
        assert_eq!(rule(10_000, days(3_650)), Ok(10_000));
        assert_eq!(rule(0, days(1)), Err(RuleError::Limit { limit: 0 }));
        assert_eq!(
            rule(10_001, days(1)),
            Err(RuleError::Limit { limit: 10_001 })
        );
        assert_eq!(rule(1, days(0)), Err(RuleError::WindowTooFine));
        let fine = Window::Rolling(Duration::from_micros(1_500));
        assert_eq!(rule(1, fine), Err(RuleError::WindowTooFine));
        assert_eq!(rule(1, days(74 * 365)), Err(RuleError::WindowTooLong));
    }
}
