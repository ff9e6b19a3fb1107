//! Bringing stores of older formats to the present one.
//!
//! Format 1 had no log. Up to format 2 the records were kept by account, in a table `journal` whose keys
//! were account id `00` revision, and an account's row, of version `01`, had no ends. What order the
//! records of different accounts were committed in was nowhere written: they get their numbers by their
//! instants, and the store notes up to which number that is so.
//!
//! Everything happens in one transaction, and so completely or not at all.

use std::fs::OpenOptions;
use std::ops::Bound;
use std::path::Path;

use ::redb::{ReadableTable, Table as Open, TableDefinition, WriteTransaction};

use super::copy::COPY;
use super::error::fault;
use super::journal::{Ends, Stored};
use super::layers::Rows;
use super::log::Log;
use super::open::{FORMAT, format, give_log, log_file, open_state, put_format};

use super::row::{VERSION, account_head};
use super::state::State;
use super::table::{ACCOUNTS, ALL, META, RECORDS, Table, damaged};
use super::{RedbOptions, RedbStore, key};
use crate::account::{Revision, StoredRecord};
use crate::store::StoreError;
use crate::time::Timestamp;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;
type Bytes = &'static [u8];

/// Key of `meta`: the last record that got its number when the store was upgraded; 8 bytes.
pub(super) const NUMBERED_LATER: &[u8] = b"numbered_later";

/// Records by account. The number stands for it in the logs of format 2.
const JOURNAL: Table = Table {
    id: 2,
    name: "journal",
};
/// Keys of `journal` behind their instants; gone when the upgrade is done.
const BY_INSTANT: TableDefinition<'_, Bytes, ()> = TableDefinition::new("upgrade_by_instant");
/// The ends of the accounts' journals so far; gone when the upgrade is done.
const ENDS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("upgrade_ends");

/// Accounts that are rewritten at a time.
const PAGE: usize = 1_024;
/// After how many rows progress is told.
const TELL: u64 = 4_096;

