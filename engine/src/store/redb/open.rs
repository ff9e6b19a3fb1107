//! Creating and opening the files, and telling what else may be found at their places.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use ::redb::backends::FileBackend;
use ::redb::{Builder, DatabaseError, StorageBackend, WriteTransaction};
use tempfile::NamedTempFile;

use super::copy::COPY;
use super::error::{fault, input_output};
#[cfg(any(test, feature = "testing"))]
use super::files::{Given, StoreFiles};
use super::log::{CAPACITY_MIN, Log, Mark};
use super::state::{State, put_log};
use super::table::{ALL, META, damaged};
use super::writer::Writer;
use super::{RedbOptions, RedbStore, row};
use crate::store::{Header, StoreError};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// The newest format that is known here; `mod.rs` describes it, and `upgrade` the older ones.
pub(super) const FORMAT: u32 = 3;
/// What tells our files from other redb files.
const MAGIC: &[u8] = b"stateward";
/// What redb's files begin with.
const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// The files are made under other names beside their places, and take their names when they are
/// complete: the log first, which says nothing without its state.
pub(super) fn create(path: &Path, header: &Header, options: &RedbOptions) -> Result<RedbStore> {
    let folder = folder_of(path);
    for path in [path, &log_path(path)] {
        if path.try_exists().map_err(|error| input_output(&error))? {
            return Err(StoreError::Exists { path: text(path) });
        }
    }
    let (state, log) = (draft(folder)?, draft(folder)?);
    let id = new_id()?;
    let capacity = capacity(options);
    Log::create(Box::new(backend(log.reopen())?), id, capacity)?;
    let database = builder(options).create(state.path());
    let made = State::new(database.map_err(|error| refused(error, path))?);
    initialise(&made, header, id)?;
    made.close().map_err(|error| refused(error, path))?;
    settle(log, &log_path(path))?;
    settle(state, path).inspect_err(|_| drop(std::fs::remove_file(log_path(path))))?;
    sync_folder(folder)?;
    open(path, options)
}

pub(super) fn open(path: &Path, options: &RedbOptions) -> Result<RedbStore> {
    let state = open_state(path, options)?;
    current(&state, path)?;
    if state.meta(COPY, |_| ())?.is_some() {
        give_log(&state, path, options, |_| Ok(()))?;
    }
    let file = log_file(path, OpenOptions::new().read(true).write(true))?;
    with_log(state, Box::new(file), options)
}

/// What a new log holds.
fn capacity(options: &RedbOptions) -> u64 {
    options.log_bytes.max(CAPACITY_MIN)
}

/// Makes a log for a state that has none: one of format 1, or a copy. It is a store of this format
/// then; `work` is what else that takes, and happens with it.
pub(super) fn give_log(
    state: &State,
    path: &Path,
    options: &RedbOptions,
    work: impl FnOnce(&WriteTransaction) -> Result,
) -> Result {
    let mut new = OpenOptions::new();
    // What is there was left when this broke off before: no state names it.
    new.read(true).write(true).create(true).truncate(true);
    owners_alone(&mut new);
    let (log, id) = (log_file(path, &new)?, new_id()?);
    Log::create(Box::new(log), id, capacity(options))?;
    sync_folder(folder_of(path))?;
    state.write(|transaction| {
        work(transaction)?;
        lay_out(transaction, id)?;
        let mut meta = transaction.open_table(META.definition()).map_err(fault)?;
        drop(meta.remove(COPY).map_err(fault)?);
        Ok(())
    })
}

#[cfg(any(test, feature = "testing"))]
pub(super) fn create_on(
    files: StoreFiles,
    header: &Header,
    options: &RedbOptions,
) -> Result<RedbStore> {
    let id = new_id()?;
    let log = Log::create(files.log, id, options.log_bytes)?;
    let database = builder(options).create_with_backend(Given(files.state));
    let state = State::new(database.map_err(fault)?);
    initialise(&state, header, id)?;
    let writer = Writer::new(state, log, Vec::new())?;
    Ok(RedbStore::new(header.clone(), writer, options))
}

#[cfg(any(test, feature = "testing"))]
pub(super) fn open_on(files: StoreFiles, options: &RedbOptions) -> Result<RedbStore> {
    let database = builder(options).create_with_backend(Given(files.state));
    let state = State::new(database.map_err(fault)?);
    current(&state, "disk".as_ref())?;
    with_log(state, files.log, options)
}

/// Opens a state. redb syncs the file as it marks it as open: so what a process wrote and did not sync
/// before it was killed is durable before it is read, and no power loss takes it back after frames of
/// the log were overwritten over it.
pub(super) fn open_state(path: &Path, options: &RedbOptions) -> Result<State> {
    if !begins_as_redb(path)? {
        return Err(StoreError::Foreign { path: text(path) });
    }
    let database = builder(options).open(path);
    Ok(State::new(database.map_err(|error| refused(error, path))?))
}

/// That a state is of the format that is written here.
fn current(state: &State, path: &Path) -> Result {
    match format(state, path)? {
        FORMAT => Ok(()),
        found => Err(StoreError::Older {
            path: text(path),
            found,
            known: FORMAT,
        }),
    }
}

