//! Minimal sets: what an attacker needs at least to seize an account.

use super::Takeover;
use super::factor::Hand;

impl Takeover<'_, '_> {
    /// Every set of at most `most` factors that seizes the account while none of its parts does,
    /// small ones first.
    pub fn minimal_sets(&self, most: usize) -> Vec<Hand> {
        let all: Hand = (0..self.factors.all().len()).collect();
        let mut found: Vec<Hand> = Vec::new();
        let mut sets = vec![Hand::default()];
        for _ in 0..most {
            let left = all.without(found.iter().copied().filter(|it| it.is_single()).collect());
            // What all that is left together cannot do, no part of it can.
            if sets.is_empty() || !self.seizes(left) {
                break;
            }
            let larger = sets.iter().flat_map(|set| {
                let last = set.indices().last();
                let later = move |index: &usize| last.is_none_or(|last| *index > last);
                left.indices()
                    .filter(later)
                    .map(|index| set.and(Hand::of(index)))
            });
            let larger: Vec<Hand> = larger.collect();
            sets.clear();
            for set in larger {
                if found.iter().any(|part| part.within(set)) {
                    continue;
                }
                if self.seizes(set) {
                    found.push(set);
                } else {
                    sets.push(set);
                }
            }
        }
        found
    }
}
