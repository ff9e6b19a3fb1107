//! Exploration: every product state that an account can come to, breadth first.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use petgraph::graph::{DiGraph, NodeIndex};

use super::fire::{Askers, Effect, fire, may_ask};
use super::firing::{Firing, FiringId};
use super::model::{Model, Rule};
use super::product::Product;
use super::space::{ByState, Packed};
use super::view::View;
use crate::expr::{Partial, Truth};
use crate::lifecycle::model::Method;
use crate::name::Name;

/// How far an exploration may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most product states. One takes about 100 bytes.
    pub states: usize,
    /// The most firings that lead from one to another. One takes 20 bytes.
    pub edges: usize,
}

impl Default for Limits {
    /// Two million states and thirty million firings: about 1 GiB.
    fn default() -> Self {
        Self {
            states: 2_000_000,
            edges: 30_000_000,
        }
    }
}

/// How far an exploration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The product states that were found.
    pub found: usize,
    /// Those of them whose firings are known.
    pub explored: usize,
}

/// States between two reports of progress.
const REPORT_EVERY: usize = 1 << 15;

/// Explores a model. `progress` is told from time to time how far it came, and may end it; then, and
/// where a limit is reached, the product is not [complete](Product::is_complete).
pub fn explore<'b>(
    model: Model<'b>,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Product<'b> {
    let mut lasting = BTreeSet::new();
    loop {
        let mut search = Search::new(&model, limits, &lasting);
        let complete = search.run(progress);
        let found = search.found;
        // A proof that ceased to be available may have been given before, in an attempt that is
        // still open. What then becomes possible may let others cease, so again until none does.
        let ceased = ceasing(&model, &found);
        if ceased.is_subset(&lasting) {
            return Product::new(model, found, complete);
        }
        lasting.extend(ceased);
    }
}

/// What was found so far.
pub(super) struct Found {
    pub(super) graph: DiGraph<Packed, FiringId>,
    pub(super) starts: Vec<NodeIndex>,
    pub(super) firings: Vec<Firing>,
    /// The first edge that led to a node, in the order of nodes; none to where it starts.
    pub(super) first: Vec<Option<petgraph::graph::EdgeIndex>>,
}

/// The ways in which a transition fires, each with its number.
type Numbered = Rc<[(FiringId, Effect)]>;

struct Search<'s, 'b> {
    model: &'s Model<'b>,
    limits: &'s Limits,
    lasting: &'s BTreeSet<Name>,
    found: Found,
    nodes: ByState<NodeIndex>,
    /// By rule: what it does in states that are alike in what it depends on.
    effects: Vec<ByState<Numbered>>,
    /// By rule: who may ask in states that are alike in what that depends on.
    askers: Vec<ByState<Rc<Askers>>>,
}

impl<'s, 'b> Search<'s, 'b> {
    fn new(model: &'s Model<'b>, limits: &'s Limits, lasting: &'s BTreeSet<Name>) -> Self {
        let rules = model.rules().len();
        Self {
            model,
            limits,
            lasting,
            found: Found {
                graph: DiGraph::default(),
                starts: Vec::new(),
                firings: Vec::new(),
                first: Vec::new(),
            },
            nodes: ByState::default(),
            effects: vec![ByState::default(); rules],
            askers: vec![ByState::default(); rules],
        }
    }

