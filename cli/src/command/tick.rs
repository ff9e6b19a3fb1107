//! `stateward tick`: lets time pass.

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::operate::TickDocument;

/// Let everything happen that is due by now: timed transitions, lapses, reminders
#[derive(Debug, clap::Args)]
pub struct Args {
    /// At most so many timers
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    limit: usize,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let ticked = opened.session.engine.tick(args.limit)?;
    opened.session.send(&mut app.ui)?;
    app.ui.emit(&TickDocument::from(&ticked))?;
    Ok(Exit::Done)
}
