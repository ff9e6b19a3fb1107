//! `stateward pump`: sends the messages that wait.

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::operate::PumpDocument;

/// Send the messages that wait
#[derive(Debug, clap::Args)]
pub struct Args {
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    limit: usize,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    opened.session.needs_courier()?;
    let pumped = opened.session.engine.pump(args.limit)?;
    app.ui.emit(&PumpDocument::from(&pumped))?;
    Ok(if pumped.failed.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
