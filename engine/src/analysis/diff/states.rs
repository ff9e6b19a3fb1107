//! Workflows and their states.

use super::Weight;
use super::codes;
use super::pair::{Pair, both, change, listed, wider_is_weaker};
use crate::lifecycle::model::{Begin, State, Workflow};
use crate::name::Name;

pub(super) fn compare(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.workflows, &new.lifecycle.workflows) {
        match (one, other) {
            (Some(one), Some(other)) => workflow(pair, name, one, other),
            (Some(one), None) => {
                let message = "the workflow is gone, and every transition of it";
                let places = (Some(one.span), None);
                let weight = Weight::MayWeaken;
                pair.note(change(codes::STATE, name.as_str(), weight, message, places));
            }
            (None, Some(other)) => {
                let message = format!("the workflow is new; accounts are in `{}`", other.initial);
                let places = (None, Some(other.span));
                let weight = Weight::Neutral;
                pair.note(change(codes::STATE, name.as_str(), weight, message, places));
            }
            (None, None) => {}
        }
    }
    beginnings(pair);
}

fn workflow(pair: &mut Pair<'_>, name: &Name, old: &Workflow, new: &Workflow) {
    let places = (Some(old.span), Some(new.span));
    if old.initial != new.initial {
        let message = format!(
            "new accounts begin in `{}`, no longer in `{}`",
            new.initial, old.initial
        );
        let weight = match is_privileged(new, &new.initial) && !is_privileged(old, &old.initial) {
            true => Weight::Weakening,
            false => Weight::MayWeaken,
        };
        pair.note(change(codes::STATE, name.as_str(), weight, message, places));
    }
    for (state, one, other) in both(&old.states, &new.states) {
        let subject = format!("{name}.{state}");
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        let noted = match (one, other) {
            (Some(_), None) => gone(pair, name, state),
            (None, Some(_)) => (Weight::Neutral, "the state is new".to_owned()),
            (Some(one), Some(other)) => match marks(one, other) {
                Some(found) => found,
                None => continue,
            },
            (None, None) => continue,
        };
        let (weight, message) = noted;
        pair.note(change(codes::STATE, subject, weight, message, places));
    }
}

/// Where accounts come in that have lived elsewhere.
fn beginnings(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.begins, &new.lifecycle.begins) {
        let states = |begin: Option<&Begin>| -> Vec<String> {
            let all = begin.into_iter().flat_map(|begin| &begin.states);
            all.flat_map(|(workflow, states)| {
                states
                    .iter()
                    .map(move |state| format!("{workflow}.{state}"))
            })
            .collect()
        };
        let (before, after) = (states(one), states(other));
        let weight = match wider_is_weaker(&before, &after) {
            Weight::Weakening => Weight::MayWeaken,
            weight => weight,
        };
        if weight != Weight::Neutral {
            let places = (one.map(|it| it.span), other.map(|it| it.span));
            let message = format!(
                "comes in {}, not {}",
                or_nowhere(&after),
                or_nowhere(&before)
            );
            let subject = format!("beginning {name}");
            pair.note(change(codes::STATE, subject, weight, message, places));
        }
    }
}

fn or_nowhere(states: &[String]) -> String {
    match states {
        [] => "nowhere".to_owned(),
        states => format!("as {}", listed(states)),
    }
}

fn is_privileged(workflow: &Workflow, state: &Name) -> bool {
    let state = workflow.states.get(state);
    state.is_some_and(|state| state.privileged)
}

/// Where accounts go whose state is gone; nothing moves them where the new definition does not say.
fn gone(pair: &Pair<'_>, workflow: &Name, state: &Name) -> (Weight, String) {
    let new = &pair.new.lifecycle;
    let from_here = |from: &str| from == &*pair.old.lifecycle.edition;
    let migration = new.migration.as_ref();
    let migration = migration.filter(|migration| from_here(&migration.from));
    let target = migration.map(|migration| migration.target(workflow, state));
    match target.filter(|target| *target != state) {
        Some(target) => (
            Weight::Neutral,
            format!("the state is gone; accounts go to `{target}`"),
        ),
        None => (
            Weight::MayWeaken,
            "the state is gone, and nothing says where its accounts go".to_owned(),
        ),
    }
}

fn marks(old: &State, new: &State) -> Option<(Weight, String)> {
    let found = match (old.privileged, new.privileged) {
        (true, false) => (Weight::Weakening, "being in it is no longer a privilege"),
        (false, true) => (Weight::Strengthening, "being in it is now a privilege"),
        _ => match (old.is_final, new.is_final) {
            (true, false) => (Weight::MayWeaken, "it is no longer final"),
            (false, true) => (Weight::Strengthening, "it is now final"),
            _ => return None,
        },
    };
    Some((found.0, found.1.to_owned()))
}
