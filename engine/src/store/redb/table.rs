//! The tables, and where in them one row is.

use std::fmt::Display;

use ::redb::TableDefinition;
use smallvec::SmallVec;

use crate::store::StoreError;

/// The key of a row, its table in front. Those of accounts and records lie where they are compared.
pub(super) type Key = SmallVec<[u8; 24]>;

/// A table. Bytes to bytes: redb's own text types panic on damaged text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    /// Its number, which stands for it in the log and is never used for another table.
    pub(super) id: u8,
    pub(super) name: &'static str,
}

pub(super) const META: Table = Table::new(0, "meta");
pub(super) const ACCOUNTS: Table = Table::new(1, "accounts");
pub(super) const ATTEMPTS: Table = Table::new(3, "attempts");
pub(super) const TIMERS: Table = Table::new(4, "timers");
pub(super) const CLAIMS: Table = Table::new(5, "claims");
pub(super) const SHARED: Table = Table::new(6, "shared");
pub(super) const OUTBOX: Table = Table::new(7, "outbox");
pub(super) const REMEMBERED: Table = Table::new(8, "remembered");
pub(super) const BUNDLES: Table = Table::new(9, "bundles");
pub(super) const DATA_KEYS: Table = Table::new(10, "data_keys");
pub(super) const DENIALS: Table = Table::new(11, "denials");
pub(super) const DENIAL_HEADS: Table = Table::new(12, "denial_heads");
pub(super) const RECORDS: Table = Table::new(13, "records");

/// Every table, by its number. The number 2 was `journal`, up to format 2.
pub(super) const ALL: [Table; 13] = [
    META,
    ACCOUNTS,
    ATTEMPTS,
    TIMERS,
    CLAIMS,
    SHARED,
    OUTBOX,
    REMEMBERED,
    BUNDLES,
    DATA_KEYS,
    DENIALS,
    DENIAL_HEADS,
    RECORDS,
];

impl Table {
    const fn new(id: u8, name: &'static str) -> Self {
        Self { id, name }
    }

    /// The table as redb knows it.
    pub(super) fn definition(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(self.name)
    }

    /// A row's key with its table in front, so that the rows of all tables have one order.
    pub(super) fn key(self, key: &[u8]) -> Key {
        let mut whole = Key::with_capacity(key.len() + 1);
        whole.push(self.id);
        whole.extend_from_slice(key);
        whole
    }
}

/// That a row cannot be read. `key` says which one, without its personal part.
pub(super) fn damaged(table: Table, key: impl Display, why: &str) -> StoreError {
    StoreError::Damaged(format!("row `{key}` of table `{}` {why}", table.name))
}
