//! A way through a product, told step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::asker::{AskerId, Who};
use super::firing::{Certainty, Firing, Open};
use super::path::{Path, Step};
use super::product::Product;
use super::space::{Held, Of, Packed, Variable};
use crate::expr::Truth;
use crate::name::{Name, TransitionName};
use crate::value::Value;

/// What somebody would have to do, one step after the other, to show a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What the account has at the start, as far as it matters; `None` for what it lacks.
    pub attributes: BTreeMap<Name, Option<Value>>,
    /// The states that it begins in and new accounts do not, by workflow.
    pub states: BTreeMap<Name, Name>,
    /// Where it begins, in words, as far as that is worth telling.
    pub begins: String,
    /// The steps, in order.
    pub steps: Vec<WayStep>,
    /// How certain it is that it can be gone.
    pub certainty: Certainty,
}

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayStep {
    /// What fires.
    pub transition: TransitionName,
    /// Who asks for it; nobody, where its time has come.
    pub by: Option<Who>,
    /// Everybody who may be let ask, whoever is certain to be first; one, where that matters.
    pub askers: Vec<Who>,
    /// What is proved for it, step by step.
    pub proofs: Vec<Name>,
    /// What must hold besides, and is not known to.
    pub provided: Vec<String>,
    /// What is changed by it.
    pub then: String,
}

impl Way {
    /// A path as a way; `by` makes its last step, where that matters. Of the attributes that the
    /// account has at the start, those in `reads` are worth telling.
    pub(super) fn new(
        product: &Product<'_>,
        path: &Path,
        by: Option<AskerId>,
        reads: &BTreeSet<Name>,
    ) -> Self {
        let last = path.steps.len();
        let mut before = path.start;
        let mut steps = Vec::with_capacity(last);
        for (number, step) in (1..).zip(&path.steps) {
            let by = by.filter(|_| number == last);
            if let Some(firing) = product.firing(step.firing) {
                steps.push(WayStep::new(
                    product,
                    firing,
                    by,
                    changed(product, before, *step),
                ));
            }
            before = step.to;
        }
        Self {
            attributes: attributes(product, path.start),
            states: states(product, path.start),
            begins: begins(product, path.start, reads),
            steps,
            certainty: path.certainty(product),
        }
    }

    /// The steps in words, numbered.
    pub fn told(&self) -> String {
        let begins = &self.begins;
        if self.steps.is_empty() {
            return match begins.is_empty() {
                true => "every new account is so".to_owned(),
                false => format!("an account may begin so: {begins}"),
            };
        }
        let mut told = "this is how it comes about:".to_owned();
        if !begins.is_empty() {
            // Writing to a text does not fail.
            let _ = write!(told, "\n0. an account begins where {begins}");
        }
        for (number, step) in (1..).zip(&self.steps) {
            let _ = write!(told, "\n{number}. {}", step.made());
            for provided in &step.provided {
                let _ = write!(told, "\n   {provided}");
            }
            if !step.then.is_empty() {
                let _ = write!(told, "\n   then {}", step.then);
            }
        }
        told
    }
}

impl WayStep {
    fn new(product: &Product<'_>, firing: &Firing, by: Option<AskerId>, then: String) -> Self {
        let mut askers: Vec<(AskerId, Truth)> = match by {
            Some(by) => vec![(by, Truth::True)],
            None => firing.askers.clone(),
        };
        askers.sort_by_key(|(_, may)| *may != Truth::True);
        let who = |(asker, _)| Some(product.model().asker(asker)?.who.clone());
        let askers: Vec<Who> = askers.into_iter().filter_map(who).collect();
        let proofs = firing.proofs.iter().filter_map(|step| likeliest(step));
        let open = firing.open.iter();
        Self {
            transition: firing.transition.clone(),
            by: askers.first().cloned(),
            askers,
            proofs: proofs.cloned().collect(),
            provided: open.map(|open| provision(product, firing, open)).collect(),
            then,
        }
    }

    /// Who makes which transition, and what is proved for it.
    fn made(&self) -> String {
        let who = self
            .by
            .as_ref()
            .map_or_else(|| "time".to_owned(), Who::to_string);
        let made = format!("{who}: {}", self.transition);
        if self.proofs.is_empty() {
            return made;
        }
        let proofs: Vec<&str> = self.proofs.iter().map(Name::as_str).collect();
        format!("{made}, proving {}", proofs.join(" and "))
    }
}

