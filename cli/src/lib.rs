//! The `stateward` command line, as a library so that tests start it the way users do.

mod app;
mod command;
mod config;
mod defect;
mod embedded;
mod env;
mod error;
mod exit;
mod io;
mod output;
mod project;
mod ui;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

pub use io::Io;

/// Does what the arguments say (the first is the program's name) and tells how it ended.
pub fn run(args: impl Iterator<Item = OsString>, io: Io) -> ExitCode {
    app::run(args.collect(), io).into()
}
