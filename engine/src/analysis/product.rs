//! The product: what exploration found, and the questions that everything else asks it.

use std::collections::{HashSet, VecDeque};

use petgraph::Direction;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;

use super::explore::Found;
use super::firing::{Firing, FiringId};
use super::model::{Model, Rule};
use super::path::{Path, Step};
use super::space::Packed;
use super::view::View;
use crate::expr::{Expression, Truth};

/// Every product state that an account can come to, with the firings between them.
///
/// Nodes are numbered by their distance from where accounts begin.
pub struct Product<'b> {
    model: Model<'b>,
    found: Found,
    complete: bool,
}

impl<'b> Product<'b> {
    pub(super) fn new(model: Model<'b>, found: Found, complete: bool) -> Self {
        Self {
            model,
            found,
            complete,
        }
    }

    /// Whether this is all of it. If not, what was found is there, and nothing can be proved by what
    /// was not.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The model that was explored.
    pub fn model(&self) -> &Model<'b> {
        &self.model
    }

    /// Product states, and the firings that lead from one to the next.
    pub fn graph(&self) -> &DiGraph<Packed, FiringId> {
        &self.found.graph
    }

    /// Where accounts begin.
    pub fn starts(&self) -> &[NodeIndex] {
        &self.found.starts
    }

    /// Every firing that was found to be possible somewhere.
    pub fn firings(&self) -> impl Iterator<Item = (FiringId, &Firing)> {
        (0_u32..).map(FiringId).zip(&self.found.firings)
    }

    /// A firing.
    pub fn firing(&self, id: FiringId) -> Option<&Firing> {
        self.found.firings.get(usize::try_from(id.0).ok()?)
    }

    /// The firing of an edge.
    pub fn firing_of(&self, edge: EdgeIndex) -> Option<&Firing> {
        self.firing(*self.found.graph.edge_weight(edge)?)
    }

    /// The state of a node.
    pub fn state(&self, node: NodeIndex) -> Packed {
        self.found
            .graph
            .node_weight(node)
            .copied()
            .unwrap_or_default()
    }

    /// The truth of a condition over an account's states and attributes in a state.
    pub fn truth(&self, condition: &Expression, state: Packed) -> Truth {
        View::of_state(&self.model, state).truth(condition)
    }

    /// The states that a transition leaves from, as far as they differ for it, the nearest first.
    pub(super) fn places(&self, rule: &Rule<'_>) -> Vec<Packed> {
        let states = self.nodes().map(|node| self.state(node));
        let leaves = states.filter(|state| rule.from.contains(&(state.0 & rule.place)));
        let mut seen = HashSet::new();
        let alike = leaves.map(|state| Packed(state.0 & rule.reads));
        alike.filter(|state| seen.insert(*state)).collect()
    }

    /// The nodes, the nearest to the start first.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIndex> + use<> {
        (0..self.found.graph.node_count()).map(NodeIndex::new)
    }

    /// A shortest path from the start to a node.
    pub fn path_to(&self, node: NodeIndex) -> Path {
        let mut edges = Vec::new();
        let mut at = node;
        while let Some(edge) = self.found.first.get(at.index()).copied().flatten() {
            edges.push(edge);
            let Some((before, _)) = self.found.graph.edge_endpoints(edge) else {
                break;
            };
            at = before;
        }
        edges.reverse();
        self.path(at, edges)
    }

    /// A shortest path from the start that ends with an edge.
    pub fn path_through(&self, edge: EdgeIndex) -> Option<Path> {
        let (from, to) = self.found.graph.edge_endpoints(edge)?;
        let mut path = self.path_to(from);
        path.steps.push(Step {
            firing: *self.found.graph.edge_weight(edge)?,
            to: self.state(to),
        });
        Some(path)
    }

    /// A shortest path from a node to any that is `wanted`, over edges that `may` be used.
    pub fn path_between(
        &self,
        from: NodeIndex,
        wanted: &dyn Fn(Packed) -> bool,
        may: &dyn Fn(&Firing) -> bool,
    ) -> Option<Path> {
        let mut before: Vec<Option<EdgeIndex>> = vec![None; self.found.graph.node_count()];
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            if wanted(self.state(node)) {
                let mut edges = Vec::new();
                let mut at = node;
                while at != from
                    && let Some(edge) = before.get(at.index()).copied().flatten()
                    && let Some((source, _)) = self.found.graph.edge_endpoints(edge)
                {
                    edges.push(edge);
                    at = source;
                }
                edges.reverse();
                return Some(self.path(from, edges));
            }
            for edge in self.found.graph.edges(node) {
                let next = edge.target();
                let is_new = next != from && before.get(next.index()) == Some(&None);
                if is_new && self.firing(*edge.weight()).is_some_and(may) {
                    if let Some(place) = before.get_mut(next.index()) {
                        *place = Some(edge.id());
                    }
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// By node: whether a path leads from it to one that is `wanted`, over firings that `may` be
    /// used. Those that are wanted themselves are among them.
    pub fn can_reach(
        &self,
        wanted: &dyn Fn(Packed) -> bool,
        may: &dyn Fn(&Firing) -> bool,
    ) -> Vec<bool> {
        let mut reaching = vec![false; self.found.graph.node_count()];
        let mut queue: VecDeque<NodeIndex> = self
            .nodes()
            .filter(|node| wanted(self.state(*node)))
            .collect();
        for node in &queue {
            if let Some(place) = reaching.get_mut(node.index()) {
                *place = true;
            }
        }
        let allowed: Vec<bool> = self.found.firings.iter().map(may).collect();
        while let Some(node) = queue.pop_front() {
            for edge in self.found.graph.edges_directed(node, Direction::Incoming) {
                let firing = usize::try_from(edge.weight().0).ok();
                let may = firing.and_then(|firing| allowed.get(firing)) == Some(&true);
                if let Some(place) = reaching.get_mut(edge.source().index())
                    && may
                    && !*place
                {
                    *place = true;
                    queue.push_back(edge.source());
                }
            }
        }
        reaching
    }

    fn path(&self, from: NodeIndex, edges: Vec<EdgeIndex>) -> Path {
        let step = |edge: EdgeIndex| {
            let (_, to) = self.found.graph.edge_endpoints(edge)?;
            Some(Step {
                firing: *self.found.graph.edge_weight(edge)?,
                to: self.state(to),
            })
        };
        Path {
            start: self.state(from),
            steps: edges.into_iter().filter_map(step).collect(),
        }
    }
}
