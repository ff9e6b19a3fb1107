//! `stateward resend ATTEMPT`: sends another code, which voids the one before.

use stateward::engine::Resend;
use stateward::name::{AttemptId, IdempotencyKey, Name};

use super::decide;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;

/// Send another code for an attempt; it voids the one before
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The attempt
    attempt: AttemptId,
    /// The verification to use where there is a choice
    #[arg(long, value_name = "NAME")]
    prefer: Option<Name>,
    /// Under this key a repeated request gets its first answer again
    #[arg(long, value_name = "KEY")]
    key: Option<IdempotencyKey>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let session = &opened.session;
    let about = decide::about_attempt(session, &args.attempt, opened.principal.as_ref())?;
    let answer = session.engine.resend(&Resend {
        attempt: args.attempt.clone(),
        by: opened.principal.clone(),
        prefer: args.prefer.clone(),
        key: args.key.clone(),
    })?;
    session.send(&mut app.ui)?;
    decide::tell(app, session, &answer, about)
}
