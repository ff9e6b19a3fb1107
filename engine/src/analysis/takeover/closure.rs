//! The search: everything that an attacker with something in hand can bring about, breadth first.

use std::collections::HashMap;

use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;

use super::super::product::Product;
use super::super::space::{Held, Of};
use super::super::view::View;
use super::Others;
use super::factor::{Factor, Factors, Hand};
use super::moves::{Made, Move};
use crate::expr::{Slot, Truth};
use crate::lifecycle::model::{Lifecycle, Method, Verification};

/// What every search over a product needs to know of it.
pub(super) struct Ground {
    /// By firing.
    pub(super) moves: Vec<Move>,
    /// By node.
    pub(super) nodes: Vec<Spot>,
}

/// A product state, as an attacker sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// The addresses that a code can go to.
    pub(super) usable: Hand,
    /// The kinds of owner that may do anything there.
    owners: Hand,
    /// Whether it is a privilege to act there.
    is_privileged: bool,
}

impl Ground {
    pub(super) fn new(product: &Product<'_>, factors: &Factors) -> Self {
        let firings = product.firings();
        let moves: Vec<Move> = firings
            .map(|(_, firing)| Move::of(product, factors, firing))
            .collect();
        let lifecycle = &product.model().bundle().lifecycle;
        let codes = codes(lifecycle, factors);
        let owners = factors.owners();
        // By firing: the owners that may ask for it.
        let asked: Vec<Hand> = moves
            .iter()
            .map(|it| {
                owners
                    .indices()
                    .filter(|owner| it.may_be_asked_by(*owner))
                    .collect()
            })
            .collect();
        let spot = |node| {
            let edges = product.graph().edges(node);
            let asked = edges.filter_map(|edge| asked.get(edge.weight().index()).copied());
            Spot {
                usable: usable(product, factors, &codes, node),
                owners: asked.fold(Hand::default(), Hand::and),
                is_privileged: is_privileged(product, node),
            }
        };
        let nodes = product.nodes().map(spot).collect();
        Self { moves, nodes }
    }

    pub(super) fn spot(&self, node: NodeIndex) -> Spot {
        self.nodes.get(node.index()).copied().unwrap_or_default()
    }
}

/// The proofs by code that go to addresses of the account, and not where the requester says.
fn codes<'l>(lifecycle: &'l Lifecycle, factors: &Factors) -> Vec<(&'l Verification, Hand)> {
    let declared = lifecycle.verifications.values();
    let is_brought = |slot: &Slot| {
        let fact = lifecycle.vocabulary.fact(*slot);
        fact.is_some_and(|fact| fact.path.starts_with("input."))
    };
    let code = |it: &'l Verification| match &it.method {
        Method::Code { to, .. } if !to.reads().iter().any(is_brought) => {
            Some((it, factors.addresses(to.reads())))
        }
        Method::Code { .. }
        | Method::Acknowledge { .. }
        | Method::Approval { .. }
        | Method::Totp { .. } => None,
    };
    declared.filter_map(code).collect()
}

/// The addresses that an account has in a state, as far as a code can go to them.
fn usable(
    product: &Product<'_>,
    factors: &Factors,
    codes: &[(&Verification, Hand)],
    node: NodeIndex,
) -> Hand {
    let state = product.state(node);
    let view = View::of_state(product.model(), state);
    let is_open = |declared: &Verification| {
        let available = declared.available.as_ref();
        available.is_none_or(|available| view.truth(available) != Truth::False)
    };
    let open = codes.iter().filter(|(declared, _)| is_open(declared));
    let reached = open.fold(Hand::default(), |all, (_, to)| all.and(*to));
    let space = product.model().space();
    let is_set = |index: &usize| {
        let Some(Factor::Address(name)) = factors.get(*index) else {
            return false;
        };
        let variable = space.variable(&Of::Attribute(name.clone()));
        let held = variable.and_then(|variable| space.held(variable, state));
        held != Some(&Held::Unset)
    };
    reached.indices().filter(is_set).collect()
}

/// Whether some state that it is in is a privilege; where none is declared, all are.
fn is_privileged(product: &Product<'_>, node: NodeIndex) -> bool {
    let workflows = &product.model().bundle().lifecycle.workflows;
    let mut declared = workflows.values().flat_map(|it| it.states.values());
    !declared.any(|state| state.privileged) || product.model().is_privileged(product.state(node))
}

/// Where an attack stands: the account's state, and what the attacker has gained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Stand {
    pub(super) node: NodeIndex,
    pub(super) gained: Hand,
    /// Whether one of what it gained was an address of the owner's.
    pub(super) replaced: bool,
}

/// How an attack goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) edge: EdgeIndex,
    /// Whether the attacker makes it; time, or somebody else, otherwise.
    pub(super) is_own: bool,
}

