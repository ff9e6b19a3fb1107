//! `stateward completions SHELL`: completions for a shell, from the same tree that parses.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::app::{App, Cli};
use crate::error::CliError;
use crate::exit::Exit;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stateward", &mut script);
    app.ui.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
