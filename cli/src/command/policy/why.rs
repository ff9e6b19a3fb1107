//! `stateward policy why PERMISSION`: why policies answer as they do.

use stateward::time::Timestamp;
use stateward::workbench::remedy::remedies;

use super::question::QuestionArgs;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::help::HelpLine;
use crate::output::policy::why::{Asked, PolicyWhyDocument};
use crate::output::veil::Veil;

/// Explain why policies answer a principal as they do
///
/// Every statement of every stage is looked at: which decided, which came near, and what those
/// lacked. Nothing is asked of accounts, unless one is named or described (`--attr`, `--state`). Of
/// one that is named, whoever asks is told as much as they may know: the store's owner everything,
/// the principal of `--as` what the policies let it read.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    question: QuestionArgs,
    /// Explain for this principal what whoever asks may know; otherwise for the one that asks
    #[arg(long = "for", value_name = "PRINCIPAL")]
    subject: Option<String>,
    /// The instant to decide at, as RFC 3339; otherwise now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Show also the statements that are about something else
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut bench = args.question.bench(app, args.at)?;
    let bundle = bench.bundle.clone();
    let question = args.question.read(app, &mut bench, &bundle)?;
    let principal = bench.subject(args.subject.as_deref())?;
    let situation = bench.situation(&principal, question.account.as_ref());
    let told = question.told(&bundle, &situation);
    let resources = question.resources(&told)?;
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let veil = Veil::new(&bundle.lifecycle, app.globals.reveal);
    let hidden = |slot| veil.hides(slot);
    let permission = &question.wanted.permission;
    let trace = told.trace(permission, &resources, &hidden);
    let trace = trace.ok_or(CliError::NoPrincipal)?;
    let found = remedies(&told, permission, &resources);
    let asked = Asked {
        account: question.named,
        every_statement: args.all,
    };
    let mut document = PolicyWhyDocument::new(&bundle, &principal, &trace, &asked);
    document.note = question.note(trace.possible.certain().is_some());
    document.help = found.iter().map(|it| HelpLine::new(&bundle, it)).collect();
    document.supposed = question.supposed;
    app.ui.emit(&document)?;
    Ok(Exit::Done)
}
