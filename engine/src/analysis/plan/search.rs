//! The cheapest way from where an account is to a goal.
//!
//! Dijkstra's algorithm over (product state, who acted last): handing over to somebody else costs,
//! so that who acted last belongs to where one is. Costs are compared part by part.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::analysis::{AskerId, Certainty, Firing, Model, Packed, Product};
use crate::expr::Truth;
use crate::lifecycle::model::Method;
use crate::name::Name;

/// What a plan costs; of two plans that with the smaller first part is the cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cost {
    /// Steps that leave the account in a privileged state.
    pub privileged: u32,
    /// Times that somebody else has to go on.
    pub hand_offs: u32,
    /// Codes that have to be confirmed.
    pub codes: u32,
    /// Steps.
    pub steps: u32,
}

impl Cost {
    fn and(self, more: Self) -> Self {
        Self {
            privileged: self.privileged.saturating_add(more.privileged),
            hand_offs: self.hand_offs.saturating_add(more.hand_offs),
            codes: self.codes.saturating_add(more.codes),
            steps: self.steps.saturating_add(more.steps),
        }
    }
}

/// What a search may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rests {
    /// What is certain, if requesters bring what conditions ask for.
    OnFacts,
    /// Also what is not known.
    OnHopes,
}

/// A step that was chosen: the edge, and who asks for it.
pub(super) type Chosen = (EdgeIndex, Option<AskerId>);

/// A product state, and who acted last.
type Place = (NodeIndex, Option<AskerId>);

/// The least cost of each place that was found, and the step that leads there from where.
type Best = HashMap<Place, (Cost, Option<(Place, Chosen)>)>;

/// The cheapest way from a node to one that is `wanted`.
pub(super) fn cheapest(
    product: &Product<'_>,
    start: NodeIndex,
    wanted: &dyn Fn(Packed) -> bool,
    rests: Rests,
) -> Option<(Cost, Vec<Chosen>)> {
    let begin: Place = (start, None);
    let mut best = Best::new();
    best.insert(begin, (Cost::default(), None));
    // Equal costs are taken in the order in which they were found, so that the answer is always the
    // same.
    let mut found = 0_u64;
    let mut open = BinaryHeap::from([Reverse((Cost::default(), found, begin))]);
    while let Some(Reverse((cost, _, place))) = open.pop() {
        if best.get(&place).is_some_and(|(known, _)| *known < cost) {
            continue;
        }
        if wanted(product.state(place.0)) {
            return Some((cost, back(&best, place)));
        }
        let mut edges: Vec<_> = product.graph().edges(place.0).collect();
        edges.reverse();
        for edge in edges {
            let Some(firing) = product.firing(*edge.weight()) else {
                continue;
            };
            let after = product.state(edge.target());
            for asker in askers(firing, rests) {
                let more = cost.and(step(product.model(), firing, after, place.1, asker));
                let next: Place = (edge.target(), asker.or(place.1));
                if best.get(&next).is_none_or(|(known, _)| more < *known) {
                    best.insert(next, (more, Some((place, (edge.id(), asker)))));
                    found += 1;
                    open.push(Reverse((more, found, next)));
                }
            }
        }
    }
    None
}

fn back(best: &Best, mut place: Place) -> Vec<Chosen> {
    let mut steps = Vec::new();
    while let Some((_, Some((before, chosen)))) = best.get(&place) {
        steps.push(*chosen);
        place = *before;
    }
    steps.reverse();
    steps
}

/// Who may make a firing, under what a search may rest on; one nobody, where its time comes by itself.
fn askers(firing: &Firing, rests: Rests) -> Vec<Option<AskerId>> {
    let is_open = firing.certainty() == Certainty::Open;
    if rests == Rests::OnFacts && is_open {
        return Vec::new();
    }
    if firing.askers.is_empty() {
        return vec![None];
    }
    let may = |(_, may): &&(AskerId, Truth)| rests == Rests::OnHopes || *may == Truth::True;
    firing
        .askers
        .iter()
        .filter(may)
        .map(|(id, _)| Some(*id))
        .collect()
}

fn step(
    model: &Model<'_>,
    firing: &Firing,
    after: Packed,
    last: Option<AskerId>,
    asker: Option<AskerId>,
) -> Cost {
    let mut cost = Cost {
        privileged: u32::from(model.is_privileged(after)),
        hand_offs: u32::from(last.is_some() && asker.is_some() && last != asker),
        codes: 0,
        steps: 1,
    };
    for ways in &firing.proofs {
        match way(model, ways).map(|name| method(model, name)) {
            Some(Some(Method::Code { .. } | Method::Totp { .. })) => cost.codes += 1,
            Some(Some(Method::Approval { .. })) => cost.hand_offs += 1,
            _ => {}
        }
    }
    cost
}

/// The way of proving a step that a plan uses: the first that is surely available, else the first.
pub(super) fn way<'f>(model: &Model<'_>, ways: &'f [(Name, Truth)]) -> Option<&'f Name> {
    let price = |name: &Name| match method(model, name) {
        Some(Method::Acknowledge { .. }) => 0,
        Some(Method::Code { .. } | Method::Totp { .. }) => 1,
        _ => 2,
    };
    let order = |(name, usable): &&(Name, Truth)| (*usable != Truth::True, price(name));
    ways.iter().min_by_key(order).map(|(name, _)| name)
}

pub(super) fn method<'m>(model: &'m Model<'_>, verification: &Name) -> Option<&'m Method> {
    let declared = model.bundle().lifecycle.verifications.get(verification)?;
    Some(&declared.method)
}
