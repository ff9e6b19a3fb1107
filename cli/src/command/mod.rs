//! The commands: one file each, with its arguments and what it does.

mod account;
mod apply;
mod attempt;
mod audit;
mod cancel;
mod check;
mod completions;
mod confirm;
mod decide;
mod demo;
mod diff;
mod explain;
mod graph;
mod help;
mod init;
mod man;
mod plan;
mod policy;
mod pump;
mod quota;
mod resend;
mod run;
mod schema;
#[cfg(test)]
mod scripted;
mod simulate;
mod store;
mod takeover;
mod tick;
mod why;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Format;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Demo(demo::Args),
    Init(init::Args),
    Check(check::Args),
    Diff(diff::Args),
    Takeover(takeover::Args),
    Explain(explain::Args),
    Graph(graph::Args),
    Run(run::Args),
    Confirm(confirm::Args),
    Resend(resend::Args),
    Cancel(cancel::Args),
    Why(why::Args),
    Simulate(simulate::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Account(account::Args),
    Attempt(attempt::Args),
    Quota(quota::Args),
    Audit(audit::Args),
    Policy(policy::Args),
    Store(store::Args),
    Tick(tick::Args),
    Pump(pump::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
    Help(help::Args),
}

impl Command {
    /// Does it.
    pub fn run(self, app: &mut App) -> Result<Exit, CliError> {
        if app.globals.output == Format::Sarif && !matches!(self, Self::Check(_)) {
            return Err(CliError::usage(
                "`-o sarif` is a form of findings: only `check` has it",
            ));
        }
        match self {
            Self::Demo(args) => demo::run(&args, app),
            Self::Init(args) => init::run(&args, app),
            Self::Check(args) => check::run(&args, app),
            Self::Diff(args) => diff::run(&args, app),
            Self::Takeover(args) => takeover::run(&args, app),
            Self::Explain(args) => explain::run(&args, app),
            Self::Graph(args) => graph::run(&args, app),
            Self::Run(args) => run::run(&args, app),
            Self::Confirm(args) => confirm::run(&args, app),
            Self::Resend(args) => resend::run(&args, app),
            Self::Cancel(args) => cancel::run(&args, app),
            Self::Why(args) => why::run(&args, app),
            Self::Simulate(args) => simulate::run(&args, app),
            Self::Plan(args) => plan::run(&args, app),
            Self::Apply(args) => apply::run(&args, app),
            Self::Account(args) => account::run(&args, app),
            Self::Attempt(args) => attempt::run(&args, app),
            Self::Quota(args) => quota::run(&args, app),
            Self::Audit(args) => audit::run(&args, app),
            Self::Policy(args) => policy::run(&args, app),
            Self::Store(args) => store::run(&args, app),
            Self::Tick(args) => tick::run(&args, app),
            Self::Pump(args) => pump::run(&args, app),
            Self::Schema(args) => schema::run(&args, app),
            Self::Completions(args) => completions::run(&args, app),
            Self::Man(args) => man::run(&args, app),
            Self::Help(args) => help::run(&args, app),
        }
    }
}
