//! The durable store: a redb file, and the log that feeds it.
//!
//! # Layout, format 3
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
//! | | `log` | id of the log, number and place of the first frame that is not in the tables; 8 bytes each |
//! | | `copy` | `01` in a copy of a store, which has no `log` |
//! | | `swept` | row of [`Swept`]: up to where answers and cells that have no effect any more were looked for, and what was over when they were |
//! | | `numbered_later` | number of the last record that was written before there were numbers; 8 bytes |
//! | | `places_used` | places of the outbox that were given out; number, 8 bytes |
//! | `accounts` | account id | `02`, revision (8 bytes), MessagePack of [`Account`], ends of its journal (8 bytes each) |
//! | `records` | number in the order of commits (8 bytes) | `01`, revision, number of the record before it, number of one further back (8 bytes each), account id `00`, bytes that the engine makes |
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
//! The bytes that the engine makes of a record are those that the hash chain covers; a store reads none
//! of them. `journal` says how an account's records are found. The kinds of timers are 0 for
//! [`Timer::After`], 1 for [`Timer::Lapse`] and 2 for [`Timer::Overdue`].
//!
//! A transition without side effects writes to `accounts` and, at its end, to `records`: of the pages of
//! the file it has one to itself. A row that does not decode is [`StoreError::Damaged`], never a panic, and the
//! error names the table and the key but no personal value. Damage below the rows, in redb's pages,
//! is found for certain when the file is opened with [`RedbOptions::check`].
//!
//! # Durability
//!
//! Beside `store.redb` lies `store.redb-log`: a ring of checksummed frames (`log`, `frame`). Callers
//! that commit at the same time share a round (`group`): each checks its change against what was
//! committed and what came before it in the open round, and writes its rows there (`tip`), while the
//! round before is made durable. Then whoever leads the round writes all its rows as one frame, syncs
//! the log once, shows the rows to all who read from then on, and has everybody answered (`writer`). So a
//! commit costs at most one sync of bytes that take the place of others, and nothing is acknowledged, or
//! read for a decision, before it is durable.
//!
//! Rows that the redb file does not contain yet are kept in memory, over it (`layers`). When there is a
//! portion of them, they are fed to it in the background, in the order of their keys, in one durable
//! transaction that also says from where on the log is still needed (`state`). At most the log's capacity
//! is kept so. Opening reads the rest of the log, which takes milliseconds however large the store is;
//! redb's quick repair does the same for its file. A frame that was not written completely ends the log:
//! a round happens as a whole or not at all.
//!
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
//! [`Swept`]: super::Swept
//! [`Timer::After`]: crate::account::Timer::After
//! [`Timer::Lapse`]: crate::account::Timer::Lapse
//! [`Timer::Overdue`]: crate::account::Timer::Overdue

mod copy;
mod error;
#[cfg(any(test, feature = "testing"))]
mod files;
mod frame;
mod group;
mod journal;
mod key;
mod layers;
mod log;
mod open;
mod read;
mod row;
mod state;
mod sync;
mod table;
#[cfg(test)]
mod tests;
mod tip;
mod upgrade;
mod upkeep;
mod write;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use self::copy::StoreCopy;
#[cfg(any(test, feature = "testing"))]
pub use self::files::StoreFiles;
pub use self::upkeep::{Sizes, TableSize};

use self::read::RedbSnapshot;
use self::write::Transaction;
use self::writer::Writer;
use super::apply::{apply, keep, put_in_force, sweep};
use super::{
    Changes, CommitError, Delivery, Header, NewDenial, Place, Snapshot, Store, StoreError,
    StoredBundle, Sweep,
};
use crate::account::Account;
use crate::kept::Kept;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// What a log may hold when its store is closed. The next one who opens it reads that much, which
/// is quicker than feeding it to the state each time.
const LEFT_IN_LOG: u64 = 256 << 10;

/// How a store's files are used.
#[derive(Debug, Clone)]
pub struct RedbOptions {
    /// Memory for pages of the file, in bytes.
    pub cache_bytes: usize,
    /// What a new store's log holds, in bytes; by default 64 MiB, and at least 16 MiB. Rows that are
    /// not in the file yet are kept in memory, so this bounds that memory, too. A quarter of it is fed
    /// to the file at a time: the more, the more rows share a page that is written for them.
    pub log_bytes: u64,
    /// Whether the log is fed to the file by a thread of its own. Otherwise the caller who finds that
    /// it is time does it, which a simulation needs in order to be the same each time.
    pub background: bool,
    /// How many accounts are kept as they were read or committed last, besides their rows; a few
    /// kilobytes each.
    pub kept_accounts: usize,
    /// Whether opening first reads the whole file and compares every page with its checksum: for a
    /// file that was copied or may be damaged. Ordinary reading does not compare them.
    pub check: bool,
}

impl Default for RedbOptions {
    /// 64 MiB of cache, a log of 64 MiB, fed in the background, 16,384 accounts kept, and no check.
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            log_bytes: 4 * log::CAPACITY_MIN,
            background: true,
            kept_accounts: 16_384,
            check: false,
        }
    }
}

