//! `stateward policy reject [ID…]`: drops changed decisions from what waits.

use super::snapshot::{self, Waiting};
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::matrix::PendingDocument;

/// Drop changed decisions from what waits to be reviewed
///
/// The snapshot stays as it is, and so do the policies: until they are changed, the next test
/// brings the same decisions up again. Without ids, drops all.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The changes, as `stateward policy pending` names them
    #[arg(value_name = "ID")]
    ids: Vec<String>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let Some(Waiting {
        snapshots,
        current,
        pending,
    }) = snapshot::open(app)?
    else {
        return Ok(Exit::Done);
    };
    let dropped = snapshot::selected(&pending, &args.ids, |_| true)?;
    snapshots.reject(&pending, &dropped)?;
    let left = snapshots.pending(&current)?;
    app.ui
        .emit(&PendingDocument::new(left.as_ref(), dropped.len()))?;
    app.ui
        .hint("the policies still say so: change them, or the next test brings it up again");
    Ok(Exit::Done)
}
