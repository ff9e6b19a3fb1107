//! One round: so many callers change accounts at random, for so long.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::Peer;

/// What a round came to.
pub struct Round {
    pub changes: u64,
    pub wall: Duration,
    pub p50: Duration,
    pub p99: Duration,
}

/// Callers need little; with hundreds of them the usual stacks would only reserve memory.
const STACK: usize = 1 << 20;

pub fn round(peer: &dyn Peer, accounts: u64, callers: u64, time: Duration) -> Round {
    let ready = Barrier::new(callers as usize);
    let call = |seed: u64| {
        let mut change = peer.caller();
        let mut drawn = Drawn(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        ready.wait();
        let start = Instant::now();
        let mut took = Vec::new();
        while start.elapsed() < time {
            let asked = Instant::now();
            change(drawn.below(accounts));
            took.push(asked.elapsed());
        }
        (took, start.elapsed())
    };
    let called: Vec<(Vec<Duration>, Duration)> = thread::scope(|scope| {
        let seed = |caller: u64| caller + Instant::now().elapsed().as_nanos() as u64 + nanos();
        let started: Vec<_> = (0..callers)
            .map(|caller| {
                let seed = seed(caller);
                let builder = thread::Builder::new().stack_size(STACK);
                let call = &call;
                builder.spawn_scoped(scope, move || call(seed))
            })
            .collect();
        let join =
            |started: thread::ScopedJoinHandle<'_, _>| started.join().expect("a caller ends");
        let started = started.into_iter().map(|it| it.expect("a thread"));
        started.map(join).collect()
    });
    let wall = called.iter().map(|(_, wall)| *wall).max().unwrap_or(time);
    let mut all: Vec<Duration> = called.into_iter().flat_map(|(took, _)| took).collect();
    all.sort_unstable();
    let at = |share: usize| all.get(all.len() * share / 100).copied().unwrap_or(wall);
    Round {
        changes: all.len() as u64,
        wall,
        p50: at(50),
        p99: at(99),
    }
}

/// So that no two rounds touch the same accounts.
fn nanos() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed();
    since.map_or(0, |since| since.as_nanos() as u64)
}

/// xorshift64: cheap, and even enough to spread accounts.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
