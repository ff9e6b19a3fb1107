//! `stateward run ACCOUNT WORKFLOW.TRANSITION`: asks for a transition.

use std::collections::BTreeMap;
use std::fmt::Display;

use stateward::engine::Run;
use stateward::name::{AccountId, IdempotencyKey, Name, TransitionName};

use super::{decide, why};
use crate::app::{App, Opened, pair};
use crate::error::CliError;
use crate::exit::Exit;

/// Ask for a transition of an account
///
/// On a terminal, the proofs that it takes are asked for one after another. Otherwise the decision
/// is printed with the attempt that waits; `stateward confirm` proves it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    request: RequestArgs,
    /// Decide, but change nothing, send nothing and spend nothing
    #[arg(long)]
    dry_run: bool,
    /// Under this key a repeated request gets its first answer again
    #[arg(long, value_name = "KEY")]
    key: Option<IdempotencyKey>,
}

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct RequestArgs {
    /// The account
    account: AccountId,
    /// The transition, as `workflow.transition`
    transition: TransitionName,
    /// What the transition asks for
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
    /// A risk that is acknowledged: the name of its verification
    #[arg(long, value_name = "NAME")]
    ack: Vec<Name>,
    /// The verification to use where there is a choice
    #[arg(long, value_name = "NAME")]
    prefer: Option<Name>,
}

impl RequestArgs {
    /// The account that the request is about.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The request, as the named principal.
    ///
    /// # Errors
    /// When nobody was named.
    pub fn request(&self, opened: &Opened, key: Option<IdempotencyKey>) -> Result<Run, CliError> {
        Ok(Run {
            principal: opened.asker()?,
            account: self.account.clone(),
            transition: self.transition.clone(),
            inputs: unique(&self.input)?,
            acknowledged: self.ack.iter().cloned().collect(),
            prefer: self.prefer.clone(),
            context: opened.context.clone(),
            key,
        })
    }
}

/// Pairs by name; a name that is given twice is a mistake, not a choice.
///
/// # Errors
/// When a name is given twice.
pub fn unique<T: Ord + Clone + Display>(pairs: &[(T, T)]) -> Result<BTreeMap<T, T>, CliError> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if map.insert(name.clone(), value.clone()).is_some() {
            return Err(CliError::usage(format!("`{name}` is given twice")));
        }
    }
    Ok(map)
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let session = &opened.session;
    let request = args.request.request(&opened, args.key.clone())?;
    if args.dry_run {
        let viewer = Some(&request.principal);
        return why::explain(app, session, &request, viewer).map(|_| Exit::Done);
    }
    let about = decide::about(session, &request.transition, Some(&request.principal));
    let answer = session.engine.run(&request)?;
    session.send(&mut app.ui)?;
    let (opened, answer) = decide::converse(app, opened, answer)?;
    let plan = why::plan(app, &opened.session, &request, &answer)?;
    decide::tell_with(app, &opened.session, &answer, about, plan)
}
