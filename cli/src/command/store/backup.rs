//! `stateward store backup FILE`: a copy of the store in one file.

use std::path::PathBuf;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::store::BackupDocument;
use crate::project::{Project, open_store};

use super::info::file_bytes;

/// Copy the store into one new file, and read the copy back
///
/// The file holds everything, personal data too, and is readable by its owner only. The key is not in
/// it: keep that apart. A program that embeds the engine makes such copies while it goes on.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file, which must not be there yet
    file: PathBuf,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let store = open_store(&project.path(&project.config.store), app.globals.wait)?;
    let progress = app.ui.gauge("copying rows");
    let copied = store.backup(&args.file, &mut |rows| progress.at(rows));
    progress.end();
    app.ui.emit(&BackupDocument {
        file: args.file.display().to_string(),
        rows: copied?,
        bytes: file_bytes(&args.file)?,
    })?;
    let file = args.file.display();
    app.ui
        .hint(&format!("`stateward store restore {file}` brings it back"));
    Ok(Exit::Done)
}
