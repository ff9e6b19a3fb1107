//! `--watch`: again whenever a file of the definition or of its cases changes, until Ctrl-C.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Format;

/// How long files must have been left alone: editors write in several steps.
const SETTLE: Duration = Duration::from_millis(100);

/// Runs now and after every change below these folders. What a run fails with is told, and watching
/// goes on: the next change may mend it.
///
/// # Errors
/// When the answer has a form that is given once, or cannot be written, or nothing can be watched.
pub fn watch(
    app: &mut App,
    root: &Path,
    mut run: impl FnMut(&mut App) -> Result<Exit, CliError>,
) -> Result<Exit, CliError> {
    let once = match app.globals.output {
        Format::Text | Format::Jsonl => None,
        Format::Json => Some("json"),
        Format::Sarif => Some("sarif"),
    };
    if let Some(form) = once {
        return Err(CliError::usage(format!(
            "`--watch` answers many times, and `-o {form}` once: take `-o jsonl`"
        )));
    }
    let (_watcher, changes) = changes(root)?;
    loop {
        app.ui.clear()?;
        match run(app) {
            Ok(_) => {}
            Err(error @ (CliError::BrokenPipe | CliError::Output(_))) => return Err(error),
            Err(error) => app.ui.fail(&error),
        }
        app.ui.note("Watching for changes; Ctrl-C ends.");
        if changes.recv().is_err() {
            let says = "nobody tells of changed files any more";
            return Err(CliError::Bug(says.to_owned()));
        }
        while changes.recv_timeout(SETTLE).is_ok() {}
    }
}

/// Tells of each change below the folders of a definition, for as long as the watcher lives.
fn changes(root: &Path) -> Result<(RecommendedWatcher, Receiver<()>), CliError> {
    let (sender, changes) = channel();
    let tell = move |event: notify::Result<Event>| {
        // What went wrong may have hidden a change.
        if event.map_or(true, |event| is_change(&event)) {
            // Nobody listens any more once the program is ending.
            let _ = sender.send(());
        }
    };
    let failed = |path: &Path, error: notify::Error| {
        CliError::file("watch", path)(std::io::Error::other(error))
    };
    let mut watcher = notify::recommended_watcher(tell).map_err(|error| failed(root, error))?;
    for folder in ["workflows", "policies"].map(|folder| root.join(folder)) {
        if folder.is_dir() {
            let watched = watcher.watch(&folder, RecursiveMode::Recursive);
            watched.map_err(|error| failed(&folder, error))?;
        }
    }
    Ok((watcher, changes))
}

/// Whether an event is about what a run reads: reading is no change, and what runs leave for review
/// is no reason for another.
fn is_change(event: &Event) -> bool {
    let is_read = |path: &PathBuf| {
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let ending = path.extension().and_then(|ending| ending.to_str());
        !hidden && matches!(ending, None | Some("yaml" | "rhai" | "snap"))
    };
    let is_read = event.paths.is_empty() || event.paths.iter().any(is_read);
    is_read && !matches!(event.kind, EventKind::Access(_))
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, ModifyKind};

    use super::*;

    #[test]
    fn only_what_a_run_reads_is_a_reason_for_another() {
        let event = |kind, path: &str| is_change(&Event::new(kind).add_path(path.into()));
        let modified = EventKind::Modify(ModifyKind::Any);
        for path in [
            "p/A.rhai",
            "p/tests/a.yaml",
            "p/snapshots/matrix.snap",
            "p/tests",
        ] {
            assert!(event(modified, path), "{path}");
            assert!(event(EventKind::Create(CreateKind::Any), path), "{path}");
            assert!(!event(EventKind::Access(AccessKind::Any), path), "{path}");
        }
        for path in [
            "p/snapshots/matrix.snap.new",
            "p/.A.rhai.swp",
            "p/A.rhai~",
            "p/.tmpAbC",
        ] {
            assert!(!event(modified, path), "{path}");
        }
    }
}
