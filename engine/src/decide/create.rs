//! Creating an account: every declared attribute, every workflow in its initial state, unless the
//! account has lived elsewhere and comes with its states.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::admission::read;
use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Account, Event, Gate, InputText, Outcome, Timer};
use crate::lifecycle::model::Trigger;
use crate::name::Name;
use crate::value::Value;

impl Case<'_> {
    /// The store's owner creates an account.
    pub(super) fn create(
        &mut self,
        supplied: &BTreeMap<String, InputText>,
        occupied: &BTreeMap<Name, Name>,
    ) -> Result<Outcome, Stop> {
        let id = self.request.account.clone();
        if self
            .account
            .as_ref()
            .is_some_and(|account| account.erased_at.is_some())
        {
            return Err(self.was_erased().into());
        }
        if self.account.is_some() {
            return Err(denial(Gate::State, "D0012", format!("account `{id}` exists")).into());
        }
        for gate in [Gate::Policy, Gate::Caller] {
            self.gates.pass(gate, "the store's owner", None);
        }
        let attributes = self.read_attributes(supplied)?;
        let states = self.read_states(occupied)?;
        self.gates.pass(
            Gate::State,
            "the attributes and states are well formed",
            None,
        );
        let account = Account::new(id, self.now, attributes.clone(), states.clone());
        let mut claims = Vec::new();
        for (attribute, value) in &attributes {
            claims.extend(self.check_claim(attribute, Some(value), &account)?);
        }
        self.gates
            .pass(Gate::Guard, "no value is held by too many accounts", None);
        self.gates.pass(Gate::Quota, "nothing to spend", None);
        self.gates
            .pass(Gate::Verification, "nothing to prove", None);
        // The first event makes the account rather than changing it.
        self.account = Some(Arc::new(account));
        self.events.push(Event::Created {
            attributes,
            states: states.clone(),
        });
        for claim in claims {
            self.emit(Event::Claimed(claim))?;
        }
        self.arm(&states)?;
        Ok(Outcome::Applied { moves: Vec::new() })
    }

    fn arm(&mut self, states: &BTreeMap<Name, Name>) -> Result<(), Stop> {
        for (name, transition) in &self.bundle.lifecycle.transitions {
            let state = states.get(&name.workflow);
            let starts_here = state.is_some_and(|state| transition.from.contains(state));
            if let (Trigger::After(wait), true) = (&transition.trigger, starts_here) {
                let timer = Timer::After(name.clone());
                self.emit(Event::TimerArmed {
                    timer,
                    due: self.now.after(*wait),
                })?;
            }
        }
        Ok(())
    }

    /// The given states, and the initial ones of the other workflows.
    fn read_states(&self, occupied: &BTreeMap<Name, Name>) -> Result<BTreeMap<Name, Name>, Stop> {
        let workflows = &self.bundle.lifecycle.workflows;
        let refuse = |message: String| Stop::from(denial(Gate::State, "D0006", message));
        for (workflow, state) in occupied {
            let Some(known) = workflows.get(workflow) else {
                let hint = hint(workflow.as_str(), workflows.keys());
                return Err(refuse(format!("there is no workflow `{workflow}`{hint}")));
            };
            if !known.states.contains_key(state) {
                let hint = hint(state.as_str(), known.states.keys());
                return Err(refuse(format!("`{workflow}` has no state `{state}`{hint}")));
            }
        }
        let initial = workflows
            .iter()
            .map(|(name, workflow)| (name, &workflow.initial));
        let state = initial
            .map(|(name, initial)| (name.clone(), occupied.get(name).unwrap_or(initial).clone()));
        Ok(state.collect())
    }

    fn read_attributes(
        &self,
        supplied: &BTreeMap<String, InputText>,
    ) -> Result<BTreeMap<Name, Value>, Stop> {
        let declared = &self.bundle.lifecycle.attributes;
        let refuse = |message: String| Stop::from(denial(Gate::State, "D0006", message));
        for name in supplied.keys() {
            if !declared.contains_key(name.as_str()) {
                let hint = hint(name, declared.keys());
                return Err(refuse(format!("there is no attribute `{name}`{hint}")));
            }
        }
        let mut values = BTreeMap::new();
        for (name, attribute) in declared {
            if attribute.set_only && supplied.contains_key(name.as_str()) {
                let message = format!("no account is created with `{name}`: transitions set it");
                return Err(refuse(message));
            }
            let value = match supplied.get(name.as_str()) {
                Some(text) => {
                    let value = read(&attribute.ty, text);
                    Some(value.map_err(|error| refuse(format!("attribute `{name}`: {error}")))?)
                }
                None => attribute.default.clone(),
            };
            match value {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None if attribute.optional => {}
                None => {
                    let form = attribute.ty.name();
                    return Err(refuse(format!("attribute `{name}` ({form}) is missing")));
                }
            }
        }
        Ok(values)
    }
}

fn hint<'n>(wanted: &str, known: impl Iterator<Item = &'n Name>) -> String {
    crate::name::closest(wanted, known.map(Name::as_str))
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
