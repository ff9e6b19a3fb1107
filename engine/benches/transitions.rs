//! How many durable transitions a store takes: many callers, each with a request of its own on an
//! account that chance names, beside what the disk itself would take of the same bytes.
//!
//! `cargo bench -p stateward --bench transitions -- --accounts 10000,1000000 --callers 1,16,64,256`
//!
//! One transition is `profile.rename`: read, decided by all gates, recorded, committed, synced. "Raw"
//! appends as many bytes to a file and syncs it, for as many callers at a time as come together; it is
//! measured in the same run, in turns. Compare figures of one run only.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark without its fixture cannot run, and says what it measured"
)]

mod transitions {
    pub mod measure;
    pub mod raw;
}

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use stateward::account::{Outcome, Revision};
use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::engine::{Create, Engine, Run};
use stateward::entropy::OsEntropy;
use stateward::policy::Principal;
use stateward::store::{Header, RedbOptions, RedbStore, Store};
use stateward::time::{Clock, Timestamp};

use crate::transitions::measure::{Measured, measure};
use crate::transitions::raw::Raw;

/// Callers free what others allocated, and the feeder allocates by the page: with glibc's allocator
/// that is a fifth of a transition.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const START: Timestamp = Timestamp::from_ms(1_790_000_000_000);
/// Threads that create the accounts.
const CREATORS: u64 = 128;

fn main() {
    let options = Options::read();
    let folder = match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let folder = folder.expect("a temporary folder");
    for accounts in &options.accounts {
        table(&options, folder.path(), *accounts);
    }
}

/// What is to be measured.
struct Options {
    accounts: Vec<u64>,
    callers: Vec<usize>,
    seconds: u64,
    rounds: usize,
    folder: Option<String>,
    store: RedbOptions,
}

impl Options {
    fn read() -> Self {
        let words: Vec<String> = std::env::args().collect();
        let value = |name: &str| {
            let at = words.iter().position(|word| word == name)?;
            words.get(at + 1).cloned()
        };
        let list = |name: &str, otherwise: &str| {
            let text = value(name).unwrap_or_else(|| otherwise.to_owned());
            let numbers = text
                .split(',')
                .map(|number| number.parse().expect("a number"));
            numbers.collect::<Vec<u64>>()
        };
        let callers = list("--callers", "1,16,64,256");
        let first =
            |name: &str, otherwise: &str| list(name, otherwise).first().copied().unwrap_or(1);
        Self {
            accounts: list("--accounts", "10000"),
            callers: callers
                .iter()
                .filter_map(|callers| usize::try_from(*callers).ok())
                .collect(),
            seconds: first("--seconds", "2"),
            rounds: usize::try_from(first("--rounds", "3")).unwrap_or(1),
            folder: value("--folder"),
            store: RedbOptions {
                log_bytes: first("--log-mib", "64") << 20,
                cache_bytes: usize::try_from(first("--cache-mib", "64")).unwrap_or(64) << 20,
                kept_accounts: usize::try_from(first("--kept", "16384")).unwrap_or(1),
                ..RedbOptions::default()
            },
        }
    }
}

