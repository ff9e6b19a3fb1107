//! `stateward policy who-can PERMISSION`: who may do something, and what decides.

use stateward::expr::Truth;
use stateward::time::Timestamp;
use stateward::workbench::who_can::{Asking, Candidate, On, who_can};

use super::question::QuestionArgs;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::who_can::{WhoCanDocument, WhoCanLine};

/// Tell who may do something: yes, or under which condition
///
/// All listed principals are asked about, and the owners of accounts. Facts that are not given stay
/// open: those of the session (`--context`), the instant (`--at`), and those of the account, unless
/// one is named that whoever asks may read, or described (`--attr`, `--state`). Callers and conditions
/// of transitions are not looked at: `stateward why` does.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    question: QuestionArgs,
    /// The instant to decide at, as RFC 3339; otherwise any
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// List also those who may not
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut bench = args.question.bench(app, args.at)?;
    let bundle = bench.bundle.clone();
    let question = args.question.read(app, &mut bench, &bundle)?;
    let on = match question.wanted.access {
        Some(access) if question.on.is_empty() => On::Access(access),
        _ => On::Named(question.wanted.named(question.on)?),
    };
    let asking = Asking {
        bundle: &bundle,
        action: &question.wanted.permission,
        on,
        account: question.account.as_ref(),
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
    // That nothing is known of any account is what the conditions say.
    let is_certain = question.account.is_none() || lines.iter().all(|line| line.may != "if");
    app.ui.emit(&WhoCanDocument {
        account: question.named.map(ToString::to_string),
        others: found.len() - lines.len(),
        principals: lines,
        note: question.note(is_certain),
        permission: question.wanted.permission,
        supposed: question.supposed,
    })?;
    Ok(Exit::Done)
}
