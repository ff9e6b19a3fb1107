//! Callers that do one thing over and over for a while, and what it cost.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What was measured in one round.
#[derive(Debug, Clone)]
pub struct Measured {
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
    cpu_us: f64,
    written: f64,
}

/// Has callers do something over and over for a while.
pub fn measure(callers: usize, stop: Duration, work: impl Fn(usize) + Sync) -> Measured {
    let (begun, over) = (Barrier::new(callers + 1), AtomicBool::new(false));
    let (mut latencies, elapsed, cpu, written) = thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                let (begun, over, work) = (&begun, &over, &work);
                scope.spawn(move || {
                    let mut latencies = Vec::new();
                    begun.wait();
                    while !over.load(Ordering::Relaxed) {
                        let asked = Instant::now();
                        work(caller);
                        latencies.push(asked.elapsed());
                    }
                    latencies
                })
            })
            .collect();
        begun.wait();
        let (from, cpu, written) = (Instant::now(), cpu_us(), written_bytes());
        thread::sleep(stop);
        over.store(true, Ordering::Relaxed);
        let latencies: Vec<Duration> = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a caller"))
            .collect();
        (
            latencies,
            from.elapsed(),
            cpu_us() - cpu,
            written_bytes() - written,
        )
    });
    latencies.sort_unstable();
    let count = latencies.len().max(1);
    let at = |part: f64| {
        let at = (count as f64 * part) as usize;
        latencies
            .get(at)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e6)
    };
    Measured {
        per_second: count as f64 / elapsed.as_secs_f64(),
        p50_us: at(0.5),
        p99_us: at(0.99),
        cpu_us: cpu / count as f64,
        written: written / count as f64,
    }
}

impl Measured {
    /// The round in the middle, by its rate.
    pub fn median(mut rounds: Vec<Self>) -> Self {
        rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        rounds.swap_remove(rounds.len() / 2)
    }

    /// A row of the table.
    pub fn row(&self, callers: usize, what: &str, raw: &Self) -> String {
        format!(
            "| {callers} | {what} | {:.0} | {:.0} % | {:.0} | {:.0} | {:.1} | {:.0} |",
            self.per_second,
            100.0 * self.per_second / raw.per_second,
            self.p50_us,
            self.p99_us,
            self.cpu_us,
            self.written,
        )
    }
}

/// Most memory that the process had at once, in KiB.
pub fn memory_peak_kib() -> u64 {
    field("/proc/self/status", "VmHWM:")
}

/// Bytes that the process had written to the disk.
fn written_bytes() -> f64 {
    field("/proc/self/io", "write_bytes:") as f64
}

fn field(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Processor time of the process, in microseconds.
fn cpu_us() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    // Linux counts in hundredths of a second.
    ticks * 10_000.0
}
