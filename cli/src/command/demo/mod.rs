//! `stateward demo`: the shipped lifecycle, played on a store that is thrown away.

mod play;
mod stage;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use stage::Stage;

/// Play the shipped lifecycle on a store that is thrown away
///
/// A number is bound to a resource account, with a wrong code before the right one. Then it is
/// changed, which takes the whole detour that the rules ask for. Every gate, code and notice is
/// shown; clock and codes are the same at every run.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut stage = Stage::new()?;
    let document = play::play(&mut stage)?;
    app.ui.emit(&document)?;
    app.ui
        .hint("`stateward init --dev` makes a project of your own");
    Ok(Exit::Done)
}
