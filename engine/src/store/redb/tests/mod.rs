//! What only a file can do: be missing, foreign, newer, held, damaged, full, or gone on with.

mod journal;
mod rounds;
mod upkeep;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::backends::InMemoryBackend;
use ::redb::{Database, ReadableTable};
use tempfile::TempDir;

use super::table::{ACCOUNTS, ATTEMPTS, CLAIMS, META, OUTBOX, SHARED, TIMERS, Table};
use super::{RedbOptions, RedbStore, StoreFiles, row};
use crate::account::{ClaimKey, Digest};
use crate::store::conformance::{self, Dump, dump, everything, header, next};
use crate::store::{CommitError, Delivery, Place, Store, StoreError, StoredBundle};
use crate::testing::{Disk, Failure};
use crate::time::Timestamp;
use crate::value::Value;

impl RedbStore {
    /// A store whose file is memory.
    pub(crate) fn in_memory(header: &crate::store::Header) -> Self {
        let files = StoreFiles {
            state: Box::new(InMemoryBackend::new()),
            log: Box::new(InMemoryBackend::new()),
        };
        Self::create_on(files, header, &RedbOptions::default()).unwrap()
    }

    /// Puts rows in between: they are on their way to the state, and will not arrive.
    pub(crate) fn begin_to_feed(&self) {
        self.writer.freeze();
    }

    /// A store on a made-up disk; it is created where there is a header.
    fn on(disk: &Disk, header: Option<&crate::store::Header>) -> Result<Self, StoreError> {
        let options = RedbOptions {
            background: false,
            ..RedbOptions::default()
        };
        match header {
            Some(header) => Self::create_on(disk.store(), header, &options),
            None => Self::open_on(disk.store(), &options),
        }
    }
}

/// A folder that is removed with the test, and the path of a store in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    (folder, path)
}

fn created() -> (TempDir, PathBuf, RedbStore) {
    let (folder, path) = place();
    let store = RedbStore::create(&path, &header(), &RedbOptions::default()).unwrap();
    (folder, path, store)
}

#[track_caller]
fn opening_fails(path: &PathBuf, expected: &str) {
    let error = RedbStore::open(path, &RedbOptions::default()).unwrap_err();
    let shown = error
        .to_string()
        .replace(&path.display().to_string(), "PATH");
    assert_eq!(shown, expected);
}

#[test]
fn it_does_what_every_store_must() {
    conformance::run(|| Box::new(RedbStore::in_memory(&header())));
}

#[test]
fn a_file_is_a_store_and_keeps_everything() {
    let (_folder, path, store) = created();
    commit(&store, "1001");
    commit(&store, "1001");
    store
        .settle(
            Place(0),
            Delivery::Failed {
                not_before: Timestamp::from_ms(5),
            },
        )
        .unwrap();
    let before = dump(&store);
    drop(store);
    let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
    assert_eq!(store.header().unwrap(), header());
    assert_eq!(dump(&store), before);
}

