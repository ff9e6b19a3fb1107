//! `stateward policy …`: the policies of the project as code.

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
    Fmt(fmt::Args),
    List(list::Args),
    Show(show::Args),
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Fmt(args) => fmt::run(args, app),
        Command::List(args) => list::run(args, app),
        Command::Show(args) => show::run(args, app),
    }
}