/// A store in one file, with its log beside it. One process at a time may have it open.
pub struct RedbStore {
    header: Header,
    writer: Arc<Writer>,
    accounts: Kept<Arc<Account>>,
    background: bool,
    feeder: Mutex<Option<JoinHandle<()>>>,
}

impl RedbStore {
    /// Creates a store. Its files appear at their places complete, readable by their owner only, or
    /// not at all.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is something at the path, or a log beside it;
    /// [`StoreError::Io`] when they cannot be written.
    pub fn create(path: impl AsRef<Path>, header: &Header, options: &RedbOptions) -> Result<Self> {
        open::create(path.as_ref(), header, options)
    }

    /// Opens a store.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Foreign`], [`StoreError::Newer`], [`StoreError::Older`],
    /// [`StoreError::Locked`], [`StoreError::Damaged`] or [`StoreError::Io`].
    pub fn open(path: impl AsRef<Path>, options: &RedbOptions) -> Result<Self> {
        open::open(path.as_ref(), options)
    }

    /// Opens a store, and brings one of an older format to the one that is written here before: as a
    /// whole, or not at all. `progress` is told how many records have their numbers.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn upgrade(
        path: impl AsRef<Path>,
        options: &RedbOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self> {
        upgrade::upgrade(path.as_ref(), options, progress)
    }

    /// Creates a store in files of any kind: a simulated disk, say. Its log holds as little as is asked
    /// for; a commit that does not fit into it is refused.
    ///
    /// # Errors
    /// [`StoreError::Io`] when they cannot be written.
    #[cfg(any(test, feature = "testing"))]
    pub fn create_on(files: StoreFiles, header: &Header, options: &RedbOptions) -> Result<Self> {
        open::create_on(files, header, options)
    }

    /// Opens a store in files of any kind.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    #[cfg(any(test, feature = "testing"))]
    pub fn open_on(files: StoreFiles, options: &RedbOptions) -> Result<Self> {
        open::open_on(files, options)
    }

    /// Feeds everything that was committed to the file, so that its log holds nothing that is needed.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the file cannot be written; no commit is lost by that.
    pub fn checkpoint(&self) -> Result {
        self.writer.feed()
    }

    fn new(header: Header, writer: Writer, options: &RedbOptions) -> Self {
        Self {
            header,
            writer: Arc::new(writer),
            accounts: Kept::new(options.kept_accounts),
            background: options.background,
            feeder: Mutex::new(None),
        }
    }

    /// Has a job done: its rows are durable when this returns, or unchanged where it fails.
    fn write(
        &self,
        job: impl FnOnce(&mut Transaction<'_>) -> Result<(), CommitError>,
    ) -> Result<(), CommitError> {
        let done = self.writer.write(job);
        self.feed_if_full();
        done
    }

    /// Has something written that relies on nothing, however much the store has to do.
    fn note(&self, job: impl Fn(&mut Transaction<'_>) -> Result) -> Result {
        loop {
            match self.write(|rows| Ok(job(rows)?)) {
                Err(CommitError::Store(error)) => return Err(error),
                Err(CommitError::Busy) => std::thread::yield_now(),
                Err(CommitError::Conflict) | Ok(()) => return Ok(()),
            }
        }
    }

    /// Begins to feed the state where there is a portion for it. What fails is noticed by whoever
    /// uses the store next.
    fn feed_if_full(&self) {
        if !self.writer.is_full() {
            return;
        }
        if !self.background {
            drop(self.writer.feed());
            return;
        }
        let mut feeder = self.feeder.lock().unwrap_or_else(PoisonError::into_inner);
        if feeder.as_ref().is_none_or(JoinHandle::is_finished) {
            let writer = Arc::clone(&self.writer);
            let begun = std::thread::Builder::new()
                .name("stateward-feeder".to_owned())
                .spawn(move || drop(writer.feed()));
            // Without a thread the log fills up, and then the callers feed it.
            *feeder = begun.ok();
        }
    }
}

impl std::fmt::Debug for RedbStore {
    /// Without the rows, which are personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedbStore")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        let feeder = self
            .feeder
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(feeder) = feeder.take() {
            drop(feeder.join());
        }
        let waits = |layers: Arc<layers::Layers>| layers.newer_bytes > LEFT_IN_LOG;
        if self.writer.layers().is_ok_and(waits) {
            drop(self.writer.feed());
        }
    }
}

impl Store for RedbStore {
    fn header(&self) -> Result<Header> {
        Ok(self.header.clone())
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>> {
        let layers = self.writer.layers()?;
        Ok(Box::new(RedbSnapshot::new(layers, &self.accounts)))
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        // Here callers work side by side, in a round one after the other.
        let row = row::encode_account(&changes.account)?;
        self.write(|rows| {
            rows.bring(row);
            apply(rows, &changes)
        })?;
        let account = Arc::new(changes.account);
        self.accounts.put(&account.id.clone(), account);
        Ok(())
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result {
        self.note(|rows| rows.settle(place, delivery))
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result {
        self.note(|rows| put_in_force(rows, bundle, settled))
    }

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        self.write(|rows| keep(rows, &denial))
    }

    fn sweep(&self, found: Sweep) -> Result {
        self.note(|rows| sweep(rows, &found))
    }
}
