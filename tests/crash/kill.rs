//! Real processes, killed at any moment: what they said was done is there, and nothing half done.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use acceptance::contents::Contents;
use acceptance::world::keys;
use stateward::store::{RedbOptions, RedbStore};
use stateward::testing::Chance;

/// How often a process is killed; `KILLS` sets another number.
fn kills() -> u64 {
    let asked = std::env::var("KILLS").ok();
    asked.map_or(4, |asked| asked.parse().unwrap())
}

/// Lets sixteen callers load a store until they are killed; returns the newest revision of each
/// account that was answered, and how many answers there were.
fn load(store: &Path, lives: Duration) -> (BTreeMap<String, u64>, usize) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_stateward-load"))
        .arg(store)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = BufReader::new(process.stdout.take().unwrap());
    let mut text = String::new();
    // The pipe must not fill up: it is read while the process lives, and to the end afterwards.
    answers.read_line(&mut text).unwrap();
    let began = Instant::now();
    while began.elapsed() < lives {
        answers.read_line(&mut text).unwrap();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    answers.read_to_string(&mut text).unwrap();
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    for line in whole.lines() {
        let (account, revision) = line.split_once(' ').unwrap();
        let (account, revision) = (format!("acc-{account}"), revision.parse().unwrap());
        let known = newest.entry(account).or_insert(revision);
        *known = revision.max(*known);
    }
    (newest, whole.lines().count())
}

#[test]
fn a_store_that_is_killed_under_load_keeps_every_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let mut chance = Chance::new(u64::from(std::process::id()));
    let mut answered = 0;
    for round in 0..kills() {
        let lives = Duration::from_millis(chance.below(300));
        let (newest, answers) = load(&path, lives);
        answered += answers;
        let store = RedbStore::open(&path, &RedbOptions::default()).unwrap();
        let contents = Contents::read(&store, &keys()).unwrap();
        assert_eq!(contents.disagreements(), [""; 0], "round {round}");
        for (id, revision) in newest {
            let found = contents
                .accounts
                .get(id.as_str())
                .map(|(account, _)| account.revision.0);
            assert!(
                found >= Some(revision),
                "round {round}: {id} {revision}, and {found:?}"
            );
        }
    }
    println!("{} kills, {answered} answers", kills());
    assert!(answered > 0);
}
