//! Scope: which accounts an attack can seize, by the states that they are in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::space::Packed;
use super::Takeover;
use super::attack::Attack;
use super::closure::{Closure, Edge};
use crate::name::{Name, TransitionName};

/// Which accounts can be seized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// In how many of the states that an account can come to.
    pub states: usize,
    /// How many of those there are.
    pub of: usize,
    /// The states of workflows in which it is possible, by workflow; only where it is not in all.
    pub only: BTreeMap<Name, BTreeSet<Name>>,
    /// Whether it is possible in every combination of those states.
    pub is_exact: bool,
}

impl Takeover<'_, '_> {
    pub(super) fn scope(&self, closure: &Closure) -> Scope {
        let distances = self.distances(closure);
        let all = self.product.nodes().count();
        // Attacks begin in the first stands, one for each node.
        let begins = closure.stands.iter().zip(&distances).take(all);
        let falls = begins.filter(|(_, distance)| distance.is_some());
        let falls: Vec<Packed> = falls
            .map(|(stand, _)| self.product.state(stand.node))
            .collect();
        let everywhere: Vec<Packed> = self
            .product
            .nodes()
            .map(|it| self.product.state(it))
            .collect();
        let workflows = &self.product.model().bundle().lifecycle.workflows;
        let only = workflows.keys().filter_map(|workflow| {
            let here = self.states_of(workflow, &falls);
            let is_less = here.len() < self.states_of(workflow, &everywhere).len();
            is_less.then(|| (workflow.clone(), here))
        });
        let only: BTreeMap<Name, BTreeSet<Name>> = only.collect();
        let space = self.product.model().space();
        let is_among = |state: &&Packed| {
            let mut only = only.iter();
            only.all(|(workflow, states)| {
                let state = space.state(workflow, **state);
                state.is_some_and(|state| states.contains(state))
            })
        };
        Scope {
            states: falls.len(),
            of: all,
            is_exact: everywhere.iter().filter(is_among).count() == falls.len(),
            only,
        }
    }

    fn states_of(&self, workflow: &Name, states: &[Packed]) -> BTreeSet<Name> {
        let space = self.product.model().space();
        let states = states
            .iter()
            .filter_map(|state| space.state(workflow, *state));
        states.cloned().collect()
    }

    /// By stand: in how many steps the account can be seized from there, if it can.
    pub(super) fn distances(&self, closure: &Closure) -> Vec<Option<usize>> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); closure.stands.len()];
        for edge in &closure.edges {
            if let Some(before) = before.get_mut(edge.to) {
                before.push(edge.from);
            }
        }
        let stands = closure.stands.iter();
        let mut distances: Vec<Option<usize>> = stands
            .map(|stand| self.is_seized(stand).then_some(0))
            .collect();
        let open = distances.iter().enumerate();
        let open = open.filter_map(|(index, distance)| Some((index, (*distance)?)));
        let mut open: VecDeque<(usize, usize)> = open.collect();
        while let Some((at, distance)) = open.pop_front() {
            for from in before.get(at).into_iter().flatten() {
                if let Some(place) = distances.get_mut(*from)
                    && place.is_none()
                {
                    *place = Some(distance + 1);
                    open.push_back((*from, distance + 1));
                }
            }
        }
        distances
    }

    /// The transitions that let it happen: those that give the attacker something for the first time
    /// on a way that seizes the account, each with the shortest attack that begins with it.
    pub(super) fn doors(&self, closure: &Closure) -> BTreeMap<TransitionName, Attack> {
        let distances = self.distances(closure);
        let distance = |stand: usize| distances.get(stand).copied().flatten();
        let mut doors: BTreeMap<TransitionName, (usize, Edge)> = BTreeMap::new();
        for edge in closure.edges.iter().filter(|edge| edge.is_own) {
            let ends = (closure.stands.get(edge.from), closure.stands.get(edge.to));
            let (Some(from), Some(to), Some(left)) = (ends.0, ends.1, distance(edge.to)) else {
                continue;
            };
            let Some(firing) = self.product.firing_of(edge.edge) else {
                continue;
            };
            let is_first = from.gained.is_empty() && !to.gained.is_empty();
            let known = doors.get(&firing.transition);
            if is_first && known.is_none_or(|(known, _)| left < *known) {
                doors.insert(firing.transition.clone(), (left, *edge));
            }
        }
        let mut next: Vec<Option<Edge>> = vec![None; closure.stands.len()];
        for edge in &closure.edges {
            let nearer = distance(edge.to).map(|left| left + 1) == distance(edge.from);
            if let Some(place) = next.get_mut(edge.from).filter(|_| nearer) {
                place.get_or_insert(*edge);
            }
        }
        let attack = |first: Edge| {
            let rest = |edge: &Edge| next.get(edge.to).copied().flatten();
            let way = std::iter::successors(Some(first), rest);
            Attack {
                start: closure
                    .stands
                    .get(first.from)
                    .map(|stand| self.product.state(stand.node))
                    .unwrap_or_default(),
                steps: way.filter_map(|edge| self.step(closure, &edge)).collect(),
            }
        };
        let each = doors.into_iter();
        each.map(|(name, (_, edge))| (name, attack(edge))).collect()
    }
}
