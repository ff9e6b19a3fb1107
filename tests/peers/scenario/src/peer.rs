//! How engines are loaded, checked and timed: in this process, or in another one that is told what
//! to do line by line.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use cpu_time::ThreadTime;

use crate::allocator::{Counted, counted};
use crate::{Request, Statement, requests, statements};

/// An engine with everything loaded and every request prebuilt.
pub trait Engine {
    /// Whether a request is allowed.
    fn decide(&mut self, request: usize) -> bool;
}

/// An engine whose policy set is loaded, and which waits for the requests.
pub type Prepared = Box<dyn FnOnce(&[Request]) -> Box<dyn Engine>>;

/// Loads an engine: the policy set, then (not counted) the requests. An engine that has a bound on
/// what it loads says so.
pub type Load = fn(&[Statement]) -> Result<Prepared, String>;

/// What it took to load.
#[derive(Debug, Clone, Copy)]
pub struct Loaded {
    pub time: Duration,
    /// Bytes that the loaded policy set keeps.
    pub kept: i64,
}

/// What one decision allocates, in the mean over all requests.
#[derive(Debug, Clone, Copy)]
pub struct Allocated {
    pub calls: f64,
    pub bytes: f64,
}

/// An engine, wherever it is.
pub trait Peer {
    /// Loads so many statements, unless the engine refuses them.
    fn load(&mut self, statements: usize) -> Result<Loaded, String>;
    /// Every decision, once.
    fn decisions(&mut self) -> Vec<bool>;
    fn allocated(&mut self) -> Allocated;
    /// How long so many passes over all requests take.
    fn batch(&mut self, passes: u32) -> Duration;
}

/// An engine in this process.
pub struct Here {
    load: Load,
    engine: Option<Box<dyn Engine>>,
    requests: usize,
}

impl Here {
    pub fn new(load: Load) -> Self {
        Self {
            load,
            engine: None,
            requests: 0,
        }
    }

    fn engine(&mut self) -> &mut dyn Engine {
        self.engine.as_deref_mut().expect("it is loaded first")
    }
}

impl Peer for Here {
    fn load(&mut self, count: usize) -> Result<Loaded, String> {
        self.engine = None;
        let statements = statements(count);
        let start = ThreadTime::now();
        let (with_requests, counted) = counted(|| (self.load)(&statements));
        let time = start.elapsed();
        let requests = requests(count);
        self.requests = requests.len();
        self.engine = Some(with_requests?(&requests));
        Ok(Loaded {
            time,
            kept: counted.kept,
        })
    }

    fn decisions(&mut self) -> Vec<bool> {
        let all = 0..self.requests;
        all.map(|request| self.engine().decide(request)).collect()
    }

    fn allocated(&mut self) -> Allocated {
        let requests = self.requests;
        let engine = self.engine();
        let pass = || {
            (0..requests)
                .filter(|request| engine.decide(*request))
                .count()
        };
        let (_, Counted { calls, bytes, .. }) = counted(pass);
        Allocated {
            calls: calls as f64 / requests as f64,
            bytes: bytes as f64 / requests as f64,
        }
    }

    fn batch(&mut self, passes: u32) -> Duration {
        let requests = self.requests;
        let engine = self.engine();
        // What this thread was at work for: others on the machine do not count.
        let start = ThreadTime::now();
        for _ in 0..passes {
            for request in 0..requests {
                black_box(engine.decide(black_box(request)));
            }
        }
        start.elapsed()
    }
}

/// An engine in another process.
pub struct There {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl There {
    /// Starts a program that [`serve`]s.
    pub fn start(program: &std::path::Path) -> std::io::Result<Self> {
        let mut command = Command::new(program);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self {
            say: child.stdin.take().expect("it is piped"),
            hear: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
        })
    }

    fn ask(&mut self, question: &str) -> Vec<String> {
        writeln!(self.say, "{question}").expect("the other process reads");
        let mut answer = String::new();
        self.hear
            .read_line(&mut answer)
            .expect("the other process answers");
        answer.split_whitespace().map(str::to_owned).collect()
    }

    fn numbers<const N: usize>(&mut self, question: &str) -> [f64; N] {
        let answer = self.ask(question);
        std::array::from_fn(|place| answer[place].parse().expect("a number"))
    }
}

impl Peer for There {
    fn load(&mut self, statements: usize) -> Result<Loaded, String> {
        let [nanos, kept] = self.numbers(&format!("load {statements}"));
        Ok(Loaded {
            time: Duration::from_nanos(nanos as u64),
            kept: kept as i64,
        })
    }

    fn decisions(&mut self) -> Vec<bool> {
        let answer = self.ask("decisions");
        answer.iter().map(|word| word == "allow").collect()
    }

    fn allocated(&mut self) -> Allocated {
        let [calls, bytes] = self.numbers("allocated");
        Allocated { calls, bytes }
    }

    fn batch(&mut self, passes: u32) -> Duration {
        let [nanos] = self.numbers(&format!("batch {passes}"));
        Duration::from_nanos(nanos as u64)
    }
}

impl Drop for There {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does what is asked on standard input, until it ends.
pub fn serve(mut peer: impl Peer) {
    for line in std::io::stdin().lines() {
        let line = line.expect("lines of text");
        let (word, number) = line.split_once(' ').unwrap_or((&line, "0"));
        let number: u32 = number.parse().expect("a number");
        match word {
            "load" => {
                let loaded = peer.load(number as usize).expect("it loads any number");
                println!("{} {}", loaded.time.as_nanos(), loaded.kept);
            }
            "decisions" => {
                let word = |allowed: &bool| if *allowed { "allow" } else { "deny" };
                let words: Vec<&str> = peer.decisions().iter().map(word).collect();
                println!("{}", words.join(" "));
            }
            "allocated" => {
                let allocated = peer.allocated();
                println!("{} {}", allocated.calls, allocated.bytes);
            }
            "batch" => println!("{}", peer.batch(number).as_nanos()),
            _ => panic!("`{word}` is no command"),
        }
    }
}
