//! Paths through a product: what somebody would have to do, one step after the other.

use super::firing::{Certainty, FiringId};
use super::product::Product;
use super::space::Packed;

/// A way from a product state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub start: Packed,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What fires.
    pub firing: FiringId,
    /// The state after it.
    pub to: Packed,
}

impl Path {
    /// Where it ends.
    pub fn end(&self) -> Packed {
        self.steps.last().map_or(self.start, |step| step.to)
    }

    /// How certain it is that it can be gone: as its least certain step.
    pub fn certainty(&self, product: &Product<'_>) -> Certainty {
        let certainty = |step: &Step| product.firing(step.firing).map(|firing| firing.certainty());
        let steps = self.steps.iter().filter_map(certainty);
        steps.max().unwrap_or(Certainty::Sure)
    }
}
