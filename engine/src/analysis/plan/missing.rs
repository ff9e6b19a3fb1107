//! What is missing where no way leads to a goal.

use super::Goal;
use crate::analysis::{Obstacle, Packed, Product};
use crate::expr::{Expression, Truth};
use crate::name::{Name, TransitionName};

/// Why no way leads to a goal.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    /// The parts of the goal that never hold. Where there are none, each holds at some time, but
    /// never all at once.
    pub parts: Vec<Lacking>,
}

/// A part of a goal that never holds.
#[derive(Debug, Clone)]
pub struct Lacking {
    /// The part, as it is written.
    pub part: String,
    /// The transitions that could bring it about and never fire, with what keeps them from it.
    pub transitions: Vec<(TransitionName, Vec<Obstacle>)>,
}

pub(super) fn missing(product: &Product<'_>, goal: &Goal) -> Missing {
    let may_hold = |part: &&Expression| {
        let mut states = product.nodes().map(|node| product.state(node));
        states.any(|state: Packed| product.truth(part, state) != Truth::False)
    };
    let never = goal.parts().iter().filter(|part| !may_hold(part));
    Missing {
        parts: never.map(|part| lacking(product, part)).collect(),
    }
}

fn lacking(product: &Product<'_>, part: &Expression) -> Lacking {
    let lifecycle = &product.model().bundle().lifecycle;
    let read = |path: &str| {
        let slot = lifecycle.vocabulary.slot(path);
        slot.is_some_and(|slot| part.reads().contains(&slot))
    };
    let is_named = |state: &Name| part.text().contains(&format!("\"{state}\""));
    let changes = |name: &&TransitionName| {
        lifecycle.transitions.get(*name).is_some_and(|transition| {
            let leads = read(&format!("state.{}", name.workflow)) && is_named(&transition.to);
            leads
                || transition
                    .set
                    .keys()
                    .any(|set| read(&format!("account.{set}")))
        })
    };
    let names = lifecycle.transitions.keys().filter(changes);
    let transitions = names.map(|name| (name.clone(), product.obstacles(name)));
    let transitions = transitions.filter(|(_, obstacles)| !obstacles.is_empty());
    Lacking {
        part: part.text().trim().to_owned(),
        transitions: transitions.collect(),
    }
}
