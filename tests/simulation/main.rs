//! A deterministic simulation: engine, store, disk, courier and clock in one thread, with callers
//! that come between each other's decision and commit, and with everything going wrong that can. One
//! number determines a run; after every step the reference model says what must be there.
//!
//! `SEED=7 cargo test -p acceptance --test simulation` is one run, `SEEDS=10000` are many, and
//! `FROM=10000 SEEDS=10000` are as many others.

mod planted;
mod run;
mod script;
mod tally;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use self::planted::Planted;
use self::tally::Tally;

/// Threads whose panics nobody wants to read.
const MEANT_TO_FAIL: &str = "meant to fail";
/// Runs of the test command.
const SEEDS: u64 = 300;
/// Runs in which everything happens.
const MANY: u64 = 5_000;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

/// Runs seeds on all processors; tells what was injected, or the first seed that failed.
fn run_all(seeds: std::ops::Range<u64>, planted: Planted) -> Result<Tally, u64> {
    let next = AtomicU64::new(seeds.start);
    let failed = AtomicU64::new(u64::MAX);
    let worker = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || failed.load(Ordering::Relaxed) != u64::MAX {
                return tally;
            }
            match catch_unwind(AssertUnwindSafe(|| run::run(seed, planted))) {
                Ok(more) => tally += more,
                Err(_) => {
                    failed.fetch_min(seed, Ordering::Relaxed);
                }
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let start = |_| {
            let name = if planted == Planted::Nothing {
                "run"
            } else {
                MEANT_TO_FAIL
            };
            let builder = std::thread::Builder::new().name(name.to_owned());
            builder.spawn_scoped(scope, worker).expect("a thread")
        };
        let workers: Vec<_> = (0..workers).map(start).collect();
        for worker in workers {
            tally += worker.join().expect("failures are caught");
        }
    });
    match failed.into_inner() {
        u64::MAX => Ok(tally),
        seed => Err(seed),
    }
}

#[test]
fn whatever_goes_wrong_the_service_does_what_its_model_does() {
    let seeds = match (number("SEED"), number("SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, count) => {
            let from = number("FROM").unwrap_or_default();
            from..from + count.unwrap_or(SEEDS)
        }
    };
    let count = seeds.end - seeds.start;
    let began = Instant::now();
    let tally = run_all(seeds, Planted::Nothing).unwrap_or_else(|seed| {
        panic!("seed {seed} fails: SEED={seed} cargo test -p acceptance --test simulation")
    });
    let seconds = began.elapsed().as_secs_f64();
    println!("{count} seeds in {seconds:.1} s: {tally}");
    if count >= SEEDS {
        assert_eq!(tally.missing(count >= MANY), [""; 0], "never happened");
    }
}

#[test]
fn a_seed_determines_everything() {
    for seed in 0..3 {
        let (one, other) = (
            run::run(seed, Planted::Nothing),
            run::run(seed, Planted::Nothing),
        );
        assert_eq!(one, other, "seed {seed}");
    }
}

/// The simulation can fail: each fault that it is to find is planted once, and found.
#[test]
fn faults_that_are_planted_are_found() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(MEANT_TO_FAIL) {
            hook(panic);
        }
    }));
    let missed: Vec<Planted> = Planted::ALL
        .into_iter()
        .filter(|planted| run_all(0..200, *planted).is_ok())
        .collect();
    assert_eq!(missed, []);
}
