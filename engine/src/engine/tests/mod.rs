//! The engine around its decisions: messages that fail, time that passes, callers that repeat
//! themselves or come at once.

mod agenda;
mod driver;
mod once;
mod pump;
mod tick;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Create, Engine, Run};
use crate::account::{Account, Answer, Entry, Outcome, Record, Revision};
use crate::bundle::Bundle;
use crate::challenge::{CodeKey, KeyRing};
use crate::courier::{Courier, MemoryCourier};
use crate::entropy::SeededEntropy;
use crate::name::AccountId;
use crate::source::SourceMap;
use crate::store::{
    Changes, CommitError, Delivery, Header, MemoryStore, NewDenial, Place, Snapshot, Store,
    StoreError, StoredBundle, Sweep,
};
use crate::testing::ManualClock;
use crate::time::Timestamp;
use crate::value::Value;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { phone: phone, count: int }
principal_kinds: { user: {} }
verifications:
  number: { code: sms, to: account.phone }
codes: { valid_for: 10m }
messages:
  counted: "There were ${account.count} before."
read: { permission: "demo:Read", resource: "acs:demo:*:*:thing" }
"#;

const TALLY: &str = r#"
workflow: tally
initial: open
states: { open: {} }
transitions:
  count:
    from: open
    to: open
    permission: demo:Count
    resource: "acs:demo:*:*:thing"
    set: { count: account.count + 1 }
    notify: [{ message: counted, to: account.phone, by: sms }]
"#;

const TRIAL: &str = r#"
workflow: trial
initial: running
states: { running: {}, kept: {}, over: {} }
transitions:
  keep:
    from: running
    to: kept
    permission: demo:Keep
    resource: "acs:demo:*:*:thing"
    verify: [number]
  end:
    from: running
    to: over
    after: 24h
"#;

const PRINCIPALS: &str = r#"
principals:
  user/own: { account: "a1", policies: [Demo] }
"#;

pub(super) fn bundle() -> Bundle {
    bundle_with(TRIAL)
}

/// The bundle with another workflow `trial`.
fn bundle_with(trial: &str) -> Bundle {
    let mut sources = SourceMap::default();
    sources.add("workflows/demo/account.yaml", ACCOUNT);
    sources.add("workflows/demo/tally.yaml", TALLY);
    sources.add("workflows/demo/trial.yaml", trial);
    sources.add("policies/Demo.rhai", "allow \"demo:*\";\n");
    sources.add("policies/principals.yaml", PRINCIPALS);
    Bundle::load(sources, "demo").unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

fn id(account: &str) -> AccountId {
    account.parse().unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Everything that outlives an engine, and the way to put engines over it.
struct World {
    bundle: Arc<Bundle>,
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    entropy: Arc<SeededEntropy>,
    mailbox: Arc<MemoryCourier>,
}

impl World {
    /// A world with one account, `acc`.
    fn new() -> Self {
        let bundle = Arc::new(bundle());
        let start: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let header = Header {
            lifecycle: bundle.lifecycle.name.clone(),
            development: true,
            created_at: start,
            key_id: key().id(),
        };
        let world = Self {
            bundle,
            store: Arc::new(MemoryStore::new(header)),
            clock: Arc::new(ManualClock::new(start)),
            entropy: Arc::new(SeededEntropy::new(1)),
            mailbox: Arc::default(),
        };
        world.create("acc");
        world
    }

    /// An engine as a process has it that was just started.
    fn engine(&self) -> Engine {
        self.engine_over(self.store.clone())
    }

    fn engine_over(&self, store: Arc<dyn Store>) -> Engine {
        self.engine_with(store, self.mailbox.clone(), KeyRing::new(key()))
    }

    fn engine_with(
        &self,
        store: Arc<dyn Store>,
        courier: Arc<dyn Courier>,
        keys: KeyRing,
    ) -> Engine {
        Engine::builder()
            .bundle(self.bundle.clone())
            .store(store)
            .clock(self.clock.clone())
            .courier(courier)
            .entropy(self.entropy.clone())
            .keys(keys)
            .build()
            .unwrap()
    }

    fn create(&self, account: &str) {
        let attributes = [("phone", "+6591234567"), ("count", "0")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let create = Create::new(id(account), attributes.into());
        applied(&self.engine().create(&create).unwrap());
    }

    /// A request of an account's own user.
    fn asking(&self, account: &str, transition: &str) -> Run {
        let own = self.bundle.principals.resolve("user/own").unwrap();
        Run::new(own, id(account), transition.parse().unwrap())
    }

    fn account(&self, account: &str) -> Account {
        let read = self.engine().read(&id(account), None, &BTreeMap::new());
        read.unwrap().unwrap()
    }

    fn entries(&self, account: &str) -> Vec<Entry> {
        let engine = self.engine();
        engine
            .history(&id(account), Revision::default(), 1_000)
            .unwrap()
    }

    fn history(&self, account: &str) -> Vec<Record> {
        let entries = self.entries(account).into_iter();
        entries.filter_map(|entry| entry.record).collect()
    }

    fn count(&self) -> Value {
        self.account("acc").attributes["count"].clone()
    }

    fn state(&self, account: &str, workflow: &str) -> String {
        self.account(account).states[workflow].state.to_string()
    }
}

fn key() -> CodeKey {
    CodeKey::from_bytes([7; 32])
}

#[track_caller]
fn applied(answer: &Answer) {
    assert!(
        matches!(answer.outcome, Outcome::Applied { .. }),
        "{answer:?}"
    );
}

/// A store behind which something else happens just before a commit, or that fails to settle.
struct Meddling {
    store: Arc<MemoryStore>,
    before_commit: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    settles: AtomicBool,
}

impl Meddling {
    fn before_commit(world: &World, happens: impl FnOnce() + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            store: world.store.clone(),
            before_commit: Mutex::new(Some(Box::new(happens))),
            settles: AtomicBool::new(true),
        })
    }

    fn without_settling(world: &World) -> Arc<Self> {
        Arc::new(Self {
            store: world.store.clone(),
            before_commit: Mutex::default(),
            settles: AtomicBool::new(false),
        })
    }
}

impl Store for Meddling {
    fn header(&self) -> Result<Header, StoreError> {
        self.store.header()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let happens = self.before_commit.lock().unwrap().take();
        if let Some(happens) = happens {
            happens();
        }
        self.store.commit(changes)
    }

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        self.store.keep_denial(denial)
    }

    fn sweep(&self, sweep: Sweep) -> Result<(), StoreError> {
        self.store.sweep(sweep)
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result<(), StoreError> {
        if self.settles.load(Ordering::Relaxed) {
            return self.store.settle(place, delivery);
        }
        Err(StoreError::Io("the power went".to_owned()))
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result<(), StoreError> {
        self.store.put_in_force(bundle, settled)
    }
}
