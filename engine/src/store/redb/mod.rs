//! The durable store: one redb file.
//!
//! # Layout, format 1
//!
//! Every table maps bytes to bytes. Texts are UTF-8, numbers big-endian, so that the order of bytes
//! is the order of what they mean; `00` ends a text that something follows (no id or name contains
//! it). A *row* is one version byte, `01`, and then MessagePack, in which a struct is an array of
//! its fields and may grow at the end.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | `magic` | `stateward` |
//! | | `format` | number, 4 bytes |
//! | | `header` | row of [`Header`] |
//! | | `in_force` | row of [`InForce`]; none before a bundle was put in force |
//! | | `places_used` | places of the outbox that were given out; number, 8 bytes |
//! | `accounts` | account id | `01`, revision (8 bytes), MessagePack of [`Account`] |
//! | `journal` | account id `00` revision (8 bytes) | bytes that the engine makes |
//! | `attempts` | attempt id | row of [`Attempt`] |
//! | `timers` | instant (8 bytes, sign bit flipped) account id `00` kind (1 byte) name | nothing |
//! | `claims` | attribute `00` MessagePack of the value | row of the holders' ids, sorted |
//! | `shared` | quota `00` key | row of [`SharedCells`] |
//! | `outbox` | place (8 bytes) | row of [`OutboxMessage`] |
//! | `remembered` | idempotency key | row of [`Remembered`] |
//! | `bundles` | fingerprint (32 bytes) | row of [`StoredBundle`] |
//! | `data_keys` | account id | bytes that the engine makes |
//! | `denials` | account id or nothing `00` number (8 bytes) | bytes that the engine makes |
//! | `denial_heads` | account id or nothing | row of [`DenialHead`] |
//!
//! The bytes of a journal record are those that the hash chain covers; a store reads none of them. The kinds of timers are 0 for
//! [`Timer::After`], 1 for [`Timer::Lapse`] and 2 for [`Timer::Overdue`].
//!
//! One account's records lie together, and a transition without side effects writes to `accounts`
//! and `journal` only. A row that does not decode is [`StoreError::Damaged`], never a panic, and the
//! error names the table and the key but no personal value. Damage below the rows, in redb's pages,
//! is found for certain when the file is opened with [`RedbOptions::check`].
//!
//! # Durability
//!
//! A commit is one transaction with redb's `Durability::Immediate` and quick repair: it is on disk
//! when `commit` returns, and opening after a crash takes milliseconds however large the file is.
//! After an input or output error it is not known whether the last commit is durable. From then on
//! the store answers [`StoreError::Io`] to everything until it is opened again, which shows the
//! commit completely or not at all.
//!
//! [`Account`]: crate::account::Account
//! [`DenialHead`]: super::DenialHead
//! [`Attempt`]: crate::account::Attempt
//! [`InForce`]: super::InForce
//! [`OutboxMessage`]: crate::account::OutboxMessage
//! [`Remembered`]: super::Remembered
//! [`SharedCells`]: super::SharedCells
//! [`StoredBundle`]: super::StoredBundle
//! [`Timer::After`]: crate::account::Timer::After
//! [`Timer::Lapse`]: crate::account::Timer::Lapse
//! [`Timer::Overdue`]: crate::account::Timer::Overdue

mod error;
#[cfg(any(test, feature = "testing"))]
mod files;
mod key;
mod open;
mod read;
mod row;
mod table;
#[cfg(test)]
mod tests;
mod write;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ::redb::{Database, ReadableDatabase};

use self::error::fault;
#[cfg(any(test, feature = "testing"))]
pub use self::files::StoreFiles;
use self::read::RedbSnapshot;
use self::write::Transaction;
use super::apply::{apply, keep, put_in_force};
use super::{
    Changes, CommitError, Delivery, Header, NewDenial, Place, Snapshot, Store, StoreError,
    StoredBundle,
};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// How a store's file is used.
#[derive(Debug, Clone)]
pub struct RedbOptions {
    /// Memory for pages of the file, in bytes.
    pub cache_bytes: usize,
    /// Whether opening first reads the whole file and compares every page with its checksum: for a
    /// file that was copied or may be damaged. Ordinary reading does not compare them.
    pub check: bool,
}

