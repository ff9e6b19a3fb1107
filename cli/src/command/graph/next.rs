//! What somebody could ask of an account next.

use std::collections::{BTreeMap, BTreeSet};

use stateward::account::{Account, Answer, Gate, Outcome};
use stateward::engine::{Run, session_facts};
use stateward::expr::Truth;
use stateward::lifecycle::model::{Transition, Trigger};
use stateward::name::TransitionName;
use stateward::policy::Principal;
use stateward::situation::{Asked, Situation};

use crate::app::Opened;
use crate::error::CliError;

/// The transitions that the gates up to the guard let through. What they take as inputs is not
/// known: those are among them whose conditions hold for some.
pub fn next(
    opened: &Opened,
    account: &Account,
    principal: &Principal,
) -> Result<BTreeSet<TransitionName>, CliError> {
    let mut next = BTreeSet::new();
    let lifecycle = &opened.session.bundle.lifecycle;
    for transition in lifecycle.transitions.values() {
        let workflow = &transition.name.workflow;
        let initial = lifecycle.workflows.get(workflow).map(|it| &it.initial);
        let state = account.state(workflow).or(initial);
        let leaves = state.is_some_and(|state| transition.from.contains(state));
        if !leaves || !matches!(transition.trigger, Trigger::Request { .. }) {
            continue;
        }
        let request = Run {
            context: opened.context.clone(),
            ..Run::new(
                principal.clone(),
                account.id.clone(),
                transition.name.clone(),
            )
        };
        let answer = opened.session.engine.explain(&request)?.answer;
        let passes = match stage(&answer) {
            Stage::Past => true,
            Stage::Inputs => could_hold(opened, account, principal, transition)?,
            Stage::Before => false,
        };
        if passes {
            next.insert(transition.name.clone());
        }
    }
    Ok(next)
}

/// How far a request came that brought no inputs.
enum Stage {
    Before,
    /// As far as its inputs, which are missing.
    Inputs,
    Past,
}

fn stage(answer: &Answer) -> Stage {
    match &answer.outcome {
        Outcome::Denied(denial) if denial.gate > Gate::Guard => Stage::Past,
        Outcome::Denied(denial) if denial.code == "D0006" => Stage::Inputs,
        Outcome::Denied(_) => Stage::Before,
        _ => Stage::Past,
    }
}

/// Whether the conditions of a transition hold for some inputs, and its waits are over.
fn could_hold(
    opened: &Opened,
    account: &Account,
    principal: &Principal,
    transition: &Transition,
) -> Result<bool, CliError> {
    let session = &opened.session;
    let context = session_facts(&session.bundle, &opened.context)?;
    let situation = Situation {
        account: Some(account),
        asked: Asked {
            principal: Some(principal),
            context: &context,
            inputs: &BTreeMap::new(),
        },
        now: session.now(),
    };
    let facts = situation.facts(&session.bundle.lifecycle);
    let is_known = |slot| !transition.inputs.values().any(|input| input.slot == slot);
    let mut guards = transition.guards.iter();
    let mut waits = transition.cooldown.iter();
    Ok(
        guards.all(|guard| guard.condition.truth3(&facts, &is_known) != Truth::False)
            && waits.all(|cooldown| {
                let last = account.applied.get(&cooldown.after);
                last.is_none_or(|at| at.after(cooldown.wait) <= session.now())
            }),
    )
}
