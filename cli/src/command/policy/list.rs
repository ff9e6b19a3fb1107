//! `stateward policy list`: the policies, by name.

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::{PolicyLine, PolicyList};

/// List the policies
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let (_, bundle) = super::project(app)?;
    let policies = bundle.policies.iter().map(PolicyLine::from).collect();
    app.ui.emit(&PolicyList { policies })?;
    Ok(Exit::Done)
}
