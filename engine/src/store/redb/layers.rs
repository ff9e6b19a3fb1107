//! What the store holds at one moment: rows that the state contains, and over them the rows of the
//! log that it does not contain yet.

use std::ops::Bound;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

use super::log::Mark;
use super::state::Tables;
use super::table::{Key, Table};
use crate::account::Digest;
use crate::store::StoreError;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// The bytes of a row.
pub(super) type Value = Arc<[u8]>;

/// A row that was written: its key, and its value or `None` where it was removed.
pub(super) type Row = (Key, Option<Value>);

/// Rows that were written, by their keys. Copies share what is equal in them, so that a snapshot costs
/// nothing.
pub(super) type Rows = RedBlackTreeMapSync<Key, Option<Value>>;

/// One moment of the store. Whoever holds it sees that moment for good.
#[derive(Clone)]
pub(super) struct Layers {
    /// Rows that came last.
    pub(super) newer: Rows,
    /// Bytes of the frames they came in.
    pub(super) newer_bytes: u64,
    /// Rows that are being fed to the state.
    pub(super) older: Rows,
    /// The rows of the state.
    pub(super) tables: Arc<Tables>,
    /// The end of the log at this moment.
    pub(super) end: Mark,
    /// The number of the last record.
    pub(super) records: u64,
    /// A bundle that is certainly kept.
    pub(super) bundle: Option<Digest>,
}

/// What a scan does with a row.
pub(super) enum Pick<T> {
    /// It is wanted.
    Take(T),
    /// It is not.
    Skip,
    /// Neither it is nor what comes after it.
    Stop,
}

impl Layers {
    /// Reads a row.
    pub(super) fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<Option<T>> {
        self.get_whole(table, &table.key(key), read)
    }

    /// The same for a key that has its table in front.
    pub(super) fn get_whole<T>(
        &self,
        table: Table,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<Option<T>> {
        match self.newer.get(key).or_else(|| self.older.get(key)) {
            Some(Some(value)) => read(value).map(Some),
            Some(None) => Ok(None),
            None => self.tables.get(table, bare(key), read),
        }
    }

    /// Writes rows, over what there is.
    pub(super) fn put(&mut self, rows: &[Row]) {
        for (key, value) in rows {
            self.newer.insert_mut(key.clone(), value.clone());
        }
    }

    /// Rows of a table from one bound to another, in order, until there are enough.
    pub(super) fn scan<T>(
        &self,
        table: Table,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        limit: usize,
        mut pick: impl FnMut(&[u8], &[u8]) -> Result<Pick<T>>,
    ) -> Result<Vec<T>> {
        let (from, to) = whole_bounds(table, bounds);
        let bounds_of = || {
            (
                from.as_ref().map(Key::as_slice),
                to.as_ref().map(Key::as_slice),
            )
        };
        let mut newer = self.newer.range::<[u8], _>(bounds_of()).peekable();
        let mut older = self.older.range::<[u8], _>(bounds_of()).peekable();
        let mut state = self.tables.range(table, bounds)?;
        let mut below = state.next().transpose()?;
        let mut picked = Vec::new();
        while picked.len() < limit {
            let (fresh, aging) = (newer.peek().copied(), older.peek().copied());
            let keys = [
                fresh.map(|(key, _)| bare(key)),
                aging.map(|(key, _)| bare(key)),
                below.as_ref().map(|(key, _)| key.value()),
            ];
            let Some(least) = keys.into_iter().flatten().min() else {
                break;
            };
            let [in_newer, in_older, in_state] = keys.map(|key| key == Some(least));
            let fresh = fresh.filter(|_| in_newer).or(aging.filter(|_| in_older));
            let verdict = match (fresh, &below) {
                (Some((_, None)), _) => Pick::Skip,
                (Some((key, Some(value))), _) => pick(bare(key), value)?,
                (None, Some((key, value))) => pick(key.value(), value.value())?,
                (None, None) => Pick::Stop,
            };
            match verdict {
                Pick::Take(item) => picked.push(item),
                Pick::Skip => {}
                Pick::Stop => break,
            }
            if in_newer {
                newer.next();
            }
            if in_older {
                older.next();
            }
            if in_state {
                below = state.next().transpose()?;
            }
        }
        Ok(picked)
    }
}

/// A key without the table in front.
fn bare(key: &[u8]) -> &[u8] {
    key.get(1..).unwrap_or_default()
}

/// The bounds of a table's rows among those of all tables.
fn whole_bounds(
    table: Table,
    (from, to): (Bound<&[u8]>, Bound<&[u8]>),
) -> (Bound<Key>, Bound<Key>) {
    let from = match from.map(|key| table.key(key)) {
        Bound::Unbounded => Bound::Included(table.key(&[])),
        bound => bound,
    };
    let to = match to.map(|key| table.key(key)) {
        Bound::Unbounded => Bound::Excluded(Key::from([table.id.saturating_add(1)].as_slice())),
        bound => bound,
    };
    (from, to)
}
