//! Copies of a store: one file that holds everything the store held at one moment.
//!
//! A copy is a state without a log: it says of itself that it is one, and is given a log of its own
//! when it is first opened. It is read back and compared before it gets its name.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Bound;
use std::path::Path;

use ::redb::{Database, Durability};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::error::{fault, input_output};
use super::layers::{Layers, Pick};
use super::open::{
    builder, draft, folder_of, format, open_state, refused, settle, sync_folder, text,
};
use super::state::{LOG, State};
use super::table::{ACCOUNTS, ALL, META, Table, damaged};
use super::{RedbOptions, RedbStore, row};
use crate::account::Digest;
use crate::store::{Header, StoreError};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// Key of `meta` that says that a file is a copy.
pub(super) const COPY: &[u8] = b"copy";

/// Rows read at a time, and rows written in one transaction.
const PAGE: usize = 1_024;
const PAGES_TOGETHER: usize = 64;

/// Bytes of a copy that are taken over at a time.
const COPIED: u64 = 4 << 20;

/// A copy of a store that was looked through, about to become a store.
#[derive(Debug)]
pub struct StoreCopy {
    draft: NamedTempFile,
    header: Header,
    accounts: u64,
}

impl StoreCopy {
    /// Takes a copy to the folder of the store that it is to become, and looks it through: every page
    /// against its checksum. The file itself is left as it is. `progress` is told how many bytes are
    /// copied.
    ///
    /// # Errors
    /// [`StoreError::NoCopy`] when it is a store rather than a copy of one; otherwise as
    /// [`RedbStore::open`].
    pub fn read(
        file: impl AsRef<Path>,
        store: impl AsRef<Path>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self> {
        let (file, store) = (file.as_ref(), store.as_ref());
        let mut from = File::open(file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { path: text(file) },
            _ => input_output(&error),
        })?;
        let mut draft = draft(folder_of(store))?;
        let mut copied = 0_u64;
        loop {
            let part = io::copy(&mut (&mut from).take(COPIED), &mut draft);
            match part.map_err(|error| input_output(&error))? {
                0 => break,
                bytes => copied = copied.saturating_add(bytes),
            }
            progress(copied);
        }
        let synced = draft.as_file().sync_all();
        synced.map_err(|error| input_output(&error))?;
        let (header, accounts) = look_through(draft.path(), file)?;
        Ok(Self {
            draft,
            header,
            accounts,
        })
    }

    /// What the store says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many accounts it has.
    pub fn accounts(&self) -> u64 {
        self.accounts
    }

    /// Puts it in the place of a store, where there is none, and opens it. A copy of an older format is
    /// brought to the present one.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is something; otherwise as [`RedbStore::open`].
    pub fn put(self, path: impl AsRef<Path>, options: &RedbOptions) -> Result<RedbStore> {
        let path = path.as_ref();
        settle(self.draft, path)?;
        sync_folder(folder_of(path))?;
        RedbStore::upgrade(path, options, &mut |_| {})
    }
}

/// Writes a copy of what a store holds at one moment; how many rows it has.
pub(super) fn make(layers: &Layers, path: &Path, progress: &mut dyn FnMut(u64)) -> Result<u64> {
    if path.try_exists().map_err(|error| input_output(&error))? {
        return Err(StoreError::Exists { path: text(path) });
    }
    let draft = draft(folder_of(path))?;
    let options = RedbOptions::default();
    let database = builder(&options).create(draft.path());
    let database = database.map_err(|error| refused(error, path))?;
    let (rows, digest) = write(&database, layers, progress)?;
    database.close().map_err(|error| refused(error, path))?;
    if digest_of(draft.path(), path)? != digest {
        let what = format!("{} does not read as it was written", text(path));
        return Err(StoreError::Damaged(what));
    }
    settle(draft, path)?;
    sync_folder(folder_of(path))?;
    Ok(rows)
}

fn write(
    database: &Database,
    layers: &Layers,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, Digest)> {
    let mut digest = Sha256::new();
    let mut rows: u64 = 0;
    for table in ALL {
        let mut last: Option<Vec<u8>> = None;
        let mut more = true;
        while more {
            let mut transaction = database.begin_write().map_err(fault)?;
            transaction
                .set_durability(Durability::Immediate)
                .map_err(fault)?;
            transaction.set_quick_repair(true);
            {
                let mut open = transaction.open_table(table.definition()).map_err(fault)?;
                for _ in 0..PAGES_TOGETHER {
                    let page = page(layers, table, last.as_deref())?;
                    more = page.len() == PAGE;
                    for (key, value) in &page {
                        add(&mut digest, table, key, value);
                        open.insert(key.as_slice(), value.as_slice())
                            .map_err(fault)?;
                    }
                    rows = rows.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
                    last = page.into_iter().next_back().map(|(key, _)| key).or(last);
                    if !more {
                        break;
                    }
                }
                if table == META && !more {
                    open.insert(COPY, [1].as_slice()).map_err(fault)?;
                }
            }
            transaction.commit().map_err(fault)?;
            progress(rows);
        }
    }
    Ok((rows, Digest(digest.finalize().into())))
}

type Row = (Vec<u8>, Vec<u8>);

/// The next rows of a table; its log is not a copy's.
fn page(layers: &Layers, table: Table, last: Option<&[u8]>) -> Result<Vec<Row>> {
    let from = last.map_or(Bound::Unbounded, Bound::Excluded);
    layers.scan(table, (from, Bound::Unbounded), PAGE, |key, value| {
        Ok(match table == META && key == LOG {
            true => Pick::Skip,
            false => Pick::Take((key.to_vec(), value.to_vec())),
        })
    })
}

fn add(digest: &mut Sha256, table: Table, key: &[u8], value: &[u8]) {
    digest.update([table.id]);
    for part in [key, value] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
}

/// The digest of what a copy holds, read from its file with every page checked.
fn digest_of(draft: &Path, path: &Path) -> Result<Digest> {
    let state = checked(draft, path)?;
    let tables = state.tables()?;
    let mut digest = Sha256::new();
    for table in ALL {
        for row in tables.range(table, (Bound::Unbounded, Bound::Unbounded))? {
            let (key, value) = row?;
            if !(table == META && key.value() == COPY) {
                add(&mut digest, table, key.value(), value.value());
            }
        }
    }
    Ok(Digest(digest.finalize().into()))
}

fn checked(draft: &Path, path: &Path) -> Result<State> {
    let options = RedbOptions {
        check: true,
        ..RedbOptions::default()
    };
    open_state(draft, &options).map_err(|error| match error {
        StoreError::Foreign { .. } => StoreError::Foreign { path: text(path) },
        other => other,
    })
}

/// What a copy says of itself, and how many accounts it has.
fn look_through(draft: &Path, file: &Path) -> Result<(Header, u64)> {
    let state = checked(draft, file)?;
    format(&state, file)?;
    if state.meta(COPY, |_| ())?.is_none() {
        return Err(StoreError::NoCopy { path: text(file) });
    }
    let header = state.meta(b"header", |header| row::decode(header, META, "header"))?;
    let header = header.ok_or_else(|| damaged(META, "header", "is missing"))??;
    Ok((header, state.count(ACCOUNTS)?))
}
