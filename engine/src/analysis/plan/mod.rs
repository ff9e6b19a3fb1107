//! Plans: the cheapest lawful way from where an account is to a goal, or what is missing for one.
//!
//! A plan is a path of the [product](super::Product) of that very account, so every step of it passes
//! the gates. Of several the cheapest by [`Cost`] is taken: the shortest time in privileged states,
//! then the fewest hand-offs between principals, codes and steps. Where only what is not known of the
//! account stands in the way, the plan says what it rests on.

mod assumed;
mod goal;
mod missing;
mod search;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use petgraph::graph::NodeIndex;

pub use self::goal::{Goal, GoalError};
pub use self::missing::{Lacking, Missing};
pub use self::search::Cost;
pub use self::tell::{Granted, Notice, Prove, Step};

use self::search::{Chosen, Rests, cheapest};
use super::{Limits, Model, ModelError, Packed, Product, Profile, Tracking, explore};
use crate::bundle::Bundle;
use crate::expr::Truth;

/// A way to a goal.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The steps, in order; none where the goal is reached already.
    pub steps: Vec<Step>,
    /// What it costs.
    pub cost: Cost,
    /// The steps, from 1, after which the account is in a privileged state: from, and to.
    pub privileged: Option<(usize, usize)>,
}

/// What planning comes to.
#[derive(Debug, Clone)]
pub enum Planned {
    /// This way leads to the goal.
    Way(Plan),
    /// None does.
    None(Missing),
    /// There are more product states than were looked at, and none of those is the goal.
    Inconclusive,
}

/// The product of an account of which something is known, with what a goal tells apart.
///
/// # Errors
/// As [`Model::new`].
pub fn unfold<'b>(
    bundle: &'b Bundle,
    profile: Profile,
    goal: &Goal,
    limits: &Limits,
) -> Result<Product<'b>, ModelError> {
    let lifecycle = &bundle.lifecycle;
    let read = goal
        .parts()
        .iter()
        .flat_map(|part| part.reads().iter().copied());
    let read: Vec<_> = read.collect();
    let is_read = |slot| read.contains(&slot);
    let attributes = lifecycle.attributes.iter();
    let changes = attributes.filter(|(_, attribute)| is_read(attribute.slot));
    let tracking = Tracking {
        changes: changes.map(|(name, _)| name.clone()).collect(),
        wanted: goal.wanted(lifecycle),
    };
    let mut profile = profile;
    for (input, value) in goal.inputs(lifecycle) {
        profile.inputs.entry(input).or_insert(value);
    }
    let model = Model::new(bundle, profile, &tracking)?;
    Ok(explore(model, limits, &mut |_| ControlFlow::Continue(())))
}

/// Plans in the [product](unfold) of an account.
pub fn plan(product: &Product<'_>, goal: &Goal) -> Planned {
    let holds = |state: Packed| {
        let truth = |so_far: Truth, part| so_far.and(product.truth(part, state));
        goal.parts().iter().fold(Truth::True, truth)
    };
    let wanted = |state: Packed| holds(state) == Truth::True;
    for rests in [Rests::OnFacts, Rests::OnHopes] {
        let way = |start: &NodeIndex| (*start, cheapest(product, *start, &wanted, rests));
        let ways: Ways = product.starts().iter().map(way).collect();
        // Where several beginnings are possible, for want of knowledge, all are planned from, and of
        // the first of the dearest plans is told what it assumes.
        let found = ways
            .iter()
            .filter_map(|(start, way)| Some((*start, way.as_ref()?)));
        if let Some((start, (cost, chosen))) = found.rev().max_by_key(|(_, (cost, _))| *cost) {
            let assumed = assumed::assumed(product, start, &ways);
            return Planned::Way(tell::plan(product, start, *cost, chosen, assumed));
        }
    }
    match product.is_complete() {
        true => Planned::None(missing::missing(product, goal)),
        false => Planned::Inconclusive,
    }
}

/// From each beginning the cheapest way, if there is one.
type Ways = BTreeMap<NodeIndex, Option<(Cost, Vec<Chosen>)>>;
