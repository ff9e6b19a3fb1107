//! `stateward store …`: the store as a whole, whatever its accounts are.

mod backup;
mod compact;
mod info;
mod migrate;
mod restore;

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
    Info(info::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Compact(compact::Args),
    Migrate(migrate::Args),
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Info(args) => info::run(args, app),
        Command::Backup(args) => backup::run(args, app),
        Command::Restore(args) => restore::run(args, app),
        Command::Compact(args) => compact::run(args, app),
        Command::Migrate(args) => migrate::run(args, app),
    }
}
