//! Bringing an account under another definition than the one that made it what it is.
//!
//! Nothing is decided here that depends on the old definition: the account is made to fit the one
//! that decides, and what fits is left as it is. So a migration may be repeated, stopped anywhere and
//! gone on with. What is new takes its time from the migration: a timed transition that was added
//! waits its whole time from then on, however long the account has been in its state.

use std::collections::{BTreeMap, BTreeSet};

use super::effect::leaves;
use super::gates::denial;
use super::{Case, Need, Stop};
use crate::account::{Account, ClaimKey, Closing, Event, Gate, Outcome, Timer};
use crate::lifecycle::model::{Attribute, Trigger};
use crate::name::{AttemptId, Name};
use crate::value::{Value, ValueType};

/// Each old state that has another name now, by workflow.
type States = BTreeMap<Name, BTreeMap<Name, Name>>;

impl Case<'_> {
    /// Makes the account fit the definition.
    pub(super) fn migrate(
        &mut self,
        states: &States,
        void: &BTreeSet<AttemptId>,
        released: &BTreeSet<Name>,
    ) -> Result<Outcome, Stop> {
        let before = self.existing()?.clone();
        for gate in [Gate::Policy, Gate::Caller] {
            self.gates.pass(gate, "the store's owner", None);
        }
        self.release(&before, released)?;
        self.bring_over(&before, states)?;
        self.fit_attributes(&before)?;
        self.gates
            .pass(Gate::State, "every state and attribute has a place", None);
        self.claim_held()?;
        self.gates
            .pass(Gate::Guard, "no value is held by too many accounts", None);
        self.close_void(&before, void)?;
        self.drop_obligations(&before)?;
        self.fit_timers(&before)?;
        self.gates.pass(Gate::Quota, "nothing to spend", None);
        self.gates
            .pass(Gate::Verification, "nothing to prove", None);
        if !self.events.is_empty() {
            self.emit(Event::BroughtUnder(self.bundle.fingerprint))?;
        }
        Ok(Outcome::Applied { moves: Vec::new() })
    }

    /// Leaves workflows that are gone, goes where states have gone, and enters new workflows.
    fn bring_over(&mut self, before: &Account, states: &States) -> Result<(), Stop> {
        let workflows = &self.bundle.lifecycle.workflows;
        // Where a state's new name is an old name of another, only the first migration may map it.
        let mapped = before.brought_under != Some(self.bundle.fingerprint);
        let target = |workflow: &Name, state: &Name| {
            let renamed = states.get(workflow).filter(|_| mapped);
            renamed.and_then(|names| names.get(state)).cloned()
        };
        for (workflow, place) in &before.states {
            let to = match workflows.get(workflow) {
                None => None,
                Some(now) => {
                    let to = target(workflow, &place.state).unwrap_or(place.state.clone());
                    if !now.states.contains_key(&to) {
                        let message = format!("no place is given to accounts in `{workflow}.{to}`");
                        return Err(denial(Gate::State, "D0010", message).into());
                    }
                    Some(to)
                }
            };
            if to.as_ref() != Some(&place.state) {
                let (workflow, from) = (workflow.clone(), Some(place.state.clone()));
                self.emit(Event::Migrated { workflow, from, to })?;
            }
        }
        for (workflow, now) in workflows {
            if !before.states.contains_key(workflow) {
                let to = target(workflow, &now.initial).unwrap_or(now.initial.clone());
                let (workflow, from, to) = (workflow.clone(), None, Some(to));
                self.emit(Event::Migrated { workflow, from, to })?;
            }
        }
        Ok(())
    }

    /// Drops attributes that are declared no more, reads the others as they are declared now, and
    /// gives new ones their defaults.
    fn fit_attributes(&mut self, before: &Account) -> Result<(), Stop> {
        let declared = &self.bundle.lifecycle.attributes;
        for (attribute, value) in &before.attributes {
            let fitting = match declared.get(attribute) {
                None => None,
                Some(now) => Some(refit(attribute, now, value)?),
            };
            if fitting.as_ref() != Some(value) {
                let (attribute, value) = (attribute.clone(), fitting);
                self.emit(Event::Assigned { attribute, value })?;
            }
        }
        for (attribute, now) in declared {
            if before.attributes.contains_key(attribute) || now.optional {
                continue;
            }
            let Some(default) = now.default.clone() else {
                let message = format!("attribute `{attribute}` is new and has no default");
                return Err(denial(Gate::State, "D0010", message).into());
            };
            let (attribute, value) = (attribute.clone(), Some(default));
            self.emit(Event::Assigned { attribute, value })?;
        }
        Ok(())
    }

    /// Lets go of values that are not limited any more.
    fn release(&mut self, before: &Account, released: &BTreeSet<Name>) -> Result<(), Stop> {
        for (attribute, value) in &before.attributes {
            let claim = ClaimKey {
                attribute: attribute.clone(),
                value: value.clone(),
            };
            if released.contains(attribute) && self.holders(&claim)?.contains(&before.id) {
                self.emit(Event::Released(claim))?;
            }
        }
        Ok(())
    }

    /// Claims the values that only so many accounts may hold now.
    fn claim_held(&mut self) -> Result<(), Stop> {
        let account = self.existing()?.clone();
        for (attribute, value) in &account.attributes {
            let declared = self.bundle.lifecycle.attributes.get(attribute);
            let Some(most) = declared.and_then(|declared| declared.shared_by_at_most) else {
                continue;
            };
            let (attribute, value) = (attribute.clone(), value.clone());
            let claim = ClaimKey { attribute, value };
            let holders = self.holders(&claim)?;
            if holders.contains(&account.id) {
                continue;
            }
            if holders.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                let attribute = &claim.attribute;
                let message = match most {
                    1 => format!("`{attribute}` has a value that another account has"),
                    _ => format!("`{attribute}` has a value that {most} other accounts have"),
                };
                return Err(denial(Gate::Guard, "D0009", message).into());
            }
            self.emit(Event::Claimed(claim))?;
        }
        Ok(())
    }

    fn holders(&self, claim: &ClaimKey) -> Result<&[crate::name::AccountId], Stop> {
        let holders = self.view.holders.get(claim).map(Vec::as_slice);
        holders.ok_or_else(|| Stop::Need(Need::Holders(claim.clone())))
    }

    fn close_void(&mut self, before: &Account, void: &BTreeSet<AttemptId>) -> Result<(), Stop> {
        for (transition, attempt) in &before.attempts {
            let known = self.bundle.lifecycle.transitions.contains_key(transition);
            if !known || void.contains(attempt) {
                self.close(attempt.clone(), transition, Closing::Void)?;
            }
        }
        Ok(())
    }

    /// What is owed and cannot be made any more is not owed.
    fn drop_obligations(&mut self, before: &Account) -> Result<(), Stop> {
        for open in &before.obligations {
            let owed = open.owed.clone();
            if !self.bundle.lifecycle.transitions.contains_key(&owed) {
                self.disarm(Timer::Overdue(owed.clone()))?;
                self.emit(Event::ObligationMet { owed })?;
            }
        }
        Ok(())
    }

    /// Takes back the timers of transitions that do not leave from here any more, and arms those that
    /// are not armed yet.
    fn fit_timers(&mut self, before: &Account) -> Result<(), Stop> {
        let lifecycle = &self.bundle.lifecycle;
        let account = self.existing()?.clone();
        let timed = lifecycle.transitions.iter();
        let timed = timed.filter_map(|(name, transition)| match transition.trigger {
            Trigger::After(wait) if leaves(lifecycle, &account, transition) => Some((name, wait)),
            _ => None,
        });
        let timed: BTreeMap<_, _> = timed.collect();
        for timer in before.timers.keys() {
            if let Timer::After(name) = timer
                && !timed.contains_key(name)
            {
                self.disarm(timer.clone())?;
            }
        }
        for (name, wait) in timed {
            let timer = Timer::After(name.clone());
            if !account.timers.contains_key(&timer) {
                let due = self.now.after(wait);
                self.emit(Event::TimerArmed { timer, due })?;
            }
        }
        Ok(())
    }
}

/// A value as its attribute is declared now.
fn refit(attribute: &Name, now: &Attribute, value: &Value) -> Result<Value, Stop> {
    match (&now.ty, value) {
        (ValueType::Secret, Value::Secret(_)) => return Ok(value.clone()),
        (ValueType::Secret, _) | (_, Value::Secret(_)) => {}
        (ty, value) => {
            if let Ok(fitting) = ty.parse(&value.text()) {
                return Ok(fitting);
            }
        }
    }
    let form = now.ty.name();
    let message = format!("attribute `{attribute}` has a value that is no {form}");
    Err(denial(Gate::State, "D0010", message).into())
}
