//! `stateward policy …`: the policies of the project as code.

mod export;
mod fmt;
mod list;
mod show;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Look at policies, test them, and review what they allow
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Export(export::Args),
    Fmt(fmt::Args),
    List(list::Args),
    Show(show::Args),
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Export(args) => export::run(args, app),
        Command::Fmt(args) => fmt::run(args, app),
        Command::List(args) => list::run(args, app),
        Command::Show(args) => show::run(args, app),
    }
}
