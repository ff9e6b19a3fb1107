//! `stateward policy diff OLD [NEW]`: who gains and who loses what, and in which situations.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stateward::bundle::{Bundle, ReadError, read_sources};
use stateward::workbench::diff::diff;

use crate::app::App;
use crate::config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::diff::DiffDocument;
use crate::project::{Project, load};

/// Tell what a change of policies does: who gains and who loses which permission, and when
///
/// Both definitions are evaluated for every listed principal and the owners of accounts, for every
/// permission, in every situation that a condition of either tells apart. What cannot be told apart
/// is said to be possible; what is not listed does not change.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory of the old definition
    old: PathBuf,
    /// The directory of the new one; otherwise this project's
    new: Option<PathBuf>,
    /// End with exit code 8 if somebody gains something, or may
    #[arg(long)]
    deny_widening: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let here = || Project::find(app.globals.project.as_deref());
    let (old, new) = match &args.new {
        Some(new) => (of(&args.old, &here)?, of(new, &here)?),
        None => (of(&args.old, &here)?, here()?.bundle()?),
    };
    let difference = diff(&old, &new);
    let widens = difference.widens();
    app.ui.emit(&DiffDocument::from(&difference))?;
    Ok(match widens && args.deny_widening {
        true => Exit::Findings,
        false => Exit::Done,
    })
}

/// The definition in a directory: a project's, or else files of the lifecycle of the project at hand.
fn of(
    directory: &Path,
    here: &dyn Fn() -> Result<Project, CliError>,
) -> Result<Arc<Bundle>, CliError> {
    if directory.join(config::FILE).is_file() {
        return Project::find(Some(directory))?.bundle();
    }
    let lifecycle = here()?.config.lifecycle;
    let sources = read_sources(directory, lifecycle.as_str()).map_err(|error| match error {
        ReadError::Io { path, error } => CliError::File {
            action: "read",
            path,
            source: error,
        },
        other => CliError::Unreadable(other),
    })?;
    load(sources, lifecycle.as_str())
}
