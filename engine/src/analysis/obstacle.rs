//! Why a transition cannot fire in a product state.

use std::fmt;

use super::fire::{available, may_ask};
use super::model::Rule;
use super::product::Product;
use super::space::Packed;
use super::view::View;
use crate::expr::Truth;
use crate::lifecycle::model::{Transition, Trigger};
use crate::name::{Name, TransitionName};

/// The first thing that keeps a transition from firing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// No product state that can be reached is one that it leaves from.
    NeverThere {
        /// The states that it leaves from.
        from: Vec<Name>,
    },
    /// None of those who are known may ask for it.
    NobodyMayAsk,
    /// A condition does not hold.
    Guard {
        /// Which, from 0.
        index: usize,
    },
    /// A step of verification cannot be proved in any of its ways.
    NoProof {
        /// Which, from 0.
        step: usize,
    },
}

impl Product<'_> {
    /// What keeps a transition from firing wherever the account is where it leaves from: each obstacle
    /// once, that of the nearest state first. Nothing, where it fires somewhere or is triggered.
    pub fn obstacles(&self, name: &TransitionName) -> Vec<Obstacle> {
        let rules = self.model().rules();
        let Some(rule) = rules.iter().find(|rule| rule.transition.name == *name) else {
            return Vec::new();
        };
        let places = self.places(rule);
        if places.is_empty() {
            let from = rule.transition.from.clone();
            return vec![Obstacle::NeverThere { from }];
        }
        // What a freeze refuses is refused for another reason than the transition's own.
        let thawed: Vec<Packed> = places
            .iter()
            .copied()
            .filter(|it| !self.freezes(rule, *it))
            .collect();
        let places = if thawed.is_empty() { places } else { thawed };
        let mut found = Vec::new();
        for state in places {
            match self.obstacle(rule, state) {
                Some(obstacle) if found.contains(&obstacle) => {}
                Some(obstacle) => found.push(obstacle),
                None => return Vec::new(),
            }
        }
        found
    }

    /// Whether a state freezes the account for a transition.
    fn freezes(&self, rule: &Rule<'_>, state: Packed) -> bool {
        let mut guards = rule
            .transition
            .guards
            .iter()
            .filter(|guard| guard.is_freeze);
        guards.any(|guard| self.truth(&guard.condition, state) == Truth::False)
    }

    /// The first thing that keeps a transition from firing in a state that it leaves from.
    fn obstacle(&self, rule: &Rule<'_>, state: Packed) -> Option<Obstacle> {
        let (model, transition) = (self.model(), rule.transition);
        let is_requested = matches!(transition.trigger, Trigger::Request { .. });
        let askers = may_ask(model, rule, state);
        if is_requested && askers.is_empty() {
            return Some(Obstacle::NobodyMayAsk);
        }
        let view = match is_requested {
            true => View::of_request(model, state, transition),
            false => View::of_nobody(model, state),
        };
        let fails = |condition| view.truth(condition) == Truth::False;
        let mut guards = transition.guards.iter();
        if let Some(index) = guards.position(|guard| fails(&guard.condition)) {
            return Some(Obstacle::Guard { index });
        }
        let is_shut =
            |name: &Name| available(model, &view, transition, name, &askers) == Truth::False;
        let mut steps = transition.verify.iter();
        let step = steps.position(|step| step.any.iter().all(is_shut))?;
        Some(Obstacle::NoProof { step })
    }
}

impl Obstacle {
    /// The obstacle of a transition in words.
    pub fn describe<'o>(&'o self, transition: &'o Transition) -> impl fmt::Display + 'o {
        Described(self, transition)
    }
}

struct Described<'o>(&'o Obstacle, &'o Transition);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(obstacle, transition) = self;
        match obstacle {
            Obstacle::NeverThere { from } => {
                let from: Vec<String> = from.iter().map(|state| format!("`{state}`")).collect();
                write!(f, "it never is in {}", from.join(" or "))
            }
            Obstacle::NobodyMayAsk => write!(f, "nobody who is known may ask for it"),
            Obstacle::Guard { index } => match transition.guards.get(*index) {
                Some(guard) => match &guard.because {
                    Some(because) => write!(f, "{because}"),
                    None => write!(f, "`{}` does not hold", guard.condition.text()),
                },
                None => write!(f, "a condition does not hold"),
            },
            Obstacle::NoProof { step } => {
                let ways = transition
                    .verify
                    .get(*step)
                    .map_or(&[][..], |step| &step.any);
                let ways: Vec<String> = ways.iter().map(|way| format!("`{way}`")).collect();
                write!(f, "{} cannot be used", ways.join(" or "))
            }
        }
    }
}
