//! Copies of stores, and giving room back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::account::Revision;
use crate::store::{StoreCopy, conformance};

/// A store with a few accounts, and one of them with everything that can be stored.
fn filled(path: &Path) -> RedbStore {
    let store = RedbStore::create(path, &header(), &RedbOptions::default()).unwrap();
    store.commit(everything(&store, "1001")).unwrap();
    for id in ["1002", "10", "1002"] {
        store.commit(next(&store, id)).unwrap();
    }
    store
}

#[test]
fn a_copy_holds_everything_and_goes_on_as_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("s"), folder.path().join("copy"));
    let store = filled(&path);
    // Partly in the log, partly in the tables.
    store.checkpoint().unwrap();
    store.commit(next(&store, "10")).unwrap();
    let mut told = 0;
    let rows = store.backup(&copy, &mut |rows| told = rows).unwrap();
    assert_eq!(told, rows);
    let held = dump(&store);
    store.commit(next(&store, "1001")).unwrap();

    // It is one file, and opening it makes it a store like any other.
    assert!(!RedbStore::files(&copy)[1].exists());
    let opened = RedbStore::open(&copy, &RedbOptions::default()).unwrap();
    assert_eq!((dump(&opened), opened.header().unwrap()), (held, header()));
    opened.commit(next(&opened, "1002")).unwrap();
    let held = dump(&opened);
    drop(opened);
    let again = RedbStore::open(&copy, &RedbOptions::default()).unwrap();
    assert_eq!(dump(&again), held);
    let refused = again.backup(&path, &mut |_| {});
    assert!(
        matches!(refused, Err(StoreError::Exists { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_copy_is_of_one_moment_whoever_writes_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder.path().join("s"));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for id in ["1002", "10"] {
                    store.commit(next(&store, id)).unwrap();
                }
            }
        });
        for name in ["a", "b", "c"] {
            let copy = folder.path().join(name);
            store.backup(&copy, &mut |_| {}).unwrap();
            let copy = RedbStore::open(&copy, &RedbOptions::default()).unwrap();
            let snapshot = copy.snapshot().unwrap();
            for id in snapshot.accounts(None, 9).unwrap() {
                let revision = snapshot.account(&id).unwrap().unwrap().revision;
                let records = snapshot.history(&id, Revision(0), usize::MAX).unwrap();
                assert_eq!(records.last().map(|record| record.revision), Some(revision));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_copy_is_looked_through_before_it_becomes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("s"), folder.path().join("copy"));
    let store = filled(&path);
    store.backup(&copy, &mut |_| {}).unwrap();
    let held = dump(&store);
    drop(store);

    let refused = StoreCopy::read(&path, folder.path().join("t"), &mut |_| {}).unwrap_err();
    assert!(matches!(refused, StoreError::NoCopy { .. }), "{refused:?}");
    let read = StoreCopy::read(&copy, &path, &mut |_| {}).unwrap();
    assert_eq!((read.header(), read.accounts()), (&header(), 3));
    let refused = read.put(&path, &RedbOptions::default()).unwrap_err();
    assert!(matches!(refused, StoreError::Exists { .. }), "{refused:?}");
    let read = StoreCopy::read(&copy, folder.path().join("t"), &mut |_| {}).unwrap();
    let restored = read
        .put(folder.path().join("t"), &RedbOptions::default())
        .unwrap();
    assert_eq!(dump(&restored), held);

    // One byte that is another somewhere in its rows is found.
    let whole = std::fs::read(&copy).unwrap();
    let needle = b"1001";
    let places = whole.windows(needle.len()).enumerate();
    let places = places
        .filter(|(_, bytes)| *bytes == needle)
        .map(|(place, _)| place);
    let places: Vec<usize> = places.collect();
    assert!(places.len() > 3);
    for place in places {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        std::fs::write(&copy, damaged).unwrap();
        let read = StoreCopy::read(&copy, folder.path().join("u"), &mut |_| {});
        assert!(read.is_err(), "byte {place}");
    }
}

#[test]
fn compacting_gives_room_back_and_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let store = filled(&path);
    for round in 0..40 {
        for account in 0..25 {
            store
                .commit(next(&store, &format!("{round}-{account}")))
                .unwrap();
        }
        store.checkpoint().unwrap();
    }
    let sizes = store.sizes(&mut |_| {}).unwrap();
    assert_eq!(sizes.rows("accounts"), 3 + 40 * 25);
    assert_eq!(sizes.rows("records"), 4 + 40 * 25);
    let held = conformance::dump(&store);
    drop(store);
    let before = std::fs::metadata(&path).unwrap().len();
    RedbStore::compact(&path, &RedbOptions::default(), &mut |_| {}).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < before);
    let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
    assert_eq!(dump(&store), held);
    let refused = RedbStore::compact(&path, &RedbOptions::default(), &mut |_| {});
    assert!(
        matches!(refused, Err(StoreError::Locked { .. })),
        "{refused:?}"
    );
}
