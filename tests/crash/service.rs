//! The engine as a process has it: over a store, with a clock, a mailbox and entropy that are the
//! same each time.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use acceptance::contents::Contents;
use stateward::account::Answer;
use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::{Courier, CourierError, Delivery};
use stateward::engine::audit::verify;
use stateward::engine::replay::Again;
use stateward::engine::{Cancel, Confirm, Create, Engine, EngineError, Resend, Run};
use stateward::entropy::{EntropyError, EntropySource, SeededEntropy};
use stateward::store::{Header, RedbOptions, RedbStore, Store, StoreError};
use stateward::testing::{Disk, ManualClock};
use stateward::time::Timestamp;

/// The shipped definition.
pub static SHIPPED: LazyLock<Arc<Bundle>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, "resource_account").unwrap();
    Arc::new(Bundle::load(sources, "resource_account").unwrap())
});

/// When every run begins.
pub fn beginning() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

fn keys() -> KeyRing {
    KeyRing::new(CodeKey::from_bytes([1; 32]))
}

pub fn header() -> Header {
    Header {
        lifecycle: SHIPPED.lifecycle.name.clone(),
        development: true,
        created_at: beginning(),
        key_id: keys().current().id(),
    }
}

/// One caller at a time, and nothing that happens by itself.
pub fn options() -> RedbOptions {
    RedbOptions {
        cache_bytes: 4 << 20,
        background: false,
        ..RedbOptions::default()
    }
}

/// A new store on a disk.
pub fn create(disk: &Disk) -> Result<RedbStore, StoreError> {
    create_with_log(disk, options().log_bytes)
}

/// A new store on a disk, whose log holds as much as is said.
pub fn create_with_log(disk: &Disk, log_bytes: u64) -> Result<RedbStore, StoreError> {
    let options = RedbOptions {
        log_bytes,
        ..options()
    };
    RedbStore::create_on(disk.store(), &header(), &options)
}

/// What a store holds.
pub fn contents(store: &dyn Store) -> Result<Contents, StoreError> {
    Contents::read(store, &keys())
}

/// The store that is on a disk.
pub fn open(disk: &Disk) -> Result<RedbStore, StoreError> {
    RedbStore::open_on(disk.store(), &options())
}

/// What the store that is on a disk holds, which holds together as `audit verify` tells.
pub fn found_on(disk: &Disk) -> Result<Contents, StoreError> {
    let store = open(disk)?;
    let (keys, lifecycle) = (keys(), store.header()?.lifecycle);
    let known = (&keys, &lifecycle);
    let verified = verify(store.snapshot()?.as_ref(), known, &[], &mut |_| {})?;
    assert_eq!(verified.flaws, []);
    contents(&store)
}

/// What can be asked of the service, complete, so that it can be asked again.
#[derive(Debug, Clone)]
pub enum Asked {
    Create(Create),
    Run(Run),
    Confirm(Confirm),
    Resend(Resend),
    Cancel(Cancel),
    Tick,
    Pump,
}

/// Takes every message, and notes how many operations its disk had done by then.
#[derive(Debug)]
pub struct Mailbox {
    disk: Disk,
    messages: Mutex<Vec<(usize, Delivery)>>,
}

impl Mailbox {
    /// The messages so far, oldest first.
    pub fn messages(&self) -> Vec<(usize, Delivery)> {
        self.messages.lock().unwrap().clone()
    }
}

impl Courier for Mailbox {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        let message = (operations(&self.disk), delivery.clone());
        self.messages.lock().unwrap().push(message);
        Ok(())
    }
}

/// Operations that a disk has done so far.
pub fn operations(disk: &Disk) -> usize {
    usize::try_from(disk.operations()).unwrap()
}

/// Entropy that is drawn anew for every deed: who repeats one draws the same again.
#[derive(Debug, Default)]
struct PerDeed(AtomicU64);

impl EntropySource for PerDeed {
    fn seed(&self) -> Result<[u8; 32], EntropyError> {
        let position = self.0.fetch_add(1, Ordering::Relaxed);
        SeededEntropy::starting_at(1, position).seed()
    }
}

/// An engine over a store, and everything around it.
pub struct Service {
    pub engine: Engine,
    pub mailbox: Arc<Mailbox>,
    clock: Arc<ManualClock>,
    entropy: Arc<PerDeed>,
}

impl Service {
    pub fn over(store: Arc<dyn Store>, disk: &Disk) -> Self {
        let clock = Arc::new(ManualClock::new(beginning()));
        let entropy = Arc::new(PerDeed::default());
        let mailbox = Arc::new(Mailbox {
            disk: disk.clone(),
            messages: Mutex::default(),
        });
        let engine = Engine::builder()
            .bundle(SHIPPED.clone())
            .store(store)
            .clock(clock.clone())
            .courier(mailbox.clone())
            .entropy(entropy.clone())
            .keys(keys())
            .build();
        Self {
            engine: engine.unwrap(),
            mailbox,
            clock,
            entropy,
        }
    }

    /// Every recorded request gets the same answer once more, as `audit replay` tells.
    #[track_caller]
    pub fn replays(&self) {
        let replayed = self.engine.replay(&mut |redecided| {
            let same = matches!(redecided.again, Again::Same);
            assert!(same, "{} {:?}", redecided.account, redecided.again);
        });
        assert_eq!(replayed.unwrap(), 0, "records stay closed");
    }

    /// Does what is asked, as the deed of a number and at an instant; who lets timers or messages
    /// have their effect gets no answer.
    pub fn answer(
        &self,
        number: usize,
        at: Timestamp,
        asked: &Asked,
    ) -> Result<Option<Answer>, EngineError> {
        let number = u64::try_from(number).unwrap();
        self.clock.set(at);
        self.entropy.0.store(number << 20, Ordering::Relaxed);
        match asked {
            Asked::Create(create) => self.engine.create(create).map(Some),
            Asked::Run(run) => self.engine.run(run).map(Some),
            Asked::Confirm(confirm) => self.engine.confirm(confirm).map(Some),
            Asked::Resend(resend) => self.engine.resend(resend).map(Some),
            Asked::Cancel(cancel) => self.engine.cancel(cancel).map(Some),
            Asked::Tick => self.engine.tick(1_000).map(|_| None),
            Asked::Pump => self.engine.pump(1_000).map(|_| None),
        }
    }
}
