//! `stateward plan [ACCOUNT] --goal EXPR`: the cheapest lawful way to a goal.

use std::collections::BTreeMap;
use std::path::PathBuf;

use stateward::account::{Account, Answer, Outcome};
use stateward::analysis::plan::{Goal, Planned, plan, unfold};
use stateward::analysis::{Limits, Profile};
use stateward::bundle::Bundle;
use stateward::engine::session_facts;
use stateward::lifecycle::model::Transition;
use stateward::name::{AccountId, Name};
use stateward::value::Value;
use stateward::workbench::sketch::Sketch;

use super::account::read;
use super::policy::question::suppose;
use crate::app::{App, pair};
use crate::error::{CliError, Findings};
use crate::exit::Exit;
use crate::output::plan::{PlanBody, PlanDocument};
use crate::output::veil::Veil;
use crate::project::{Project, atomic};

/// Find the cheapest lawful way to a goal, or what is missing for one
///
/// A goal is a condition over `state.*` and `account.*`, such as `state.member_type == "cloud"`. Of
/// several ways the one is taken that leaves the account in privileged states for the fewest steps,
/// then with the fewest hand-overs between principals, codes and steps. Nothing is changed or sent.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account; without one, an account that `--state` and `--attr` describe
    account: Option<AccountId>,
    /// What is to hold in the end
    #[arg(short, long, value_name = "CONDITION")]
    goal: String,
    /// A state of an account that is described, as `workflow=state`; initial ones otherwise
    #[arg(long, value_name = "WORKFLOW=STATE", value_parser = pair, conflicts_with = "account")]
    state: Vec<(String, String)>,
    /// An attribute of an account that is described
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, conflicts_with = "account")]
    attr: Vec<(String, String)>,
    /// Write the plan to a file, for `stateward apply`
    #[arg(long, value_name = "FILE", requires = "account")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    match &args.account {
        Some(account) => of_account(args, account, app),
        None => of_description(args, app),
    }
}

fn of_account(args: &Args, id: &AccountId, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let Some(account) = read(app, &opened, id)? else {
        return Ok(Exit::Denied);
    };
    let session = &opened.session;
    let bundle = session.bundle.as_ref();
    let goal = goal(bundle, &args.goal)?;
    let mut profile = Profile::of(&account, &bundle.lifecycle);
    profile.context = session_facts(bundle, &opened.context)?;
    let planned = planned(bundle, profile, &goal)?;
    let document = |veil| PlanDocument {
        account: Some(account.id.to_string()),
        revision: Some(account.revision.0),
        bundle: bundle.fingerprint.to_string(),
        next: 1,
        plan: PlanBody::new(bundle, &goal, &planned, veil),
    };
    let shown = document(session.veil(app.globals.reveal));
    let is_way = shown.plan.is_way();
    let out = args.out.as_ref().filter(|_| is_way);
    if let Some(path) = out {
        // Whoever applies it needs the values.
        document(session.veil(true)).write(path)?;
    }
    app.ui.emit(&shown)?;
    if let Some(path) = out {
        let takes = format!("`stateward apply {}` takes the first step", path.display());
        app.ui.hint(&takes);
    }
    Ok(if is_way { Exit::Done } else { Exit::State })
}

fn of_description(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let bundle = project.bundle()?;
    let goal = goal(&bundle, &args.goal)?;
    let profile = described(&bundle, args)?;
    let planned = planned(&bundle, profile, &goal)?;
    let veil = Veil::new(&bundle.lifecycle, app.globals.reveal);
    let document = PlanDocument {
        account: None,
        revision: None,
        bundle: bundle.fingerprint.to_string(),
        next: 1,
        plan: PlanBody::new(&bundle, &goal, &planned, veil),
    };
    let is_way = document.plan.is_way();
    app.ui.emit(&document)?;
    Ok(if is_way { Exit::Done } else { Exit::State })
}

/// What would lead to what a refused request asked for: where the account is not where the transition
/// leaves from, a condition does not hold, or no proof is available.
pub fn after_denial(
    bundle: &Bundle,
    transition: &Transition,
    account: &Account,
    inputs: &BTreeMap<Name, Value>,
    answer: &Answer,
    veil: Veil<'_>,
) -> Option<PlanBody> {
    let Outcome::Denied(denial) = &answer.outcome else {
        return None;
    };
    if !["D0005", "D0007", "V0001"].contains(&denial.code.as_str()) {
        return None;
    }
    let goal = Goal::of_transition(bundle, transition, inputs, account).ok()?;
    let profile = Profile::of(account, &bundle.lifecycle);
    let planned = planned(bundle, profile, &goal).ok()?;
    Some(PlanBody::new(bundle, &goal, &planned, veil))
}

fn goal(bundle: &Bundle, text: &str) -> Result<Goal, CliError> {
    Goal::read(bundle, text).map_err(|error| {
        CliError::Goal(Box::new(Findings {
            sources: error.sources,
            diagnostics: error.diagnostics,
        }))
    })
}

fn planned(bundle: &Bundle, profile: Profile, goal: &Goal) -> Result<Planned, CliError> {
    let product = unfold(bundle, profile, goal, &Limits::default())
        .map_err(|error| CliError::usage(format!("no plan can be made: {error}")))?;
    Ok(plan(&product, goal))
}

/// The account that the options describe. All of its states are known, of its attributes those that
/// are given.
fn described(bundle: &Bundle, args: &Args) -> Result<Profile, CliError> {
    let lifecycle = &bundle.lifecycle;
    let mut sketch = Sketch::default();
    suppose(&mut sketch, lifecycle, &args.attr, &args.state)?;
    let initial = lifecycle.workflows.iter();
    let initial = initial.map(|(name, workflow)| (name.clone(), workflow.initial.clone()));
    let given = sketch.attributes.into_iter();
    Ok(Profile {
        id: sketch.id,
        states: initial.chain(sketch.states).collect(),
        attributes: given.map(|(name, value)| (name, Some(value))).collect(),
        ..Profile::default()
    })
}

impl PlanDocument {
    /// Writes the plan for `stateward apply`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &std::path::Path) -> Result<(), CliError> {
        let text = crate::output::to_json(self, crate::output::Format::Json)
            .map_err(|error| CliError::Bug(error.to_string()))?;
        atomic::write_private(path, &text).map_err(CliError::file("write", path))
    }
}