/// A clock that moves on by a second with every look, so that no throttle sheds what is measured.
struct Moving(AtomicI64);

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(START.as_ms() + self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

fn table(options: &Options, folder: &Path, accounts: u64) {
    let path = folder.join(format!("{accounts}.redb"));
    let begun = Instant::now();
    let world = World::create(&path, accounts, &options.store);
    println!(
        "\n{accounts} accounts, created in {:.1} s; {} B of files for each\n",
        begun.elapsed().as_secs_f64(),
        files_bytes(&path) / accounts.max(1),
    );
    let bytes = world.bytes_of_one();
    println!("{bytes} B of rows in one transition\n");
    println!("| callers | what | transitions/s | of raw | p50 us | p99 us | CPU us | written B |");
    println!("|--:|---|--:|--:|--:|--:|--:|--:|");
    for callers in &options.callers {
        let raw = Raw::create(&folder.join("raw"), bytes);
        let (mut limits, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            let stop = Duration::from_secs(options.seconds);
            limits.push(measure(*callers, stop, |_| raw.append()));
            ours.push(measure(*callers, stop, |caller| world.transition(caller)));
        }
        let (limit, ours) = (Measured::median(limits), Measured::median(ours));
        println!("{}", limit.row(*callers, "raw", &limit));
        println!("{}", ours.row(*callers, "stateward", &limit));
    }
    world.reopen(&path);
}

/// A store with accounts, and the engine over it.
struct World {
    engine: Engine,
    store: Arc<RedbStore>,
    bundle: Arc<Bundle>,
    operator: Principal,
    accounts: u64,
    chance: AtomicU64,
}

impl World {
    fn create(path: &Path, accounts: u64, options: &RedbOptions) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sources = read_sources(&root, "resource_account").expect("the shipped files are there");
        let bundle = Bundle::load(sources, "resource_account").expect("the shipped files load");
        let bundle = Arc::new(bundle);
        let header = Header {
            lifecycle: bundle.lifecycle.name.clone(),
            development: true,
            created_at: START,
            key_id: key().id(),
        };
        let store = RedbStore::create(path, &header, options);
        let world = Self::over(store.expect("a new store"), bundle, accounts);
        thread::scope(|scope| {
            for creator in 0..CREATORS {
                let world = &world;
                scope.spawn(move || {
                    let mine = (creator..accounts).step_by(usize::try_from(CREATORS).unwrap_or(1));
                    mine.for_each(|account| world.create_one(account));
                });
            }
        });
        world
    }

    fn over(store: RedbStore, bundle: Arc<Bundle>, accounts: u64) -> Self {
        let store = Arc::new(store);
        let operator = bundle.principals.resolve("ram_user/ops-lin");
        let engine = Engine::builder()
            .bundle(bundle.clone())
            .store(store.clone() as Arc<dyn Store>)
            .clock(Arc::new(Moving(AtomicI64::new(0))))
            .courier(Arc::new(MemoryCourier::default()))
            .entropy(Arc::new(OsEntropy))
            .keys(KeyRing::new(key()))
            .build()
            .expect("all ports are given");
        Self {
            engine,
            store,
            operator: operator.expect("a listed principal"),
            bundle,
            accounts,
            chance: AtomicU64::new(1),
        }
    }

    fn create_one(&self, account: u64) {
        let id = id_of(account);
        let attributes = [
            ("display_name", "payments-prod".to_owned()),
            ("country", "SG".to_owned()),
            ("path", format!("rd-3G/r-Wm/fd-A/{id}")),
            ("manager", "1000".to_owned()),
            ("email", format!("member-{id}@example.com")),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        let create = Create::new(id.parse().expect("an id"), attributes.into());
        self.engine.create(&create).expect("an answer");
    }

    /// One request on an account that chance names.
    fn transition(&self, _caller: usize) {
        let chance = splitmix(self.chance.fetch_add(1, Ordering::Relaxed));
        let id = id_of(chance % self.accounts);
        let mut run = Run::new(
            self.operator.clone(),
            id.parse().expect("an id"),
            "profile.rename".parse().expect("a name"),
        );
        let name = format!("payments-{}", chance % 1_000);
        run.inputs = BTreeMap::from([("display_name".to_owned(), name)]);
        let answer = self.engine.run(&run).expect("an answer");
        assert!(
            matches!(answer.outcome, Outcome::Applied { .. }),
            "{answer:?}"
        );
    }

    /// About what one transition writes: its account's row and its record.
    fn bytes_of_one(&self) -> usize {
        self.transition(0);
        let id = id_of(splitmix(self.chance.load(Ordering::Relaxed) - 1) % self.accounts);
        let id = id.parse().expect("an id");
        let snapshot = self.store.snapshot().expect("a snapshot");
        let account = snapshot.account(&id).expect("a row").expect("an account");
        let records = snapshot.history(&id, Revision::default(), usize::MAX);
        let newest = records.expect("rows").pop().expect("a record");
        rmp_serde::to_vec(&account).expect("a row").len() + newest.bytes.len()
    }

    /// How long it takes to open the store again, after it was closed in order.
    fn reopen(self, path: &Path) {
        let (bundle, accounts) = (self.bundle.clone(), self.accounts);
        let begun = Instant::now();
        drop(self);
        let closed = begun.elapsed();
        let begun = Instant::now();
        let store = RedbStore::open(path, &RedbOptions::default()).expect("a store");
        let opened = begun.elapsed();
        println!(
            "\nclosed in {:.1} ms, opened in {:.1} ms; {} B of files for each account; at most {} MiB of memory",
            closed.as_secs_f64() * 1e3,
            opened.as_secs_f64() * 1e3,
            files_bytes(path) / accounts.max(1),
            transitions::measure::memory_peak_kib() >> 10,
        );
        drop(Self::over(store, bundle, accounts));
    }
}

fn id_of(account: u64) -> String {
    // Spread over the tree, as ids that were not given out in order are.
    format!("{:016}", splitmix(account) % 10_000_000_000_000_000)
}

fn splitmix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn key() -> CodeKey {
    CodeKey::from_bytes([7; 32])
}

fn files_bytes(path: &Path) -> u64 {
    let log = format!("{}-log", path.display());
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    length(path) + length(Path::new(&log))
}
