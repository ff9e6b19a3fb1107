//! Reading cells under the rule that now holds, and under the clock that now runs.
//!
//! Nothing that was used is given back: where the cells say less than the rule asks, a use counts
//! at every date, or until the latest instant, at which it may have happened.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::time::Duration;

use jiff::civil::Date;

use super::cells::{Cells, Content};
use super::days::Days;
use super::ring::Ring;
use super::rule::LIMIT_MAX;
use crate::time::{Timestamp, Zone};

static UNUSED: Ring = Ring::EMPTY;

/// The cells as a ring of a window. Owned, they differ from what is stored.
pub(super) fn to_ring(cells: &Cells, length: Duration, now: Timestamp) -> Cow<'_, Ring> {
    match &cells.0 {
        Content::Unused => Cow::Borrowed(&UNUSED),
        Content::Rolling(ring) if ring.is_ahead(length, now) => Cow::Owned(ring.set_back(now)),
        Content::Rolling(ring) => Cow::Borrowed(ring),
        Content::Days(days) => Cow::Owned(ring_of(days, now)),
    }
}

/// The uses of each date as late as they can have been. Not only as many as the limit: it may be
/// raised before they are old.
fn ring_of(days: &Days, now: Timestamp) -> Ring {
    let zone = days.zone().parse().unwrap_or(Zone::UTC);
    let most = usize::try_from(LIMIT_MAX).unwrap_or(usize::MAX);
    let mut uses: Vec<_> = days
        .dates()
        .flat_map(|(date, used)| {
            let (_, last) = extent(&zone, date);
            let count = usize::try_from(used).unwrap_or(usize::MAX).min(most);
            iter::repeat_n(last.min(now), count)
        })
        .collect();
    uses.drain(..uses.len().saturating_sub(most));
    uses.into_iter().collect()
}

/// The cells as dates of a zone. Owned, they differ from what is stored.
pub(super) fn to_days<'a>(cells: &'a Cells, zone: &Zone, now: Timestamp) -> Cow<'a, Days> {
    let used: Vec<(Date, u32)> = match &cells.0 {
        Content::Days(days) if days.zone() == zone.name() => return Cow::Borrowed(days),
        Content::Unused => Vec::new(),
        Content::Rolling(ring) => ring.uses().map(|at| (zone.date(at), 1)).collect(),
        Content::Days(days) => in_zone(days, zone, now),
    };
    let mut sums: BTreeMap<Date, u32> = BTreeMap::new();
    for (date, used) in used {
        let sum = sums.entry(date).or_default();
        *sum = sum.saturating_add(used);
    }
    let mut days = Days::new(zone.name(), sums);
    days.keep_near(zone.date(now));
    Cow::Owned(days)
}

/// The uses of each date at all dates of another zone at which they can have been made.
fn in_zone(days: &Days, zone: &Zone, now: Timestamp) -> Vec<(Date, u32)> {
    let old: Zone = days.zone().parse().unwrap_or_else(|_| zone.clone());
    days.dates()
        .flat_map(|(date, used)| {
            let (first, last) = extent(&old, date);
            // What has begun was not used later than now. Otherwise each change of zone would move
            // every use a day on, and they would never grow old. A date that has not begun was used
            // before the clock was set back: nothing is known of when.
            let last = if first <= now { last.min(now) } else { last };
            dates_shown(zone, first, last)
                .into_iter()
                .map(move |date| (date, used))
        })
        .collect()
}

/// The dates that a clock of the zone shows from an instant to another: one at a time, since they
/// may be shown twice, or not at all.
fn dates_shown(zone: &Zone, first: Timestamp, last: Timestamp) -> BTreeSet<Date> {
    let starts = iter::successors(Some(first), |at| Some(zone.next_date_from(*at)));
    starts
        .take_while(|at| *at <= last)
        .map(|at| zone.date(at))
        .collect()
}

/// The first and the last instant of a date.
fn extent(zone: &Zone, date: Date) -> (Timestamp, Timestamp) {
    let first = zone.start_of(date);
    let mut end = zone.next_date_from(first);
    // Where clocks are set back across midnight the date comes again.
    let again = zone.next_date_from(end);
    if zone.date(again) == date {
        end = zone.next_date_from(again);
    }
    (first, end.before(Duration::from_millis(1)))
}
