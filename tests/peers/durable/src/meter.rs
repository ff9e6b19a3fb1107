//! What the operating system says a process has used, read from `/proc`.

use std::fs;
use std::ops::Sub;
use std::path::Path;
use std::time::Duration;

/// What was used so far, by this process and by the one that serves it with its children.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    pub cpu: Duration,
    /// Bytes that were handed to the file system.
    pub written: u64,
    /// Bytes that the file system has sent to the disk, in whole pages.
    pub to_disk: u64,
}

impl Sub for Used {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(before.cpu),
            written: self.written.saturating_sub(before.written),
            to_disk: self.to_disk.saturating_sub(before.to_disk),
        }
    }
}

impl Used {
    pub fn so_far(server: Option<u32>) -> Self {
        let mut used = Self::default();
        used.add("self", false);
        if let Some(server) = server {
            // A server's own figures hold those of the children that have ended.
            used.add(&server.to_string(), true);
            for child in children(server) {
                used.add(&child.to_string(), false);
            }
        }
        used
    }

    fn add(&mut self, process: &str, with_ended: bool) {
        let Some(stat) = stat(process) else { return };
        let fields = if with_ended { 11..=14 } else { 11..=12 };
        let ticks: u64 = fields.filter_map(|field| stat.get(field)).sum();
        self.cpu += Duration::from_millis(ticks * 10);
        let io = fs::read_to_string(format!("/proc/{process}/io")).unwrap_or_default();
        self.written += labelled(&io, "wchar:");
        self.to_disk += labelled(&io, "write_bytes:");
    }
}

/// The numbers of a process' `stat` from its state on; what is no number is 0.
fn stat(process: &str) -> Option<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let number = |field: &str| field.parse().unwrap_or(0);
    Some(fields.split_whitespace().map(number).collect())
}

/// The processes that another one has started.
pub fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("a Linux machine");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| name.parse::<u32>().is_ok())
        .filter(|name| stat(name).is_some_and(|stat| stat.get(1) == Some(&u64::from(parent))))
        .filter_map(|name| name.parse().ok())
        .collect()
}

/// Whether a process has ended, reaped or not.
pub fn is_over(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_none_or(|state| state.starts_with('Z'))
}

/// Memory in bytes: the most that this process held, and what its server holds now.
pub fn memory(server: Option<u32>) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let own = labelled(&status, "VmHWM:");
    let server = server.map_or(0, |server| {
        let all = children(server).into_iter().chain([server]);
        // Shared memory is counted once: each process' share of it.
        all.map(|process| fs::read_to_string(format!("/proc/{process}/smaps_rollup")))
            .map(|rollup| labelled(&rollup.unwrap_or_default(), "Pss:"))
            .sum()
    });
    (own + server) * 1024
}

fn labelled(text: &str, label: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(label))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// Bytes on the disk of everything in a folder.
pub fn size(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}
