//! `leads_to`: from wherever one thing holds, there is a lawful way to where another does.
//!
//! This is `AG (from -> EF to)`. That a way exists is claimed, so the product, which may hold ways that
//! nobody can go, must not be trusted with it: a step counts only if it leaves nothing open but what
//! requesters can bring. One exception makes properties of accounts sayable: where `from` itself
//! demands a condition on attributes, and no step of the way changes these, a guard that demands the
//! same holds along the way.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;

use super::check::{At, Case, TOO_MANY, Worst};
use super::stated::LeadsTo;
use super::truths::{Truths, conjuncts};
use super::verdict::{Verdict, Wrong};
use super::ways::Onward;
use crate::analysis::{Certainty, Firing, Open, Product};
use crate::expr::{Expression, Truth};
use crate::name::{Name, TransitionName};

impl Case<'_> {
    pub(super) fn leads_to(&self, claim: &LeadsTo) -> Verdict {
        let product = &*self.product;
        // The way on from a state may be among what was not explored.
        if !product.is_complete() {
            return Verdict::Undecided(TOO_MANY.to_owned());
        }
        let from = Truths::of(product, &claim.from);
        let to = Truths::of(product, &claim.to);
        let is_there = |node| to.at_node(node) == Truth::True;
        let taken = Taken::of(product, &claim.from);
        let lawful = |firing: &Firing| claim.may_use(product, firing) == Truth::True;
        let onward = |may: &dyn Fn(&Firing) -> bool| {
            Onward::new(product, &is_there, &|firing| lawful(firing) && may(firing))
        };
        let sure = onward(&|firing| firing.certainty() == Certainty::Sure);
        let supplied = onward(&|firing| firing.certainty() != Certainty::Open);
        let assuming = onward(&|firing| taken.settles(product, firing));
        let perhaps_there = |node| to.at_node(node) != Truth::False;
        let possible = Onward::new(product, &perhaps_there, &|firing| {
            claim.may_use(product, firing) != Truth::False
        });

        let mut worst = Worst::new(self);
        let mut is_idle = true;
        let mut conditions = BTreeSet::new();
        for node in product.nodes() {
            let begins = from.at_node(node);
            if begins == Truth::False {
                continue;
            }
            is_idle = false;
            if sure.reaches(node) {
                continue;
            }
            let way = [&supplied, &assuming]
                .into_iter()
                .find(|way| way.reaches(node));
            match way {
                Some(way) => add_supplied(product, way, node, &sure, &mut conditions),
                None if possible.reaches(node) => {
                    worst.see(At::Node(node), false, || Wrong::StuckPerhaps);
                }
                None => worst.see(At::Node(node), begins == Truth::True, || Wrong::Stuck),
            }
        }
        worst.verdict(|| match is_idle {
            true => Verdict::Idle,
            false => Verdict::Holds(conditions.into_iter().map(|it| it.0).collect()),
        })
    }
}

impl LeadsTo {
    /// Whether a way may use a firing.
    fn may_use(&self, product: &Product<'_>, firing: &Firing) -> Truth {
        if firing.transitions().any(|it| self.without.contains(it)) {
            return Truth::False;
        }
        let Some(who) = &self.by else {
            return Truth::True;
        };
        if firing.askers.is_empty() {
            return Truth::from(who.time);
        }
        let askers = firing.askers.iter();
        let may = askers.map(|(asker, may)| may.and(who.is(product.model(), *asker, firing)));
        may.fold(Truth::False, Truth::or)
    }
}

/// What `from` demands of attributes, as far as a way can rely on it.
struct Taken {
    conditions: BTreeSet<String>,
    /// The attributes that it demands it of: a way must leave them as they are.
    attributes: BTreeSet<Name>,
}

impl Taken {
    fn of(product: &Product<'_>, from: &Expression) -> Self {
        let attributes = product.model().bundle().lifecycle.attributes.iter();
        let read = attributes.filter(|(_, attribute)| from.reads().contains(&attribute.slot));
        // What is said of states ceases to hold as the way goes on.
        let is_lasting = |condition: &String| !condition.contains("state.");
        let conditions = conjuncts(from, product).into_iter().filter(is_lasting);
        Self {
            conditions: conditions.collect(),
            attributes: read.map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Whether a firing leaves nothing open but what is taken and what requesters can bring.
    fn settles(&self, product: &Product<'_>, firing: &Firing) -> bool {
        let is_settled = |open: &Open| match open {
            Open::Guard { supplied: true, .. } => true,
            Open::Guard {
                transition, index, ..
            } => {
                let guard = guard(product, transition, *index);
                let parts = guard.map(|guard| conjuncts(guard, product));
                parts.is_some_and(|parts| parts.iter().all(|it| self.conditions.contains(it)))
            }
            Open::NotTriggered { .. }
            | Open::Cooldown { .. }
            | Open::Proof { .. }
            | Open::Asker => false,
        };
        firing.open.iter().all(is_settled)
            && !firing.sets.iter().any(|it| self.attributes.contains(it))
    }
}

/// A condition of a transition.
pub(super) fn guard<'b>(
    product: &Product<'b>,
    transition: &TransitionName,
    index: usize,
) -> Option<&'b Expression> {
    let declared = product
        .model()
        .bundle()
        .lifecycle
        .transitions
        .get(transition);
    Some(&declared?.guards.get(index)?.condition)
}

/// Adds what requesters must bring on the way from a product state, up to where they need not.
fn add_supplied(
    product: &Product<'_>,
    way: &Onward,
    from: NodeIndex,
    sure: &Onward,
    conditions: &mut BTreeSet<(String, TransitionName)>,
) {
    let mut node = from;
    while !sure.reaches(node)
        && let Some(edge) = way.next(node)
        && let Some(firing) = product.firing_of(edge)
        && let Some((_, to)) = product.graph().edge_endpoints(edge)
    {
        for open in &firing.open {
            if let Open::Guard {
                transition,
                index,
                supplied: true,
            } = open
                && let Some(guard) = guard(product, transition, *index)
            {
                conditions.insert((guard.text().to_owned(), transition.clone()));
            }
        }
        node = to;
    }
}
