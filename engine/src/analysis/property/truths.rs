//! What conditions come to in product states: asked once for all states that are alike in what a
//! condition reads.

use std::cell::RefCell;

use petgraph::graph::NodeIndex;

use crate::analysis::space::ByState;
use crate::analysis::view::View;
use crate::analysis::{Packed, Product};
use crate::expr::{Clause, Expression, Facts, Joint, Truth};

/// A condition over the states of a product.
pub(super) struct Truths<'p> {
    product: &'p Product<'p>,
    condition: &'p Expression,
    reads: u128,
    known: RefCell<ByState<Truth>>,
}

impl<'p> Truths<'p> {
    pub(super) fn of(product: &'p Product<'p>, condition: &'p Expression) -> Self {
        let space = product.model().space();
        let reads = condition.reads().iter();
        let mask = |slot| space.of_slot(slot).map_or(0, |variable| variable.mask());
        Self {
            product,
            condition,
            reads: reads.fold(0, |bits, slot| bits | mask(*slot)),
            known: RefCell::default(),
        }
    }

    /// Its truth in a product state.
    pub(super) fn at(&self, state: Packed) -> Truth {
        let alike = state.0 & self.reads;
        let fresh = || View::of_state(self.product.model(), Packed(alike)).truth(self.condition);
        *self.known.borrow_mut().entry(alike).or_insert_with(fresh)
    }

    pub(super) fn at_node(&self, node: NodeIndex) -> Truth {
        self.at(self.product.state(node))
    }
}

/// The conditions that a condition joins by `&&`, as they could be written.
pub(super) fn conjuncts(condition: &Expression, product: &Product<'_>) -> Vec<String> {
    let vocabulary = &product.model().bundle().lifecycle.vocabulary;
    let facts = Facts::new(vocabulary);
    let mut found = Vec::new();
    gather(
        condition.clauses_of_known(&facts, &|_| false, &|_| false),
        &mut found,
    );
    found
}

fn gather(clause: Clause, found: &mut Vec<String>) {
    match clause.joint {
        Joint::All => clause
            .parts
            .into_iter()
            .for_each(|part| gather(part, found)),
        _ => found.push(clause.text),
    }
}
