//! `stateward policy …`: the policies of the project as code.

mod accept;
pub mod bench;
mod cases;
mod diff;
mod export;
mod fmt;
mod import;
mod list;
mod matrix;
mod pending;
mod properties;
pub mod question;
mod reference;
mod reject;
mod repl;
mod review;
mod show;
mod snapshot;
mod test;
mod who_can;
mod why;

use std::sync::Arc;

use stateward::bundle::Bundle;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::project::Project;

/// Look at policies, test them, and review what they allow
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Accept(accept::Args),
    Diff(diff::Args),
    Export(export::Args),
    Fmt(fmt::Args),
    Import(import::Args),
    List(list::Args),
    Matrix(matrix::Args),
    Pending(pending::Args),
    Reference(reference::Args),
    Reject(reject::Args),
    Repl(repl::Args),
    Review(review::Args),
    Show(show::Args),
    Test(test::Args),
    WhoCan(who_can::Args),
    Why(why::Args),
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.command {
        Command::Accept(args) => accept::run(args, app),
        Command::Diff(args) => diff::run(args, app),
        Command::Export(args) => export::run(args, app),
        Command::Fmt(args) => fmt::run(args, app),
        Command::Import(args) => import::run(args, app),
        Command::List(args) => list::run(args, app),
        Command::Matrix(args) => matrix::run(args, app),
        Command::Pending(args) => pending::run(args, app),
        Command::Reference(args) => reference::run(args, app),
        Command::Reject(args) => reject::run(args, app),
        Command::Repl(args) => repl::run(args, app),
        Command::Review(args) => review::run(args, app),
        Command::Show(args) => show::run(args, app),
        Command::Test(args) => test::run(args, app),
        Command::WhoCan(args) => who_can::run(args, app),
        Command::Why(args) => why::run(args, app),
    }
}

/// The project that the command is about, with its definition.
fn project(app: &App) -> Result<(Project, Arc<Bundle>), CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let bundle = project.bundle()?;
    Ok((project, bundle))
}
