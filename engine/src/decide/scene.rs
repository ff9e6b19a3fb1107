//! What the gates of one request look at.

use crate::account::Account;
use crate::bundle::Bundle;
use crate::expr::Facts;
use crate::situation::{Asked, Situation};
use crate::time::Timestamp;

/// Who asks about which account, and what expressions see of both. It is read once for all gates,
/// since what expressions see does not change before the transition is made.
pub(super) struct Scene<'s> {
    /// The account; `None` where there is none.
    pub(super) account: Option<&'s Account>,
    /// Who asks.
    pub(super) asked: Asked<'s>,
    /// What expressions see.
    pub(super) facts: Facts<'s>,
}

impl<'s> Scene<'s> {
    pub(super) fn new(
        bundle: &'s Bundle,
        account: Option<&'s Account>,
        asked: Asked<'s>,
        now: Timestamp,
    ) -> Self {
        let situation = Situation {
            account,
            asked,
            now,
        };
        Self {
            account,
            asked,
            facts: situation.facts(&bundle.lifecycle),
        }
    }
}
