//! Durable limits whose windows are exact, while governor decides every cell.
//!
//! "A hundred a day" as one rate-limiter cell admits 199 within a day (see
//! [`plain_gcra_admits`]). So the arrangement of the cells makes the window exact:
//!
//! - **Any stretch of a length** ([`Window::Rolling`]): a ring of as many cells as the limit
//!   allows, each of which may be used once per window. Each use takes the cell that was used
//!   longest ago, which makes the ring a sliding log: use *n* waits until use *n* − limit is a
//!   window old.
//! - **A calendar day** ([`Window::Day`]): one cell per date of the zone, which holds the whole
//!   limit and is decided at one constant instant, so that it does not matter how long the day is,
//!   or which way the clock moves.
//!
//! A decision is a pure function of the cells and the instant; what it changes is a small
//! [`CellChange`] that is committed together with what it paid for.
//!
//! # When the clock is set
//!
//! Nothing can tell a clock that is set forward from time that passes. A clock that is set back is
//! another matter.
//!
//! *Rolling*: after a step back of at most one window, the time that the clock went back counts as
//! not having passed: waits lengthen by the step. No window of clock readings then ever holds more
//! than the limit. A cell dated more than one window ahead was used under a clock that was wrong by
//! more than that; it is taken as used when this is noticed, so that a clock that was once years
//! ahead does not lock an account for years: nobody waits longer than two windows. In either case,
//! no window of *real* time holds more than the limit because of a clock that was set back.
//!
//! *Days*: each date has its own cell whatever the clock did in between. Seven dates are
//! remembered: as long as the clock is never wrong by more than three days, either way, no date is
//! refilled.
//!
//! # When the rule is changed
//!
//! Cells are kept as instants and dates, so they can be read under another limit, window or zone:
//! see [`Rule::admit`]. Of a date's uses it is known only that they were made on it, and by now, so
//! each counts wherever it may have been made. What that costs too much is back within two days.
//!
//! "By now" is the one thing that takes the clock's word: if the zone is changed while the clock
//! shows an earlier time of the same date than it did when the date was used, a use may be missed
//! on the date that the new zone had begun by then. Not to take it would move every use a day on
//! with each change of zone.

mod carry;
mod cells;
mod days;
#[cfg(test)]
mod properties;
mod reckoning;
mod ring;
mod rule;

use std::time::Duration;

pub use cells::{CellChange, Cells, CellsError};
pub use reckoning::Reckoning;
pub use rule::{Admission, LIMIT_MAX, Rule, RuleError};

use crate::gcra::Gcra;
use crate::time::Zone;

/// Over what a durable limit counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// Any stretch of this length.
    Rolling(Duration),
    /// One calendar day of a zone.
    Day(Zone),
}

/// What a plain rate limiter of `limit` per `per`, all of them also at once, admits within `per` in
/// the worst case: nearly twice the limit. For reports; no quota is decided this way.
pub fn plain_gcra_admits(limit: u32, per: Duration) -> u64 {
    let period = per.checked_div(limit).unwrap_or_default();
    Gcra::new(period, limit).map_or(0, |plain| plain.most_within(per))
}
