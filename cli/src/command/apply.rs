//! `stateward apply PLAN`: takes the next step of a plan, if the account is where the plan left it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use stateward::account::{Answer, Event, Outcome, Revision};
use stateward::engine::Run;
use stateward::name::{AccountId, Name, TransitionName};

use super::confirm::waiting;
use super::decide;
use super::run::unique;
use crate::app::{App, Opened, pair};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::plan::{PlanDocument, StepLine};

/// Take the next step of a plan
///
/// Each step is asked for as the principal that the plan names, passes every gate and waits for its
/// proofs as `stateward run` does. A plan of another definition, or for an account that was moved by
/// others since, is refused: plan again. The file keeps how far it came.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan that `stateward plan --out` wrote
    plan: PathBuf,
    /// What the plan leaves open of the step's inputs
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
    /// A risk that is acknowledged: the name of its verification
    #[arg(long, value_name = "NAME")]
    ack: Vec<Name>,
}

/// The most records of an account that are looked at to see who moved it.
const RECORDS_MAX: usize = 10_000;

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut document = PlanDocument::read(&args.plan)?;
    let opened = app.open()?;
    let account = fits(args, &opened, &document)?;
    if is_done(&opened, &account, &document)? {
        document.advance(revision(&opened, &account)?);
        document.write(&args.plan)?;
    }
    let Some(step) = document.step() else {
        app.ui.note("every step of the plan is done");
        return Ok(Exit::Done);
    };
    let by = step.principal.clone().ok_or_else(|| {
        let waits = format!(
            "step {} is made by time: `stateward tick` makes it once it is due",
            document.next
        );
        refused(args, waits)
    })?;
    let (number, of) = (document.next, document.plan.steps.len());
    app.ui.note(&format!(
        "step {number} of {of}: {} by {by}",
        step.transition
    ));
    // From here on it is the step's principal who asks.
    drop(opened);
    app.globals.principal = Some(by);
    let opened = app.open()?;
    let transition = transition(args, step)?;
    let about = decide::about(&opened.session, &transition, opened.principal.as_ref());
    let answer = take(args, &opened, &account, step)?;
    opened.session.send(&mut app.ui)?;
    let (opened, answer) = decide::converse(app, opened, answer)?;
    if matches!(answer.outcome, Outcome::Applied { .. }) {
        document.advance(answer.revision.0);
        document.write(&args.plan)?;
    }
    let exit = decide::tell(app, &opened.session, &answer, about)?;
    if let (Exit::Done, Some(next)) = (exit, document.step()) {
        let plan = args.plan.display();
        let goes_on = format!("`stateward apply {plan}` goes on with {}", next.transition);
        app.ui.hint(&goes_on);
    }
    Ok(exit)
}

fn refused(args: &Args, problem: String) -> CliError {
    CliError::Plan {
        path: args.plan.clone(),
        problem,
    }
}

fn transition(args: &Args, step: &StepLine) -> Result<TransitionName, CliError> {
    let name = step.transition.parse();
    name.map_err(|_| refused(args, format!("`{}` is no transition", step.transition)))
}

/// The account of a plan that was made for this definition.
fn fits(args: &Args, opened: &Opened, document: &PlanDocument) -> Result<AccountId, CliError> {
    if opened.session.bundle.fingerprint.to_string() != document.bundle {
        return Err(refused(
            args,
            "was made for another definition: plan again".to_owned(),
        ));
    }
    let account = document.account.as_deref().and_then(|id| id.parse().ok());
    account.ok_or_else(|| refused(args, "names no account".to_owned()))
}

/// Whether the next step was made since, by confirming it elsewhere.
///
/// # Errors
/// When anything else was made.
fn is_done(
    opened: &Opened,
    account: &AccountId,
    document: &PlanDocument,
) -> Result<bool, CliError> {
    let since = Revision(document.revision.unwrap_or_default());
    let records = opened.session.engine.history(account, since, RECORDS_MAX)?;
    let made: Vec<String> = records
        .iter()
        .filter_map(|entry| entry.record.as_ref())
        .flat_map(|record| &record.events)
        .filter_map(|event| match event {
            Event::Moved { transition, .. } => Some(transition.to_string()),
            _ => None,
        })
        .collect();
    let step = document.step();
    let is_own = |name: &String| {
        step.is_some_and(|step| step.transition == *name || step.triggered.contains(name))
    };
    match made.iter().find(|name| !is_own(name)) {
        Some(foreign) => Err(CliError::Moved {
            account: account.to_string(),
            by: foreign.clone(),
        }),
        None => Ok(!made.is_empty()),
    }
}

fn revision(opened: &Opened, account: &AccountId) -> Result<u64, CliError> {
    let read = opened.session.engine.read(account, None, &opened.context)?;
    Ok(read.map_or(0, |account| account.revision.0))
}

/// Asks for the step, or goes on with the attempt at it that is open.
fn take(
    args: &Args,
    opened: &Opened,
    account: &AccountId,
    step: &StepLine,
) -> Result<Answer, CliError> {
    let engine = &opened.session.engine;
    let name = transition(args, step)?;
    let mut attempts = engine.attempts(account)?.into_iter();
    if let Some(open) = attempts.find(|attempt| attempt.transition == name) {
        return waiting(opened, &open.id);
    }
    let planned = step.inputs.iter();
    let mut inputs: BTreeMap<String, String> = planned
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
        .collect();
    inputs.extend(unique(&args.input)?);
    Ok(engine.run(&Run {
        principal: opened.asker()?,
        account: account.clone(),
        transition: name,
        inputs,
        acknowledged: args.ack.iter().cloned().collect::<BTreeSet<Name>>(),
        prefer: None,
        context: opened.context.clone(),
        key: None,
    })?)
}
