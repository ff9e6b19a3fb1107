//! A ring of cells, each of which may be used once per window: a sliding log.

use std::collections::VecDeque;
use std::time::Duration;

use crate::gcra::{Gcra, Verdict};
use crate::time::Timestamp;

/// When each cell was last used, in the order of use: the cell that was used longest ago is in
/// front, so the next use takes the `limit`-th from the end. Kept this way, and not by slot, the
/// ring can be read under another limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ring {
    uses: VecDeque<Timestamp>,
}

impl Ring {
    pub(super) const EMPTY: Self = Self {
        uses: VecDeque::new(),
    };

    pub(super) fn uses(&self) -> impl ExactSizeIterator<Item = Timestamp> {
        self.uses.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.uses.len()
    }

    /// Decides the cell that the next use takes; refused, says from when on it is free.
    pub(super) fn decide(&self, gcra: Gcra, limit: u32, now: Timestamp) -> Result<(), Timestamp> {
        let Some(used) = self.cell(limit, 0) else {
            return Ok(());
        };
        // Instants count from the cell's last use.
        match gcra.decide(gcra.cell_after(1), nanos(now.since(used))) {
            Verdict::Admitted { .. } => Ok(()),
            Verdict::Refused { earliest } => Err(used.after(Duration::from_nanos(earliest))),
        }
    }

    /// The cell that the next use but `ahead` takes, if it was ever used.
    fn cell(&self, limit: u32, ahead: usize) -> Option<Timestamp> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let index = (self.uses.len() + ahead).checked_sub(limit)?;
        self.uses.get(index).copied()
    }

    /// How many uses there could be at an instant, one after another.
    pub(super) fn free(&self, limit: u32, length: Duration, now: Timestamp) -> u32 {
        let cells = (0_u32..limit).zip(0_usize..);
        let mut free = cells.map(|(count, ahead)| (count, self.cell(limit, ahead)));
        free.find(|(_, cell)| cell.is_some_and(|used| now.since(used) < length))
            .map_or(limit, |(count, _)| count)
    }

    /// How many cells in front need not be kept once there is another use now: those beyond the
    /// limit, and those so old that even a clock set back by a window could not need them.
    pub(super) fn forgettable(&self, limit: u32, length: Duration, now: Timestamp) -> u32 {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let beyond = (self.uses.len() + 1).saturating_sub(limit);
        let kept_for = length.saturating_mul(2);
        let old = self
            .uses
            .iter()
            .take_while(|used| now.since(**used) >= kept_for);
        u32::try_from(beyond.max(old.count())).unwrap_or(u32::MAX)
    }

    /// Uses a cell, and lets go of so many in front.
    pub(super) fn put(&mut self, at: Timestamp, forget: u32) {
        let forget = usize::try_from(forget).unwrap_or(usize::MAX);
        self.uses.push_back(at);
        self.uses.drain(..forget.min(self.uses.len() - 1));
    }

    /// Whether a cell is dated so far ahead that the clock which dated it must have been wrong.
    pub(super) fn is_ahead(&self, length: Duration, now: Timestamp) -> bool {
        let horizon = now.after(length);
        self.uses.iter().any(|used| *used > horizon)
    }

    /// The ring with every cell that is dated later than now taken as used now.
    pub(super) fn set_back(&self, now: Timestamp) -> Self {
        self.uses.iter().map(|used| (*used).min(now)).collect()
    }
}

impl FromIterator<Timestamp> for Ring {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(uses: I) -> Self {
        Self {
            uses: uses.into_iter().collect(),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