/// The first that is certain, or else the first.
fn likeliest<T>(of: &[(T, Truth)]) -> Option<&T> {
    let certain = of.iter().find(|(_, truth)| *truth == Truth::True);
    certain.or_else(|| of.first()).map(|(it, _)| it)
}

/// Something that must hold for a firing. Requesters see to it that what they bring fits; of the rest
/// nobody knows.
fn provision(product: &Product<'_>, firing: &Firing, open: &Open) -> String {
    let provided = provided(product, firing, open);
    match open {
        Open::Guard { supplied: true, .. } => format!("so that {provided}"),
        _ => format!("provided that {provided}"),
    }
}

fn provided(product: &Product<'_>, firing: &Firing, open: &Open) -> String {
    match open {
        Open::Guard {
            transition, index, ..
        } => {
            let transitions = &product.model().bundle().lifecycle.transitions;
            let guards = transitions.get(transition).map(|it| &it.guards);
            match guards.and_then(|guards| guards.get(*index)) {
                Some(guard) => format!("`{}`", guard.condition.text()),
                None => format!("the conditions of {transition} hold"),
            }
        }
        Open::NotTriggered { transition } => format!("{transition} is not triggered"),
        Open::Cooldown { transition } => format!("the wait before {transition} is over"),
        Open::Proof { step } => {
            let names = firing.proofs.get(*step).into_iter().flatten();
            let names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
            format!("{} can be proved", names.join(" or "))
        }
        Open::Asker => "policies and callers let somebody".to_owned(),
    }
}

/// Where an account begins, as far as new ones begin elsewhere or an attribute is worth telling.
fn begins(product: &Product<'_>, start: Packed, reads: &BTreeSet<Name>) -> String {
    let lifecycle = &product.model().bundle().lifecycle;
    let is_worth_telling = |variable: &Variable, held: &Held| match (&variable.of, held) {
        (Of::Workflow(name), Held::State(state)) => {
            let workflow = lifecycle.workflows.get(name);
            workflow.is_none_or(|workflow| workflow.initial != *state)
        }
        (Of::Attribute(name), _) => reads.contains(name),
        _ => false,
    };
    let all = product.model().space().unpack(start);
    let told = all.filter(|(variable, held)| is_worth_telling(variable, held));
    let told: Vec<String> = told
        .map(|(variable, held)| is(&variable.of, held))
        .collect();
    told.join(", ")
}

/// What a step changes of the account.
fn changed(product: &Product<'_>, before: Packed, step: Step) -> String {
    let space = product.model().space();
    let all = space.unpack(step.to);
    let told = all.filter(|(variable, held)| space.held(variable, before) != Some(*held));
    let told: Vec<String> = told
        .map(|(variable, held)| is(&variable.of, held))
        .collect();
    told.join(", ")
}

fn is(of: &Of, held: &Held) -> String {
    match (of, held) {
        (Of::Workflow(name), Held::State(state)) => format!("{name} is {state}"),
        (Of::Attribute(name), Held::Unset) => format!("{name} is unset"),
        (Of::Attribute(name), Held::Value(value)) => format!("{name} is {}", value.text()),
        (Of::Workflow(name) | Of::Attribute(name), _) => format!("{name} is set"),
    }
}

/// The attributes that a product state tells the values of.
fn attributes(product: &Product<'_>, state: Packed) -> BTreeMap<Name, Option<Value>> {
    let held = product.model().space().unpack(state);
    let attributes = held.filter_map(|(variable, held)| match (&variable.of, held) {
        (Of::Attribute(name), Held::Unset) => Some((name.clone(), None)),
        (Of::Attribute(name), Held::Value(value)) => Some((name.clone(), Some(value.clone()))),
        _ => None,
    });
    attributes.collect()
}

/// The states of a product state that are not those of new accounts.
fn states(product: &Product<'_>, state: Packed) -> BTreeMap<Name, Name> {
    let workflows = product.model().bundle().lifecycle.workflows.values();
    let here = |name| product.model().space().state(name, state).cloned();
    let states = workflows.filter_map(|workflow| {
        let state = here(&workflow.name).filter(|state| *state != workflow.initial)?;
        Some((workflow.name.clone(), state))
    });
    states.collect()
}