/// Opens a store; one of an older format is brought to this one before. `progress` is told how many
/// records were numbered.
pub(super) fn upgrade(
    path: &Path,
    options: &RedbOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<RedbStore> {
    let state = open_state(path, options)?;
    let found = format(&state, path)?;
    if found < FORMAT {
        let has_log = found > 1 && state.meta(COPY, |_| ())?.is_none();
        if has_log {
            feed(&state, path)?;
            state.write(|transaction| {
                number(transaction, progress)?;
                put_format(transaction)
            })?;
        } else {
            give_log(&state, path, options, |transaction| {
                number(transaction, progress)
            })?;
        }
    }
    drop(state);
    RedbStore::open(path, options)
}

/// Feeds what a log of format 2 holds to its state.
fn feed(state: &State, path: &Path) -> Result {
    let (id, mark) = state.log()?;
    let file = log_file(path, OpenOptions::new().read(true).write(true))?;
    let (log, rows) = Log::open(Box::new(file), id, mark)?;
    let rows: Rows = rows.into_iter().collect();
    let mut tables = ALL.to_vec();
    tables.retain(|table| *table != RECORDS);
    tables.push(JOURNAL);
    tables.sort_by_key(|table| table.id);
    state.feed(&tables, &rows, id, log.end())
}

/// Gives all records their numbers, and the accounts the ends of their journals.
fn number(transaction: &WriteTransaction, progress: &mut dyn FnMut(u64)) -> Result {
    order(transaction)?;
    let last = renumber(transaction, progress)?;
    rewrite_accounts(transaction)?;
    let journal = JOURNAL.definition();
    transaction.delete_table(BY_INSTANT).map_err(fault)?;
    transaction.delete_table(ENDS).map_err(fault)?;
    transaction.delete_table(journal).map_err(fault)?;
    let mut meta = transaction.open_table(META.definition()).map_err(fault)?;
    let last = last.to_be_bytes();
    let put = meta.insert(NUMBERED_LATER, last.as_slice());
    put.map_err(fault).map(drop)
}

/// Lists all records by their instants. One account's stay in their order, whatever its clock did; one
/// that does not tell its instant comes with the one before it.
fn order(transaction: &WriteTransaction) -> Result {
    let journal = open(transaction, JOURNAL.definition())?;
    let mut listed = transaction.open_table(BY_INSTANT).map_err(fault)?;
    let (mut account, mut latest) = (String::new(), Timestamp::from_ms(i64::MIN));
    for row in journal.iter().map_err(fault)? {
        let (key, bytes) = row.map_err(fault)?;
        let (id, revision) = parts(key.value())?;
        if id != account {
            account = id.to_owned();
            latest = Timestamp::from_ms(i64::MIN);
        }
        let record = StoredRecord {
            revision,
            bytes: bytes.value().to_vec(),
        };
        latest = record.at().map_or(latest, |at| at.max(latest));
        let place = [key::instant(latest).as_slice(), key.value()].concat();
        listed.insert(place.as_slice(), ()).map_err(fault)?;
    }
    Ok(())
}

/// Writes the records in the order they are listed in; how many there are.
fn renumber(transaction: &WriteTransaction, progress: &mut dyn FnMut(u64)) -> Result<u64> {
    let journal = open(transaction, JOURNAL.definition())?;
    let listed = transaction.open_table(BY_INSTANT).map_err(fault)?;
    let mut records = open(transaction, RECORDS.definition())?;
    let mut all_ends = open(transaction, ENDS)?;
    let mut number = 0_u64;
    for place in listed.iter().map_err(fault)? {
        let (place, _) = place.map_err(fault)?;
        let (_, key) = place.value().split_at_checked(8).unwrap_or_default();
        let Some(bytes) = journal.get(key).map_err(fault)? else {
            continue;
        };
        number += 1;
        let (account, revision) = parts(key)?;
        let before = all_ends.get(account.as_bytes()).map_err(fault)?;
        let mut ends = before.map_or_else(Ends::default, |row| Ends::read(row.value()));
        let stored = Stored {
            account,
            revision,
            links: ends.links(revision),
            bytes: bytes.value(),
        };
        let put = records.insert(key::record(number).as_slice(), stored.row().as_slice());
        put.map_err(fault)?;
        ends.push(revision, number);
        let mut row = Vec::new();
        ends.append_to(&mut row);
        let put = all_ends.insert(account.as_bytes(), row.as_slice());
        put.map_err(fault)?;
        if number.is_multiple_of(TELL) {
            progress(number);
        }
    }
    progress(number);
    Ok(number)
}

/// Adds the ends of their journals to the accounts' rows. One that is damaged is left as it is.
fn rewrite_accounts(transaction: &WriteTransaction) -> Result {
    let all_ends = open(transaction, ENDS)?;
    let mut accounts = open(transaction, ACCOUNTS.definition())?;
    let mut last: Option<Vec<u8>> = None;
    loop {
        let from = last.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = accounts.range::<&[u8]>((from, Bound::Unbounded));
        let page = range.map_err(fault)?.take(PAGE).map(|row| {
            let (id, row) = row.map_err(fault)?;
            Ok((id.value().to_vec(), row.value().to_vec()))
        });
        let page: Vec<(Vec<u8>, Vec<u8>)> = page.collect::<Result<_>>()?;
        let Some((newest, _)) = page.last() else {
            return Ok(());
        };
        last = Some(newest.clone());
        for (id, row) in &page {
            let ends = all_ends.get(id.as_slice()).map_err(fault)?;
            let mut ends = ends.map_or_else(Ends::default, |row| Ends::read(row.value()));
            let old = row.strip_prefix(&[VERSION]);
            if let Some((revision, body)) = old.and_then(<[u8]>::split_first_chunk) {
                let revision = Revision(u64::from_be_bytes(*revision));
                let mut row = account_head(revision);
                row.extend(body);
                ends.fit(revision);
                ends.append_to(&mut row);
                let put = accounts.insert(id.as_slice(), row.as_slice());
                put.map_err(fault)?;
            }
        }
    }
}

/// The account and the revision of a key of `journal`.
fn parts(key: &[u8]) -> Result<(&str, Revision)> {
    let split = || {
        let (id, revision) = key.split_last_chunk()?;
        let id = str::from_utf8(id.strip_suffix(&[key::END])?).ok()?;
        Some((id, Revision(u64::from_be_bytes(*revision))))
    };
    split().ok_or_else(|| damaged(JOURNAL, key.escape_ascii(), "is of no account"))
}

fn open<'t>(
    transaction: &'t WriteTransaction,
    table: TableDefinition<'static, Bytes, Bytes>,
) -> Result<Open<'t, Bytes, Bytes>> {
    transaction.open_table(table).map_err(fault)
}