    /// Whether everything was explored.
    fn run(&mut self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> bool {
        for start in self.model.starts() {
            let node = self.node(start);
            self.found.starts.push(node);
        }
        // Nodes are numbered as they are found, so going through the numbers is breadth first.
        let mut explored = 0;
        while let Some(state) = self.state(explored) {
            if explored % REPORT_EVERY == REPORT_EVERY - 1 {
                let found = self.found.graph.node_count();
                if progress(Progress { found, explored }).is_break() {
                    return false;
                }
            }
            let graph = &self.found.graph;
            if graph.node_count() > self.limits.states || graph.edge_count() > self.limits.edges {
                return false;
            }
            self.expand(NodeIndex::new(explored), state);
            explored += 1;
        }
        true
    }

    fn state(&self, index: usize) -> Option<Packed> {
        self.found.graph.node_weight(NodeIndex::new(index)).copied()
    }

    fn node(&mut self, state: Packed) -> NodeIndex {
        *self.nodes.entry(state.0).or_insert_with(|| {
            self.found.first.push(None);
            self.found.graph.add_node(state)
        })
    }

    fn expand(&mut self, node: NodeIndex, state: Packed) {
        let model = self.model;
        for (index, rule) in model.rules().iter().enumerate() {
            if !rule.from.contains(&(state.0 & rule.place)) {
                continue;
            }
            let effects = self.effects(index, rule, state);
            for (firing, effect) in effects.iter() {
                let known = self.found.graph.node_count();
                let next = self.node(effect.on(state));
                let edge = self.found.graph.add_edge(node, next, *firing);
                if next.index() == known
                    && let Some(first) = self.found.first.get_mut(known)
                {
                    *first = Some(edge);
                }
            }
        }
    }

    fn effects(&mut self, index: usize, rule: &Rule<'_>, state: Packed) -> Numbered {
        let alike = state.0 & rule.reads;
        let known = self
            .effects
            .get(index)
            .and_then(|effects| effects.get(&alike));
        if let Some(effects) = known {
            return effects.clone();
        }
        let askers = self.askers(index, rule, state);
        let lasting = |name: &Name| self.lasting.contains(name);
        let effects = fire(self.model, rule, Packed(alike), &askers, &lasting);
        let number = |effect: Effect| {
            let id = FiringId(u32::try_from(self.found.firings.len()).unwrap_or(u32::MAX));
            self.found.firings.push(effect.firing.clone());
            (id, effect)
        };
        let effects: Numbered = effects.into_iter().map(number).collect();
        if let Some(known) = self.effects.get_mut(index) {
            known.insert(alike, effects.clone());
        }
        effects
    }

    fn askers(&mut self, index: usize, rule: &Rule<'_>, state: Packed) -> Rc<Askers> {
        let alike = state.0 & rule.asks;
        let known = self.askers.get(index).and_then(|askers| askers.get(&alike));
        if let Some(askers) = known {
            return askers.clone();
        }
        let askers = Rc::new(may_ask(self.model, rule, Packed(alike)));
        if let Some(known) = self.askers.get_mut(index) {
            known.insert(alike, askers.clone());
        }
        askers
    }
}

/// The verifications of earlier steps that some firing makes unavailable.
fn ceasing(model: &Model<'_>, found: &Found) -> BTreeSet<Name> {
    let lifecycle = &model.bundle().lifecycle;
    let earlier = lifecycle.transitions.values().flat_map(|transition| {
        let steps = transition
            .verify
            .split_last()
            .map_or(&[][..], |(_, earlier)| earlier);
        steps.iter().flat_map(|step| &step.any)
    });
    let earlier: BTreeSet<&Name> = earlier.collect();
    let mut ceasing = BTreeSet::new();
    for name in earlier {
        let Some(declared) = lifecycle.verifications.get(name) else {
            continue;
        };
        let reads = model.availability(declared);
        if reads == 0 {
            continue;
        }
        let mut known: ByState<bool> = ByState::default();
        let mut may_be_used = |state: Packed| {
            let alike = state.0 & reads;
            *known.entry(alike).or_insert_with(|| {
                let view = View::of_state(model, Packed(alike));
                let open = declared.available.as_ref().map(|open| view.truth(open));
                let is_unset = match &declared.method {
                    Method::Code { to, .. } => view.value(to) == Partial::Value(None),
                    Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => {
                        false
                    }
                };
                open != Some(Truth::False) && !is_unset
            })
        };
        let ceases = found.graph.edge_indices().any(|edge| {
            let ends = found.graph.edge_endpoints(edge);
            let states = ends.map(|(from, to)| {
                let weight = |node| found.graph.node_weight(node).copied().unwrap_or_default();
                (weight(from), weight(to))
            });
            states.is_some_and(|(from, to)| may_be_used(from) && !may_be_used(to))
        });
        if ceases {
            ceasing.insert(name.clone());
        }
    }
    ceasing
}
