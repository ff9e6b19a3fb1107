//! The tables, and where in them one row is.

use std::fmt::Display;

use ::redb::TableDefinition;

use crate::store::StoreError;

/// Bytes to bytes: redb's own text types panic on damaged text.
pub(super) type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;

pub(super) const META: Table = Table::new("meta");
pub(super) const ACCOUNTS: Table = Table::new("accounts");
pub(super) const JOURNAL: Table = Table::new("journal");
pub(super) const ATTEMPTS: Table = Table::new("attempts");
pub(super) const TIMERS: Table = Table::new("timers");
pub(super) const CLAIMS: Table = Table::new("claims");
pub(super) const SHARED: Table = Table::new("shared");
pub(super) const OUTBOX: Table = Table::new("outbox");
pub(super) const REMEMBERED: Table = Table::new("remembered");
pub(super) const BUNDLES: Table = Table::new("bundles");
pub(super) const DATA_KEYS: Table = Table::new("data_keys");
pub(super) const DENIALS: Table = Table::new("denials");
pub(super) const DENIAL_HEADS: Table = Table::new("denial_heads");

/// Every table, in the order they are made in.
pub(super) const ALL: [Table; 13] = [
    META,
    ACCOUNTS,
    JOURNAL,
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
];

/// Those that files of the first versions do not have.
pub(super) const LATER: [Table; 3] = [DATA_KEYS, DENIALS, DENIAL_HEADS];

/// That a row cannot be read. `key` says which one, without its personal part.
pub(super) fn damaged(table: Table, key: impl Display, why: &str) -> StoreError {
    let table = ::redb::TableHandle::name(&table).to_owned();
    StoreError::Damaged(format!("row `{key}` of table `{table}` {why}"))
}
