//! `stateward account create ID`: makes an account, as the store's owner.

use stateward::engine::Create;
use stateward::name::{AccountId, IdempotencyKey, Name};

use crate::app::{App, pair};
use crate::command::decide;
use crate::command::run::unique;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::decision::About;

/// Create an account
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id
    account: AccountId,
    /// An attribute
    #[arg(short, long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    attribute: Vec<(String, String)>,
    /// The state of a workflow, where it is not the initial one: of an account that is taken over
    #[arg(long, value_name = "WORKFLOW=STATE", value_parser = place)]
    state: Vec<(Name, Name)>,
    /// Under this key a repeated request gets its first answer again
    #[arg(long, value_name = "KEY")]
    key: Option<IdempotencyKey>,
}

/// Reads `workflow=state`.
fn place(text: &str) -> Result<(Name, Name), String> {
    let (workflow, state) = pair(text)?;
    let name = |text: &str| text.parse::<Name>().map_err(|error| error.to_string());
    Ok((name(&workflow)?, name(&state)?))
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let attributes = unique(&args.attribute)?;
    let states = unique(&args.state)?;
    let opened = app.open()?;
    let (account, key) = (args.account.clone(), args.key.clone());
    let answer = opened.session.engine.create(&Create {
        account,
        attributes,
        states,
        key,
    })?;
    opened.session.send(&mut app.ui)?;
    let about = About {
        by_owner: true,
        ..About::default()
    };
    decide::tell(app, &opened.session, &answer, about)
}
