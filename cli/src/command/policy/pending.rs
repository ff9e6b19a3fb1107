//! `stateward policy pending`: what waits to be reviewed.

use super::snapshot;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::matrix::PendingDocument;
use crate::project::snapshots::Snapshots;

/// List the decisions that changed and wait to be reviewed
///
/// What is widened comes first. Ends with 8 where something waits.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let (project, bundle) = super::project(app)?;
    let current = snapshot::current(&project, &bundle)?;
    let pending = Snapshots::of(&project.root, &bundle).pending(&current)?;
    app.ui.emit(&PendingDocument::new(pending.as_ref(), 0))?;
    Ok(snapshot::standing(app, pending.as_ref()))
}
