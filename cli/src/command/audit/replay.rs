//! `stateward audit replay`: makes every recorded decision again.

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::audit::ReplayDocument;

/// Make every recorded decision again, with the definition that made it
///
/// The facts that each was made on are rebuilt from the records before it, and it must come out the
/// same to the last event. Ends with exit code 8 if one does not. What another definition would have
/// decided is told by `stateward diff --journal`.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let ui = &mut app.ui;
    let mut document = ReplayDocument::default();
    let closed = opened.session.engine.replay(&mut |redecided| {
        document.add(&redecided);
        let records = document.records;
        ui.progress(|| format!("{records} records"));
    });
    app.ui.progress_end();
    document.closed = closed?;
    app.ui.emit(&document)?;
    Ok(match document.differs.is_empty() {
        true => Exit::Done,
        false => Exit::Findings,
    })
}
