//! `stateward cancel ATTEMPT`: gives an attempt up.

use stateward::engine::Cancel;
use stateward::name::{AttemptId, IdempotencyKey};

use super::decide;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Give an attempt up
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The attempt
    attempt: AttemptId,
    /// Under this key a repeated request gets its first answer again
    #[arg(long, value_name = "KEY")]
    key: Option<IdempotencyKey>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let session = &opened.session;
    let about = decide::about_attempt(session, &args.attempt, opened.principal.as_ref())?;
    let answer = session.engine.cancel(&Cancel {
        attempt: args.attempt.clone(),
        by: opened.principal.clone(),
        key: args.key.clone(),
    })?;
    decide::tell(app, session, &answer, about)
}
