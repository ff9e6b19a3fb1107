//! What it costs to seal and open a journal record, and to audit a store. Compare figures of one run
//! only.
//!
//! `cargo bench -p stateward --bench audit`

#![expect(
    clippy::expect_used,
    reason = "a benchmark without its fixture cannot run"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use stateward::account::{Entry, Outcome, Record, RecordKey, RecordKeys, Revision, StoredRecord};
use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::engine::replay::Again;
use stateward::engine::{Create, Engine, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::AccountId;
use stateward::sealed::SealKey;
use stateward::store::{Header, MemoryStore};
use stateward::time::{Clock, Timestamp};

fn main() {
    divan::main();
}

const NOW: Timestamp = Timestamp::from_ms(1_790_000_000_000);
const ACCOUNTS: u64 = 10_000;

/// A clock that moves on by a second with every look, so that no throttle sheds what is measured.
struct Moving(AtomicI64);

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(NOW.as_ms() + self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

fn ring() -> KeyRing {
    KeyRing::new(CodeKey::from_bytes([7; 32]))
}

fn id(number: u64) -> AccountId {
    number.to_string().parse().expect("a valid id")
}

/// An engine over the shipped lifecycle, with so many accounts that each wait for a code.
fn engine(accounts: u64) -> Engine {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, "resource_account").expect("the shipped files are there");
    let bundle = Bundle::load(sources, "resource_account").expect("the shipped files load");
    let header = Header {
        lifecycle: bundle.lifecycle.name.clone(),
        development: true,
        created_at: NOW,
        key_id: ring().current().id(),
    };
    let operator = bundle.principals.resolve("ram_user/ops-lin");
    let operator = operator.expect("a listed principal");
    let engine = Engine::builder()
        .bundle(Arc::new(bundle))
        .store(Arc::new(MemoryStore::new(header)))
        .clock(Arc::new(Moving(AtomicI64::new(0))))
        .courier(Arc::new(MemoryCourier::default()))
        .entropy(Arc::new(SeededEntropy::new(1)))
        .keys(ring())
        .build()
        .expect("all ports are given");
    for number in 1..=accounts {
        let created = engine.create(&Create::new(id(number), attributes(number)));
        created.expect("an answer");
        let bind = "mobile_phone.bind".parse().expect("a name");
        let mut run = Run::new(operator.clone(), id(number), bind);
        let phone = format!("+65912{:05}", number % 100_000);
        run.inputs = BTreeMap::from([("phone".to_owned(), phone)]);
        let answer = engine.run(&run).expect("an answer");
        assert!(
            matches!(answer.outcome, Outcome::Pending { .. }),
            "{answer:?}"
        );
    }
    engine
}

fn attributes(number: u64) -> BTreeMap<String, String> {
    let path = format!("rd-3G/r-Wm/fd-A/{number}");
    let email = format!("{number}@rd-3g.virtual.example");
    let pairs = [
        ("display_name", "payments-prod"),
        ("country", "SG"),
        ("site", "intl"),
        ("path", path.as_str()),
        ("manager", "1000"),
        ("legal_entity", "Example"),
        ("manager_legal_entity", "Example"),
        ("email", email.as_str()),
    ];
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The record of an attempt that was opened and sends a code.
fn record() -> Record {
    let history = engine(1).history(&id(1), Revision(1), 1);
    let entry = history.expect("a journal").pop();
    entry.and_then(|it| it.record).expect("it opens")
}

fn key() -> SealKey {
    SealKey::from_bytes([5; 32])
}

fn seal(record: &Record) -> StoredRecord {
    let (key, subject) = (key(), Some("mobile_phone.bind".to_owned()));
    let sealed = record.seal(&id(1), subject, RecordKey::Data(&key));
    sealed.expect("it can be sealed")
}

fn open(stored: &StoredRecord, ring: &KeyRing) -> Entry {
    let key = key();
    let keys = RecordKeys {
        data: Some(&key),
        ring,
    };
    stored.read(&id(1), keys).expect("it opens")
}

/// Encoding, sealing and hashing one record of a bind.
#[divan::bench]
fn seal_a_record(bencher: Bencher<'_, '_>) {
    let record = record();
    bencher.bench_local(|| seal(black_box(&record)).digest());
}

/// Hashing, opening and decoding it.
#[divan::bench]
fn open_a_record(bencher: Bencher<'_, '_>) {
    let (stored, ring) = (seal(&record()), ring());
    bencher.bench_local(|| open(black_box(&stored), &ring));
}

/// Verifying a store of ten thousand accounts; an item is a record.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn verify(bencher: Bencher<'_, '_>) {
    let engine = engine(ACCOUNTS);
    bencher
        .counter(ItemsCount::new(2 * ACCOUNTS))
        .bench_local(|| {
            let verified = engine.verify(&[], &mut |_| {}).expect("a store");
            assert_eq!((verified.records, verified.flaws.len()), (2 * ACCOUNTS, 0));
        });
}

/// Deciding every record of it again; an item is a record.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn replay(bencher: Bencher<'_, '_>) {
    let engine = engine(ACCOUNTS);
    bencher
        .counter(ItemsCount::new(2 * ACCOUNTS))
        .bench_local(|| {
            let mut same = 0;
            let tell = &mut |redecided: stateward::engine::replay::Redecided<'_>| {
                same += u64::from(matches!(redecided.again, Again::Same));
            };
            engine.replay(tell).expect("a store");
            assert_eq!(same, 2 * ACCOUNTS);
        });
}
