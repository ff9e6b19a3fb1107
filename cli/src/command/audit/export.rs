//! `stateward audit export`: everything that was decided, a JSON object a line.

use stateward::account::Revision;
use stateward::engine::KeptDenial;
use stateward::name::AccountId;

use super::span::{Between, Span, each_account};
use crate::app::{App, Opened};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::audit::{AuditDenial, AuditRecord};
use crate::output::{Document, Format, to_json};

/// Write every record and denial to standard output, a JSON object a line
///
/// Account by account, oldest first; then the denials about accounts that do not exist. What is
/// personal is masked unless `--reveal` is given. Each record carries its hash and that of the one
/// before, so that a copy that is kept elsewhere shows what was changed here.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this account; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<AccountId>,
    #[command(flatten)]
    span: Span,
}

/// Records read at a time.
const PAGE: usize = 256;

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let between = args.span.between(opened.session.now())?;
    each_account(&opened.session.engine, &args.account, |id| {
        records(app, &opened, id, between)?;
        denials(app, &opened, Some(id), between)
    })?;
    if args.account.is_empty() {
        denials(app, &opened, None, between)?;
    }
    Ok(Exit::Done)
}

fn records(
    app: &mut App,
    opened: &Opened,
    id: &AccountId,
    between: Between,
) -> Result<(), CliError> {
    let veil = opened.session.veil(app.globals.reveal);
    let mut last = Revision(0);
    loop {
        let page = opened.session.engine.history(id, last, PAGE)?;
        let Some(newest) = page.last() else {
            return Ok(());
        };
        last = newest.envelope.revision;
        let mut text = String::new();
        for entry in page.iter().filter(|it| between.has(it.envelope.at)) {
            text.push_str(&line(&AuditRecord::new(id, entry, veil))?);
        }
        app.ui.print(&text)?;
    }
}

fn denials(
    app: &mut App,
    opened: &Opened,
    account: Option<&AccountId>,
    between: Between,
) -> Result<(), CliError> {
    let kept = opened.session.engine.denials(account)?;
    let meant = |kept: &&KeptDenial| between.has(kept.refusal.at);
    for denial in kept.iter().filter(meant) {
        let text = line(&AuditDenial::from(denial))?;
        app.ui.print(&text)?;
    }
    Ok(())
}

fn line<D: Document>(document: &D) -> Result<String, CliError> {
    to_json(document, Format::Jsonl).map_err(|error| CliError::Bug(error.to_string()))
}
