//! `stateward quota show ACCOUNT`: what an account has used of its limits.

use stateward::name::AccountId;

use super::account::may_read;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::quota::QuotaDocument;

/// Look at what accounts have used of their limits
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the quotas of an account
    Show {
        /// The account
        account: AccountId,
    },
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let Command::Show { account } = &args.command;
    let opened = app.open()?;
    if !may_read(app, &opened, account)? {
        return Ok(Exit::Denied);
    }
    let uses = opened.session.engine.quotas(account)?;
    app.ui
        .emit(&QuotaDocument::new(account, &uses, opened.session.now()))?;
    Ok(Exit::Done)
}
