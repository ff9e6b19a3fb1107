//! Records whose rows, or what leads to them, are not as they were written.

use std::path::Path;

use ::redb::{Database, ReadableTable};

use super::{commit, created, tamper};
use crate::account::Revision;
use crate::store::redb::table::{ACCOUNTS, RECORDS, Table};
use crate::store::redb::{RedbOptions, RedbStore};
use crate::store::{RecordNumber, Store, StoreError};

fn change(path: &Path, table: Table, key: &[u8], change: impl FnOnce(&mut Vec<u8>)) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(table.definition()).unwrap();
        let mut row = table.get(key).unwrap().unwrap().value().to_vec();
        change(&mut row);
        table.insert(key, row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

/// What a record says is read elsewhere; here it is found by what leads to it.
#[test]
fn a_damaged_record_is_named() {
    let second = 2_u64.to_be_bytes();
    let rows: [(&[u8], &[u8]); 4] = [
        (&second, b""),
        (&second, b"\x01 a row that is cut short"),
        (&second, b"\x02"),
        (b"no number", b""),
    ];
    for (key, row) in rows {
        let (_folder, path, store) = created();
        for _ in 0..3 {
            commit(&store, "1001");
        }
        store.checkpoint().unwrap();
        drop(store);
        tamper(&path, RECORDS, Some(key), row);
        let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
        let snapshot = store.snapshot().unwrap();
        let mut read = vec![snapshot.records(RecordNumber(0), 9).map(drop)];
        if key == second {
            let id = "1001".parse().unwrap();
            read.push(snapshot.history(&id, Revision(0), 9).map(drop));
        }
        for error in read.into_iter().map(Result::unwrap_err) {
            assert!(matches!(error, StoreError::Damaged(_)), "{error}");
            assert!(error.to_string().contains("of table `records`"), "{error}");
        }
    }
}

/// A link that leads elsewhere is found, whether a page needs it or not.
#[test]
fn a_link_that_leads_elsewhere_is_found() {
    let damaged = |table: Table, key: &[u8], place: fn(usize) -> usize| {
        let (_folder, path, store) = created();
        for _ in 0..6 {
            commit(&store, "1001");
        }
        store.checkpoint().unwrap();
        drop(store);
        change(&path, table, key, |row| {
            let at = place(row.len());
            row[at] ^= 1;
        });
        let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
        let id = "1001".parse().unwrap();
        let found = store.snapshot().unwrap().history(&id, Revision(0), 9);
        found.unwrap_err().to_string()
    };
    let sixth = 6_u64.to_be_bytes();
    let found = [
        // The last bytes of the revision, of the record before, and of the one further back.
        damaged(RECORDS, &sixth, |_| 8),
        damaged(RECORDS, &sixth, |_| 16),
        damaged(RECORDS, &sixth, |_| 24),
        // The last bytes of the ends for 4, 2 and 1.
        damaged(ACCOUNTS, b"1001", |length| length - 1),
        damaged(ACCOUNTS, b"1001", |length| length - 9),
        damaged(ACCOUNTS, b"1001", |length| length - 17),
    ];
    insta::assert_snapshot!(found.join("\n"), @r"
    the store is damaged: row `6` of table `records` is not record 6 of `1001`, to which its row leads
    the store is damaged: row `4` of table `records` is not record 5 of `1001`, to which record 6 leads
    the store is damaged: row `5` of table `records` is not record 4 of `1001`, to which record 6 leads
    the store is damaged: row `5` of table `records` is not record 4 of `1001`, to which its row leads
    the store is damaged: row `7` of table `records` is not record 6 of `1001`, to which its row leads
    the store is damaged: row `7` of table `records` is not record 6 of `1001`, to which its row leads
    ");
}
