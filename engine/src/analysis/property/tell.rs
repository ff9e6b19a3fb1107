//! What became of properties, in words: a finding for each that does not hold, with the way on which
//! it breaks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::codes;
use super::leads_to::guard;
use super::stated::{Claim, Property};
use super::verdict::{Checked, Counterexample, Verdict, Wrong};
use crate::analysis::{AskerId, Firing, Held, Of, Open, Packed, Product, Step, Variable};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Truth;
use crate::lifecycle::model::{Transition, Trigger};
use crate::name::Name;

impl Checked<'_, '_> {
    /// What was found; nothing, where the property holds.
    pub fn finding(&self) -> Option<Diagnostic> {
        let property = self.property;
        let at = property.claim_span;
        let name = &property.name;
        let (code, says, way) = match &self.verdict {
            Verdict::Holds(_) => return None,
            Verdict::Fails(way) => (codes::BROKEN, "this does not hold", Some(way)),
            Verdict::MayFail(way) => (codes::DOUBTFUL, "this may not hold", Some(way)),
            Verdict::Idle => (codes::IDLE, "this is about nothing that ever happens", None),
            Verdict::Undecided(_) => (codes::UNDECIDED, "this is not decided", None),
        };
        let mut finding = Diagnostic::error(code, at, format!("{says}: {name}"));
        match (&self.verdict, way, &self.product) {
            (Verdict::Idle, ..) => {
                finding.severity = Severity::Warning;
                finding = finding.label(idle(&property.claim));
            }
            (Verdict::Undecided(why), ..) => finding = finding.label(why.clone()),
            (_, Some(way), Some(product)) => {
                finding = finding.label(way.wrong(property));
                let lifecycle = &product.model().bundle().lifecycle;
                if let Some(last) = way.last(product) {
                    finding = finding.also(last.span, last_step(property, last));
                }
                finding = finding.help(way.told(product, &property.reads(lifecycle)));
            }
            _ => {}
        }
        if let Some(because) = &property.because {
            finding = finding.help(format!("it is to hold because {because}"));
        }
        Some(finding)
    }
}

/// What is missing for a property to be about something.
fn idle(claim: &Claim) -> &'static str {
    match claim {
        Claim::LeadsTo(_) => "no account ever comes to where `from` holds",
        _ => "no step is ever such a one",
    }
}

/// What is to be seen of a way's last step where it is declared.
fn last_step(property: &Property, last: &Transition) -> String {
    match (&property.claim, &last.trigger) {
        (Claim::Only { .. }, Trigger::Request { caller, .. }) => match caller {
            Some(caller) => format!("the last step, which admits `{caller}`"),
            None => "the last step, which admits whomever policies allow".to_owned(),
        },
        _ => "the last step".to_owned(),
    }
}

impl Counterexample {
    /// What is made in the last step.
    fn last<'b>(&self, product: &Product<'b>) -> Option<&'b Transition> {
        let firing = product.firing(self.path.steps.last()?.firing)?;
        let declared = &product.model().bundle().lifecycle.transitions;
        declared.get(&firing.transition).map(AsRef::as_ref)
    }

    /// What is wrong at the end, in words.
    fn wrong(&self, property: &Property) -> String {
        let when = match self.path.steps.len() {
            0 => "from the start",
            _ => "after the last step",
        };
        let truth = match &property.claim {
            Claim::Never(_) => "true",
            _ => "false",
        };
        match &self.wrong {
            Wrong::State => format!("{truth} {when}"),
            Wrong::StatePerhaps => format!("perhaps {truth} {when}"),
            Wrong::Step if matches!(property.claim, Claim::Only { .. }) => {
                "the last step is open to others".to_owned()
            }
            Wrong::Step => "the last step is such a one".to_owned(),
            Wrong::Unproved(names) => {
                let place = match &property.claim {
                    Claim::Requires { in_order: true, .. } => " in this place",
                    _ => "",
                };
                format!(
                    "the last step does not always demand {}{place}",
                    any_of(names)
                )
            }
            Wrong::Stuck => format!("there is no way on {when}"),
            Wrong::StuckPerhaps => {
                format!("whether there is a way on {when} depends on what is not known")
            }
        }
    }

    /// The way, step by step. `reads` are the attributes that the property is about.
    pub(super) fn told(&self, product: &Product<'_>, reads: &BTreeSet<Name>) -> String {
        let begins = begins(product, self.path.start, reads);
        if self.path.steps.is_empty() {
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
        let mut before = self.path.start;
        let last = self.path.steps.len();
        for (number, step) in (1..).zip(&self.path.steps) {
            let by = self.by.filter(|_| number == last);
            let Some(firing) = product.firing(step.firing) else {
                continue;
            };
            let _ = write!(told, "\n{number}. {}", made(product, firing, by));
            for open in &firing.open {
                let provided = provided(product, firing, open);
                let _ = write!(told, "\n   {} {provided}", provision(open));
            }
            let after = changed(product, before, *step);
            if !after.is_empty() {
                let _ = write!(told, "\n   then {after}");
            }
            before = step.to;
        }
        told
    }
}

/// Who makes which transition, and what is proved for it.
fn made(product: &Product<'_>, firing: &Firing, by: Option<AskerId>) -> String {
    let asker = by.or_else(|| likeliest(&firing.askers).copied());
    let asker = asker.and_then(|asker| product.model().asker(asker));
    let who = asker.map_or_else(|| "time".to_owned(), |asker| asker.who.to_string());
    let mut made = format!("{who}: {}", firing.transition);
    let proofs: Vec<&str> = firing
        .proofs
        .iter()
        .filter_map(|step| likeliest(step))
        .map(Name::as_str)
        .collect();
    if !proofs.is_empty() {
        let _ = write!(made, ", proving {}", proofs.join(" and "));
    }
    made
}

/// The first that is certain, or else the first.
fn likeliest<T>(of: &[(T, Truth)]) -> Option<&T> {
    let certain = of.iter().find(|(_, truth)| *truth == Truth::True);
    certain.or_else(|| of.first()).map(|(it, _)| it)
}

/// Requesters see to it that what they bring fits; of the rest nobody knows.
fn provision(open: &Open) -> &'static str {
    match open {
        Open::Guard { supplied: true, .. } => "so that",
        _ => "provided that",
    }
}

/// Something that must hold for a firing.
fn provided(product: &Product<'_>, firing: &Firing, open: &Open) -> String {
    match open {
        Open::Guard {
            transition, index, ..
        } => match guard(product, transition, *index) {
            Some(guard) => format!("`{}`", guard.text()),
            None => format!("the conditions of {transition} hold"),
        },
        Open::NotTriggered { transition } => format!("{transition} is not triggered"),
        Open::Cooldown { transition } => format!("the wait before {transition} is over"),
        Open::Proof { step } => {
            let names = firing.proofs.get(*step).into_iter().flatten();
            let names: Vec<Name> = names.map(|(name, _)| name.clone()).collect();
            format!("{} can be proved", any_of(&names))
        }
        Open::Asker => "policies and callers let somebody".to_owned(),
    }
}

/// Where an account begins, as far as new ones begin elsewhere or the property is about it.
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

fn any_of(names: &[Name]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}
