//! Rows: a version byte, then MessagePack.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::journal::Ends;
use super::table::{Table, damaged};
use crate::account::{Account, Revision};
use crate::store::StoreError;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// The form of every row but an account's; another one is not read.
pub(super) const VERSION: u8 = 1;
/// The form of an account's row.
const ACCOUNT_VERSION: u8 = 2;

/// What most rows have room in.
const ROOM: usize = 1_024;

/// The stored form of a value.
pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(ROOM);
    bytes.push(VERSION);
    append(&mut bytes, value)?;
    Ok(bytes)
}

/// Reads a stored value. `key` names the row, without its personal part, should it be damaged.
pub(super) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    table: Table,
    key: impl Display,
) -> Result<T> {
    match bytes.split_first() {
        Some((&VERSION, body)) => read(body, table, key),
        other => Err(not_this_version(other, table, key)),
    }
}

/// The stored form of an account, but for the ends of its journal, which are added when its record has
/// its number. Its revision stands in front, so that a commit can compare it without reading the rest.
pub(super) fn encode_account(account: &Account) -> Result<Vec<u8>> {
    let mut bytes = account_head(account.revision);
    append(&mut bytes, account)?;
    Ok(bytes)
}

/// What stands before the MessagePack of an account.
pub(super) fn account_head(revision: Revision) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ROOM);
    bytes.push(ACCOUNT_VERSION);
    bytes.extend(revision.0.to_be_bytes());
    bytes
}

/// Reads a stored account.
pub(super) fn decode_account(bytes: &[u8], table: Table, key: impl Display) -> Result<Account> {
    let (revision, rest) = split_account(bytes, table, &key)?;
    let (body, _) = Ends::split(rest, revision).ok_or_else(|| cut_short(table, &key))?;
    let account: Account = read(body, table, &key)?;
    if account.revision != revision {
        return Err(damaged(table, key, "has two revisions"));
    }
    Ok(account)
}

/// Reads a number of 8 bytes, which is a row by itself.
pub(super) fn number(bytes: &[u8], table: Table, key: &[u8]) -> Result<u64> {
    let number = bytes.try_into().map(u64::from_be_bytes);
    number.map_err(|_| damaged(table, key.escape_ascii(), "is no number"))
}

/// Reads the revision of a stored account.
pub(super) fn revision(bytes: &[u8], table: Table, key: impl Display) -> Result<Revision> {
    split_account(bytes, table, key).map(|(revision, _)| revision)
}

/// Reads the revision of a stored account, and the ends of its journal.
pub(super) fn ends(bytes: &[u8], table: Table, key: impl Display) -> Result<(Revision, Ends)> {
    let (revision, rest) = split_account(bytes, table, &key)?;
    let (_, ends) = Ends::split(rest, revision).ok_or_else(|| cut_short(table, key))?;
    Ok((revision, ends))
}

fn split_account(bytes: &[u8], table: Table, key: impl Display) -> Result<(Revision, &[u8])> {
    let rest = match bytes.split_first() {
        Some((&ACCOUNT_VERSION, rest)) => rest,
        other => return Err(not_this_version(other, table, key)),
    };
    let (revision, rest) = rest
        .split_first_chunk()
        .ok_or_else(|| cut_short(table, key))?;
    Ok((Revision(u64::from_be_bytes(*revision)), rest))
}

fn cut_short(table: Table, key: impl Display) -> StoreError {
    damaged(table, key, "is cut short")
}

/// Appends a value as MessagePack, without a version.
pub(super) fn append(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result {
    // All that is stored can be written as MessagePack: only a type of ours could be at fault.
    rmp_serde::encode::write(bytes, value)
        .map_err(|_| StoreError::Malformed("a value cannot be encoded"))
}

/// The decoder's own error is not repeated: it may quote what it stumbled over.
fn read<T: DeserializeOwned>(mut body: &[u8], table: Table, key: impl Display) -> Result<T> {
    let value = rmp_serde::from_read(&mut body)
        .map_err(|_| damaged(table, &key, "does not have the form of its table"))?;
    if body.is_empty() {
        Ok(value)
    } else {
        Err(damaged(table, key, "goes on after its end"))
    }
}

fn not_this_version(row: Option<(&u8, &[u8])>, table: Table, key: impl Display) -> StoreError {
    match row {
        Some((version, _)) => {
            let why = format!("is of version {version}, which is not known here");
            damaged(table, key, &why)
        }
        None => damaged(table, key, "is empty"),
    }
}
