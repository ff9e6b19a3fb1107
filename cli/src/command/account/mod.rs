//! `stateward account …`: creating accounts and looking at them.

mod create;
mod history;
mod list;
mod show;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Create accounts and look at them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(create::Args),
    List(list::Args),
    Show(show::Args),
    History(history::Args),
}

pub use show::{may_read, read};

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Create(args) => create::run(args, app),
        Command::List(args) => list::run(args, app),
        Command::Show(args) => show::run(args, app),
        Command::History(args) => history::run(args, app),
    }
}
