//! The state: the redb file that the log feeds.

use std::ops::Bound;

use ::redb::{
    AccessGuard, Database, DatabaseError, Durability, Range, ReadOnlyTable, ReadableDatabase,
    ReadableTable as _, ReadableTableMetadata, TableError, WriteTransaction,
};

use super::error::fault;
use super::layers::Rows;
use super::log::Mark;
use super::open::lost;
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
    /// By their numbers.
    tables: Vec<Option<ReadOnlyTable<Bytes, Bytes>>>,
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
        let mut tables = Vec::new();
        for table in ALL {
            let open = transaction.open_table(table.definition()).map_err(fault)?;
            tables.resize_with(usize::from(table.id), || None);
            tables.push(Some(open));
        }
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

    /// How many rows a table has, in a state of any format.
    pub(super) fn count(&self, table: Table) -> Result<u64> {
        let transaction = self.database.begin_read().map_err(fault)?;
        let open = transaction.open_table(table.definition()).map_err(fault)?;
        open.len().map_err(fault)
    }

    /// The log that goes with the state, and the first frame of it that the state does not contain.
    pub(super) fn log(&self) -> Result<(u64, Mark)> {
        let numbers = self.meta(LOG, |row| {
            let numbers = row.chunks(8).map(|number| number.try_into().ok());
            let numbers: Option<Vec<u64>> = numbers.map(|it| it.map(u64::from_be_bytes)).collect();
            numbers
        })?;
        match numbers.ok_or_else(|| lost("log"))?.as_deref() {
            Some(&[id, sequence, offset]) => Ok((id, Mark { sequence, offset })),
            _ => Err(damaged(META, "log", "is not three numbers")),
        }
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

    /// Takes rows over from the log, up to a mark. The tables are those that there are in the format of
    /// the rows, by their numbers.
    pub(super) fn feed(&self, tables: &[Table], rows: &Rows, log: u64, until: Mark) -> Result {
        self.write(|transaction| {
            let mut rows = rows.iter().peekable();
            for table in tables {
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
        found
            .and_then(Option::as_ref)
            .ok_or(StoreError::Malformed("a table that is not known"))
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

    /// Reads the last key of a table.
    pub(super) fn last<T>(
        &self,
        table: Table,
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<Option<T>> {
        let row = self.table(table)?.last().map_err(fault)?;
        row.map(|(key, _)| read(key.value())).transpose()
    }

    /// What a table holds.
    pub(super) fn size(&self, table: Table) -> Result<TableSize> {
        let open = self.table(table)?;
        let rows = open.len().map_err(fault)?;
        let bytes = open.stats().map_err(fault)?.stored_bytes();
        Ok(TableSize::new(table, rows, bytes))
    }
}

/// Says which log goes with the state, and from where on it is needed.
pub(super) fn put_log(transaction: &WriteTransaction, id: u64, mark: Mark) -> Result {
    let row = [id, mark.sequence, mark.offset].map(u64::to_be_bytes);
    let mut meta = transaction.open_table(META.definition()).map_err(fault)?;
    meta.insert(LOG, row.as_flattened()).map_err(fault)?;
    Ok(())
}