/// Commits a decision that writes to every table. One answer is kept per key, so it is left out.
fn commit(store: &RedbStore, id: &str) {
    let mut changes = everything(store, id);
    changes.remember = None;
    store.commit(changes).unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, _store) = created();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let log = fs::metadata(folder.path().join("store.redb-log")).unwrap();
    assert_eq!(log.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_store_is_created_where_nothing_is() {
    let (folder, path) = place();
    fs::write(&path, "kept").unwrap();
    let refused = RedbStore::create(&path, &header(), &RedbOptions::default()).unwrap_err();
    assert!(matches!(refused, StoreError::Exists { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"kept");
    let nowhere = folder.path().join("none/store.redb");
    let refused = RedbStore::create(nowhere, &header(), &RedbOptions::default()).unwrap_err();
    assert!(matches!(refused, StoreError::Io(_)), "{refused}");
}

#[test]
fn what_is_not_a_store_is_named() {
    let (_folder, path) = place();
    opening_fails(&path, "there is no store at PATH");
    fs::write(&path, "").unwrap();
    opening_fails(&path, "PATH is not a stateward store");
    fs::write(&path, "SQLite format 3\0").unwrap();
    opening_fails(&path, "PATH is not a stateward store");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    opening_fails(&path, "PATH is not a stateward store");
}

#[test]
fn another_programs_database_is_not_a_store() {
    let (_folder, path) = place();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(ACCOUNTS.definition()).unwrap();
    transaction.commit().unwrap();
    drop(database);
    opening_fails(&path, "PATH is not a stateward store");
}

#[test]
fn a_held_store_is_locked() {
    let (_folder, path, store) = created();
    opening_fails(&path, "PATH is in use by another process");
    drop(store);
    RedbStore::open(&path, &RedbOptions::default()).unwrap();
}

/// Changes one row of a store's file behind its back.
fn tamper(path: &PathBuf, table: Table, key: Option<&[u8]>, row: &[u8]) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(table.definition()).unwrap();
        let first = table.first().unwrap().map(|(key, _)| key.value().to_vec());
        let key = key.map(<[u8]>::to_vec).or(first).unwrap();
        table.insert(key.as_slice(), row).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn a_newer_format_is_refused() {
    let (_folder, path, store) = created();
    drop(store);
    tamper(&path, META, Some(b"format"), &7_u32.to_be_bytes());
    opening_fails(&path, "PATH has store format 7; this version reads up to 3");
    tamper(&path, META, Some(b"format"), b"1");
    opening_fails(
        &path,
        "the store is damaged: row `format` of table `meta` is missing or cut short",
    );
}

#[test]
fn a_damaged_row_is_named_without_its_personal_part() {
    let phone = ClaimKey {
        attribute: "phone".parse().unwrap(),
        value: Value::Phone("+6591234567".into()),
    };
    let read = |table: Table, store: &dyn Store| -> Result<(), StoreError> {
        let (all, end) = (usize::MAX, Timestamp::from_ms(i64::MAX));
        let id = "1001".parse().unwrap();
        let snapshot = store.snapshot()?;
        match table {
            ACCOUNTS => snapshot.account(&id).map(drop),
            ATTEMPTS => snapshot.attempt(&"att_a".parse().unwrap()).map(drop),
            CLAIMS => snapshot.holders(&phone).map(drop),
            SHARED => snapshot
                .shared(&conformance::quota_key("+6591234567"))
                .map(drop),
            _ => snapshot.outbox(end, None, all).map(drop),
        }
    };
    let expected = [
        (ACCOUNTS, "row `1001` of table `accounts`"),
        (ATTEMPTS, "row `att_a` of table `attempts`"),
        (CLAIMS, "row `phone` of table `claims`"),
        (SHARED, "row `codes_per_address` of table `shared`"),
        (OUTBOX, "row `0` of table `outbox`"),
    ];
    let rows: [&[u8]; 6] = [
        b"",
        b"\x01",
        b"\x02\x90",
        b"\x01\xdd\xff\xff\xff\xff",
        &[1; 40],
        &[0xFF; 9],
    ];
    for (table, name) in expected {
        for row in rows {
            let (_folder, path, store) = created();
            commit(&store, "1001");
            store.checkpoint().unwrap();
            drop(store);
            tamper(&path, table, None, row);
            let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
            let error = read(table, &store).unwrap_err();
            assert!(matches!(error, StoreError::Damaged(_)), "{error}");
            assert!(error.to_string().contains(name), "{error}");
            assert!(!error.to_string().contains("+65"), "{error}");
        }
    }
}

#[test]
fn a_damaged_timer_is_named() {
    let (_folder, path, store) = created();
    drop(store);
    tamper(&path, TIMERS, Some(b"short"), b"");
    let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
    let due = store
        .snapshot()
        .unwrap()
        .due(Timestamp::from_ms(0), None, 9);
    let shown = due.unwrap_err().to_string();
    assert_eq!(
        shown,
        "the store is damaged: row `short` of table `timers` is no timer"
    );
}

/// A store on a made-up disk with two accounts, and what is to be committed next.
fn on_disk() -> (Disk, RedbStore) {
    let disk = Disk::new();
    let store = RedbStore::on(&disk, Some(&header())).unwrap();
    commit(&store, "1001");
    store.commit(next(&store, "1002")).unwrap();
    (disk, store)
}

fn dump_of(disk: &Disk) -> Dump {
    dump(&RedbStore::on(disk, None).unwrap())
}

/// Whichever of a commit's operations fails, and whatever part of the writes that were not synced a
/// crash then loses, the store is as it was before the commit or after it, and nothing in between.
#[test]
fn a_failing_disk_leaves_a_commit_whole_or_undone() {
    let (before, after) = {
        let (disk, store) = on_disk();
        let before = dump(&store);
        commit(&store, "1001");
        drop(store);
        (before, dump_of(&disk))
    };
    let mut outcomes = [0, 0];
    for operation in 0.. {
        let (disk, store) = on_disk();
        disk.fail(operation, Failure::Lasting);
        let mut changes = everything(&store, "1001");
        changes.remember = None;
        let committed = store.commit(changes);
        if committed.is_ok() {
            assert!(operation > 1, "a commit is a write and a sync");
            assert_eq!(dump(&store), after);
            break;
        }
        assert!(matches!(
            committed,
            Err(CommitError::Store(StoreError::Io(_)))
        ));
        assert!(matches!(store.snapshot().map(drop), Err(StoreError::Io(_))));
        let settled = store.settle(Place(0), Delivery::Delivered);
        assert!(matches!(settled, Err(StoreError::Io(_))));
        drop(store);
        for seed in 0..8 {
            let found = dump_of(&disk.after_power_loss(seed));
            assert!(
                found == before || found == after,
                "operation {operation}, seed {seed}"
            );
            outcomes[usize::from(found == after)] += 1;
        }
    }
    assert!(outcomes[0] > 0 && outcomes[1] > 0, "{outcomes:?}");
}

/// Feeding the state changes nothing that anybody sees, wherever it breaks off.
#[test]
fn a_failing_disk_loses_nothing_while_the_state_is_fed() {
    let mut broken = 0;
    for operation in 0.. {
        let (disk, store) = on_disk();
        let before = dump(&store);
        disk.fail(operation, Failure::Lasting);
        if store.checkpoint().is_ok() {
            assert_eq!(dump(&store), before);
            break;
        }
        assert!(matches!(store.snapshot().map(drop), Err(StoreError::Io(_))));
        drop(store);
        for seed in 0..8 {
            let found = dump_of(&disk.after_power_loss(seed));
            assert_eq!(found, before, "operation {operation}, seed {seed}");
        }
        broken += 1;
    }
    assert!(broken > 5, "feeding is more than {broken} operations");
}

fn big_bundle(number: u8, bytes: usize) -> Arc<StoredBundle> {
    Arc::new(StoredBundle {
        fingerprint: Digest([number; 32]),
        files: vec![("a.yaml".to_owned(), "x".repeat(bytes))],
    })
}

#[test]
fn a_full_log_is_fed_to_the_state() {
    let (disk, store) = on_disk();
    let mut changes = next(&store, "1001");
    changes.bundle = big_bundle(0, 3 << 20);
    store.commit(changes).unwrap();
    assert_eq!(store.writer.layers().unwrap().newer_bytes >> 20, 3);
    for fingerprint in 1..16 {
        let mut changes = next(&store, "1001");
        changes.bundle = big_bundle(fingerprint, 3 << 20);
        store.commit(changes).unwrap();
        assert!(!store.writer.is_full(), "it is fed at a quarter");
    }
    let before = dump(&store);
    drop(store);
    assert_eq!(dump_of(&disk), before);
}

#[test]
fn a_commit_that_no_log_holds_is_refused_and_harms_nobody() {
    let (_, store) = on_disk();
    let before = dump(&store);
    let mut changes = next(&store, "1001");
    changes.bundle = big_bundle(0, 9 << 20);
    let refused = store.commit(changes);
    assert!(matches!(
        refused,
        Err(CommitError::Store(StoreError::Malformed(_)))
    ));
    assert_eq!(dump(&store), before);
    commit(&store, "1001");
}

#[test]
fn a_store_without_its_log_is_no_store() {
    let (folder, path, store) = created();
    drop(store);
    let log = folder.path().join("store.redb-log");
    let kept = fs::read(&log).unwrap();
    fs::remove_file(&log).unwrap();
    opening_fails(
        &path,
        "the store is damaged: its log PATH-log is missing: the two files go together",
    );
    let (other, _, store) = created();
    drop(store);
    fs::copy(other.path().join("store.redb-log"), &log).unwrap();
    opening_fails(
        &path,
        "the store is damaged: the log beside the state belongs to another store: the two files go \
         together",
    );
    fs::write(&log, kept).unwrap();
    RedbStore::open(&path, &RedbOptions::default()).unwrap();
}

#[test]
fn a_log_that_was_changed_is_told_from_one_that_broke_off() {
    let (folder, path, store) = created();
    for _ in 0..3 {
        store.commit(next(&store, "1001")).unwrap();
    }
    let whole = dump(&store);
    drop(store);
    let log = folder.path().join("store.redb-log");
    let written = fs::read(&log).unwrap();
    let found = |bytes: &[u8]| {
        fs::write(&log, bytes).unwrap();
        RedbStore::open(&path, &RedbOptions::default()).map(|store| dump(&store))
    };
    let used: Vec<usize> = (4_096..written.len())
        .filter(|at| written[*at] != 0)
        .collect();
    let (first, last) = (used[0], used[used.len() - 1]);
    for at in [first, first + 40, first + 100] {
        let mut bytes = written.clone();
        bytes[at] ^= 0x10;
        let refused = found(&bytes).unwrap_err().to_string();
        assert!(
            refused.contains("a frame of the log is damaged"),
            "{refused}"
        );
    }
    let mut bytes = written.clone();
    bytes[last] ^= 0x10;
    assert_ne!(found(&bytes).unwrap(), whole, "the last commit broke off");
    assert_eq!(found(&written).unwrap(), whole);
}

#[test]
fn a_full_disk_is_called_full() {
    let (disk, store) = on_disk();
    disk.leave_room(Some(0));
    let error = (0..2_000)
        .find_map(|_| store.commit(next(&store, "1001")).err())
        .unwrap();
    let expected = "the store could not be read or written: the disk is full (no storage space); \
                    free some space, then open it again";
    assert_eq!(error.to_string(), expected);
}

/// Bits that were turned are found by the check, whatever they are part of; without it redb may
/// read on, or panic.
#[test]
fn a_checked_file_is_whole_or_refused() {
    let (_folder, path, store) = created();
    commit(&store, "1001");
    let row = row::encode_account(&next(&store, "1002").account).unwrap();
    commit(&store, "1002");
    store.checkpoint().unwrap();
    let whole = dump(&store);
    drop(store);
    let written = fs::read(&path).unwrap();
    let open_turned = |at: usize| {
        let mut bytes = written.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        let checked = RedbOptions {
            check: true,
            ..RedbOptions::default()
        };
        RedbStore::open(&path, &checked)
    };
    // Much of a file is pages that nothing refers to any more.
    let used: Vec<usize> = (0..written.len()).filter(|at| written[*at] != 0).collect();
    for at in used.iter().step_by(used.len() / 30) {
        match open_turned(*at) {
            Ok(store) => assert_eq!(dump(&store), whole, "byte {at}"),
            Err(StoreError::Damaged(_) | StoreError::Foreign { .. }) => {}
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
    let copies = (0..written.len()).filter(|at| written[*at..].starts_with(&row));
    let mut refused = copies.filter(|at| open_turned(at + row.len() - 1).is_err());
    assert!(refused.next().is_some());
}
