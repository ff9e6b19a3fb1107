//! Records in the order of their commits, and how those of one account are found among them.
//!
//! Whoever commits writes its record at the end of the table, whatever account it is of. With records
//! kept by account, each would have a page of the file to itself, which is read, changed and written for
//! it alone.
//!
//! An account's records are linked. Each names the number of the one before it, and that of the one
//! whose revision is its own without the lowest set bit: from 13 = `1101` to 12 = `1100`, from there to
//! 8 = `1000` and to nothing. The account's row has the *ends* of these links: for each power of two
//! that its revision reaches, the number of its newest record whose revision is a multiple of it. So the
//! row alone says what the next record is to be linked to, and a record is found in a number of steps
//! that grows with the square of the logarithm of the revision. (The parent of a node in a binary
//! indexed tree is found the same way: P. Fenwick, "A New Data Structure for Cumulative Frequency
//! Tables", Software: Practice and Experience 24, 1994.)

use std::fmt::Display;
use std::ops::Bound;

use super::layers::{Layers, Pick};
use super::table::{ACCOUNTS, RECORDS, damaged};
use super::{key, row};
use crate::account::{Revision, StoredRecord};
use crate::name::AccountId;
use crate::store::{NumberedRecord, RecordNumber, StoreError};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// For each power of two, the number of the newest record whose revision is a multiple of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ends(Vec<u64>);

/// What leads from a record to those before it in its account's journal; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Links {
    /// The number of the one before it.
    pub(super) before: u64,
    /// The number of the one whose revision lacks the lowest set bit.
    pub(super) further: u64,
}

/// A record as its row has it.
pub(super) struct Stored<'r> {
    pub(super) account: &'r str,
    pub(super) revision: Revision,
    pub(super) links: Links,
    pub(super) bytes: &'r [u8],
}

/// How many powers of two a revision reaches.
fn powers(revision: Revision) -> usize {
    usize::try_from(u64::BITS - revision.0.leading_zeros()).unwrap_or_default()
}

/// The highest power of two that divides a revision.
fn divided(revision: Revision) -> usize {
    usize::try_from(revision.0.trailing_zeros()).unwrap_or_default()
}

/// A revision without its lowest set bit.
fn further(revision: Revision) -> Revision {
    Revision(revision.0 & revision.0.wrapping_sub(1))
}

fn before(revision: Revision) -> Revision {
    Revision(revision.0.saturating_sub(1))
}

impl Ends {
    /// Takes them off the end of the row of an account of this revision.
    pub(super) fn split(row: &[u8], revision: Revision) -> Option<(&[u8], Self)> {
        let length = powers(revision).checked_mul(8)?;
        let (row, ends) = row.split_at_checked(row.len().checked_sub(length)?)?;
        Some((row, Self::read(ends)))
    }

    /// Reads what [`Ends::append_to`] wrote.
    pub(super) fn read(numbers: &[u8]) -> Self {
        let (numbers, _) = numbers.as_chunks();
        let numbers = numbers.iter().map(|number| u64::from_be_bytes(*number));
        Self(numbers.collect())
    }

    /// Adds them to the account's row, 8 bytes each.
    pub(super) fn append_to(&self, row: &mut Vec<u8>) {
        row.extend(self.0.iter().flat_map(|number| number.to_be_bytes()));
    }

    /// Cuts them to what a revision needs, and fills up with none.
    pub(super) fn fit(&mut self, revision: Revision) {
        self.0.resize(powers(revision), 0);
    }

    /// What the next record, which is of this revision, is to be linked to.
    pub(super) fn links(&self, revision: Revision) -> Links {
        let end = |power: usize| self.0.get(power).copied().unwrap_or_default();
        Links {
            before: end(0),
            further: end(divided(revision).saturating_add(1)),
        }
    }

    /// Takes the next record in.
    pub(super) fn push(&mut self, revision: Revision, number: u64) {
        self.0.resize(powers(revision), number);
        let ends = self.0.iter_mut().take(divided(revision).saturating_add(1));
        ends.for_each(|end| *end = number);
    }

    /// The revisions and numbers of the records that these are; `newest` is the account's revision.
    fn records(&self, newest: Revision) -> impl Iterator<Item = (Revision, u64)> {
        let multiple = move |power: usize| Revision(newest.0 >> power << power);
        let ends = self.0.iter().enumerate();
        ends.map(move |(power, number)| (multiple(power), *number))
    }
}

impl<'r> Stored<'r> {
    /// Reads a row of the table.
    pub(super) fn read(row: &'r [u8]) -> Option<Self> {
        let row = row.strip_prefix(&[row::VERSION])?;
        let (revision, row) = row.split_first_chunk()?;
        let (before, row) = row.split_first_chunk()?;
        let (further, row) = row.split_first_chunk()?;
        let end = row.iter().position(|byte| *byte == key::END)?;
        let (account, bytes) = (row.get(..end)?, row.get(end + 1..)?);
        Some(Self {
            account: str::from_utf8(account).ok()?,
            revision: Revision(u64::from_be_bytes(*revision)),
            links: Links {
                before: u64::from_be_bytes(*before),
                further: u64::from_be_bytes(*further),
            },
            bytes,
        })
    }

