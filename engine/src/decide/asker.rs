//! Who asked for an attempt.

use std::collections::BTreeMap;

use crate::account::Attempt;
use crate::name::Name;
use crate::policy::Principal;
use crate::situation::Asked;
use crate::value::Value;

/// Who asked for an attempt, kept apart from it, so that the attempt can change meanwhile.
pub(super) struct Asker {
    principal: Principal,
    context: BTreeMap<Name, Value>,
    inputs: BTreeMap<Name, Value>,
}

impl Asker {
    /// The requester of an attempt.
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self {
            principal: attempt.requester.clone(),
            context: attempt.context.clone(),
            inputs: attempt.inputs.clone(),
        }
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            principal: Some(&self.principal),
            context: &self.context,
            inputs: &self.inputs,
        }
    }
}
