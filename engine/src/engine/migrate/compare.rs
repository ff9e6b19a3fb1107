//! Whether accounts may have to change for another definition: told from the definitions alone.

use crate::bundle::Bundle;
use crate::lifecycle::model::{Attribute, Lifecycle, Trigger};

/// Two definitions of one lifecycle.
pub(super) struct Comparison<'b> {
    /// The one before, if it is known.
    before: Option<&'b Lifecycle>,
    now: &'b Lifecycle,
}

impl<'b> Comparison<'b> {
    pub(super) fn of(before: Option<&'b Bundle>, now: &'b Bundle) -> Self {
        Self {
            before: before.map(|bundle| &bundle.lifecycle),
            now: &now.lifecycle,
        }
    }

    /// Whether there may be accounts that do not fit: that are in a state which is gone or renamed,
    /// have an attribute which is declared otherwise, or lack a timer. What else differs decides
    /// requests otherwise, and is nothing that an account is in.
    pub(super) fn is_to_be_looked_at(&self) -> bool {
        let Some(before) = self.before else {
            return true;
        };
        self.loses_states(before)
            || self.renames(before)
            || self.redeclares(before)
            || self.times(before)
    }

    fn loses_states(&self, before: &Lifecycle) -> bool {
        before.workflows.iter().any(|(name, workflow)| {
            let now = self.now.workflows.get(name);
            let mut states = workflow.states.keys();
            now.is_none_or(|now| states.any(|state| !now.states.contains_key(state)))
        })
    }

    fn renames(&self, before: &Lifecycle) -> bool {
        let migration = self.now.migration.as_ref();
        migration.is_some_and(|it| it.from == before.edition && !it.states.is_empty())
    }

    fn redeclares(&self, before: &Lifecycle) -> bool {
        let fits = |old: &Attribute, now: &Attribute| {
            old.ty == now.ty
                && (now.optional || !old.optional)
                && (now.shared_by_at_most.is_none() || old.shared_by_at_most.is_some())
        };
        let (old, now) = (&before.attributes, &self.now.attributes);
        let same = |name| old.get(name).zip(now.get(name));
        let goes = old
            .keys()
            .any(|name| same(name).is_none_or(|(a, b)| !fits(a, b)));
        goes || now
            .iter()
            .any(|(name, it)| !old.contains_key(name) && !it.optional)
    }

    /// Whether a state is left by itself now that was not before.
    fn times(&self, before: &Lifecycle) -> bool {
        self.now.transitions.iter().any(|(name, transition)| {
            let Trigger::After(_) = transition.trigger else {
                return false;
            };
            let old = before.transitions.get(name);
            let old = old.filter(|old| matches!(old.trigger, Trigger::After(_)));
            let mut from = transition.from.iter();
            from.any(|state| old.is_none_or(|old| !old.from.contains(state)))
        })
    }
}
