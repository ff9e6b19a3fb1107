//! `stateward account show ID`: states, attributes, open attempts and what is owed.

use stateward::account::Account;
use stateward::name::AccountId;

use crate::app::{App, Opened};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::account::AccountDocument;
use crate::output::decision::{About, DecisionDocument};

/// Show an account
///
/// With `--as`, the policies decide whether that principal may read it; without, its store's owner
/// reads.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account
    account: AccountId,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let Some(account) = read(app, &opened, &args.account)? else {
        return Ok(Exit::Denied);
    };
    let session = &opened.session;
    let attempts = session.engine.attempts(&args.account)?;
    let veil = session.veil(app.globals.reveal);
    app.ui.emit(&AccountDocument::new(
        &account,
        &attempts,
        veil,
        session.now(),
    ))?;
    Ok(Exit::Done)
}

/// Whether whoever asks may read the account; that they may not is then told.
pub fn may_read(app: &mut App, opened: &Opened, id: &AccountId) -> Result<bool, CliError> {
    Ok(read(app, opened, id)?.is_some())
}

/// The account, as whoever asks may read it; `None` where they may not, which is then told.
pub fn read(app: &mut App, opened: &Opened, id: &AccountId) -> Result<Option<Account>, CliError> {
    let session = &opened.session;
    let (reader, context) = (opened.principal.as_ref(), &opened.context);
    match session.engine.read(id, reader, context)? {
        Ok(account) => Ok(Some(account)),
        Err(denial) => {
            let permission = session.bundle.lifecycle.read.as_ref();
            let permission = permission.map(|read| read.permission.as_ref().to_owned());
            let principal_kind = reader.map(|reader| reader.kind.to_string());
            let about = About {
                permission,
                principal_kind,
                ..About::default()
            };
            let document = DecisionDocument::of_read(id, &denial, about, session.now());
            app.ui.emit(&document)?;
            app.ui
                .hint(&format!("`stateward explain {}` tells more", denial.code));
            Ok(None)
        }
    }
}
