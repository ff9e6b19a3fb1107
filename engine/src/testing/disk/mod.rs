//! A simulated disk: it loses power, tears what was not synced, fails and fills up, as it is told.
//!
//! A store on it runs as on a real one. Everything it does to its files is counted, and can be
//! recorded and done again, step by step, on another disk: so that one run of a workload is enough to
//! look at what a power loss would have left at every moment of it.
//!
//! ```
//! use stateward::testing::{Disk, Failure};
//! use redb::{StorageBackend, backends::FileBackend};
//!
//! let disk = Disk::new();
//! let file = disk.file("state");
//! file.write(0, b"kept")?;
//! file.sync_data()?;
//! file.write(0, b"lost")?;
//! disk.fail(0, Failure::PowerLoss);
//! assert!(file.sync_data().is_err());
//!
//! let found = |seed| {
//!     let mut bytes = [0; 4];
//!     disk.after_power_loss(seed).file("state").read(0, &mut bytes).map(|()| bytes)
//! };
//! assert!((0..20).any(|seed| found(seed).is_ok_and(|bytes| bytes == *b"kept")));
//! assert!((0..20).any(|seed| found(seed).is_ok_and(|bytes| bytes == *b"lost")));
//! # Ok::<(), std::io::Error>(())
//! ```

mod faults;
mod platter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::redb::StorageBackend;

pub use self::faults::Faults;
use self::platter::{Change, Platter, Surviving};
use super::Chance;
use crate::store::StoreFiles;

/// A disk with files, each known by its name. Clones are handles of the same disk.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It alone fails; a part of what it was to write may be there.
    Once,
    /// It fails, and everything that is to change the disk after it.
    Lasting,
    /// The power goes while it runs: it may have been done, partly or not at all, and nothing
    /// happens on this disk any more.
    PowerLoss,
}

/// Something that was done to a file.
#[derive(Debug, Clone)]
pub struct Operation {
    file: Arc<str>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Change(Change),
    Sync,
}

impl Operation {
    /// Whether it made durable what was done before.
    pub fn is_sync(&self) -> bool {
        matches!(self.kind, Kind::Sync)
    }

    /// Where it wrote, if it did.
    pub fn offset(&self) -> Option<u64> {
        match self.kind {
            Kind::Change(Change::Bytes(offset, _)) => Some(offset),
            Kind::Change(Change::Length(_)) | Kind::Sync => None,
        }
    }

