//! Denials: none was changed, and none is missing.

use super::{Stop, Verifier};
use crate::account::{Refusal, check_head};
use crate::engine::denials::{ring_name, told};
use crate::store::DenialRing;

impl Verifier<'_> {
    /// A ring holds exactly the denials that its head names, each as it was kept.
    pub(super) fn ring(&mut self, ring: &DenialRing) -> Result<(), Stop> {
        let name = ring_name(ring);
        let of = |what: String| Stop::flaw(format!("the denials of {}: {what}", told(ring)));
        let kept = self.snapshot.denials(ring, 0, usize::MAX)?;
        let Some(head) = self.snapshot.denial_head(ring)? else {
            return match kept.is_empty() {
                true => Ok(()),
                false => Err(of("their head is missing".to_owned())),
            };
        };
        let numbers = (head.oldest, head.newest);
        check_head(self.keys, name, numbers, &head.proof).map_err(|error| of(error.to_string()))?;
        let mut kept = kept.into_iter();
        for number in head.oldest..=head.newest {
            let denial = kept.next().filter(|denial| denial.number == number);
            let denial = denial.ok_or_else(|| of(format!("number {number} is missing")))?;
            Refusal::open(&denial.bytes, self.keys, name, number)
                .map_err(|error| of(error.to_string()))?;
            self.found.denials += 1;
        }
        match kept.next() {
            None => Ok(()),
            Some(more) => Err(of(format!("number {} is one too many", more.number))),
        }
    }
}
