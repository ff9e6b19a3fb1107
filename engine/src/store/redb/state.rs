//! The state: the redb file that the log feeds.

use std::ops::Bound;

use ::redb::{
    AccessGuard, Database, DatabaseError, Durability, Range, ReadOnlyTable, ReadableDatabase,
    ReadableTableMetadata, TableError, WriteTransaction,
};

use super::error::fault;
use super::layers::Rows;
use super::log::Mark;
use super::table::{ALL, META, Table, damaged};
use super::upkeep::TableSize;
use crate::store::StoreError;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;
type Bytes = &'static [u8];

/// A row of the state that is being looked at.
pub(super) type Seen = (AccessGuard<'static, Bytes>, AccessGuard<'static, Bytes>);

/// Key of `meta`: the log's id, and the mark of the first frame that the state does not contain.
pub(super) const LOG: &[u8] = b"log";

/// The state.
#[derive(Debug)]
pub(super) struct State {
    database: Database,
}

/// Every table of the state at one moment, opened once for all who read it.
pub(super) struct Tables {
    tables: Vec<ReadOnlyTable<Bytes, Bytes>>,
}

impl State {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Closes the file.
    pub(super) fn close(self) -> Result<(), DatabaseError> {
        self.database.close()
    }

    /// The state as it is now.
    pub(super) fn tables(&self) -> Result<Tables> {
        let transaction = self.database.begin_read().map_err(fault)?;
        let open = |table: Table| transaction.open_table(table.definition()).map_err(fault);
        let tables = ALL.into_iter().map(open).collect::<Result<_>>()?;
        Ok(Tables { tables })
    }

    /// Reads a row of `meta`, where there may be no such table: in another program's file.
    pub(super) fn meta<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>> {
        let transaction = self.database.begin_read().map_err(fault)?;
        let meta = match transaction.open_table(META.definition()) {
            Ok(meta) => meta,
            Err(TableError::Storage(error)) => return Err(fault(error)),
            Err(_) => return Ok(None),
        };
        let row = meta.get(key).map_err(fault)?;
        Ok(row.map(|row| read(row.value())))
    }

    /// Writes in one durable transaction, all or nothing.
    pub(super) fn write<T>(&self, work: impl FnOnce(&WriteTransaction) -> Result<T>) -> Result<T> {
        let mut transaction = self.database.begin_write().map_err(fault)?;
        transaction
            .set_durability(Durability::Immediate)
            .map_err(fault)?;
        transaction.set_quick_repair(true);
        let done = work(&transaction)?;
        transaction.commit().map_err(fault)?;
        Ok(done)
    }

    /// Takes rows over from the log, up to a mark.
    pub(super) fn feed(&self, rows: &Rows, log: u64, until: Mark) -> Result {
        self.write(|transaction| {
            let mut rows = rows.iter().peekable();
            for table in ALL {
                let mut open = transaction.open_table(table.definition()).map_err(fault)?;
                while let Some((key, value)) =
                    rows.next_if(|(key, _)| key.first() == Some(&table.id))
                {
                    let key = key.get(1..).unwrap_or_default();
                    match value {
                        Some(value) => drop(open.insert(key, value.as_ref()).map_err(fault)?),
                        None => drop(open.remove(key).map_err(fault)?),
                    }
                }
            }
            put_log(transaction, log, until)
        })
    }
}

impl Tables {
    fn table(&self, table: Table) -> Result<&ReadOnlyTable<Bytes, Bytes>> {
        let found = self.tables.get(usize::from(table.id));
        found.ok_or(StoreError::Malformed("a table that is not known"))
    }

    /// Reads a row.
    pub(super) fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<Option<T>> {
        let row = self.table(table)?.get(key).map_err(fault)?;
        row.map(|row| read(row.value())).transpose()
    }

    /// Rows of a table from one bound to another, in order.
    pub(super) fn range(
        &self,
        table: Table,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
    ) -> Result<impl Iterator<Item = Result<Seen>> + use<>> {
        let range: Range<'static, Bytes, Bytes> =
            self.table(table)?.range::<&[u8]>(bounds).map_err(fault)?;
        Ok(range.map(|row| row.map_err(fault)))
    }

    /// What a table holds.
    pub(super) fn size(&self, table: Table) -> Result<TableSize> {
        let open = self.table(table)?;
        let rows = open.len().map_err(fault)?;
        let bytes = open.stats().map_err(fault)?.stored_bytes();
        Ok(TableSize::new(table, rows, bytes))
    }

    /// The log that goes with the state, and the first frame of it that the state does not contain.
    pub(super) fn log(&self) -> Result<Option<(u64, Mark)>> {
        self.get(META, LOG, |row| {
            let numbers: Option<Vec<u64>> = row
                .chunks(8)
                .map(|number| Some(u64::from_be_bytes(number.try_into().ok()?)))
                .collect();
            match numbers.as_deref() {
                Some(&[id, sequence, offset]) => Ok((id, Mark { sequence, offset })),
                _ => Err(damaged(META, "log", "is not three numbers")),
            }
        })
    }
}

/// Says which log goes with the state, and from where on it is needed.
pub(super) fn put_log(transaction: &WriteTransaction, id: u64, mark: Mark) -> Result {
    let row = [id, mark.sequence, mark.offset].map(u64::to_be_bytes);
    let mut meta = transaction.open_table(META.definition()).map_err(fault)?;
    meta.insert(LOG, row.as_flattened()).map_err(fault)?;
    Ok(())
}