    /// The file it was done to.
    pub fn file(&self) -> &str {
        &self.file
    }
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<Arc<str>, Platter>,
    /// Changing operations so far, those that failed among them.
    operations: u64,
    /// Reads so far.
    reads: u64,
    /// Which operation is to fail, and how.
    planned: Option<(u64, Failure)>,
    /// Which read is to fail.
    planned_read: Option<u64>,
    /// Bytes that all files together may have.
    room: Option<u64>,
    /// What fails by now.
    gone: Option<Failure>,
    recorded: Option<Vec<Operation>>,
    faults: Faults,
}

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A file, which is empty where there was none.
    pub fn file(&self, name: &str) -> DiskFile {
        let name: Arc<str> = name.into();
        self.state().files.entry(name.clone()).or_default();
        let disk = self.clone();
        DiskFile { disk, name }
    }

    /// The files of a store: `state` and `log`.
    pub fn store(&self) -> StoreFiles {
        let [state, log] = ["state", "log"].map(|name| Box::new(self.file(name)));
        StoreFiles { state, log }
    }

    /// Operations so far that were to change the disk or to make a change durable.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Lets an operation fail, counted from the next one, which is 0. This replaces what was planned
    /// before.
    pub fn fail(&self, operation: u64, failure: Failure) {
        let mut state = self.state();
        let at = state.operations.saturating_add(operation);
        state.planned = Some((at, failure));
    }

    /// Lets a read fail, once, counted from the next one, which is 0.
    pub fn fail_read(&self, read: u64) {
        let mut state = self.state();
        state.planned_read = Some(state.reads.saturating_add(read));
    }

    /// Takes back what was planned, and lets operations succeed again; but not without power.
    pub fn mend(&self) {
        let mut state = self.state();
        (state.planned, state.planned_read) = (None, None);
        state.gone = state.gone.filter(|gone| *gone == Failure::PowerLoss);
    }

    /// Whether the power is still there.
    pub fn has_power(&self) -> bool {
        self.state().gone != Some(Failure::PowerLoss)
    }

    /// Leaves room for so many more bytes, or for any number.
    pub fn leave_room(&self, bytes: Option<u64>) {
        let mut state = self.state();
        state.room = bytes.map(|more| state.used().saturating_add(more));
    }

    /// Records every operation from now on that succeeds.
    pub fn record(&self) {
        self.state().recorded = Some(Vec::new());
    }

    /// What was recorded.
    pub fn recorded(&self) -> Vec<Operation> {
        self.state().recorded.clone().unwrap_or_default()
    }

    /// Does what was done elsewhere.
    ///
    /// # Errors
    /// As the operation itself.
    pub fn redo(&self, operation: &Operation) -> Result<()> {
        self.file(&operation.file).operate(operation.kind.clone())
    }

    /// The disk as it may be after a power loss now. What was synced is there; of the rest, `seed`
    /// chooses which writes and which changes of length are, and where a write is torn: in sectors of
    /// 512 bytes, none, some or all of which are there.
    #[must_use]
    pub fn after_power_loss(&self, seed: u64) -> Self {
        let state = self.state();
        let mut chance = Chance::new(seed);
        let surviving = Surviving::draw(&mut chance);
        let mut faults = Faults {
            power_losses: 1,
            ..Faults::default()
        };
        let survive = |(name, platter): (&Arc<str>, &Platter)| {
            let left = platter.after_power_loss(surviving, &mut chance, &mut faults);
            (name.clone(), left)
        };
        let files = state.files.iter().map(survive).collect();
        Self::from_state(State {
            files,
            faults,
            ..State::default()
        })
    }

    /// The disk as the next process finds it after this one was killed: everything is there, and
    /// what was not synced still is not.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let files = self.state().files.clone();
        Self::from_state(State {
            files,
            ..State::default()
        })
    }

    /// What was done to this disk, and to the one that it was before a power loss at that moment.
    pub fn faults(&self) -> Faults {
        self.state().faults
    }

    fn from_state(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state: nothing that holds the lock can panic, so that a poisoned one means nothing.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn used(&self) -> u64 {
        self.files.values().map(Platter::len).sum()
    }

    /// Counts an operation, and tells how it fails.
    fn begin(&mut self) -> Option<Failure> {
        let planned = self.planned.filter(|(at, _)| *at == self.operations);
        self.operations = self.operations.saturating_add(1);
        if self.gone.is_some() {
            return self.gone;
        }
        let (_, failure) = planned?;
        self.gone = Some(failure).filter(|failure| *failure != Failure::Once);
        Some(failure)
    }

    fn operate(&mut self, name: &Arc<str>, kind: Kind) -> Result<()> {
        let was_gone = self.gone.is_some();
        match self.begin() {
            None if self.is_room_for(name, &kind) => {}
            None => {
                self.faults.refused_for_space += 1;
                return Err(ErrorKind::StorageFull.into());
            }
            Some(_) if was_gone => return Err(gone()),
            Some(failure) => {
                self.fail(name, kind, failure);
                return Err(gone());
            }
        }
        if let Some(recorded) = &mut self.recorded {
            let (file, kind) = (name.clone(), kind.clone());
            recorded.push(Operation { file, kind });
        }
        if let Some(platter) = self.files.get_mut(name) {
            match kind {
                Kind::Change(change) => platter.change(change),
                Kind::Sync => platter.sync(),
            }
        }
        Ok(())
    }

    /// What an operation that fails does all the same.
    fn fail(&mut self, name: &Arc<str>, kind: Kind, failure: Failure) {
        let operations = self.operations;
        match &kind {
            _ if failure == Failure::PowerLoss => {}
            Kind::Sync => self.faults.syncs_failed += 1,
            Kind::Change(Change::Length(_)) => self.faults.lengths_failed += 1,
            Kind::Change(Change::Bytes(..)) => self.faults.writes_failed += 1,
        }
        let Some(platter) = self.files.get_mut(name) else {
            return;
        };
        match kind {
            // In the air when the power goes: it may survive, as everything that was not synced.
            Kind::Change(change) if failure == Failure::PowerLoss => platter.change(change),
            Kind::Change(change) => {
                for part in change.part(&mut Chance::new(operations)) {
                    platter.change(part);
                }
            }
            Kind::Sync => {}
        }
    }

    fn is_room_for(&self, name: &Arc<str>, kind: &Kind) -> bool {
        let (Some(room), Kind::Change(change)) = (self.room, kind) else {
            return true;
        };
        let length = self.files.get(name).map_or(0, Platter::len);
        let after = self.used().saturating_sub(length);
        let after = after.saturating_add(change.length_after(length));
        after <= room || change.length_after(length) <= length
    }
}

fn gone() -> Error {
    Error::other("the disk is gone")
}

/// A file on a [`Disk`].
#[derive(Debug)]
pub struct DiskFile {
    disk: Disk,
    name: Arc<str>,
}

impl DiskFile {
    fn operate(&self, kind: Kind) -> Result<()> {
        self.disk.state().operate(&self.name, kind)
    }
}

impl StorageBackend for DiskFile {
    fn len(&self) -> Result<u64> {
        Ok(self
            .disk
            .state()
            .files
            .get(&self.name)
            .map_or(0, Platter::len))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let mut state = self.disk.state();
        let planned = state.planned_read == Some(state.reads);
        state.reads = state.reads.saturating_add(1);
        if planned {
            state.faults.reads_failed += 1;
        }
        if planned || state.gone == Some(Failure::PowerLoss) {
            return Err(gone());
        }
        let platter = state.files.get(&self.name);
        platter.ok_or(ErrorKind::NotFound)?.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.operate(Kind::Change(Change::Length(len)))
    }

    fn sync_data(&self) -> Result<()> {
        self.operate(Kind::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.operate(Kind::Change(Change::Bytes(offset, data.into())))
    }
}
