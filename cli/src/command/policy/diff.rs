//! `stateward policy diff OLD [NEW]`: who gains and who loses what, and in which situations.

use stateward::workbench::diff::diff;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::diff::DiffDocument;
use crate::project::Project;
use crate::project::side::definition;

/// Tell what a change of policies does: who gains and who loses which permission, and when
///
/// Both definitions are evaluated for every listed principal and the owners of accounts, for every
/// permission, in every situation that a condition of either tells apart. What cannot be told apart
/// is said to be possible; what is not listed does not change.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The old definition: a directory, `DIR@EDITION`, `@EDITION`, or `store:FINGERPRINT`
    old: String,
    /// The new one; otherwise this project's
    new: Option<String>,
    /// End with exit code 8 if somebody gains something, or may
    #[arg(long)]
    deny_widening: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let here = || Project::find(app.globals.project.as_deref());
    let (old, new) = match &args.new {
        Some(new) => (definition(&args.old, &here)?, definition(new, &here)?),
        None => (definition(&args.old, &here)?, here()?.bundle()?),
    };
    let difference = diff(&old, &new);
    let widens = difference.widens();
    app.ui.emit(&DiffDocument::from(&difference))?;
    Ok(match widens && args.deny_widening {
        true => Exit::Findings,
        false => Exit::Done,
    })
}
