//! Those who make steps, and whether somebody is one of them.

use std::collections::BTreeSet;

use crate::analysis::{self, AskerId, Firing, Model};
use crate::expr::Truth;
use crate::lifecycle::model::Trigger;
use crate::name::Name;
use crate::policy::PrincipalName;

/// Those who make steps.
#[derive(Debug, Default)]
pub struct Who {
    /// Principals by their names, owners of accounts among them.
    pub principals: BTreeSet<PrincipalName>,
    /// All principals of these kinds.
    pub kinds: BTreeSet<Name>,
    /// Whoever is admitted under these caller rules.
    pub callers: BTreeSet<Name>,
    /// Whether what happens by itself is meant.
    pub time: bool,
}

impl Who {
    /// Whether somebody who may make a firing is one of them.
    pub(super) fn is(&self, model: &Model<'_>, asker: AskerId, firing: &Firing) -> Truth {
        let Some(asker) = model.asker(asker) else {
            return Truth::Unknown;
        };
        let name = &asker.principal.name;
        let is_certain = self.principals.contains(name)
            || self.kinds.contains(name.kind())
            || self.admits(model, firing);
        // An owner whose account is not known may be any that is named.
        let is_named = match &asker.who {
            analysis::Who::Listed(_) => true,
            analysis::Who::Owner { .. } => model.profile().id.is_some(),
            analysis::Who::OtherOwner { account, .. } => account.is_some(),
        };
        let mut named = self.principals.iter();
        if is_certain {
            Truth::True
        } else if !is_named && named.any(|it| it.kind() == name.kind()) {
            Truth::Unknown
        } else {
            Truth::False
        }
    }

    /// Whether a firing is of a transition that admits under one of the caller rules.
    fn admits(&self, model: &Model<'_>, firing: &Firing) -> bool {
        let transitions = &model.bundle().lifecycle.transitions;
        let declared = transitions.get(&firing.transition);
        declared.is_some_and(|declared| match &declared.trigger {
            Trigger::Request { caller, .. } => {
                let mut callers = caller.iter();
                callers.any(|caller| self.callers.contains(caller))
            }
            Trigger::TriggeredBy(_) | Trigger::After(_) => false,
        })
    }
}
