//! Ours: `profile.rename` of the shipped lifecycle, asked for by an operator whom a policy allows.
//! The request passes throttle, policy, caller, state and guard, and is applied at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use stateward::account::{Account, Outcome, Revision};
use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::engine::{Create, Engine, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::{AccountId, TransitionName};
use stateward::policy::Principal;
use stateward::store::{Header, MemoryStore, RedbOptions, RedbStore, Store};
use stateward::time::{Clock, SystemClock, Timestamp};

use crate::peer::{Caller, FIRST, Peer, Shape, Site};

/// A clock that moves on by a second with every look, so that no throttle sheds what is measured.
struct Moving(AtomicI64);

impl Moving {
    fn new() -> Self {
        Self(AtomicI64::new(SystemClock.now().as_ms()))
    }
}

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.fetch_add(1_000, Relaxed))
    }
}

/// As many as it takes for groups to be large.
const CREATORS: u64 = 256;
/// Where counting the changes takes no more than a moment.
const FEW: u64 = 20_000;

fn bundle() -> Arc<Bundle> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let sources = read_sources(&root, "resource_account").expect("the shipped files are there");
    Arc::new(Bundle::load(sources, "resource_account").expect("the shipped files load"))
}

fn key() -> CodeKey {
    CodeKey::from_bytes([7; 32])
}

fn header(bundle: &Bundle) -> Header {
    Header {
        lifecycle: bundle.lifecycle.name.clone(),
        development: true,
        created_at: Timestamp::from_ms(1_790_000_000_000),
        key_id: key().id(),
    }
}

fn engine(bundle: &Arc<Bundle>, store: Arc<dyn Store>) -> Engine {
    Engine::builder()
        .bundle(bundle.clone())
        .store(store)
        .clock(Arc::new(Moving::new()))
        .courier(Arc::new(MemoryCourier::default()))
        .entropy(Arc::new(SeededEntropy::new(1)))
        .keys(KeyRing::new(key()))
        .build()
        .expect("all ports are given")
}

fn id(number: u64) -> AccountId {
    let id = (FIRST + number).to_string();
    id.parse().expect("a valid id")
}

fn create_one(engine: &Engine, number: u64) {
    let id = id(number);
    let path = format!("rd-3G/r-Wm/fd-A/{id}");
    let email = format!("member-{id}@example.com");
    let attributes = [
        ("display_name", "payments-prod"),
        ("country", "SG"),
        ("path", path.as_str()),
        ("manager", "1000"),
        ("email", email.as_str()),
    ];
    let attributes = attributes.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let answer = engine.create(&Create::new(id, attributes.into()));
    let outcome = answer.expect("an answer").outcome;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}

/// What the same change asks for every time.
struct Renaming {
    operator: Principal,
    transition: TransitionName,
}

impl Renaming {
    fn of(bundle: &Bundle) -> Self {
        let operator = bundle.principals.resolve("ram_user/ops-lin");
        Self {
            operator: operator.expect("a listed principal"),
            transition: "profile.rename".parse().expect("a name"),
        }
    }

    fn carry_out(&self, engine: &Engine, number: u64, name: u64) {
        let operator = self.operator.clone();
        let mut run = Run::new(operator, id(number), self.transition.clone());
        let name = format!("renamed-{name:06}");
        run.inputs.insert("display_name".to_owned(), name);
        let answer = engine.run(&run).expect("an answer");
        let applied = matches!(answer.outcome, Outcome::Applied { .. });
        assert!(applied, "{answer:?}");
    }
}

/// How long the rows are that one change writes.
pub fn shape() -> Shape {
    let bundle = bundle();
    let store = Arc::new(MemoryStore::new(header(&bundle)));
    let engine = engine(&bundle, store.clone());
    create_one(&engine, 0);
    let renaming = Renaming::of(&bundle);
    // The second time the account has its full length: it knows when it was last renamed.
    renaming.carry_out(&engine, 0, 1);
    renaming.carry_out(&engine, 0, 2);
    let snapshot = store.snapshot().expect("a view");
    let records = snapshot.history(&id(0), Revision(2), 1).expect("a journal");
    let record = records.first().expect("the second renaming");
    let account = rmp_serde::to_vec(&read(&engine, 0)).expect("an account");
    Shape {
        account: account.len(),
        record: record.bytes.len(),
    }
}

fn read(engine: &Engine, number: u64) -> Account {
    let read = engine.read(&id(number), None, &BTreeMap::new());
    read.expect("the account is there")
        .expect("the owner may read")
}

struct Ours {
    store: Arc<RedbStore>,
    engine: Engine,
    renaming: Renaming,
    accounts: u64,
    named: AtomicU64,
    aside: Duration,
}

pub fn create(site: &Site) {
    let bundle = bundle();
    let path = site.folder.join("store.redb");
    let store = RedbStore::create(path, &header(&bundle), &RedbOptions::default());
    let store = Arc::new(store.expect("a new store"));
    let engine = engine(&bundle, store.clone());
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..CREATORS.min(site.accounts) {
            scope.spawn(|| {
                let numbers = std::iter::repeat_with(|| next.fetch_add(1, Relaxed));
                let ours = numbers.take_while(|number| *number < site.accounts);
                ours.for_each(|number| create_one(&engine, number));
            });
        }
    });
    store.checkpoint().expect("room on the disk");
}

pub fn open(site: &Site) -> Box<dyn Peer> {
    let start = Instant::now();
    let bundle = bundle();
    let aside = start.elapsed();
    let path = site.folder.join("store.redb");
    let store = RedbStore::open(path, &RedbOptions::default()).expect("a store");
    let store = Arc::new(store);
    let engine = engine(&bundle, store.clone());
    read(&engine, 0);
    Box::new(Ours {
        store,
        engine,
        renaming: Renaming::of(&bundle),
        accounts: site.accounts,
        named: AtomicU64::new(0),
        aside,
    })
}

impl Peer for Ours {
    fn caller(&self) -> Caller<'_> {
        Box::new(|account| {
            let name = self.named.fetch_add(1, Relaxed) % 1_000_000;
            self.renaming.carry_out(&self.engine, account, name);
        })
    }

    fn settle(&self) {
        self.store.checkpoint().expect("room on the disk");
    }

    fn aside(&self) -> Duration {
        self.aside
    }

    fn changes(&self) -> Option<u64> {
        let revision = |number| read(&self.engine, number).revision.0 - 1;
        let all = 0..self.accounts;
        (self.accounts <= FEW).then(|| all.map(revision).sum())
    }

    fn close(self: Box<Self>) {}
}
