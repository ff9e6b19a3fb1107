//! What is known of the account that is reasoned about.

use std::collections::BTreeMap;

use crate::account::Account;
use crate::lifecycle::model::Lifecycle;
use crate::name::{AccountId, Name};
use crate::time::Timestamp;
use crate::value::Value;

/// What is known of an account and of what comes with requests. Nothing, by default: then any account
/// is meant that begins where new ones do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: Option<AccountId>,
    /// Its attributes, as far as they are known; `None` for one that is known to be unset.
    pub attributes: BTreeMap<Name, Option<Value>>,
    /// Its states, by workflow; initial ones where left out.
    pub states: BTreeMap<Name, Name>,
    /// What requesters supply, where that is known.
    pub inputs: BTreeMap<Name, Value>,
    /// Facts of requesters' sessions, where they are known.
    pub context: BTreeMap<Name, Value>,
    /// The instant of all requests, where it matters.
    pub now: Option<Timestamp>,
}

impl Profile {
    /// An account of which everything is known.
    pub fn of(account: &Account, lifecycle: &Lifecycle) -> Self {
        let attribute = |name: &Name| (name.clone(), account.attributes.get(name).cloned());
        let state = |name: &Name| Some((name.clone(), account.state(name)?.clone()));
        Self {
            id: Some(account.id.clone()),
            attributes: lifecycle.attributes.keys().map(attribute).collect(),
            states: lifecycle.workflows.keys().filter_map(state).collect(),
            ..Self::default()
        }
    }
}
