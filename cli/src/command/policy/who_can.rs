//! `stateward policy who-can PERMISSION`: who may do something, and what decides.

use stateward::expr::Truth;
use stateward::name::AccountId;
use stateward::time::Timestamp;
use stateward::workbench::who_can::{Asking, Candidate, On, who_can};

use super::bench::{Bench, wanted};
use crate::app::{App, pair};
use crate::command::run::unique;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::who_can::{WhoCanDocument, WhoCanLine};
use crate::output::policy::why::STRANGER;

/// Tell who may do something: yes, or under which condition
///
/// All listed principals are asked about, and the owners of accounts. Facts that are not given stay
/// open: those of the session (`--context`), the instant (`--at`), and those of the account, unless
/// one is named that whoever asks may read. Callers and conditions of transitions are not looked at:
/// `stateward why` does.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The permission, as `service:Action`; or the transition that asks for it, as
    /// `workflow.transition`
    permission: String,
    /// The account that it is about
    account: Option<AccountId>,
    /// A resource; otherwise those of the transition or of the permission
    #[arg(long, value_name = "RESOURCE")]
    on: Vec<String>,
    /// What the transition asks for
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
    /// The instant to decide at, as RFC 3339; otherwise any
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// List also those who may not
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut bench = Bench::open(app, args.account.is_some(), args.at)?;
    let bundle = bench.bundle.clone();
    let wanted = wanted(&bundle, &args.permission, !args.on.is_empty())?;
    bench.read_inputs(&wanted, &unique(&args.input)?)?;
    let account = match &args.account {
        Some(id) => bench.account(id)?,
        None => None,
    };
    let on = match wanted.access {
        Some(access) if args.on.is_empty() => On::Access(access),
        _ => On::Named(wanted.named(&args.on)?),
    };
    let asking = Asking {
        bundle: &bundle,
        action: &wanted.permission,
        on,
        account: account.as_ref(),
        context: &bench.context,
        inputs: &bench.inputs,
        at: args.at,
    };
    let unnamed = |error| CliError::usage(format!("the resource has no name: {error}"));
    let found = who_can(&asking).map_err(unnamed)?;
    let shown = |it: &&Candidate| args.all || it.may() != Truth::False;
    let lines: Vec<_> = found
        .iter()
        .filter(shown)
        .map(|it| WhoCanLine::new(&bundle, it))
        .collect();
    let is_stranger = args.account.is_some() && account.is_none();
    app.ui.emit(&WhoCanDocument {
        permission: wanted.permission,
        account: args.account.as_ref().map(ToString::to_string),
        others: found.len() - lines.len(),
        principals: lines,
        note: is_stranger.then_some(STRANGER),
    })?;
    Ok(Exit::Done)
}
