//! `stateward account history ID`: every decision that changed the account.

use stateward::account::Revision;
use stateward::name::AccountId;

use super::show;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::audit::AuditDenial;
use crate::output::history::{HistoryDocument, RecordLine};

/// Show every decision that changed an account
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account
    account: AccountId,
    /// Only records after this revision
    #[arg(long, value_name = "REVISION", default_value_t = 0)]
    after: u64,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    if show::read(app, &opened, &args.account)?.is_none() {
        return Ok(Exit::Denied);
    }
    let session = &opened.session;
    let records = session
        .engine
        .history(&args.account, Revision(args.after), args.limit)?;
    let veil = session.veil(app.globals.reveal);
    let lines = records
        .iter()
        .map(|record| RecordLine::new(record, veil))
        .collect();
    let denials = session.engine.denials(Some(&args.account))?;
    app.ui.emit(&HistoryDocument {
        account: args.account.to_string(),
        records: lines,
        denials: denials.iter().map(AuditDenial::from).collect(),
    })?;
    if records.len() == args.limit
        && let Some(last) = records.last()
    {
        let (account, last) = (&args.account, last.envelope.revision.0);
        app.ui.hint(&format!(
            "there may be more: `stateward account history {account} --after {last}`"
        ));
    }
    Ok(Exit::Done)
}