    /// The row, as it is stored.
    pub(super) fn row(&self) -> Vec<u8> {
        let Links { before, further } = self.links;
        let numbers = [self.revision.0, before, further].map(u64::to_be_bytes);
        let parts: [&[u8]; 5] = [
            &[row::VERSION],
            numbers.as_flattened(),
            self.account.as_bytes(),
            &[key::END],
            self.bytes,
        ];
        parts.concat()
    }

    fn record(&self) -> StoredRecord {
        StoredRecord {
            revision: self.revision,
            bytes: self.bytes.to_vec(),
        }
    }
}

/// Up to `limit` records of an account with revisions after `from`, oldest first. All that leads to them,
/// and from them to older ones, is checked.
pub(super) fn history(
    layers: &Layers,
    id: &AccountId,
    from: Revision,
    limit: usize,
) -> Result<Vec<StoredRecord>> {
    let read = |row: &[u8]| row::ends(row, ACCOUNTS, id);
    let ends = layers.get(ACCOUNTS, id.as_str().as_bytes(), read)?;
    let Some((newest, ends)) = ends else {
        return Ok(Vec::new());
    };
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let last = Revision(from.0.saturating_add(limit)).min(newest);
    if last <= from {
        return Ok(Vec::new());
    }
    let reader = Reader { layers, id };
    let mut start = (newest, 0);
    for (revision, number) in ends.records(newest) {
        reader.follow("its row", revision, number)?;
        if revision >= last {
            start = (revision, number);
        }
    }
    let (mut revision, mut number) = reader.find(start, last)?;
    let mut records = Vec::new();
    while revision > from {
        let (record, links) = reader.read(revision, number, |row| (row.record(), row.links))?;
        records.push(record);
        reader.check(revision, links)?;
        (revision, number) = (before(revision), links.before);
    }
    records.reverse();
    Ok(records)
}

/// Up to `limit` records of all accounts with numbers after `from`.
pub(super) fn records(
    layers: &Layers,
    from: RecordNumber,
    limit: usize,
) -> Result<Vec<NumberedRecord>> {
    let from = key::record(from.0);
    let bounds = (Bound::Excluded(from.as_slice()), Bound::Unbounded);
    layers.scan(RECORDS, bounds, limit, |key, row| {
        let wrong = || damaged(RECORDS, key.escape_ascii(), "is no record");
        let number = key.try_into().map(u64::from_be_bytes);
        let number = number.map_err(|_| wrong())?;
        let row = Stored::read(row).ok_or_else(wrong)?;
        let id: AccountId = row.account.parse().map_err(|_| wrong())?;
        Ok(Pick::Take(NumberedRecord {
            number: RecordNumber(number),
            record: row.record(),
            account: id,
        }))
    })
}

/// Reads records of one account.
struct Reader<'l> {
    layers: &'l Layers,
    id: &'l AccountId,
}

impl Reader<'_> {
    /// Reads the record of a revision, which is to be found under a number.
    fn read<T>(
        &self,
        revision: Revision,
        number: u64,
        read: impl FnOnce(&Stored<'_>) -> T,
    ) -> Result<T> {
        let found = self.layers.get(RECORDS, &key::record(number), |bytes| {
            let row = Stored::read(bytes);
            let is_it =
                |row: &Stored<'_>| row.revision == revision && row.account == self.id.as_str();
            Ok(row.filter(is_it).map(|row| read(&row)))
        })?;
        found.flatten().ok_or_else(|| {
            let why = format!("is not record {} of `{}`", revision.0, self.id);
            damaged(RECORDS, number, &why)
        })
    }

    /// Whether a link leads to the record of a revision; before the first there is nothing.
    fn follow(&self, from: impl Display, revision: Revision, number: u64) -> Result {
        if (revision, number) == (Revision(0), 0) {
            return Ok(());
        }
        self.read(revision, number, |_| ())
            .map_err(|error| match error {
                StoreError::Damaged(what) => {
                    StoreError::Damaged(format!("{what}, to which {from} leads"))
                }
                other => other,
            })
    }

    /// Whether a record's links lead where they should.
    fn check(&self, revision: Revision, links: Links) -> Result {
        let from = format_args!("record {}", revision.0);
        self.follow(from, before(revision), links.before)?;
        self.follow(from, further(revision), links.further)
    }

    /// Where a revision is, from a later one on.
    fn find(&self, from: (Revision, u64), wanted: Revision) -> Result<(Revision, u64)> {
        let (mut revision, mut number) = from;
        while revision > wanted {
            let links = self.read(revision, number, |row| row.links)?;
            let far = further(revision);
            (revision, number) = match far >= wanted {
                true => (far, links.further),
                false => (before(revision), links.before),
            };
        }
        Ok((revision, number))
    }
}
