//! `stateward policy accept [ID…]`: takes changed decisions over into the snapshot.

use super::snapshot::{self, Waiting};
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::matrix::PendingDocument;

/// Accept changed decisions into the snapshot
///
/// Without ids, accepts everything but widened permissions: those are accepted one by one, by id.
/// Ends with 8 where something is left.
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
    let taken = snapshot::selected(&pending, &args.ids, |it| !snapshot::is_widened(it))?;
    snapshots.accept(&pending, &taken)?;
    let left = snapshots.pending(&current)?;
    app.ui
        .emit(&PendingDocument::new(left.as_ref(), taken.len()))?;
    Ok(snapshot::standing(app, left.as_ref()))
}
