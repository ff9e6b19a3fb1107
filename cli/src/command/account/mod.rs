//! `stateward account …`: creating accounts, looking at them, giving them apps, and erasing them.

mod create;
mod enrol;
mod erase;
mod history;
mod list;
mod show;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Create accounts, look at them, give them apps, and erase them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(create::Args),
    Enrol(enrol::Args),
    List(list::Args),
    Show(show::Args),
    History(history::Args),
    Erase(erase::Args),
}

pub use show::{may_read, read};

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Create(args) => create::run(args, app),
        Command::Enrol(args) => enrol::run(args, app),
        Command::List(args) => list::run(args, app),
        Command::Show(args) => show::run(args, app),
        Command::History(args) => history::run(args, app),
        Command::Erase(args) => erase::run(args, app),
    }
}
