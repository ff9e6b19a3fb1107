//! Ways through a product: the likeliest to every product state, and the shortest on from it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use petgraph::Direction;
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::analysis::{Certainty, Firing, FiringId, Path, Product, Step};

/// How far away something is: what is left open on the way to it, then how many steps it takes.
pub(super) type Cost = (u32, u32);

/// The likeliest ways from where accounts begin: those that leave least open and, of those, the
/// shortest.
pub(super) struct Ways {
    cost: Vec<Option<Cost>>,
    last: Vec<Option<EdgeIndex>>,
}

impl Ways {
    pub(super) fn new(product: &Product<'_>) -> Self {
        let graph = product.graph();
        let opens: Vec<u32> = product
            .firings()
            .map(|(_, firing)| u32::from(firing.certainty() == Certainty::Open))
            .collect();
        let mut ways = Self {
            cost: vec![None; graph.node_count()],
            last: vec![None; graph.node_count()],
        };
        let mut queue = BinaryHeap::new();
        for start in product.starts() {
            ways.improve(*start, (0, 0), None);
            queue.push(Reverse(((0, 0), *start)));
        }
        while let Some(Reverse((cost, node))) = queue.pop() {
            if ways.cost(node) != Some(cost) {
                continue;
            }
            for edge in graph.edges(node) {
                let open = opens.get(index(*edge.weight())).copied().unwrap_or(1);
                let next = (cost.0.saturating_add(open), cost.1.saturating_add(1));
                if ways.improve(edge.target(), next, Some(edge.id())) {
                    queue.push(Reverse((next, edge.target())));
                }
            }
        }
        ways
    }

    fn improve(&mut self, node: NodeIndex, cost: Cost, by: Option<EdgeIndex>) -> bool {
        let Some(known) = self.cost.get_mut(node.index()) else {
            return false;
        };
        let is_better = known.is_none_or(|known| cost < known);
        if is_better {
            *known = Some(cost);
            if let Some(last) = self.last.get_mut(node.index()) {
                *last = by;
            }
        }
        is_better
    }

    /// How far away a product state is.
    pub(super) fn cost(&self, node: NodeIndex) -> Option<Cost> {
        self.cost.get(node.index()).copied().flatten()
    }

    /// How far away the end of an edge is, on the way through it.
    pub(super) fn cost_through(&self, product: &Product<'_>, edge: EdgeIndex) -> Option<Cost> {
        let (from, _) = product.graph().edge_endpoints(edge)?;
        let (open, steps) = self.cost(from)?;
        let certainty = product.firing_of(edge)?.certainty();
        let more = u32::from(certainty == Certainty::Open);
        Some((open.saturating_add(more), steps.saturating_add(1)))
    }

    /// The way to a product state.
    pub(super) fn to(&self, product: &Product<'_>, node: NodeIndex) -> Path {
        let mut steps = Vec::new();
        let mut at = node;
        while let Some(edge) = self.last.get(at.index()).copied().flatten()
            && let Some(step) = step(product, edge)
            && let Some((from, _)) = product.graph().edge_endpoints(edge)
        {
            steps.push(step);
            at = from;
        }
        steps.reverse();
        Path {
            start: product.state(at),
            steps,
        }
    }

    /// The way that ends with an edge.
    pub(super) fn through(&self, product: &Product<'_>, edge: EdgeIndex) -> Option<Path> {
        let (from, _) = product.graph().edge_endpoints(edge)?;
        let mut path = self.to(product, from);
        path.steps.push(step(product, edge)?);
        Some(path)
    }
}

/// The place of a firing among all.
pub(super) fn index(firing: FiringId) -> usize {
    usize::try_from(firing.0).unwrap_or(usize::MAX)
}

fn step(product: &Product<'_>, edge: EdgeIndex) -> Option<Step> {
    let (_, to) = product.graph().edge_endpoints(edge)?;
    Some(Step {
        firing: *product.graph().edge_weight(edge)?,
        to: product.state(to),
    })
}

/// The shortest ways on from product states to one of those that are wanted.
pub(super) struct Onward {
    reaches: Vec<bool>,
    next: Vec<Option<EdgeIndex>>,
}

impl Onward {
    /// The ways that use no other firings than they `may`.
    pub(super) fn new(
        product: &Product<'_>,
        is_wanted: &dyn Fn(NodeIndex) -> bool,
        may: &dyn Fn(&Firing) -> bool,
    ) -> Self {
        let graph = product.graph();
        let allowed: Vec<bool> = product.firings().map(|(_, firing)| may(firing)).collect();
        let mut ways = Self {
            reaches: product.nodes().map(is_wanted).collect(),
            next: vec![None; graph.node_count()],
        };
        let wanted = product.nodes().filter(|node| ways.reaches(*node));
        let mut queue: VecDeque<NodeIndex> = wanted.collect();
        while let Some(node) = queue.pop_front() {
            for edge in graph.edges_directed(node, Direction::Incoming) {
                let before = edge.source();
                let may = allowed.get(index(*edge.weight())) == Some(&true);
                if may && !ways.reaches(before) {
                    ways.lead(before, edge.id());
                    queue.push_back(before);
                }
            }
        }
        ways
    }

    fn lead(&mut self, node: NodeIndex, by: EdgeIndex) {
        if let (Some(reaches), Some(next)) = (
            self.reaches.get_mut(node.index()),
            self.next.get_mut(node.index()),
        ) {
            *reaches = true;
            *next = Some(by);
        }
    }

    /// Whether there is a way from a product state.
    pub(super) fn reaches(&self, node: NodeIndex) -> bool {
        self.reaches.get(node.index()) == Some(&true)
    }

    /// The first step of the way from a product state; none from where it ends.
    pub(super) fn next(&self, node: NodeIndex) -> Option<EdgeIndex> {
        self.next.get(node.index()).copied().flatten()
    }
}
