//! `stateward policy why PERMISSION`: why policies answer as they do.

use stateward::name::AccountId;
use stateward::time::Timestamp;
use stateward::workbench::remedy::remedies;
use stateward::workbench::trace;

use super::bench::{Bench, wanted};
use crate::app::{App, pair};
use crate::command::run::unique;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::help::HelpLine;
use crate::output::policy::why::{Asked, PolicyWhyDocument};
use crate::output::veil::Veil;

/// Explain why policies answer a principal as they do
///
/// Every statement of every stage is looked at: which decided, which came near, and what those
/// lacked. Nothing is asked of accounts, unless one is named; then whoever asks is told as much as
/// they may know of it: the store's owner everything, the principal of `--as` what the policies let
/// it read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The permission, as `service:Action`; or the transition that asks for it, as
    /// `workflow.transition`
    permission: String,
    /// The account that the request is about
    account: Option<AccountId>,
    /// A resource; otherwise those of the transition or of the permission
    #[arg(long, value_name = "RESOURCE")]
    on: Vec<String>,
    /// Explain for this principal what whoever asks may know; otherwise for the one that asks
    #[arg(long = "for", value_name = "PRINCIPAL")]
    subject: Option<String>,
    /// What the transition asks for
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
    /// The instant to decide at, as RFC 3339; otherwise now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Show also the statements that are about something else
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut bench = Bench::open(app, args.account.is_some(), args.at)?;
    let bundle = bench.bundle.clone();
    let wanted = wanted(&bundle, &args.permission, !args.on.is_empty())?;
    bench.read_inputs(&wanted, &unique(&args.input)?)?;
    let principal = bench.subject(args.subject.as_deref())?;
    let account = match &args.account {
        Some(id) => bench.account(id)?,
        None => None,
    };
    let situation = bench.situation(&principal, account.as_ref());
    let resources = match wanted.access {
        Some(access) if args.on.is_empty() => trace::resources(&bundle, &situation, access)
            .map_err(|error| CliError::usage(format!("the resource has no name: {error}")))?,
        _ => wanted.named(&args.on)?.to_vec(),
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let veil = Veil::new(&bundle.lifecycle, app.globals.reveal);
    let hidden = |slot| veil.hides(slot);
    let trace = trace::trace(&bundle, &situation, &wanted.permission, &resources, &hidden);
    let trace = trace.ok_or(CliError::NoPrincipal)?;
    let asked = Asked {
        account: args.account.as_ref(),
        is_known: account.is_some(),
        every_statement: args.all,
    };
    let found = remedies(&bundle, &situation, &wanted.permission, &resources);
    let mut document = PolicyWhyDocument::new(&bundle, &principal, &trace, &asked);
    document.help = found.iter().map(|it| HelpLine::new(&bundle, it)).collect();
    app.ui.emit(&document)?;
    Ok(Exit::Done)
}
