//! States that are entered and cannot be left any more, and accounts that time moves for ever.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;

use crate::analysis::found::Found;
use crate::analysis::{Packed, Product};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Lifecycle, Transition, Trigger, Workflow};
use crate::name::{Name, TransitionName};

use super::codes;

/// What has no way on is proved to have none: every behaviour is a path of the product.
pub(super) fn check(product: &Product<'_>, out: &mut Vec<Found>) {
    let lifecycle = &product.model().bundle().lifecycle;
    let firings = product.firings();
    let fired = firings
        .flat_map(|(_, firing)| firing.transitions())
        .collect();
    for workflow in lifecycle.workflows.values() {
        let resting = Resting {
            product,
            lifecycle,
            workflow,
            fired: &fired,
        };
        for name in workflow.states.keys() {
            out.extend(resting.trap(name));
        }
        out.extend(resting.restless());
    }
}

struct Resting<'p, 'b> {
    product: &'p Product<'b>,
    lifecycle: &'b Lifecycle,
    workflow: &'b Workflow,
    fired: &'p BTreeSet<&'p TransitionName>,
}

impl<'p, 'b> Resting<'p, 'b> {
    fn leaving(&self, state: &Name) -> impl Iterator<Item = &'b Transition> {
        let of = &self.workflow.name;
        let transitions = self.lifecycle.transitions.values().map(AsRef::as_ref);
        transitions.filter(move |it: &&Transition| {
            it.name.workflow == *of && it.from.contains(state) && it.to != *state
        })
    }

    fn is_at(&self, packed: Packed, state: &Name) -> bool {
        self.product
            .model()
            .space()
            .state(&self.workflow.name, packed)
            == Some(state)
    }

    fn first(&self, mut is_it: impl FnMut(NodeIndex) -> bool) -> Option<NodeIndex> {
        self.product.nodes().find(|node| is_it(*node))
    }

    /// A state that has ways out, of which none is open any more to an account that came by some way.
    /// Accounts may stay for ever where they begin and where they are meant to end.
    fn trap(&self, name: &Name) -> Option<Found> {
        let state = self.workflow.states.get(name)?;
        if state.is_final || state.privileged || *name == self.workflow.initial {
            return None;
        }
        self.leaving(name)
            .find(|exit| self.fired.contains(&exit.name))?;
        let leaves = self
            .product
            .can_reach(&|packed| !self.is_at(packed, name), &|_| true);
        let stays = |node: NodeIndex| leaves.get(node.index()) == Some(&false);
        let node = self.first(stays)?;
        let says = format!("an account can be caught in `{name}`");
        let mut finding = Diagnostic::warning(codes::TRAP, state.span, says)
            .label(format!("a state of `{}`", self.workflow.name));
        for exit in self.leaving(name) {
            finding = finding.also(exit.span, "never possible any more then");
        }
        Some(Found::shown(
            finding,
            self.product,
            &self.product.path_to(node),
        ))
    }

    /// A circle of states that time ends one after the other, with no way to one where an account may
    /// stay: where accounts begin, a final one, or one that no time ends.
    fn restless(&self) -> Option<Found> {
        let is_timed = |it: &Transition| matches!(it.trigger, Trigger::After(_));
        let rests = |name: &Name| {
            let is_final = self.workflow.states.get(name).is_some_and(|it| it.is_final);
            is_final || *name == self.workflow.initial || !self.leaving(name).any(is_timed)
        };
        let space = self.product.model().space();
        let at_rest = |packed: Packed| space.state(&self.workflow.name, packed).is_some_and(&rests);
        let settles = self.product.can_reach(&at_rest, &|_| true);
        let node = self.first(|node| settles.get(node.index()) == Some(&false))?;
        let name = space.state(&self.workflow.name, self.product.state(node))?;
        let state = self.workflow.states.get(name)?;
        let says = format!(
            "from `{name}` on, time moves `{}` for ever",
            self.workflow.name
        );
        let finding = Diagnostic::warning(codes::RESTLESS, state.span, says)
            .label("no way leads to a state where an account may stay");
        Some(Found::shown(
            finding,
            self.product,
            &self.product.path_to(node),
        ))
    }
}
