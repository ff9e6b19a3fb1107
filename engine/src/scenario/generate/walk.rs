//! Walking through a product.

use std::collections::{BTreeSet, VecDeque};

use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::analysis::{Firing, Product};

/// A product with the steps in it that turned out not to be possible.
pub(super) struct Walk<'p, 'b> {
    product: &'p Product<'b>,
    avoided: BTreeSet<EdgeIndex>,
}

impl<'p, 'b> Walk<'p, 'b> {
    pub(super) fn new(product: &'p Product<'b>) -> Self {
        Self {
            product,
            avoided: BTreeSet::new(),
        }
    }

    /// Takes a step out of consideration.
    pub(super) fn avoid(&mut self, edge: EdgeIndex) {
        self.avoided.insert(edge);
    }

    /// Where a way ends.
    pub(super) fn end(&self, start: NodeIndex, edges: &[EdgeIndex]) -> NodeIndex {
        let last = edges.last();
        let ends = last.and_then(|edge| self.product.graph().edge_endpoints(*edge));
        ends.map_or(start, |(_, to)| to)
    }

    /// A shortest way from one of some nodes that ends with a firing which is `wanted`, of at most
    /// so many steps; the node that it begins at, too.
    pub(super) fn nearest(
        &self,
        from: &[NodeIndex],
        steps_max: usize,
        wanted: &dyn Fn(&Firing) -> bool,
    ) -> Option<(NodeIndex, Vec<EdgeIndex>)> {
        let graph = self.product.graph();
        let mut before: Vec<Option<EdgeIndex>> = vec![None; graph.node_count()];
        let mut seen: BTreeSet<NodeIndex> = from.iter().copied().collect();
        let mut queue: VecDeque<(NodeIndex, usize)> = from.iter().map(|at| (*at, 0)).collect();
        while let Some((node, steps)) = queue.pop_front() {
            if steps == steps_max {
                continue;
            }
            let mut edges: Vec<EdgeIndex> = graph.edges(node).map(|edge| edge.id()).collect();
            edges.sort();
            edges.retain(|edge| !self.avoided.contains(edge));
            let is_wanted = |edge: &EdgeIndex| self.product.firing_of(*edge).is_some_and(wanted);
            if let Some(last) = edges.iter().copied().find(is_wanted) {
                return Some(self.way(&before, node, last));
            }
            for edge in edges {
                let Some((_, next)) = graph.edge_endpoints(edge) else {
                    continue;
                };
                if seen.insert(next) {
                    if let Some(place) = before.get_mut(next.index()) {
                        *place = Some(edge);
                    }
                    queue.push_back((next, steps + 1));
                }
            }
        }
        None
    }

    /// The way to a node, and on over a last edge.
    fn way(
        &self,
        before: &[Option<EdgeIndex>],
        node: NodeIndex,
        last: EdgeIndex,
    ) -> (NodeIndex, Vec<EdgeIndex>) {
        let mut edges = vec![last];
        let mut at = node;
        while let Some(edge) = before.get(at.index()).copied().flatten()
            && let Some((source, _)) = self.product.graph().edge_endpoints(edge)
        {
            edges.push(edge);
            at = source;
        }
        edges.reverse();
        (at, edges)
    }
}
