//! Creating and opening the file, and telling what else may be found at its path.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use ::redb::{Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, TableError};

use super::error::{fault, input_output};
use super::table::{ALL, LATER, META, Table, damaged};
use super::write::Transaction;
use super::{RedbOptions, RedbStore, row};
use crate::store::{Header, StoreError};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// The newest format that is known here; `mod.rs` describes it.
pub(super) const FORMAT: u32 = 1;
/// What tells our files from other redb files.
const MAGIC: &[u8] = b"stateward";
/// What redb's files begin with.
const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// The file is made under another name beside its place, and takes its name when it is complete.
pub(super) fn create(path: &Path, header: &Header, options: &RedbOptions) -> Result<RedbStore> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.try_exists().map_err(|error| input_output(&error))? {
        return Err(StoreError::Exists { path: text(path) });
    }
    // Readable by its owner only, and removed if anything fails from here on.
    let draft = tempfile::Builder::new()
        .prefix(".stateward-")
        .tempfile_in(folder)
        .map_err(|error| input_output(&error))?;
    let database = builder(options).create(draft.path());
    let database = database.map_err(|error| refused(error, path))?;
    initialise(&database, header)?;
    database.close().map_err(|error| refused(error, path))?;
    draft
        .persist_noclobber(path)
        .map_err(|refusal| match refusal.error.kind() {
            ErrorKind::AlreadyExists => StoreError::Exists { path: text(path) },
            _ => input_output(&refusal.error),
        })?;
    sync_folder(folder)?;
    open(path, options)
}

pub(super) fn open(path: &Path, options: &RedbOptions) -> Result<RedbStore> {
    if !begins_as_redb(path)? {
        return Err(StoreError::Foreign { path: text(path) });
    }
    let database = builder(options).open(path);
    let database = database.map_err(|error| refused(error, path))?;
    identified(database, path)
}

/// A store over a database, if it is one of ours.
pub(super) fn identified(database: Database, path: &Path) -> Result<RedbStore> {
    let transaction = database.begin_read().map_err(fault)?;
    let header = header(&transaction, path)?;
    let lacks = |table: &Table| {
        let opened = transaction.open_table(*table);
        matches!(opened, Err(TableError::TableDoesNotExist(_)))
    };
    let is_older = LATER.iter().any(lacks);
    drop(transaction);
    if is_older {
        add_tables(&database, &LATER)?;
    }
    Ok(RedbStore {
        database,
        header,
        failed: AtomicBool::new(false),
    })
}

fn add_tables(database: &Database, tables: &[Table]) -> Result {
    let mut transaction = database.begin_write().map_err(fault)?;
    transaction.set_quick_repair(true);
    for table in tables {
        transaction.open_table(*table).map_err(fault)?;
    }
    transaction.commit().map_err(fault)
}

/// Makes every table, and says what the file is, in one transaction.
pub(super) fn initialise(database: &Database, header: &Header) -> Result {
    let mut transaction = database.begin_write().map_err(fault)?;
    transaction.set_quick_repair(true);
    for table in ALL {
        transaction.open_table(table).map_err(fault)?;
    }
    let rows = Transaction::new(&transaction);
    rows.put(META, b"magic", MAGIC)?;
    rows.put(META, b"format", &FORMAT.to_be_bytes())?;
    rows.put(META, b"header", &row::encode(header)?)?;
    transaction.commit().map_err(fault)
}

/// The database on files of the caller's, which is made where there is none.
#[cfg(any(test, feature = "testing"))]
pub(super) fn on(files: super::StoreFiles, options: &RedbOptions) -> Result<Database> {
    let database = builder(options).create_with_backend(super::files::Given(files.state));
    database.map_err(|error| refused(error, "disk".as_ref()))
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

fn header(transaction: &ReadTransaction, path: &Path) -> Result<Header> {
    let foreign = || StoreError::Foreign { path: text(path) };
    let meta = transaction.open_table(META).map_err(|error| match error {
        TableError::Storage(error) => fault(error),
        _ => foreign(),
    })?;
    let get = |key: &[u8]| meta.get(key).map_err(fault);
    if get(b"magic")?.is_none_or(|magic| magic.value() != MAGIC) {
        return Err(foreign());
    }
    let lost = |key: &str| damaged(META, key, "is missing or cut short");
    let format = get(b"format")?.and_then(|format| format.value().try_into().ok());
    let found = u32::from_be_bytes(format.ok_or_else(|| lost("format"))?);
    if found > FORMAT {
        return Err(StoreError::Newer {
            path: text(path),
            found,
            known: FORMAT,
        });
    }
    let header = get(b"header")?.ok_or_else(|| lost("header"))?;
    row::decode(header.value(), META, "header")
}

/// Why redb does not open a file.
fn refused(error: DatabaseError, path: &Path) -> StoreError {
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
fn sync_folder(folder: &Path) -> Result {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| input_output(&error))?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
