//! Commits that meet: what one relies on is not durable yet when the other is decided on.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{self, ScopedJoinHandle};

use ::redb::StorageBackend;
use ::redb::backends::InMemoryBackend;

use crate::account::{Account, Revision};
use crate::store::conformance::{decision, header};
use crate::store::redb::{RedbOptions, RedbStore, StoreFiles};
use crate::store::{CommitError, Store, StoreError};

/// Where the sync of a log is held up.
#[derive(Debug)]
struct Gate {
    closed: AtomicBool,
    fails: AtomicBool,
    reached: Barrier,
    opened: Barrier,
}

/// A log whose next sync is held up at a gate, where that is closed.
#[derive(Debug)]
struct Gated {
    file: InMemoryBackend,
    gate: Arc<Gate>,
}

impl StorageBackend for Gated {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.gate.closed.swap(false, Ordering::SeqCst) {
            self.gate.reached.wait();
            self.gate.opened.wait();
            if self.gate.fails.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::Other.into());
            }
        }
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}

fn gated() -> (Arc<Gate>, RedbStore) {
    let gate = Arc::new(Gate {
        closed: AtomicBool::new(false),
        fails: AtomicBool::new(false),
        reached: Barrier::new(2),
        opened: Barrier::new(2),
    });
    let log = Gated {
        file: InMemoryBackend::new(),
        gate: Arc::clone(&gate),
    };
    let files = StoreFiles {
        state: Box::new(InMemoryBackend::new()),
        log: Box::new(log),
    };
    let store = RedbStore::create_on(files, &header(), &RedbOptions::default()).unwrap();
    // The bundle is kept with the first account.
    store.commit(decision("1000", None)).unwrap();
    (gate, store)
}

fn until_joined(store: &RedbStore, callers: usize) {
    while store.writer.joined() < callers {
        thread::yield_now();
    }
}

type Answer = Result<(), CommitError>;

/// Has an account created and changed, where the latter comes while the former is being synced; does
/// something meanwhile, and tells what both are answered.
fn meet(gate: &Gate, store: &RedbStore, meanwhile: impl FnOnce()) -> [Answer; 2] {
    gate.closed.store(true, Ordering::SeqCst);
    let created = decision("1001", None);
    let changed = decision("1001", Some(&created.account));
    thread::scope(|scope| {
        let first = scope.spawn(move || store.commit(created));
        gate.reached.wait();
        let second = scope.spawn(move || store.commit(changed));
        until_joined(store, 1);
        meanwhile();
        gate.opened.wait();
        [first, second].map(|answer: ScopedJoinHandle<'_, Answer>| answer.join().unwrap())
    })
}

fn account(store: &RedbStore) -> Option<Arc<Account>> {
    let snapshot = store.snapshot().unwrap();
    snapshot.account(&"1001".parse().unwrap()).unwrap()
}

#[test]
fn what_is_not_durable_decides_what_comes_later_and_is_shown_to_nobody() {
    let (gate, store) = gated();
    let opened = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut third = None;
        let answers = meet(&gate, &store, || {
            let (store, opened) = (&store, &opened);
            // It is created already. That is true only if it is durable, and so is told only then.
            third = Some(scope.spawn(|| {
                let answer = store.commit(decision("1001", None));
                (answer, opened.load(Ordering::SeqCst))
            }));
            until_joined(store, 2);
            assert_eq!(account(store), None);
            opened.store(true, Ordering::SeqCst);
        });
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let (answer, after) = third.unwrap().join().unwrap();
        assert!(matches!(answer, Err(CommitError::Conflict)), "{answer:?}");
        assert!(
            after,
            "it was answered before what it relies on was durable"
        );
    });
    assert_eq!(account(&store).unwrap().revision, Revision(2));
}

#[test]
fn what_relies_on_a_round_that_fails_fails_with_it() {
    let (gate, store) = gated();
    gate.fails.store(true, Ordering::SeqCst);
    let answers = meet(&gate, &store, || ());
    for answer in answers {
        let failed = matches!(answer, Err(CommitError::Store(StoreError::Io(_))));
        assert!(failed, "{answer:?}");
    }
    assert!(matches!(store.snapshot().map(drop), Err(StoreError::Io(_))));
    let after = store.commit(decision("1002", None));
    assert!(matches!(after, Err(CommitError::Store(StoreError::Io(_)))));
}

/// Rows that are set apart for the state are not in the rounds that go on over them any more; those of
/// the rounds are.
#[test]
fn rounds_go_on_over_rows_that_are_fed() {
    let (gate, store) = gated();
    let answers = meet(&gate, &store, || store.begin_to_feed());
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let layers = store.writer.layers().unwrap();
    let counts = [&layers.newer, &layers.older].map(|rows| rows.size());
    // The account twice over, and two records; before it one account, its record and the bundle.
    assert_eq!(counts, [3, 3]);
    assert_eq!(account(&store).unwrap().revision, Revision(2));
    store.checkpoint().unwrap();
    assert_eq!(account(&store).unwrap().revision, Revision(2));
    let snapshot = store.snapshot().unwrap();
    let history = snapshot.history(&"1001".parse().unwrap(), Revision(0), 9);
    assert_eq!(history.unwrap().len(), 2);
}
