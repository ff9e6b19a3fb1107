//! Privileges and personal data that somebody comes by without any proof.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use crate::analysis::found::Found;
use crate::analysis::{Firing, Packed, Path, Product, Step};
use crate::diagnostic::Diagnostic;
use crate::name::{Name, TransitionName};
use crate::source::Span;

use super::codes;

/// A path that no verification lies on shows that none dominates its end.
pub(super) fn check(product: &Product<'_>, out: &mut Vec<Found>) {
    let unproved = Unproved::new(product);
    let lifecycle = &product.model().bundle().lifecycle;
    for workflow in lifecycle.workflows.values() {
        for (name, state) in &workflow.states {
            if !state.privileged {
                continue;
            }
            let Some(path) = unproved.path_to_state(&workflow.name, name) else {
                continue;
            };
            let says = format!("`{name}` can be reached without any proof");
            let finding = Diagnostic::warning(codes::PRIVILEGE_UNPROVED, state.span, says)
                .label(format!("a privileged state of `{}`", workflow.name));
            let finding = match unproved.last_span(&path) {
                Some(span) => finding.also(span, "this leads there, and verifies nothing"),
                None => finding,
            };
            let finding = finding.help("demand a proof on every way: `verify:`");
            out.push(Found::shown(finding, product, &path));
        }
    }
    unproved.changes(out);
}

/// A product without the firings that demand a proof.
struct Unproved<'p, 'b> {
    product: &'p Product<'b>,
    /// By node, whether it is reached without a proof.
    reached: Vec<bool>,
}

impl<'p, 'b> Unproved<'p, 'b> {
    fn new(product: &'p Product<'b>) -> Self {
        let mut reached = vec![false; product.graph().node_count()];
        let mut open: Vec<NodeIndex> = product.starts().to_vec();
        while let Some(node) = open.pop() {
            let Some(place) = reached.get_mut(node.index()).filter(|reached| !**reached) else {
                continue;
            };
            *place = true;
            let edges = product.graph().edges(node);
            let free = edges.filter(|edge| product.firing(*edge.weight()).is_some_and(is_free));
            open.extend(free.map(|edge| edge.target()));
        }
        Self { product, reached }
    }

    fn is_reached(&self, node: NodeIndex) -> bool {
        self.reached.get(node.index()) == Some(&true)
    }

    fn path_to_state(&self, workflow: &Name, state: &Name) -> Option<Path> {
        let space = self.product.model().space();
        let is_it = |packed| space.state(workflow, packed) == Some(state);
        // Who begins with a privilege has not come by it.
        self.path(&|start| !is_it(start), &is_it)
    }

    /// The most certain, shortest path without a proof, from where accounts begin.
    fn path(
        &self,
        begins: &dyn Fn(Packed) -> bool,
        wanted: &dyn Fn(Packed) -> bool,
    ) -> Option<Path> {
        let product = self.product;
        let starts = product
            .starts()
            .iter()
            .filter(|start| begins(product.state(**start)));
        let paths = starts.filter_map(|start| product.path_between(*start, wanted, &is_free));
        paths.min_by_key(|path| (path.certainty(product), path.steps.len()))
    }

    /// Where the last transition of a path is declared: of those that it triggers, none.
    fn last_span(&self, path: &Path) -> Option<Span> {
        let firing = self.product.firing(path.steps.last()?.firing)?;
        let transitions = &self.product.model().bundle().lifecycle.transitions;
        Some(transitions.get(&firing.transition)?.span)
    }

    /// Firings without a proof that change what is personal, from where one comes without a proof.
    fn changes(&self, out: &mut Vec<Found>) {
        let lifecycle = &self.product.model().bundle().lifecycle;
        let mut told: BTreeSet<(&TransitionName, &Name)> = BTreeSet::new();
        let graph = self.product.graph();
        for edge in graph.edge_indices() {
            let ends = graph.edge_endpoints(edge);
            let (Some(firing), Some((from, to))) = (self.product.firing_of(edge), ends) else {
                continue;
            };
            if !is_free(firing) || !self.is_reached(from) {
                continue;
            }
            for name in &firing.sets {
                let Some(attribute) = lifecycle.attributes.get(name) else {
                    continue;
                };
                if !attribute.personal || !told.insert((&firing.transition, name)) {
                    continue;
                }
                let here = self.product.state(from);
                let Some(mut path) = self.path(&|_| true, &|packed| packed == here) else {
                    continue;
                };
                let Some(id) = graph.edge_weight(edge) else {
                    continue;
                };
                path.steps.push(Step {
                    firing: *id,
                    to: self.product.state(to),
                });
                let span = lifecycle
                    .transitions
                    .get(&firing.transition)
                    .map(|it| it.span);
                let Some(span) = span else { continue };
                let says = format!("`{}` changes `{name}` without any proof", firing.transition);
                let finding = Diagnostic::warning(codes::PERSONAL_UNPROVED, span, says)
                    .label("nothing is verified on the way here")
                    .also(attribute.span, "personal")
                    .help("demand a proof: `verify:`");
                out.push(Found::shown(finding, self.product, &path));
            }
        }
    }
}

/// Whether a firing demands no proof.
fn is_free(firing: &Firing) -> bool {
    firing.proofs.is_empty()
}
