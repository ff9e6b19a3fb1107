//! `stateward store compact`: giving back room that the store does not need.

use stateward::store::{RedbOptions, RedbStore};

use super::info::file_bytes;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::store::CompactDocument;
use crate::project::{Project, open_store};

/// Give back the room in the store's file that nothing takes any more
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let path = project.path(&project.config.store);
    // Waits for whoever has it, and says what is wrong with it.
    drop(open_store(&path, app.globals.wait)?);
    let before = file_bytes(&path)?;
    let progress = app.ui.gauge("passes over the file");
    let compacted = RedbStore::compact(&path, &RedbOptions::default(), &mut |passes| {
        progress.at(passes);
    });
    progress.end();
    compacted?;
    app.ui.emit(&CompactDocument {
        before,
        after: file_bytes(&path)?,
    })?;
    Ok(Exit::Done)
}
