//! A peer's process, seen from the one that runs the comparison.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::meter::{children, is_over};
use crate::peer::{Kind, Site};
use crate::serve::ANSWER;

/// How long what was killed may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// One round of a peer, as it was measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub changes: u64,
    pub wall: Duration,
    pub p50: Duration,
    pub p99: Duration,
    pub settling: Duration,
    pub cpu: Duration,
    pub written: u64,
    pub to_disk: u64,
}

pub struct Serving {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
    pub opened_in: Duration,
    server: Option<u32>,
}

fn start(role: &str, kind: &Kind, site: &Site) -> Child {
    let own = std::env::current_exe().expect("this program");
    let numbers = [
        site.accounts,
        site.shape.account as u64,
        site.shape.record as u64,
    ];
    Command::new(own)
        .args([role, kind.name])
        .arg(&site.folder)
        .args(numbers.map(|number| number.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts")
}

/// Reads what [`start`] has passed on.
pub fn site(words: &[String]) -> Option<(&str, Site)> {
    let [name, folder, numbers @ ..] = words else {
        return None;
    };
    let numbers: Vec<u64> = numbers
        .iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    let &[accounts, account, record] = numbers.as_slice() else {
        return None;
    };
    let shape = crate::peer::Shape {
        account: account as usize,
        record: record as usize,
    };
    let folder = PathBuf::from(folder);
    Some((
        name,
        Site {
            folder,
            accounts,
            shape,
        },
    ))
}

/// Creates a peer's accounts in a process of its own, unless a run before has.
pub fn create(kind: &Kind, site: &Site) -> Duration {
    let made = site.folder.join("made");
    if made.exists() {
        return Duration::ZERO;
    }
    let out = start("create", kind, site).wait_with_output();
    let out = out.expect("it ends");
    assert!(
        out.status.success(),
        "{} cannot create its accounts",
        kind.name
    );
    std::fs::write(made, "").expect("room on the disk");
    let text = String::from_utf8(out.stdout).expect("a text");
    let nanos = text.lines().find_map(|line| line.strip_prefix(ANSWER));
    Duration::from_nanos(
        nanos
            .and_then(|nanos| nanos.parse().ok())
            .expect("a number"),
    )
}

impl Serving {
    pub fn start(kind: &Kind, site: &Site) -> Self {
        let mut child = start("serve", kind, site);
        let mut serving = Self {
            say: child.stdin.take().expect("it is piped"),
            hear: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
            opened_in: Duration::ZERO,
            server: None,
        };
        let [opened, server] = serving.heard();
        serving.opened_in = Duration::from_nanos(opened);
        serving.server = (server > 0).then_some(server as u32);
        serving
    }

    fn heard<const N: usize>(&mut self) -> [u64; N] {
        let mut lines = self.hear.by_ref().lines();
        // Libraries may write logs in between.
        let answer = lines.find_map(|line| Some(line.ok()?.strip_prefix(ANSWER)?.to_owned()));
        let numbers: Vec<u64> = answer
            .expect("it answers")
            .split_whitespace()
            .map(|word| word.parse().expect("a number"))
            .collect();
        numbers.try_into().expect("an answer to what was asked")
    }

    fn ask<const N: usize>(&mut self, question: &str) -> [u64; N] {
        self.say(question);
        self.heard()
    }

    fn say(&mut self, question: &str) {
        writeln!(self.say, "{question}").expect("it listens");
    }

    pub fn round(&mut self, callers: u64, time: Duration) -> Measured {
        let question = format!("round {callers} {}", time.as_millis());
        let [changes, wall, p50, p99, settling, cpu, written, to_disk] = self.ask(&question);
        Measured {
            changes,
            wall: Duration::from_nanos(wall),
            p50: Duration::from_nanos(p50),
            p99: Duration::from_nanos(p99),
            settling: Duration::from_nanos(settling),
            cpu: Duration::from_nanos(cpu),
            written,
            to_disk,
        }
    }

    /// How many changes it holds, if it can tell.
    pub fn changes(&mut self) -> Option<u64> {
        let [changes] = self.ask("changes");
        (changes < u64::MAX).then_some(changes)
    }

    pub fn memory(&mut self) -> u64 {
        let [bytes] = self.ask("memory");
        bytes
    }

    /// Kills it, and what serves it, in the midst of work.
    pub fn kill_at_work(mut self, callers: u64) {
        self.say(&format!("round {callers} 600000"));
        thread::sleep(Duration::from_millis(1_500));
        // The server first: it would start others in place of its children.
        let served = self.server.into_iter();
        let all: Vec<u32> = served
            .flat_map(|it| std::iter::once(it).chain(children(it)))
            .collect();
        for process in &all {
            let process = process.to_string();
            let _ = Command::new("kill").args(["-KILL", &process]).status();
        }
        self.child.kill().expect("it is there");
        self.child.wait().expect("it ends");
        // What is still ending holds memory and files that the next one wants for itself.
        let begun = Instant::now();
        while !all.iter().copied().all(is_over) {
            assert!(begun.elapsed() < PATIENCE, "a process outlives its killing");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Lets it end in order.
    pub fn end(mut self) {
        drop(self.say);
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "it ends in order");
    }
}

/// Where a peer lives.
pub fn home(folder: &Path, kind: &Kind, accounts: u64) -> PathBuf {
    let letters = kind.name.chars().filter(char::is_ascii_alphanumeric);
    folder.join(format!("{}-{accounts}", letters.collect::<String>()))
}
