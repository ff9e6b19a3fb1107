//! Choices, drawn from the generator of a test run.

use proptest::prelude::Rng;
use proptest::test_runner::TestRng;

/// Draws choices.
pub(super) struct Dice<'r>(&'r mut TestRng);

impl<'r> Dice<'r> {
    pub(super) fn new(rng: &'r mut TestRng) -> Self {
        Self(rng)
    }

    /// A number below another; 0, if that is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let drawn = self.0.next_u64();
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        let below = drawn.checked_rem(end).unwrap_or_default();
        usize::try_from(below).unwrap_or_default()
    }

    /// True so many times out of so many.
    pub(super) fn odds(&mut self, of: usize, out_of: usize) -> bool {
        self.below(out_of) < of
    }

    /// One of these.
    pub(super) fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        items.get(self.below(items.len()))
    }
}