/// Everything that can be brought about with something in hand.
pub(super) struct Closure {
    pub(super) hand: Hand,
    pub(super) stands: Vec<Stand>,
    pub(super) edges: Vec<Edge>,
    /// By stand, the edge that it was first found over.
    first: Vec<Option<usize>>,
}

impl Closure {
    /// Of a ground, with this in hand; only over what can be made for certain, if `sure`. It ends
    /// once `enough` is true of a stand that was found.
    pub(super) fn of(
        (product, ground): (&Product<'_>, &Ground),
        hand: Hand,
        (others, sure): (Others, bool),
        enough: &dyn Fn(&Stand) -> bool,
    ) -> Self {
        let mut search = Search {
            ground,
            hand,
            others,
            sure,
            made: HashMap::new(),
            numbers: HashMap::new(),
            closure: Self {
                hand,
                stands: Vec::new(),
                edges: Vec::new(),
                first: Vec::new(),
            },
        };
        search.run(product, enough);
        search.closure
    }

    /// A shortest way to a stand, as edges; it begins where nothing is gained yet.
    pub(super) fn way_to(&self, stand: usize) -> Vec<Edge> {
        let mut way = Vec::new();
        let mut at = stand;
        while let Some(edge) = self
            .first
            .get(at)
            .copied()
            .flatten()
            .and_then(|edge| self.edges.get(edge))
        {
            way.push(*edge);
            at = edge.from;
        }
        way.reverse();
        way
    }

    /// The first stand, by steps, of which something is true.
    pub(super) fn nearest(&self, wanted: &dyn Fn(&Stand) -> bool) -> Option<usize> {
        self.stands.iter().position(wanted)
    }
}

struct Search<'s> {
    ground: &'s Ground,
    hand: Hand,
    others: Others,
    sure: bool,
    /// By firing and what is in hand: how it is made.
    made: HashMap<(usize, Hand), Option<bool>>,
    numbers: HashMap<Stand, usize>,
    closure: Closure,
}

impl Search<'_> {
    fn run(&mut self, product: &Product<'_>, enough: &dyn Fn(&Stand) -> bool) {
        for node in product.nodes() {
            let stand = Stand {
                node,
                gained: Hand::default(),
                replaced: false,
            };
            self.number(stand);
            if enough(&stand) {
                return;
            }
        }
        let mut next = 0;
        while let Some(stand) = self.closure.stands.get(next).copied() {
            for edge in product.graph().edges(stand.node) {
                for (to, is_own) in self.ways_on(stand, edge.weight().index(), edge.target()) {
                    let known = self.closure.stands.len();
                    let number = self.number(to);
                    let place = self.closure.edges.len();
                    self.closure.edges.push(Edge {
                        from: next,
                        to: number,
                        edge: edge.id(),
                        is_own,
                    });
                    if number == known {
                        if let Some(first) = self.closure.first.get_mut(known) {
                            *first = Some(place);
                        }
                        if enough(&to) {
                            return;
                        }
                    }
                }
            }
            next += 1;
        }
    }

    fn number(&mut self, stand: Stand) -> usize {
        let closure = &mut self.closure;
        *self.numbers.entry(stand).or_insert_with(|| {
            closure.stands.push(stand);
            closure.first.push(None);
            closure.stands.len() - 1
        })
    }

    /// What an edge makes of a stand: by the attacker, and by itself or others.
    fn ways_on(&mut self, stand: Stand, firing: usize, node: NodeIndex) -> Vec<(Stand, bool)> {
        let Some(it) = self.ground.moves.get(firing) else {
            return Vec::new();
        };
        let mut ways = Vec::new();
        let hand = self.hand.and(stand.gained);
        let made = self.made.entry((firing, hand)).or_insert_with(|| {
            let made: Option<Made> = it.made(hand);
            made.map(|made| made.is_sure)
        });
        if made.is_some_and(|is_sure| is_sure || !self.sure) {
            let gained = it.gained(hand);
            let usable = self.ground.spot(stand.node).usable;
            let is_new = gained.without(stand.gained).meets(usable);
            let next = Stand {
                node,
                gained: stand.gained.without(it.sets).and(gained),
                replaced: stand.replaced || is_new,
            };
            ways.push((next, true));
        }
        if it.is_timed || self.others == Others::Assist {
            let lost = it.sets.and(it.grants);
            let next = Stand {
                node,
                gained: stand.gained.without(lost),
                replaced: stand.replaced,
            };
            if ways.first().is_none_or(|(first, _)| *first != next) {
                ways.push((next, false));
            }
        }
        ways
    }
}

impl Spot {
    /// Whether somebody who gained this has become the owner, where that is a privilege.
    pub(super) fn is_entered(&self, gained: Hand) -> bool {
        self.is_privileged && gained.meets(self.owners)
    }

    /// Whether every address that a code can go to is among these.
    pub(super) fn is_replaced(&self, gained: Hand) -> bool {
        !self.usable.is_empty() && self.usable.within(gained)
    }
}
