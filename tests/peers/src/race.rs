//! Timing in alternation: in every round each engine decides one batch, in an order that changes,
//! so that what the machine does meanwhile is borne by all.

use std::time::{Duration, Instant};

use peers_scenario::peer::Peer;

/// A peer under its name.
pub struct Runner {
    pub name: &'static str,
    pub peer: Box<dyn Peer>,
}

/// The shortest batch: long enough for the clock.
const BATCH: Duration = Duration::from_millis(1);
const ROUNDS_MAX: usize = 300;
const ROUNDS_MIN: usize = 5;

/// Nanoseconds per decision: the median over rounds, and the tenth part of them that was fastest.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    pub p50: f64,
    pub p10: f64,
    pub rounds: usize,
}

/// Times all of them, for so long.
pub fn race(runners: &mut [Runner], decisions: usize, budget: Duration) -> Vec<Timed> {
    let passes: Vec<u32> = runners.iter_mut().map(|runner| passes(runner)).collect();
    let mut batches = vec![Vec::new(); runners.len()];
    let start = Instant::now();
    for round in 0..ROUNDS_MAX {
        if round >= ROUNDS_MIN && start.elapsed() > budget {
            break;
        }
        for turn in 0..runners.len() {
            let place = (turn + round) % runners.len();
            let took = runners[place].peer.batch(passes[place]);
            let each = took.as_nanos() as f64 / f64::from(passes[place]) / decisions as f64;
            batches[place].push(each);
        }
    }
    batches.into_iter().map(timed).collect()
}

/// How many passes make a batch; the first passes warm up.
fn passes(runner: &mut Runner) -> u32 {
    let mut passes = 1;
    while runner.peer.batch(passes) < BATCH {
        passes *= 2;
    }
    passes
}

fn timed(mut batches: Vec<f64>) -> Timed {
    batches.sort_by(f64::total_cmp);
    let at = |share: usize| batches[batches.len() * share / 100];
    Timed {
        p50: at(50),
        p10: at(10),
        rounds: batches.len(),
    }
}
