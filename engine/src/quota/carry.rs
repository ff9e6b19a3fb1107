//! Reading cells under the rule that now holds, and under the clock that now runs.
//!
//! Nothing that was used is given back: where the cells say less than the rule asks, a use counts
//! at every date, or until the latest instant, at which it may have happened.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;
use std::time::Duration;

use jiff::civil::Date;

use super::cells::{Cells, Content};
use super::days::Days;
use super::ring::Ring;
use crate::time::{Timestamp, Zone};

static UNUSED: Ring = Ring::EMPTY;

/// The cells as a ring of a window. Owned, they differ from what is stored.
pub(super) fn to_ring(
    cells: &Cells,
    limit: u32,
    length: Duration,
    now: Timestamp,
) -> Cow<'_, Ring> {
    match &cells.0 {
        Content::Unused => Cow::Borrowed(&UNUSED),
        Content::Rolling(ring) if ring.is_ahead(length, now) => Cow::Owned(ring.set_back(now)),
        Content::Rolling(ring) => Cow::Borrowed(ring),
        Content::Days(days) => Cow::Owned(ring_of(days, limit, now)),
    }
}

/// The uses of each date as late as they can have been.
fn ring_of(days: &Days, limit: u32, now: Timestamp) -> Ring {
    let zone = days.zone().parse().unwrap_or(Zone::UTC);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut uses: Vec<_> = days
        .dates()
        .flat_map(|(date, used)| {
            let (_, last) = extent(&zone, date);
            let count = usize::try_from(used).unwrap_or(usize::MAX).min(limit);
            iter::repeat_n(last.min(now), count)
        })
        .collect();
    uses.drain(..uses.len().saturating_sub(limit));
    uses.into_iter().collect()
}

/// The cells as dates of a zone. Owned, they differ from what is stored.
pub(super) fn to_days<'a>(cells: &'a Cells, zone: &Zone, now: Timestamp) -> Cow<'a, Days> {
    let used: Vec<(Date, u32)> = match &cells.0 {
        Content::Days(days) if days.zone() == zone.name() => return Cow::Borrowed(days),
        Content::Unused => Vec::new(),
        Content::Rolling(ring) => ring.uses().map(|at| (zone.date(at), 1)).collect(),
        Content::Days(days) => in_zone(days, zone),
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

/// The uses of each date at all dates of another zone that share an instant with it.
fn in_zone(days: &Days, zone: &Zone) -> Vec<(Date, u32)> {
    let old: Zone = days.zone().parse().unwrap_or_else(|_| zone.clone());
    days.dates()
        .flat_map(|(date, used)| {
            let (first, last) = extent(&old, date);
            let (first, last) = (zone.date(first), zone.date(last));
            let dates = iter::successors(Some(first), |date| date.tomorrow().ok());
            dates
                .take_while(move |date| *date <= last)
                .map(move |date| (date, used))
        })
        .collect()
}

/// The first and the last instant of a date.
fn extent(zone: &Zone, date: Date) -> (Timestamp, Timestamp) {
    let first = zone.start_of(date);
    let last = zone.next_date_from(first).before(Duration::from_millis(1));
    (first, last)
}
