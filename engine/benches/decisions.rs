//! What a decision costs, and what making one durable costs. Compare figures of one run only.
//!
//! `cargo bench -p stateward --bench decisions`

#![expect(
    clippy::expect_used,
    reason = "a benchmark without its fixture cannot run"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use divan::{Bencher, black_box};
use stateward::account::{Account, Actor, Command, InputText, Outcome, Request};
use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::decide::{View, decide};
use stateward::engine::{Create, Engine, Run};
use stateward::entropy::{Entropy, SeededEntropy};
use stateward::store::{Header, MemoryStore, RedbOptions, RedbStore, Store};
use stateward::time::{Clock, Timestamp};

fn main() {
    divan::main();
}

const NOW: Timestamp = Timestamp::from_ms(1_790_000_000_000);

/// A clock that moves on by a second with every look, so that no throttle sheds what is measured.
struct Moving(AtomicI64);

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(NOW.as_ms() + self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

fn bundle() -> Arc<Bundle> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, "resource_account").expect("the shipped files are there");
    Arc::new(Bundle::load(sources, "resource_account").expect("the shipped files load"))
}

fn attributes(id: &str) -> BTreeMap<String, String> {
    let path = format!("rd-3G/r-Wm/fd-A/{id}");
    let email = format!("member-{id}@example.com");
    let pairs = [
        ("display_name", "payments-prod"),
        ("country", "SG"),
        ("path", path.as_str()),
        ("manager", "1000"),
        ("email", email.as_str()),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn engine(bundle: &Arc<Bundle>, store: Arc<dyn Store>, key: CodeKey) -> Engine {
    Engine::builder()
        .bundle(bundle.clone())
        .store(store)
        .clock(Arc::new(Moving(AtomicI64::new(0))))
        .courier(Arc::new(MemoryCourier::default()))
        .entropy(Arc::new(SeededEntropy::new(1)))
        .keys(KeyRing::new(key))
        .build()
        .expect("all ports are given")
}

fn header(bundle: &Bundle, key: &CodeKey) -> Header {
    Header {
        lifecycle: bundle.lifecycle.name.clone(),
        development: true,
        created_at: NOW,
        key_id: key.id(),
    }
}

fn key() -> CodeKey {
    CodeKey::from_bytes([7; 32])
}

fn create(engine: &Engine, id: &str) {
    let account = id.parse().expect("a valid id");
    let create = Create::new(account, attributes(id));
    engine.create(&create).expect("an answer");
}

fn account(bundle: &Arc<Bundle>) -> Account {
    let engine = engine(
        bundle,
        Arc::new(MemoryStore::new(header(bundle, &key()))),
        key(),
    );
    create(&engine, "1001");
    let read = engine.read(&"1001".parse().expect("a valid id"), None, &BTreeMap::new());
    read.expect("an answer").expect("the owner may read")
}

fn request(bundle: &Bundle, principal: &str, transition: &str, phone: Option<&str>) -> Request {
    let principal = bundle
        .principals
        .resolve(principal)
        .expect("a listed principal");
    let input = |phone: &str| ("phone".to_owned(), InputText::Plain(phone.to_owned()));
    Request {
        account: "1001".parse().expect("a valid id"),
        actor: Actor::Principal(principal),
        context: BTreeMap::new(),
        command: Command::Run {
            transition: transition.parse().expect("a valid name"),
            inputs: phone.map(input).into_iter().collect(),
            acknowledged: BTreeSet::new(),
            prefer: None,
        },
        drawn: None,
    }
}

/// One pure decision: denied by policy, and opening an attempt that sends a code.
#[divan::bench(args = ["ram_user/none", "ram_user/ops-lin"])]
fn decide_bind(bencher: Bencher<'_, '_>, principal: &str) {
    let bundle = bundle();
    let view = View {
        key_id: key().id(),
        account: Some(Arc::new(account(&bundle))),
        attempt: None,
        shared: BTreeMap::new(),
        holders: BTreeMap::new(),
    };
    let request = request(&bundle, principal, "mobile_phone.bind", Some("+6591234567"));
    let mut view = view;
    // The holders of the number are a fact the decision asks for; give it once.
    let mut entropy = Entropy::new([1; 32]);
    if let Err(stateward::decide::Need::Holders(claim)) =
        decide(&bundle, &view, &request, NOW, &mut entropy)
    {
        view.holders.insert(claim, Vec::new());
    }
    bencher.bench_local(|| {
        let mut entropy = Entropy::new([1; 32]);
        black_box(decide(
            black_box(&bundle),
            &view,
            &request,
            NOW,
            &mut entropy,
        ))
    });
}

/// One durable transition without verification, each on an account of its own: read, decide, commit.
#[divan::bench(sample_count = 100, sample_size = 1)]
fn durable_transition(bencher: Bencher<'_, '_>) {
    let bundle = bundle();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = RedbStore::create(
        folder.path().join("store.redb"),
        &header(&bundle, &key()),
        &RedbOptions::default(),
    );
    let engine = engine(&bundle, Arc::new(store.expect("a new store")), key());
    let next = AtomicU64::new(2_000);
    let operator = bundle
        .principals
        .resolve("ram_user/ops-lin")
        .expect("a listed principal");
    bencher
        .with_inputs(|| {
            let id = next.fetch_add(1, Ordering::Relaxed).to_string();
            create(&engine, &id);
            let account = id.parse().expect("a valid id");
            let mut run = Run::new(
                operator.clone(),
                account,
                "profile.rename".parse().expect("a name"),
            );
            run.inputs = BTreeMap::from([("display_name".to_owned(), "renamed".to_owned())]);
            run
        })
        .bench_local_values(|run| {
            let answer = engine.run(&run).expect("an answer");
            assert!(
                matches!(answer.outcome, Outcome::Applied { .. }),
                "{answer:?}"
            );
            answer
        });
}
