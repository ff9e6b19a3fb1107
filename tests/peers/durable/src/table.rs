//! What is told of a run: tables in Markdown.

use std::time::Duration;

use crate::child::Measured;

/// The rounds of one peer under one load.
pub struct Row {
    pub name: &'static str,
    pub rounds: Vec<Measured>,
}

impl Row {
    fn median(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        let mut all: Vec<f64> = self.rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Changes per second, in the median over rounds.
    fn rate(&self) -> f64 {
        self.median(|round| round.changes as f64 / round.wall.as_secs_f64())
    }

    /// What one change takes of something, over all rounds.
    fn each(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        let changes: u64 = self.rounds.iter().map(|round| round.changes).sum();
        self.rounds.iter().map(of).sum::<f64>() / changes as f64
    }
}

/// Every peer under one load; the first is what the others are held against.
pub fn load(accounts: u64, callers: u64, rows: &[Row], disk: &[Duration]) {
    let at = |share: usize| {
        disk.get(disk.len() * share / 100)
            .map_or(0, Duration::as_micros)
    };
    let noun = if callers == 1 { "caller" } else { "callers" };
    println!(
        "\n### {} accounts, {callers} {noun}\n",
        thousands(accounts as f64)
    );
    println!(
        "Between the rounds, 4 KiB written over and synced took {} µs in the median, {} µs at p99.\n",
        at(50),
        at(99)
    );
    println!(
        "| | changes/s | of the limit | p50 ms | p99 ms | settling ms | CPU µs | bytes written | bytes to disk |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let limit = rows.first().map_or(f64::NAN, Row::rate);
    for row in rows {
        println!(
            "| {} | {} | {:.1} % | {:.2} | {:.2} | {:.0} | {:.1} | {} | {} |",
            row.name,
            thousands(row.rate()),
            100.0 * row.rate() / limit,
            row.median(|round| millis(round.p50)),
            row.median(|round| millis(round.p99)),
            row.median(|round| millis(round.settling)),
            row.each(|round| round.cpu.as_secs_f64() * 1e6),
            thousands(row.each(|round| round.written as f64)),
            thousands(row.each(|round| round.to_disk as f64)),
        );
    }
}

/// What a peer is like as a whole.
pub struct Whole {
    pub name: &'static str,
    pub creating: Duration,
    /// Bytes on the disk when the accounts had just been created, and in the end.
    pub created: u64,
    pub grown: u64,
    pub memory: u64,
    pub opening: Duration,
    /// After it was killed at work.
    pub reopening: Duration,
}

pub fn wholes(accounts: u64, wholes: impl Iterator<Item = Whole>) {
    println!(
        "\n### {} accounts: files, memory, opening\n",
        thousands(accounts as f64)
    );
    println!(
        "| | created in s | file per account | MiB in the end | memory MiB | open ms | open after kill -9 ms |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for whole in wholes {
        println!(
            "| {} | {:.1} | {} | {:.1} | {:.1} | {:.1} | {:.1} |",
            whole.name,
            whole.creating.as_secs_f64(),
            thousands(whole.created as f64 / accounts as f64),
            mebibytes(whole.grown),
            mebibytes(whole.memory),
            millis(whole.opening),
            millis(whole.reopening),
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A whole number with commas.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
