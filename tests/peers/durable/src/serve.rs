//! A peer in a process of its own, told what to do line by line: so that its processor time, its
//! writes and its memory are its own, and so that it can be killed.

use std::fs;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use crate::load::round;
use crate::meter::{Used, memory};
use crate::peer::{Kind, Peer, Site};

/// What every answer begins with.
pub const ANSWER: &str = "answer ";

/// Creates the accounts, and says how long that took.
pub fn create(kind: &Kind, site: &Site) {
    let start = Instant::now();
    fs::create_dir_all(&site.folder).expect("a folder");
    (kind.create)(site);
    say(&[start.elapsed().as_nanos() as u64]);
}

/// Opens, and does what is said until there is nothing more.
pub fn serve(kind: &Kind, site: &Site) {
    let start = Instant::now();
    let peer = (kind.open)(site);
    let took = start.elapsed().saturating_sub(peer.aside());
    let server = peer.server().unwrap_or(0);
    say(&[took.as_nanos() as u64, u64::from(server)]);
    for line in io::stdin().lock().lines() {
        let line = line.expect("lines");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["round", callers, millis] => {
                let callers = callers.parse().expect("a number");
                let time = Duration::from_millis(millis.parse().expect("a number"));
                say(&measured(peer.as_ref(), site.accounts, callers, time));
            }
            ["changes"] => say(&[peer.changes().unwrap_or(u64::MAX)]),
            ["memory"] => say(&[memory(peer.server())]),
            _ => panic!("`{line}` is nothing that is done here"),
        }
    }
    peer.close();
}

fn measured(peer: &dyn Peer, accounts: u64, callers: u64, time: Duration) -> [u64; 8] {
    let before = Used::so_far(peer.server());
    let round = round(peer, accounts, callers, time);
    let settling = Instant::now();
    peer.settle();
    let settling = settling.elapsed();
    let used = Used::so_far(peer.server()) - before;
    [
        round.changes,
        round.wall.as_nanos() as u64,
        round.p50.as_nanos() as u64,
        round.p99.as_nanos() as u64,
        settling.as_nanos() as u64,
        used.cpu.as_nanos() as u64,
        used.written,
        used.to_disk,
    ]
}

fn say(numbers: &[u64]) {
    let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "{ANSWER}{}", words.join(" ")).expect("the other process reads");
    out.flush().expect("the other process reads");
}
