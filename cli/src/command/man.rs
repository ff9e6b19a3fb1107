//! `stateward man [DIR]`: manual pages, from the same tree that parses.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::app::{App, Cli};
use crate::error::CliError;
use crate::exit::Exit;

/// Print the manual page, or write the pages of all commands into a directory
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write one page per command
    directory: Option<PathBuf>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    if let Some(directory) = &args.directory {
        std::fs::create_dir_all(directory).map_err(CliError::file("create", directory))?;
        let written = clap_mangen::generate_to(Cli::command(), directory);
        written.map_err(CliError::file("write pages into", directory))?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    let rendered = Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| CliError::Bug(error.to_string()))?;
    app.ui.print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}
