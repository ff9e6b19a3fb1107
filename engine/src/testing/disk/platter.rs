//! One file of a disk: what is durable, what is seen, and what lies between.

use std::io::{ErrorKind, Result};
use std::sync::Arc;

use super::Faults;
use crate::testing::Chance;

/// What a disk writes at once or not at all.
const SECTOR: usize = 512;

/// A change of a file: its length, or bytes at an offset.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Length(u64),
    Bytes(u64, Arc<[u8]>),
}

/// What a power loss leaves of what was not synced.
#[derive(Debug, Clone, Copy)]
pub(super) enum Surviving {
    Nothing,
    Everything,
    /// What was done first, whole, and nothing from some point on.
    Beginning,
    /// Any changes, whole.
    Whole,
    /// Any sectors of any changes.
    Torn,
}

impl Surviving {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        match chance.below(8) {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 => Self::Beginning,
            3 | 4 => Self::Whole,
            _ => Self::Torn,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Platter {
    /// What a power loss leaves for certain.
    durable: Vec<u8>,
    /// What was done since the last sync, in order.
    pending: Vec<Pending>,
    /// What is read back.
    seen: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Pending {
    change: Change,
    /// Whether it made the file longer. Where a length that was set does not survive, what was
    /// written behind the old end is not seen again either.
    grows: bool,
}

impl Platter {
    pub(super) fn len(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = size(offset);
        let bytes = self.seen.get(start..start.saturating_add(out.len()));
        out.copy_from_slice(bytes.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    pub(super) fn change(&mut self, change: Change) {
        let grows = change.length_after(self.len()) > self.len();
        change.apply(&mut self.seen);
        self.pending.push(Pending { change, grows });
    }

    pub(super) fn sync(&mut self) {
        for pending in self.pending.drain(..) {
            pending.change.apply(&mut self.durable);
        }
    }

    pub(super) fn after_power_loss(
        &self,
        surviving: Surviving,
        chance: &mut Chance,
        faults: &mut Faults,
    ) -> Self {
        let mut bytes = self.durable.clone();
        let count = u64::try_from(self.pending.len()).unwrap_or(u64::MAX);
        let first_lost = usize::try_from(chance.below(count.saturating_add(1))).unwrap_or_default();
        for (number, pending) in self.pending.iter().enumerate() {
            let whole = match surviving {
                Surviving::Nothing => false,
                Surviving::Everything => true,
                Surviving::Beginning => number < first_lost,
                Surviving::Whole | Surviving::Torn => chance.percent(50),
            };
            match surviving {
                _ if whole => pending.survive(&mut bytes),
                Surviving::Torn => pending.tear(&mut bytes, chance, faults),
                _ => pending.lose(faults),
            }
        }
        Self {
            seen: bytes.clone(),
            durable: bytes,
            pending: Vec::new(),
        }
    }
}

impl Pending {
    fn survive(&self, bytes: &mut Vec<u8>) {
        match &self.change {
            Change::Bytes(offset, data) if !self.grows => {
                let end = bytes.len().saturating_sub(size(*offset));
                let data = data.get(..end).unwrap_or(data);
                if !data.is_empty() {
                    Change::Bytes(*offset, data.into()).apply(bytes);
                }
            }
            change => change.apply(bytes),
        }
    }

    fn lose(&self, faults: &mut Faults) {
        match &self.change {
            Change::Length(_) => faults.lengths_lost += 1,
            Change::Bytes(..) => faults.writes_lost += 1,
        }
    }

    fn tear(&self, bytes: &mut Vec<u8>, chance: &mut Chance, faults: &mut Faults) {
        let parts = self.change.part(chance);
        if parts.is_empty() {
            self.lose(faults);
            return;
        }
        faults.writes_torn += 1;
        let grows = self.grows;
        for change in parts {
            Self { change, grows }.survive(bytes);
        }
    }
}

impl Change {
    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(size(*length), 0),
            Self::Bytes(offset, data) => {
                let start = size(*offset);
                let end = start.saturating_add(data.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                if let Some(place) = bytes.get_mut(start..end) {
                    place.copy_from_slice(data);
                }
            }
        }
    }

    pub(super) fn length_after(&self, length: u64) -> u64 {
        match self {
            Self::Length(length) => *length,
            Self::Bytes(offset, data) => {
                let written = u64::try_from(data.len()).unwrap_or(u64::MAX);
                length.max(offset.saturating_add(written))
            }
        }
    }

    /// Some of the sectors that it writes, by chance; none of a change of length.
    pub(super) fn part(&self, chance: &mut Chance) -> Vec<Self> {
        let Self::Bytes(offset, data) = self else {
            return Vec::new();
        };
        let mut parts = Vec::new();
        let (mut at, mut rest) = (*offset, data.as_ref());
        while !rest.is_empty() {
            let to_boundary = SECTOR.saturating_sub(size(at) % SECTOR);
            let (sector, after) = rest.split_at(to_boundary.min(rest.len()));
            if chance.percent(50) {
                parts.push(Self::Bytes(at, sector.into()));
            }
            at = at.saturating_add(u64::try_from(sector.len()).unwrap_or(u64::MAX));
            rest = after;
        }
        parts
    }
}

/// A place in memory. What does not fit there is no file that a test could have.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
