//! `stateward account list`: the ids of accounts.

use stateward::name::AccountId;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::account::AccountList;

/// List the ids of accounts, as the store's owner
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only ids after this one
    #[arg(long, value_name = "ACCOUNT")]
    after: Option<AccountId>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    limit: usize,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let ids = opened
        .session
        .engine
        .accounts(args.after.as_ref(), args.limit)?;
    app.ui.emit(&AccountList::new(&ids))?;
    if ids.len() == args.limit
        && let Some(last) = ids.last()
    {
        app.ui.hint(&format!(
            "there may be more: `stateward account list --after {last}`"
        ));
    }
    Ok(Exit::Done)
}
