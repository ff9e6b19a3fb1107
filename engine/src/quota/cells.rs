//! What is kept of a limit, how it changes, and how it is stored.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::days::{DATES_MAX, Days};
use super::ring::Ring;
use super::rule::LIMIT_MAX;
use crate::time::Timestamp;

/// The cells of one limit under one key; none is used by default.
///
/// Stored as the uses themselves, in a form that stays small: a rolling window as its first use and
/// the milliseconds from each to the next, days as a number for each date and the zone's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Cells(pub(super) Content);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Content {
    #[default]
    Unused,
    Rolling(Ring),
    Days(Days),
}

/// What one admission changes: small, for the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CellChange {
    /// A cell of a rolling window was used.
    Used {
        /// When.
        at: Timestamp,
        /// How many of the oldest cells are no longer needed.
        forget: u32,
    },
    /// A date was used.
    UsedOn {
        /// Which.
        #[serde(with = "date")]
        date: Date,
    },
    /// All cells are new: they are the first of a zone, were made for another rule, or were dated
    /// by a clock that was wrong.
    Replaced(Cells),
}

/// Cells that are damaged, or a change that is not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CellsError {
    /// The change belongs to cells of another window.
    #[error("the quota cells are of another window than their change")]
    OtherWindow,
    /// The change forgets more cells than there are.
    #[error("a change forgets more quota cells than there are")]
    Forgets,
    /// More cells than any limit has.
    #[error("there are more quota cells than any limit has")]
    TooMany,
    /// An instant that is none.
    #[error("a quota cell is dated beyond the end of time")]
    Instant,
    /// A date that is none.
    #[error("a quota cell has no calendar date")]
    Date,
}

impl Cells {
    /// Whether nothing was ever used.
    pub fn is_unused(&self) -> bool {
        self.0 == Content::Unused
    }

    /// How many uses are known.
    fn uses(&self) -> usize {
        match &self.0 {
            Content::Unused => 0,
            Content::Rolling(ring) => ring.len(),
            Content::Days(days) => {
                let used = days.dates().map(|(_, used)| used);
                usize::try_from(used.sum::<u32>()).unwrap_or(usize::MAX)
            }
        }
    }

    /// Makes a change. It is the only way cells change.
    ///
    /// # Errors
    /// When the change does not belong to these cells; they stay as they were.
    pub fn apply(&mut self, change: &CellChange) -> Result<(), CellsError> {
        match (&mut self.0, change) {
            (content @ Content::Unused, CellChange::Used { at, forget: 0 }) => {
                *content = Content::Rolling(Ring::from_iter([*at]));
            }
            (Content::Rolling(ring), CellChange::Used { at, forget }) => {
                if usize::try_from(*forget).map_or(true, |forget| forget > ring.len()) {
                    return Err(CellsError::Forgets);
                }
                ring.put(*at, *forget);
            }
            (Content::Days(days), CellChange::UsedOn { date }) => days.put(*date),
            (content, CellChange::Replaced(cells)) => *content = cells.0.clone(),
            (Content::Unused, CellChange::Used { .. }) => return Err(CellsError::Forgets),
            _ => return Err(CellsError::OtherWindow),
        }
        Ok(())
    }
}

impl CellChange {
    /// Whether it is how cells begin that were never used.
    pub fn is_first(&self) -> bool {
        match self {
            Self::Used { forget, .. } => *forget == 0,
            Self::UsedOn { .. } => false,
            Self::Replaced(cells) => cells.uses() == 1,
        }
    }
}

impl From<Ring> for Cells {
    fn from(ring: Ring) -> Self {
        Self(Content::Rolling(ring))
    }
}

impl From<Days> for Cells {
    fn from(days: Days) -> Self {
        Self(Content::Days(days))
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Unused,
    Rolling {
        /// The first use, in milliseconds since 1970.
        first: i64,
        /// From each use to the next; below zero where the clock was set back in between.
        gaps: Vec<i64>,
    },
    Days {
        zone: String,
        used: BTreeMap<String, u32>,
    },
}

impl From<Cells> for Stored {
    fn from(cells: Cells) -> Self {
        match cells.0 {
            Content::Unused => Self::Unused,
            Content::Rolling(ring) => {
                let mut uses = ring.uses().map(Timestamp::as_ms);
                let Some(first) = uses.next() else {
                    return Self::Unused;
                };
                let gap =
                    |last: &mut i64, at: i64| Some(at.saturating_sub(std::mem::replace(last, at)));
                let gaps = uses.scan(first, gap).collect();
                Self::Rolling { first, gaps }
            }
            Content::Days(days) => Self::Days {
                zone: days.zone().to_owned(),
                used: days
                    .dates()
                    .map(|(date, used)| (date.to_string(), used))
                    .collect(),
            },
        }
    }
}

impl TryFrom<Stored> for Cells {
    type Error = CellsError;

    fn try_from(stored: Stored) -> Result<Self, CellsError> {
        match stored {
            Stored::Unused => Ok(Self::default()),
            Stored::Rolling { first, gaps } => ring(first, &gaps).map(Self::from),
            Stored::Days { zone, used } => {
                if used.len() > DATES_MAX {
                    return Err(CellsError::TooMany);
                }
                let used = used.into_iter().map(|(date, used)| {
                    let date = date.parse().map_err(|_| CellsError::Date)?;
                    Ok((date, used))
                });
                Ok(Days::new(&zone, used.collect::<Result<_, _>>()?).into())
            }
        }
    }
}

fn ring(first: i64, gaps: &[i64]) -> Result<Ring, CellsError> {
    let most = usize::try_from(LIMIT_MAX).unwrap_or(usize::MAX);
    if gaps.len() >= most {
        return Err(CellsError::TooMany);
    }
    let mut last = first;
    let rest = gaps.iter().map(|gap| {
        last = last.checked_add(*gap).ok_or(CellsError::Instant)?;
        Ok(Timestamp::from_ms(last))
    });
    std::iter::once(Ok(Timestamp::from_ms(first)))
        .chain(rest)
        .collect()
}

/// For `#[serde(with = "date")]`: a date as `2026-11-22`.
mod date {
    use std::borrow::Cow;

    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        text.parse()
            .map_err(|_| de::Error::custom("expected a date such as 2026-11-22"))
    }
}
