//! Looking after a store: what it holds, and giving back the room that it does not need.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::fault;
use super::open::{builder, refused};
use super::table::{ALL, Table};
use super::{RedbOptions, RedbStore, copy, open};
use crate::store::StoreError;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    /// Its name.
    pub name: &'static str,
    /// How many rows.
    pub rows: u64,
    /// What their keys and values take, in bytes.
    pub bytes: u64,
}

/// What a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// The format of its files.
    pub format: u32,
    /// Its tables.
    pub tables: Vec<TableSize>,
    /// Bytes of the log that were not fed to the tables when it was asked.
    pub log_waiting: u64,
}

impl Sizes {
    /// How many rows a table has.
    pub fn rows(&self, name: &str) -> u64 {
        let table = self.tables.iter().find(|table| table.name == name);
        table.map_or(0, |table| table.rows)
    }
}

impl RedbStore {
    /// Counts what the store holds. The log is fed to the tables before. `progress` is told how many
    /// rows are counted.
    ///
    /// # Errors
    /// When the store cannot be read or fed.
    pub fn sizes(&self, progress: &mut dyn FnMut(u64)) -> Result<Sizes> {
        let log_waiting = self.writer.layers()?.newer_bytes;
        self.checkpoint()?;
        let layers = self.writer.layers()?;
        let mut rows = 0_u64;
        let tables = ALL.into_iter().map(|table| {
            progress(rows);
            let size = layers.tables.size(table)?;
            rows = rows.saturating_add(size.rows);
            Ok(size)
        });
        Ok(Sizes {
            format: open::FORMAT,
            tables: tables.collect::<Result<_>>()?,
            log_waiting,
        })
    }

    /// Copies everything that is committed by now into one new file, which opens as a store. Others
    /// go on reading and writing meanwhile. The file appears complete and read back, readable by its
    /// owner only, or not at all. `progress` is told how many rows are copied; answers how many
    /// there are.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is something at the path; otherwise when the store cannot be
    /// read or the copy not written.
    pub fn backup(&self, path: impl AsRef<Path>, progress: &mut dyn FnMut(u64)) -> Result<u64> {
        let layers = self.writer.layers()?;
        copy::make(&layers, path.as_ref(), progress)
    }

    /// Gives back the room in a store's file that nothing takes any more. Nobody else may have it
    /// open. `progress` is told which pass over the file this is.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn compact(
        path: impl AsRef<Path>,
        options: &RedbOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result {
        let path = path.as_ref();
        let store = Self::open(path, options)?;
        store.checkpoint()?;
        drop(store);
        let database = builder(options).open(path);
        let mut database = database.map_err(|error| refused(error, path))?;
        let mut passes = 1;
        progress(passes);
        while database.compact().map_err(fault)? {
            passes += 1;
            progress(passes);
        }
        database.close().map_err(|error| refused(error, path))
    }

    /// The files of a store: the one that it is named by, and the log beside it.
    pub fn files(path: impl AsRef<Path>) -> [PathBuf; 2] {
        let path = path.as_ref();
        let mut log = OsString::from(path);
        log.push("-log");
        [path.to_owned(), log.into()]
    }
}

impl TableSize {
    pub(super) fn new(table: Table, rows: u64, bytes: u64) -> Self {
        let name = table.name;
        Self { name, rows, bytes }
    }
}
