//! `stateward audit verify [ACCOUNT…]`: whether what the store says of its past holds together.

use stateward::name::AccountId;

use super::span::exist;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::audit::VerifyDocument;

/// Check that journals are unbroken and make the accounts as they are stored
///
/// Every record is opened and must follow the one before; all of them together must make the account,
/// its attempts, timers and claims as they are stored; and no denial may be changed or missing. Where
/// all accounts are looked at, so are the quotas that they share. Ends with exit code 8 if anything
/// does not hold. The digest at the end, kept elsewhere, shows later that nobody put an older copy of
/// the store in its place.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these accounts
    account: Vec<AccountId>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let engine = &opened.session.engine;
    exist(engine, &args.account)?;
    let ui = &mut app.ui;
    let verified = engine.verify(&args.account, &mut |accounts| {
        ui.progress(|| format!("{accounts} accounts"));
    });
    app.ui.progress_end();
    let document = VerifyDocument::new(&verified?);
    app.ui.emit(&document)?;
    Ok(match document.flaws.is_empty() {
        true => Exit::Done,
        false => Exit::Findings,
    })
}
