//! A condition as decisions run it: questions about one name each, with three ways on.
//!
//! Which question is next, or what the condition comes to, depends on the answer, and on whether
//! the name has a value at all: `has(x) && x < 50` is one question, whose way without a value is
//! "no". There is no tree to walk, and no value to hand up.
//!
//! The meaning of a condition stays that of `eval`. What no question expresses is left to it, and so
//! is everything that goes wrong: a condition that fails has no answer here, and whoever asked turns
//! to the general form to hear why.

mod write;

use std::sync::Arc;

use super::eval::eval;
use super::node::Node;
use super::operators::equal;
use super::relation::Prepared;
use super::{Facts, Slot, Val};
use crate::words::same;

/// The questions of one condition.
#[derive(Debug)]
pub(super) struct Steps {
    first: Way,
    /// Every way on leads to a step before, so that each walk has an end.
    steps: Box<[Step]>,
}

/// What is next: the step of this number, or an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way(u16);

impl Way {
    /// The condition holds.
    const YES: Self = Self(u16::MAX);
    /// It does not.
    const NO: Self = Self(u16::MAX - 1);
    /// The general form has to say.
    const OPEN: Self = Self(u16::MAX - 2);
}

#[derive(Debug, Clone)]
enum Step {
    Ask(Ask),
    /// What the general form says, of whatever names.
    General {
        node: Box<Node>,
        yes: Way,
        no: Way,
    },
}

/// A question about the value of a name.
#[derive(Debug, Clone)]
struct Ask {
    slot: Slot,
    question: Question,
    yes: Way,
    no: Way,
    unset: Way,
}

/// What is asked about a value.
#[derive(Debug, Clone)]
enum Question {
    /// Nothing more than whether there is one.
    IsSet,
    IsTrue,
    Is(Arc<str>),
    IsAnyOf(Box<[Arc<str>]>),
    /// Whether it is a number from the first to the last.
    IsWithin(i64, i64),
    /// Whether it is several texts, of which one is this.
    Has(Arc<str>),
    /// Whether it is one of the several texts of another name.
    IsAmong(Slot),
    /// Whether it is the value of another name.
    Equals(Slot),
    IsRelated(Box<Prepared>),
}

impl Steps {
    /// Those of an expression that is no condition: there are no answers.
    pub(super) fn none() -> Self {
        Self {
            first: Way::OPEN,
            steps: Box::default(),
        }
    }

    /// Whether the condition holds; `None` where the general form has to say.
    pub(super) fn truth(&self, facts: &Facts<'_>) -> Option<bool> {
        let mut way = self.first;
        while let Some(step) = self.steps.get(usize::from(way.0)) {
            way = step.way(facts);
        }
        match way {
            Way::YES => Some(true),
            Way::NO => Some(false),
            _ => None,
        }
    }
}

impl Step {
    fn way(&self, facts: &Facts<'_>) -> Way {
        let (answer, yes, no) = match self {
            Self::Ask(ask) => match facts.at(ask.slot) {
                Val::Unset => return ask.unset,
                value => (ask.question.answer(value, facts), ask.yes, ask.no),
            },
            Self::General { node, yes, no } => (general(node, facts), *yes, *no),
        };
        match answer {
            Some(true) => yes,
            Some(false) => no,
            None => Way::OPEN,
        }
    }
}

fn general(node: &Node, facts: &Facts<'_>) -> Option<bool> {
    match eval(node, facts).ok()??.val() {
        Val::Bool(truth) => Some(truth),
        _ => None,
    }
}

impl Question {
    /// Whether it is about two names.
    fn is_about_two(&self) -> bool {
        matches!(self, Self::IsAmong(_) | Self::Equals(_))
    }

    /// The answer, where values of this kind can be asked.
    fn answer(&self, value: &Val<'_>, facts: &Facts<'_>) -> Option<bool> {
        match (self, value) {
            (Self::IsSet, _) => Some(true),
            (Self::IsTrue, Val::Bool(truth)) => Some(*truth),
            (Self::Is(wanted), Val::Text(text)) => Some(same(wanted, text)),
            (Self::IsAnyOf(wanted), Val::Text(text)) => Some(is_among(text, wanted)),
            (Self::IsWithin(first, last), Val::Int(number)) => {
                Some(first <= number && number <= last)
            }
            (Self::Has(wanted), Val::Texts(texts)) => Some(is_among(wanted, texts)),
            (Self::IsAmong(other), Val::Text(text)) => match facts.at(*other) {
                Val::Texts(texts) => Some(is_among(text, texts)),
                _ => None,
            },
            (Self::Equals(other), value) => match (value, facts.at(*other)) {
                (Val::Text(text), Val::Text(other)) => Some(same(text, other)),
                (value, other) => equal(*value, *other).ok(),
            },
            (Self::IsRelated(prepared), value) => prepared.any(*value).ok(),
            _ => None,
        }
    }
}

fn is_among(text: &str, texts: &[Arc<str>]) -> bool {
    texts.iter().any(|one| same(one, text))
}

/// What tests ask of the form.
#[cfg(test)]
impl Steps {
    /// The number of questions on the longest walk.
    fn longest(&self) -> usize {
        let mut longest: Vec<usize> = Vec::new();
        for step in &self.steps {
            let ways = match step {
                Step::Ask(ask) => [ask.yes, ask.no, ask.unset],
                Step::General { yes, no, .. } => [*yes, *no, Way::OPEN],
            };
            let after = ways.map(|way| longest.get(usize::from(way.0)).copied().unwrap_or(0));
            longest.push(1 + after.into_iter().max().unwrap_or(0));
        }
        longest.get(usize::from(self.first.0)).copied().unwrap_or(0)
    }

    fn is_partly_general(&self) -> bool {
        let is_general = |step: &Step| matches!(step, Step::General { .. });
        self.steps.iter().any(is_general)
    }
}

#[cfg(test)]
mod tests;
