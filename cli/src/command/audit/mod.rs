//! `stateward audit …`: whether the store holds together, what was decided, and by whom.

mod export;
mod list;
mod replay;
mod span;
mod verify;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Check, repeat, list and export what was decided, as the store's owner
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(list::Args),
    Verify(verify::Args),
    Replay(replay::Args),
    Export(export::Args),
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::List(args) => list::run(args, app),
        Command::Verify(args) => verify::run(args, app),
        Command::Replay(args) => replay::run(args, app),
        Command::Export(args) => export::run(args, app),
    }
}
