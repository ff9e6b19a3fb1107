//! `stateward attempt list`: the attempts that wait for a proof.

use stateward::name::AccountId;

use super::account::may_read;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::account::{AttemptLine, AttemptList};

/// Look at the attempts that wait for a proof
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List open attempts, of one account or of all
    List {
        /// The account
        account: Option<AccountId>,
    },
}

/// Accounts read at a time.
const PAGE: usize = 256;

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let Command::List { account } = &args.command;
    let opened = app.open()?;
    let session = &opened.session;
    let veil = session.veil(app.globals.reveal);
    let mut attempts = Vec::new();
    match account {
        Some(account) => {
            if !may_read(app, &opened, account)? {
                return Ok(Exit::Denied);
            }
            attempts.extend(session.engine.attempts(account)?);
        }
        None => {
            let mut last = None;
            loop {
                let page = session.engine.accounts(last.as_ref(), PAGE)?;
                for account in &page {
                    attempts.extend(session.engine.attempts(account)?);
                }
                last = page.last().cloned();
                if last.is_none() {
                    break;
                }
            }
        }
    }
    let attempts: Vec<_> = attempts
        .iter()
        .map(|attempt| AttemptLine::new(attempt, veil))
        .collect();
    if attempts.is_empty() {
        app.ui.note("no attempt is open");
    }
    app.ui.emit(&AttemptList {
        attempts,
        now: session.now(),
    })?;
    Ok(Exit::Done)
}