/// A store of a state and its log, if they go together.
fn with_log(
    state: State,
    log: Box<dyn StorageBackend>,
    options: &RedbOptions,
) -> Result<RedbStore> {
    let tables = state.tables()?;
    let header = tables.get(META, b"header", |header| {
        row::decode(header, META, "header")
    })?;
    let header = header.ok_or_else(|| lost("header"))?;
    let (id, mark) = state.log()?;
    let (log, rows) = Log::open(log, id, mark)?;
    let writer = Writer::new(state, log, rows)?;
    Ok(RedbStore::new(header, writer, options))
}

/// The format of a state, if it is one of ours and not newer than what is known here.
pub(super) fn format(state: &State, path: &Path) -> Result<u32> {
    if state.meta(b"magic", |magic| magic == MAGIC)? != Some(true) {
        return Err(StoreError::Foreign { path: text(path) });
    }
    let format = state.meta(b"format", |format| format.try_into().ok())?;
    let found = u32::from_be_bytes(format.flatten().ok_or_else(|| lost("format"))?);
    if found > FORMAT {
        return Err(StoreError::Newer {
            path: text(path),
            found,
            known: FORMAT,
        });
    }
    Ok(found)
}

pub(super) fn lost(key: &str) -> StoreError {
    damaged(META, key, "is missing or cut short")
}

/// Makes a new file a state with a log.
fn initialise(state: &State, header: &Header, log: u64) -> Result {
    let header = row::encode(header)?;
    state.write(|transaction| {
        lay_out(transaction, log)?;
        let mut meta = transaction.open_table(META.definition()).map_err(fault)?;
        for (key, row) in [(b"magic".as_slice(), MAGIC), (b"header", &header)] {
            meta.insert(key, row).map_err(fault)?;
        }
        Ok(())
    })
}

/// Makes every table that there is not yet, and says that they are of the present format and which log
/// goes with them.
fn lay_out(transaction: &WriteTransaction, log: u64) -> Result {
    for table in ALL {
        transaction.open_table(table.definition()).map_err(fault)?;
    }
    put_log(transaction, log, Mark::BEGIN)?;
    put_format(transaction)
}

/// Says that the state is of the present format.
pub(super) fn put_format(transaction: &WriteTransaction) -> Result {
    let mut meta = transaction.open_table(META.definition()).map_err(fault)?;
    let format = FORMAT.to_be_bytes();
    let put = meta.insert(b"format".as_slice(), format.as_slice());
    put.map_err(fault).map(drop)
}

pub(super) fn builder(options: &RedbOptions) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache_bytes);
    builder.set_check_integrity_on_open(options.check);
    builder
}

/// Whether a file begins as redb's files do: redb itself reports an empty or another file as if the
/// disk had failed.
fn begins_as_redb(path: &Path) -> Result<bool> {
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => StoreError::Missing { path: text(path) },
        _ => input_output(&error),
    })?;
    let mut start = Vec::new();
    let length = u64::try_from(REDB_MAGIC.len()).unwrap_or(u64::MAX);
    match file.take(length).read_to_end(&mut start) {
        Ok(_) => Ok(start == REDB_MAGIC),
        Err(error) if error.kind() == ErrorKind::IsADirectory => Ok(false),
        Err(error) => Err(input_output(&error)),
    }
}

/// Why redb does not open a file.
pub(super) fn refused(error: DatabaseError, path: &Path) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::Locked { path: text(path) }
        }
        // A file of a redb that is older than every one of ours.
        DatabaseError::UpgradeRequired(_) => StoreError::Foreign { path: text(path) },
        error => fault(error),
    }
}

/// Makes the file's name durable, where the system lets a folder be synced.
pub(super) fn sync_folder(folder: &Path) -> Result {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| input_output(&error))?;
    }
    Ok(())
}

pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Where the log of a store lies.
fn log_path(path: &Path) -> PathBuf {
    let [_, log] = RedbStore::files(path);
    log
}

/// Readable by its owner only, and removed if anything fails before it has its name.
pub(super) fn draft(folder: &Path) -> Result<NamedTempFile> {
    let mut draft = tempfile::Builder::new();
    let draft = draft.prefix(".stateward-").tempfile_in(folder);
    draft.map_err(|error| input_output(&error))
}

pub(super) fn settle(draft: NamedTempFile, path: &Path) -> Result {
    let settled = draft.persist_noclobber(path);
    settled.map_err(|refusal| match refusal.error.kind() {
        ErrorKind::AlreadyExists => StoreError::Exists { path: text(path) },
        _ => input_output(&refusal.error),
    })?;
    Ok(())
}

pub(super) fn log_file(path: &Path, options: &OpenOptions) -> Result<FileBackend> {
    let log = log_path(path);
    match options.open(&log) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::Damaged(format!(
            "its log {} is missing: the two files go together",
            text(&log)
        ))),
        file => backend(file),
    }
}

fn backend(file: std::io::Result<File>) -> Result<FileBackend> {
    let file = file.map_err(|error| input_output(&error))?;
    FileBackend::new(file).map_err(fault)
}

#[cfg(unix)]
fn owners_alone(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn owners_alone(_: &mut OpenOptions) {}

/// An id that no other log has.
fn new_id() -> Result<u64> {
    getrandom::u64().map_err(|error| StoreError::Io(error.to_string()))
}
