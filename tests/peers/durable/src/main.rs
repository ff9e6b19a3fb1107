//! One durable change of an account, the same in every system: in one run, in alternation, with few
//! and with many callers. See README.md.

mod child;
mod group;
mod load;
mod meter;
mod peer;
mod peers;
mod serve;
mod table;

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use self::child::{Serving, create, home};
use self::peer::{KINDS, Kind, Shape, Site};
use self::table::{Row, Whole};

/// Callers free what others allocated: with glibc's allocator that alone is a fifth of a change of ours.
/// SQLite and PostgreSQL have their own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const USAGE: &str = "\
options: --accounts 10000,1000000   how many there are, a run of all peers each
         --callers 1,16,64,256      how many change them at once
         --seconds 2                of every round
         --rounds 5                 of every peer under every load
         --peers raw,stateward      those whose names contain one of these; all by default
         --folder PATH              kept, and used again with the accounts that it has";

struct Options {
    accounts: Vec<u64>,
    callers: Vec<u64>,
    time: Duration,
    rounds: usize,
    peers: Vec<String>,
    folder: Option<PathBuf>,
}

impl Options {
    fn read(words: &[String]) -> Option<Self> {
        let mut options = Self {
            accounts: vec![10_000],
            callers: vec![1, 16, 64, 256],
            time: Duration::from_secs(2),
            rounds: 5,
            peers: Vec::new(),
            folder: None,
        };
        let numbers = |text: &str| -> Option<Vec<u64>> {
            text.split(',').map(|it| it.parse().ok()).collect()
        };
        for pair in words.chunks(2) {
            let [name, value] = pair else { return None };
            match name.as_str() {
                "--accounts" => options.accounts = numbers(value)?,
                "--callers" => options.callers = numbers(value)?,
                "--seconds" => options.time = Duration::from_secs(value.parse().ok()?),
                "--rounds" => options.rounds = value.parse().ok()?,
                "--peers" => options.peers = value.split(',').map(str::to_owned).collect(),
                "--folder" => options.folder = Some(PathBuf::from(value)),
                _ => return None,
            }
        }
        Some(options)
    }

    fn takes(&self, kind: &Kind) -> bool {
        let name = kind.name.to_lowercase();
        let asked = |peer: &String| name.contains(&peer.to_lowercase());
        self.peers.is_empty() || self.peers.iter().any(asked)
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some((role, rest)) = words.split_first()
        && let Some((name, site)) = child::site(rest)
        && let Some(kind) = KINDS.iter().find(|kind| kind.name == name)
    {
        match role.as_str() {
            "create" => serve::create(kind, &site),
            _ => serve::serve(kind, &site),
        }
        return ExitCode::SUCCESS;
    }
    let Some(options) = Options::read(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    compare(&options);
    ExitCode::SUCCESS
}

fn compare(options: &Options) {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    // PostgreSQL runs as a user of its own, who has to get there.
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(temporary.path(), open).expect("a folder of one's own");
    let folder = options.folder.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).expect("a folder");
    let shape = peers::ours::shape();
    println!(
        "A change writes {} bytes: an account of {} and a record of {}.",
        shape.account + shape.record,
        shape.account,
        shape.record
    );
    for accounts in &options.accounts {
        compare_at(options, folder, shape, *accounts);
    }
}

/// A peer that takes part.
struct Seat {
    kind: &'static Kind,
    site: Site,
    serving: Serving,
    creating: Duration,
    created: u64,
    /// How many changes it has acknowledged, and had when it was opened.
    changes: u64,
    before: Option<u64>,
}

impl Seat {
    fn take(kind: &'static Kind, folder: &Path, accounts: u64, shape: Shape) -> Self {
        let folder = home(folder, kind, accounts);
        let site = Site {
            folder,
            accounts,
            shape,
        };
        let creating = create(kind, &site);
        let created = meter::size(&site.folder);
        let mut serving = Serving::start(kind, &site);
        let before = serving.changes();
        eprintln!("{}: {:.1} s", kind.name, creating.as_secs_f64());
        Self {
            kind,
            site,
            serving,
            creating,
            created,
            changes: 0,
            before,
        }
    }

    /// Kills it at work and opens it again: everything that it has acknowledged has to be there.
    fn leave(mut self) -> Whole {
        let memory = self.serving.memory();
        let opening = self.serving.opened_in;
        let expected = self.before.map(|before| before + self.changes);
        assert_eq!(self.serving.changes(), expected, "{}", self.kind.name);
        let is_raw = self.kind.name.starts_with("raw");
        self.serving.kill_at_work(64);
        let mut serving = Serving::start(self.kind, &self.site);
        let reopening = serving.opened_in;
        assert!(
            is_raw || serving.changes() >= expected,
            "{}",
            self.kind.name
        );
        let grown = meter::size(&self.site.folder);
        serving.end();
        Whole {
            name: self.kind.name,
            creating: self.creating,
            created: self.created,
            grown,
            memory,
            opening,
            reopening,
        }
    }
}

fn compare_at(options: &Options, folder: &Path, shape: Shape, accounts: u64) {
    let kinds = KINDS.iter().filter(|kind| options.takes(kind));
    let take = |kind| Seat::take(kind, folder, accounts, shape);
    let mut seats: Vec<Seat> = kinds.map(take).collect();
    for &callers in &options.callers {
        let row = |seat: &Seat| Row {
            name: seat.kind.name,
            rounds: Vec::new(),
        };
        let mut rows: Vec<Row> = seats.iter().map(row).collect();
        let mut disk = Vec::new();
        for round in 0..options.rounds {
            for turn in 0..seats.len() {
                let place = (turn + round) % seats.len();
                disk.extend(syncs(folder));
                let measured = seats[place].serving.round(callers, options.time);
                seats[place].changes += measured.changes;
                rows[place].rounds.push(measured);
            }
        }
        disk.sort_unstable();
        table::load(accounts, callers, &rows, &disk);
    }
    table::wholes(accounts, seats.into_iter().map(Seat::leave));
}

/// How long the disk takes to sync 4 KiB that are written over, a few times.
fn syncs(folder: &Path) -> Vec<Duration> {
    let path = folder.join("disk");
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(false).write(true);
    let file = options.open(path).expect("a file");
    let sync = |_| {
        let start = Instant::now();
        file.write_all_at(&[1; 4096], 0).expect("room on the disk");
        file.sync_data().expect("a disk");
        start.elapsed()
    };
    (0..20).map(sync).collect()
}
