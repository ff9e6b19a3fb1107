//! What changes make of cells, as far as that does not depend on the order they were made in.
//!
//! Accounts that share cells change them in turn, and each account's journal tells only its own
//! changes. Instants do not tell the order: clocks are set back. But which uses there can be at most, and
//! mostly how many are left, is the same in every order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use super::cells::{CellChange, Cells, Content};
use super::days::{DATES_MAX, Days};
use super::{Window, carry};
use crate::time::Timestamp;

/// A use, as cells know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    At(Timestamp),
    On(Date),
}

/// What changes tell of the cells that they were made to.
#[derive(Debug, Default)]
pub struct Reckoning {
    /// How often each use can be there at most.
    uses: BTreeMap<Use, u64>,
    /// The zones that their dates are of.
    zones: BTreeSet<Arc<str>>,
    /// How many cells of a window were used, and how many of the oldest were let go.
    used: u64,
    forgotten: u64,
    /// How many dates were used, and how often cells began with one.
    dates: u64,
    begun: u64,
    /// Whether cells were made for another rule, or were dated by a clock that was wrong.
    remade: bool,
}

impl Reckoning {
    /// What these changes tell.
    pub fn of<'c>(changes: impl IntoIterator<Item = &'c CellChange>) -> Self {
        let mut told = Self::default();
        for change in changes {
            told.add(change);
        }
        told
    }

    fn add(&mut self, change: &CellChange) {
        match change {
            CellChange::Used { at, forget } => {
                self.put(Use::At(*at), 1);
                self.used += 1;
                self.forgotten += u64::from(*forget);
            }
            CellChange::UsedOn { date } => {
                self.put(Use::On(*date), 1);
                self.dates += 1;
            }
            CellChange::Replaced(cells) => {
                for (used, count) in uses(cells) {
                    self.put(used, count);
                }
                match &cells.0 {
                    Content::Days(days) => {
                        self.zones.insert(days.zone().into());
                        self.dates += 1;
                        self.begun += 1;
                        self.remade |= !change.is_first();
                    }
                    Content::Rolling(_) | Content::Unused => self.remade = true,
                }
            }
        }
    }

    fn put(&mut self, used: Use, count: u64) {
        *self.uses.entry(used).or_default() += count;
    }

    /// Whether cells were made anew in between: for another rule, or because a clock was wrong.
    pub fn is_remade(&self) -> bool {
        self.remade
    }

    /// Whether cells can be what these changes, perhaps with others before them that are over, made:
    /// they hold no other uses.
    pub fn may_hold(&self, cells: &Cells) -> bool {
        let is_told =
            |(used, count): (Use, u64)| self.uses.get(&used).is_some_and(|it| count <= *it);
        let of_its_zone = match &cells.0 {
            Content::Days(days) => self.zones.contains(days.zone()),
            Content::Rolling(_) | Content::Unused => true,
        };
        of_its_zone && uses(cells).all(is_told)
    }

    /// Whether cells can be what exactly these changes made: they hold no other uses, and as many as
    /// these leave, where that does not depend on their order.
    pub fn may_make(&self, cells: &Cells) -> bool {
        let held = || uses(cells).map(|(_, count)| count).sum::<u64>();
        self.may_hold(cells) && self.left().is_none_or(|left| left == held())
    }

    /// How many of these uses cells lack.
    pub fn lacking(&self, cells: &Cells) -> u64 {
        let held: BTreeMap<Use, u64> = uses(cells).collect();
        let lacking = self.uses.iter().map(|(used, count)| {
            let held = held.get(used).copied().unwrap_or_default();
            count.saturating_sub(held)
        });
        lacking.sum()
    }

    /// How many uses were let go at most, where that does not depend on the order.
    pub fn let_go(&self) -> Option<u64> {
        let days = self.uses.keys().filter(|it| matches!(it, Use::On(_)));
        // Which dates are let go depends on the date on which there are too many of them.
        (!self.remade && days.count() <= DATES_MAX).then_some(self.forgotten)
    }

    /// How many uses are left, where that does not depend on the order.
    fn left(&self) -> Option<u64> {
        let let_go = self.let_go()?;
        match (self.used, self.dates) {
            (used, 0) => used.checked_sub(let_go),
            (0, dates) if self.begun == 1 => Some(dates),
            _ => None,
        }
    }

    /// Whether cells of a window can have been over at an instant after one of these changes was made,
    /// and others that are not known.
    ///
    /// A use that was let go may be dated later than those that came after it, where the clock was set
    /// back in between: by a window at most, since otherwise cells are made anew.
    pub fn may_be_over(&self, change: &CellChange, window: &Window, now: Timestamp) -> bool {
        let is_over = |cells: &Cells| match window {
            Window::Rolling(length) => is_past(cells, *length, now),
            Window::Day(_) => window.is_over(cells, now),
        };
        match change {
            CellChange::Used { at, .. } => {
                is_over(&[*at].into_iter().collect::<super::ring::Ring>().into())
            }
            CellChange::UsedOn { date } => self.zones.iter().any(|zone| {
                let used = BTreeMap::from([(*date, 1)]);
                is_over(&Days::new(zone, used).into())
            }),
            CellChange::Replaced(cells) => is_over(cells),
        }
    }
}

/// Whether every use is a window ago.
fn is_past(cells: &Cells, length: Duration, now: Timestamp) -> bool {
    let newest = carry::to_ring(cells, length, now).uses().max();
    newest.is_none_or(|newest| now.since(newest) >= length)
}

/// The uses that cells hold, and how many there are of each; one may be told several times.
fn uses(cells: &Cells) -> impl Iterator<Item = (Use, u64)> {
    let mut uses: BTreeMap<Use, u64> = BTreeMap::new();
    match &cells.0 {
        Content::Unused => {}
        Content::Rolling(ring) => {
            for at in ring.uses() {
                *uses.entry(Use::At(at)).or_default() += 1;
            }
        }
        Content::Days(days) => {
            let dates = days.dates();
            uses.extend(dates.map(|(date, used)| (Use::On(date), u64::from(used))));
        }
    }
    uses.into_iter()
}
