//! Scope: which accounts an attack can seize, by the states that they are in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::space::Packed;
use super::Takeover;
use super::closure::Closure;
use crate::name::Name;

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
        let reaching = self.reaching(closure);
        let all = self.product.nodes().count();
        // Attacks begin in the first stands, one for each node.
        let begins = closure.stands.iter().zip(&reaching).take(all);
        let falls = begins.filter(|(_, reaches)| **reaches);
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

    /// By stand: whether the account can be seized from there.
    fn reaching(&self, closure: &Closure) -> Vec<bool> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); closure.stands.len()];
        for edge in &closure.edges {
            if let Some(before) = before.get_mut(edge.to) {
                before.push(edge.from);
            }
        }
        let stands = closure.stands.iter();
        let mut reaching: Vec<bool> = stands.map(|stand| self.is_seized(stand)).collect();
        let open = reaching.iter().enumerate().filter(|(_, seized)| **seized);
        let mut open: VecDeque<usize> = open.map(|(index, _)| index).collect();
        while let Some(at) = open.pop_front() {
            for from in before.get(at).into_iter().flatten() {
                if let Some(place) = reaching.get_mut(*from)
                    && !*place
                {
                    *place = true;
                    open.push_back(*from);
                }
            }
        }
        reaching
    }
}
