//! `stateward why ACCOUNT WORKFLOW.TRANSITION`: what a request would lead to, gate by gate.

use stateward::engine::{Explanation, Run};

use super::decide;
use super::run::RequestArgs;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::change::Change;
use crate::output::decision::{DecisionDocument, WhyDocument};
use crate::project::Session;

/// Explain what a request would lead to, gate by gate
///
/// Nothing is changed, sent or spent. The exit code is 0 whatever the decision, unless
/// `--exit-code` asks for that of the decision.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    request: RequestArgs,
    /// End with the exit code that the request would end with
    #[arg(long)]
    exit_code: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let request = args.request.request(&opened, None)?;
    let exit = explain(app, &opened.session, &request)?;
    Ok(if args.exit_code { exit } else { Exit::Done })
}

/// Tells what a request would lead to; the exit code is the one it would end with.
pub fn explain(app: &mut App, session: &Session, request: &Run) -> Result<Exit, CliError> {
    let Explanation { answer, events } = session.engine.explain(request)?;
    let about = decide::about(session, &request.transition, Some(&request.principal));
    let veil = session.veil(app.globals.reveal);
    let mut decision = DecisionDocument::new(&answer, about, session.now());
    // There is no such attempt: the id is one that might have been drawn.
    decision.attempt = None;
    let changes = events
        .iter()
        .map(|event| Change::new(event, veil))
        .collect();
    app.ui.emit(&WhyDocument { decision, changes })?;
    Ok(Exit::of(&answer.outcome))
}
