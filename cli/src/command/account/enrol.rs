//! `stateward account enrol ID AUTHENTICATOR`: takes over an app that somebody has already.

use std::path::PathBuf;

use stateward::challenge::AppSecret;
use stateward::engine::Enrol;
use stateward::name::{AccountId, Name};

use crate::app::App;
use crate::command::confirm::presented;
use crate::command::decide;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::decision::About;

/// Take over an authenticator app that somebody has already, as the store's owner
///
/// The secret that the app shares with the system it was enrolled at is read from a file or from
/// standard input, in base32: never given as an argument, where others could see it. Its codes must
/// be such as most apps make: by SHA-1, of six digits, every 30 seconds.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account
    account: AccountId,
    /// The authenticator, as the lifecycle calls it
    authenticator: Name,
    /// The file that holds the secret; `-` for standard input
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// Let it take the place of an app that is enrolled
    #[arg(long)]
    replace: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let text = presented("read the secret from", &args.secret_file, &mut app.stdin)?;
    let secret = AppSecret::of_base32(text.reveal()).map_err(|error| CliError::Usage {
        message: error.to_string(),
        hints: Vec::new(),
    })?;
    let opened = app.open()?;
    let answer = opened.session.engine.enrol(&Enrol {
        account: args.account.clone(),
        authenticator: args.authenticator.clone(),
        secret,
        replace: args.replace,
    })?;
    let about = About {
        by_owner: true,
        ..About::default()
    };
    decide::tell(app, &opened.session, &answer, about)
}