impl Default for RedbOptions {
    /// 64 MiB of cache, and no check.
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            check: false,
        }
    }
}

/// A store in one file. One process at a time may have it open.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
    header: Header,
    /// Whether reading or writing failed: nothing can be said of the last commit any more.
    failed: AtomicBool,
}

impl RedbStore {
    /// Creates a store. The file appears at its path complete, readable by its owner only, or not
    /// at all.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is something at the path; [`StoreError::Io`] when it
    /// cannot be written.
    pub fn create(path: impl AsRef<Path>, header: &Header, options: &RedbOptions) -> Result<Self> {
        open::create(path.as_ref(), header, options)
    }

    /// Opens a store.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Foreign`], [`StoreError::Newer`],
    /// [`StoreError::Locked`], [`StoreError::Damaged`] or [`StoreError::Io`].
    pub fn open(path: impl AsRef<Path>, options: &RedbOptions) -> Result<Self> {
        open::open(path.as_ref(), options)
    }

    /// Creates a store on files of the caller's, which must be empty.
    ///
    /// # Errors
    /// [`StoreError::Io`] when they cannot be written.
    #[cfg(any(test, feature = "testing"))]
    pub fn create_on(files: StoreFiles, header: &Header, options: &RedbOptions) -> Result<Self> {
        let database = open::on(files, options)?;
        open::initialise(&database, header)?;
        open::identified(database, "disk".as_ref())
    }

    /// Opens a store on files of the caller's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[cfg(any(test, feature = "testing"))]
    pub fn open_on(files: StoreFiles, options: &RedbOptions) -> Result<Self> {
        open::identified(open::on(files, options)?, "disk".as_ref())
    }

    /// Runs one write transaction: its rows are durable when this returns, or unchanged where the
    /// work fails. Callers wait for each other.
    fn write<E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<Effect, E>,
    ) -> Result<(), E> {
        self.refuse_after_failure()?;
        let mut transaction = self.database.begin_write().map_err(fault)?;
        transaction.set_quick_repair(true);
        match work(&mut Transaction::new(&transaction))? {
            Effect::Changed => transaction.commit().map_err(fault)?,
            Effect::None => transaction.abort().map_err(fault)?,
        }
        Ok(())
    }

    fn refuse_after_failure(&self) -> Result {
        if self.failed.load(Ordering::Acquire) {
            return Err(StoreError::Io(error::AFTER_FAILURE.to_owned()));
        }
        Ok(())
    }

    /// Remembers that reading or writing failed.
    fn note(&self, error: &StoreError) {
        if matches!(error, StoreError::Io(_)) {
            self.failed.store(true, Ordering::Release);
        }
    }
}

/// Whether a transaction has anything to commit. One that fails is undone when it is dropped.
enum Effect {
    Changed,
    None,
}

impl Store for RedbStore {
    fn header(&self) -> Result<Header> {
        Ok(self.header.clone())
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>> {
        self.refuse_after_failure()?;
        let transaction = self.database.begin_read().map_err(fault);
        let transaction = transaction.inspect_err(|error| self.note(error))?;
        Ok(Box::new(RedbSnapshot::new(transaction)))
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let committed = self.write(|rows| {
            apply(rows, &changes)?;
            Ok(Effect::Changed)
        });
        committed.inspect_err(|error| match error {
            CommitError::Store(error) => self.note(error),
            CommitError::Conflict | CommitError::Busy => {}
        })
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result {
        let settled = self.write(|rows| {
            let found = rows.settle(place, delivery)?;
            Ok(if found { Effect::Changed } else { Effect::None })
        });
        settled.inspect_err(|error| self.note(error))
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result {
        let put = self.write(|rows| {
            put_in_force(rows, bundle, settled)?;
            Ok(Effect::Changed)
        });
        put.inspect_err(|error| self.note(error))
    }

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        let kept = self.write(|rows| {
            keep(rows, &denial)?;
            Ok(Effect::Changed)
        });
        kept.inspect_err(|error| match error {
            CommitError::Store(error) => self.note(error),
            CommitError::Conflict | CommitError::Busy => {}
        })
    }
}
