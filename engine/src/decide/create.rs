//! Creating an account: every declared attribute, every workflow in its initial state.

use std::collections::BTreeMap;

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
    ) -> Result<Outcome, Stop> {
        let id = self.request.account.clone();
        if self.account.is_some() {
            return Err(denial(Gate::State, "D0012", format!("account `{id}` exists")).into());
        }
        for gate in [Gate::Policy, Gate::Caller] {
            self.gates.pass(gate, "the store's owner", None);
        }
        let attributes = self.read_attributes(supplied)?;
        self.gates
            .pass(Gate::State, "the attributes are well formed", None);
        let lifecycle = &self.bundle.lifecycle;
        let states: BTreeMap<Name, Name> = lifecycle
            .workflows
            .iter()
            .map(|(name, workflow)| (name.clone(), workflow.initial.clone()))
            .collect();
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
        self.account = Some(account);
        self.events.push(Event::Created { attributes, states });
        for claim in claims {
            self.emit(Event::Claimed(claim))?;
        }
        self.arm_initial()?;
        Ok(Outcome::Applied { moves: Vec::new() })
    }

    fn arm_initial(&mut self) -> Result<(), Stop> {
        let lifecycle = &self.bundle.lifecycle;
        for (name, transition) in &lifecycle.transitions {
            let initial = lifecycle
                .workflows
                .get(&name.workflow)
                .map(|flow| &flow.initial);
            let starts_here = initial.is_some_and(|initial| transition.from.contains(initial));
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

    fn read_attributes(
        &self,
        supplied: &BTreeMap<String, InputText>,
    ) -> Result<BTreeMap<Name, Value>, Stop> {
        let declared = &self.bundle.lifecycle.attributes;
        let refuse = |message: String| Stop::from(denial(Gate::State, "D0006", message));
        for name in supplied.keys() {
            if !declared.contains_key(name.as_str()) {
                let hint = crate::name::closest(name, declared.keys().map(Name::as_str))
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(refuse(format!("there is no attribute `{name}`{hint}")));
            }
        }
        let mut values = BTreeMap::new();
        for (name, attribute) in declared {
            let value = match supplied.get(name.as_str()) {
                Some(InputText::Plain(text)) => {
                    let parsed = attribute.ty.parse(text);
                    Some(parsed.map_err(|error| refuse(format!("attribute `{name}`: {error}")))?)
                }
                Some(InputText::Sealed(digest)) => Some(Value::Secret(digest.clone())),
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
