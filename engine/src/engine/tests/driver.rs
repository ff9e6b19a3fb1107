//! The driver in the background: it does what is due, sleeps otherwise, and ends when it is dropped.

use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use super::*;
use crate::engine::{Driver, Trouble};

const A_DAY: Duration = Duration::from_secs(86_400);

/// Waits until something holds, which must not take long.
#[track_caller]
fn comes(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < seconds(30), "it did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_timer_that_comes_due_has_its_effect_and_a_message_goes_out() {
    let world = World::new();
    let engine = Arc::new(world.engine());
    let driver = Driver::of(engine.clone()).start().unwrap();
    // Long before the longest nap is over: committing wakes it.
    applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
    comes(|| !world.mailbox.take().is_empty());
    world.clock.advance(A_DAY);
    driver.wake();
    comes(|| world.state("acc", "trial") == "over");
    driver.stop();
    assert_eq!(world.history("acc").len(), 3);
}

#[test]
fn a_clock_that_is_set_is_noticed_after_a_nap() {
    let world = World::new();
    let driver = Driver::of(Arc::new(world.engine())).longest_nap(Duration::from_millis(30));
    let _driver = driver.start().unwrap();
    world.clock.advance(A_DAY);
    comes(|| world.state("acc", "trial") == "over");
}

#[test]
fn more_than_a_batch_is_done_without_a_nap() {
    let world = World::new();
    for account in 1..20 {
        world.create(&format!("acc-{account}"));
    }
    world.clock.advance(A_DAY);
    let driver = Driver::of(Arc::new(world.engine())).batch(3).start();
    let accounts = world.engine().accounts(None, 100).unwrap();
    comes(|| {
        accounts
            .iter()
            .all(|id| world.state(id.as_str(), "trial") == "over")
    });
    driver.unwrap().stop();
    assert!(
        accounts
            .iter()
            .all(|id| world.history(id.as_str()).len() == 2)
    );
}

/// A store that counts how often it is looked at, and fails where it is told to.
struct Watched {
    store: Arc<MemoryStore>,
    looks: AtomicUsize,
    fails: AtomicBool,
}

impl Watched {
    fn over(world: &World) -> Arc<Self> {
        Arc::new(Self {
            store: world.store.clone(),
            looks: AtomicUsize::new(0),
            fails: AtomicBool::new(false),
        })
    }
}

impl Store for Watched {
    fn header(&self) -> Result<Header, StoreError> {
        self.store.header()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        match self.fails.load(Ordering::Relaxed) {
            true => Err(StoreError::Io("the disk is gone".to_owned())),
            false => self.store.snapshot(),
        }
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        self.store.commit(changes)
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result<(), StoreError> {
        self.store.settle(place, delivery)
    }

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        self.store.keep_denial(denial)
    }

    fn sweep(&self, sweep: Sweep) -> Result<(), StoreError> {
        self.store.sweep(sweep)
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result<(), StoreError> {
        self.store.put_in_force(bundle, settled)
    }
}

#[test]
fn it_sleeps_while_there_is_nothing_to_do() {
    let world = World::new();
    let store = Watched::over(&world);
    let driver = Driver::of(Arc::new(world.engine_over(store.clone())));
    let driver = driver.start().unwrap();
    // Both threads look once, and then no more.
    comes(|| {
        let before = store.looks.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(400));
        store.looks.load(Ordering::Relaxed) == before
    });
    let begun = Instant::now();
    driver.stop();
    assert!(begun.elapsed() < seconds(10), "it slept on");
}

#[test]
fn trouble_is_told_and_met_with_patience() {
    let world = World::new();
    let store = Watched::over(&world);
    let engine = Arc::new(world.engine_over(store.clone()));
    store.fails.store(true, Ordering::Relaxed);
    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    let driver = Driver::of(engine).on_trouble(move |trouble| {
        assert!(matches!(trouble, Trouble::Engine(_)), "{trouble}");
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let begun = Instant::now();
    let driver = driver.start().unwrap();
    comes(|| told.load(Ordering::Relaxed) >= 6);
    // After 0, 100, 300, 700 ms and so on, by each of two threads.
    let count = told.load(Ordering::Relaxed);
    let doublings = (begun.elapsed().as_millis() / 100 + 1).ilog2() + 1;
    assert!(count <= 2 * usize::try_from(doublings).unwrap(), "{count}");
    store.fails.store(false, Ordering::Relaxed);
    world.clock.advance(A_DAY);
    comes(|| world.state("acc", "trial") == "over");
    driver.stop();
}
