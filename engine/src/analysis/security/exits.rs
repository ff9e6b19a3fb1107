//! Privileged states that cannot be left, or only by those who have the privilege.

use petgraph::graph::NodeIndex;

use crate::analysis::found::Found;
use crate::analysis::{Firing, Packed, Product};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Lifecycle, State, Trigger, Workflow};
use crate::name::Name;

use super::codes;

pub(super) fn check(product: &Product<'_>, out: &mut Vec<Found>) {
    let lifecycle = &product.model().bundle().lifecycle;
    for workflow in lifecycle.workflows.values() {
        let leaving = Leaving {
            product,
            lifecycle,
            workflow,
        };
        for (name, state) in &workflow.states {
            // That nothing leads out at all is said when the files are read.
            let is_left = workflow.graph.edges(state.node).next().is_some();
            if state.privileged && (is_left || state.is_final) {
                out.extend(leaving.finding(name, state));
            }
        }
    }
}

struct Leaving<'p, 'b> {
    product: &'p Product<'b>,
    lifecycle: &'b Lifecycle,
    workflow: &'b Workflow,
}

impl Leaving<'_, '_> {
    fn finding(&self, name: &Name, state: &State) -> Option<Found> {
        let product = self.product;
        let is_plain = |packed: Packed| !self.is_privileged(packed);
        let ever = product.can_reach(&is_plain, &|_| true);
        let by_others = product.can_reach(&is_plain, &|firing| !self.is_asked_by_privilege(firing));
        let is_here = |node: &NodeIndex| {
            let space = product.model().space();
            space.state(&self.workflow.name, product.state(*node)) == Some(name)
        };
        let stays = |leaves: &[bool], node: &NodeIndex| leaves.get(node.index()) == Some(&false);
        let caught = |leaves: &[bool]| {
            let mut here = product.nodes().filter(is_here);
            here.find(|node| stays(leaves, node))
        };
        let (node, says, help) = if let Some(node) = caught(&ever) {
            let says = format!("`{name}` cannot be left");
            (
                node,
                says,
                "let a transition lead out of it, for others than its holder",
            )
        } else {
            let says = format!("`{name}` can be left only by those who have the privilege");
            let help = "let somebody else end it too: an operator, or time";
            (caught(&by_others)?, says, help)
        };
        let finding = Diagnostic::warning(codes::PRIVILEGE_FOR_EVER, state.span, says)
            .label(format!("a privileged state of `{}`", self.workflow.name))
            .help(help);
        Some(Found::shown(finding, product, &product.path_to(node)))
    }

    fn is_privileged(&self, packed: Packed) -> bool {
        let name = self
            .product
            .model()
            .space()
            .state(&self.workflow.name, packed);
        let state = name.and_then(|name| self.workflow.states.get(name));
        state.is_some_and(|state| state.privileged)
    }

    /// Whether only they may ask for it whom the caller rule admits for the state of this workflow.
    fn is_asked_by_privilege(&self, firing: &Firing) -> bool {
        let declared = self.lifecycle.transitions.get(&firing.transition);
        let caller = declared.and_then(|declared| match &declared.trigger {
            Trigger::Request { caller, .. } => caller.as_ref(),
            Trigger::TriggeredBy(_) | Trigger::After(_) => None,
        });
        let rule = caller.and_then(|caller| self.lifecycle.callers.get(caller));
        let when = rule.and_then(|rule| rule.when.as_ref());
        when.is_some_and(|when| when.reads().contains(&self.workflow.slot))
    }
}
