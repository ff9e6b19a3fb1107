//! `stateward store info`: what the store holds, as numbers.

use stateward::store::{RedbStore, Snapshot, Store, StoreError};
use stateward::time::Timestamp;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::store::{InfoDocument, Waiting};
use crate::project::{Project, clock, open_store};

/// Say what the store holds: accounts, records, what waits, rows and bytes of every table
///
/// Nothing personal is shown, and the definition is not looked at.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let path = project.path(&project.config.store);
    let store = open_store(&path, app.globals.wait)?;
    let header = store.header()?;
    let now = clock(&app.env, header.development)?.now();
    let progress = app.ui.gauge("counting rows");
    let sizes = store.sizes(&mut |rows| progress.at(rows));
    progress.end();
    let sizes = sizes?;
    let snapshot = store.snapshot()?;
    let waiting = Waiting {
        due: due(snapshot.as_ref(), now)?,
        next_due: snapshot.next_due()?.map(|at| at.to_string()),
    };
    let in_force = snapshot.in_force()?;
    let [state, log] = RedbStore::files(&path).map(|file| file_bytes(&file));
    app.ui.emit(&InfoDocument::new(
        &path,
        &header,
        in_force,
        &sizes,
        waiting,
        (state?, log?),
    ))?;
    Ok(Exit::Done)
}

/// Bytes of a file.
pub fn file_bytes(path: &std::path::Path) -> Result<u64, CliError> {
    let read = std::fs::metadata(path).map_err(CliError::file("read", path))?;
    Ok(read.len())
}

/// How many timers are due.
fn due(snapshot: &dyn Snapshot, now: Timestamp) -> Result<u64, StoreError> {
    const PAGE: usize = 1_024;
    let (mut count, mut last) = (0, None);
    loop {
        let page = snapshot.due(now, last.as_ref(), PAGE)?;
        count += u64::try_from(page.len()).unwrap_or(u64::MAX);
        match page.into_iter().next_back() {
            Some(newest) => last = Some(newest),
            None => return Ok(count),
        }
    }
}
