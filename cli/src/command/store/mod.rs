//! `stateward store …`: the store as a whole, whatever its accounts are.

mod migrate;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Look after the store
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Migrate(migrate::Args),
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Migrate(args) => migrate::run(args, app),
    }
}
