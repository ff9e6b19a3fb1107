//! A cell per calendar date, which holds the whole limit.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::gcra::{Gcra, Verdict};
use crate::time::{Timestamp, Zone};

/// By how many days a clock may be wrong, either way, without any date's uses being forgotten.
const ERROR_DAYS_MAX: i64 = 3;

/// Dates that are remembered: as many as such a clock can show while the true date stays the same.
pub(super) const DATES_MAX: usize = 7;

/// How often each date was used, in the dates of one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Days {
    zone: Arc<str>,
    used: BTreeMap<Date, u32>,
}

impl Days {
    pub(super) fn new(zone: &str, used: BTreeMap<Date, u32>) -> Self {
        Self {
            zone: zone.into(),
            used,
        }
    }

    pub(super) fn zone(&self) -> &str {
        &self.zone
    }

    pub(super) fn dates(&self) -> impl ExactSizeIterator<Item = (Date, u32)> {
        self.used.iter().map(|(date, used)| (*date, *used))
    }

    pub(super) fn used(&self, date: Date) -> u32 {
        self.used.get(&date).copied().unwrap_or_default()
    }

    /// Decides a date's cell, at an instant that is the same for every decision of that date: its
    /// beginning, which is the cell's origin.
    pub(super) fn decide(&self, gcra: Gcra, date: Date) -> bool {
        let cell = gcra.cell_after(self.used(date));
        matches!(gcra.decide(cell, 0), Verdict::Admitted { .. })
    }

    /// The first instant after `now` on whose date there is something left.
    pub(super) fn free_from(&self, gcra: Gcra, zone: &Zone, now: Timestamp) -> Timestamp {
        let mut at = now;
        // Only a date that was used can be full, and so many are remembered at most.
        for _ in 0..=DATES_MAX {
            at = zone.next_date_from(at);
            if self.decide(gcra, zone.date(at)) {
                break;
            }
        }
        at
    }

    /// Whether every date is so long ago that no clock shows it any more.
    pub(super) fn is_over(&self, date: Date) -> bool {
        let newest = self.used.last_key_value();
        newest.is_none_or(|(newest, _)| *newest < date && apart(date, *newest) > 2 * ERROR_DAYS_MAX)
    }

    /// Uses a date's cell.
    pub(super) fn put(&mut self, date: Date) {
        let used = self.used.entry(date).or_default();
        *used = used.saturating_add(1);
        self.keep_near(date);
    }

    /// Lets go of dates, where there are too many: of those that are too far from the present one
    /// to share a clock with it, or else of the oldest.
    pub(super) fn keep_near(&mut self, date: Date) {
        while self.used.len() > DATES_MAX {
            let farthest = self
                .used
                .keys()
                .copied()
                .max_by_key(|other| apart(date, *other));
            match farthest {
                Some(other) if apart(date, other) > 2 * ERROR_DAYS_MAX => self.used.remove(&other),
                // All of them lie within so many days: the present date is not the oldest.
                _ => self.used.pop_first().map(|(_, used)| used),
            };
        }
    }
}

/// Days between two dates.
fn apart(date: Date, other: Date) -> i64 {
    date.duration_since(other).as_hours().abs() / 24
}
