//! The gates between who asks and what is proved: state and guard.

use std::collections::BTreeMap;

use super::gates::denial;
use super::{Case, Need, Stop};
use crate::account::{Account, Actor, Attempt, ClaimKey, Denial, Gate, InputText};
use crate::bundle::Bundle;
use crate::expr::{EvalError, Expression, Facts};
use crate::lifecycle::model::{DenyStage, Transition};
use crate::name::{Name, TransitionName};
use crate::policy::Principal;
use crate::source::Span;
use crate::time::format_duration;
use crate::value::{Value, ValueError, ValueType};

impl<'a> Case<'a> {
    /// A declared transition. The shell refuses unknown names before a decision is asked for.
    pub(super) fn transition(&self, name: &TransitionName) -> Result<&'a Transition, Stop> {
        let known = self.bundle.lifecycle.transitions.get(name);
        known.map(AsRef::as_ref).ok_or_else(|| {
            denial(
                Gate::State,
                "D0005",
                format!("there is no transition `{name}`"),
            )
            .into()
        })
    }

    /// The state gate, first half: the transition leaves from where the account is.
    pub(super) fn admit_state(&mut self, transition: &Transition) -> Result<Name, Stop> {
        let workflow = &transition.name.workflow;
        let initial = self
            .bundle
            .lifecycle
            .workflows
            .get(workflow)
            .map(|flow| &flow.initial);
        let state = self.existing()?.state(workflow).or(initial).cloned();
        let place = self.bundle.locate(transition.span);
        match state {
            Some(state) if transition.from.contains(&state) => {
                let detail = format!("`{}` leaves from `{state}`", transition.name);
                self.gates.pass(Gate::State, detail, place);
                Ok(state)
            }
            other => {
                let state = other.map_or_else(|| "no state".to_owned(), |state| state.to_string());
                let message = format!("`{}` does not leave from `{state}`", transition.name);
                let mut refused = denial(Gate::State, "D0005", message);
                refused.deny_code = deny_code(transition, DenyStage::State);
                refused.place = place;
                Err(refused.into())
            }
        }
    }

    /// The state gate, second half: the inputs are the declared ones, of the declared types. Told are
    /// those that are, and what is wrong first.
    pub(super) fn read_inputs(
        &self,
        transition: &Transition,
        supplied: &BTreeMap<String, InputText>,
    ) -> (BTreeMap<Name, Value>, Option<Stop>) {
        let refuse = |message: String| {
            let mut refused = denial(Gate::State, "D0006", message);
            refused.deny_code = deny_code(transition, DenyStage::Input);
            refused.place = self.bundle.locate(transition.span);
            Stop::from(refused)
        };
        let mut unknown = supplied
            .keys()
            .filter(|name| !transition.inputs.contains_key(name.as_str()));
        let mut wrong = unknown.next().map(|name| {
            let known = transition.inputs.keys().map(Name::as_str);
            let hint = crate::name::closest(name, known)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("`{}` takes no input `{name}`{hint}", transition.name)
        });
        let mut values = BTreeMap::new();
        for (name, input) in &transition.inputs {
            let found = match supplied.get(name.as_str()) {
                Some(text) => {
                    let value =
                        read(&input.ty, text).map(|value| values.insert(name.clone(), value));
                    value.err().map(|error| format!("input `{name}`: {error}"))
                }
                None if input.optional => None,
                None => Some(format!("input `{name}` ({}) is missing", input.ty.name())),
            };
            wrong = wrong.or(found);
        }
        (values, wrong.map(refuse))
    }

    /// The guard gate: the conditions, the cool-downs, and the values that only so many may hold.
    pub(super) fn admit_guards(
        &mut self,
        transition: &Transition,
        facts: &Facts<'_>,
    ) -> Result<(), Stop> {
        let account = self.existing()?;
        self.check_guards(transition, facts)?;
        self.check_cooldowns(transition, account)?;
        for (attribute, assignment) in &transition.set {
            let value = self.evaluate(&assignment.value, facts, Gate::Guard)?;
            self.check_claim(attribute, value.as_ref(), account)?;
        }
        let own = transition.guards.iter().filter(|guard| !guard.is_freeze);
        let detail = match own.count() {
            0 => "no conditions".to_owned(),
            1 => "the condition holds".to_owned(),
            many => format!("all {many} conditions hold"),
        };
        self.gates
            .pass(Gate::Guard, detail, self.bundle.locate(transition.span));
        Ok(())
    }

    /// Whether every condition of a transition holds.
    pub(super) fn check_guards(
        &self,
        transition: &Transition,
        facts: &Facts<'_>,
    ) -> Result<(), Box<Denial>> {
        for guard in &transition.guards {
            let span = guard.condition.span();
            let holds = guard
                .condition
                .truth(facts)
                .map_err(|error| self.failed(Gate::Guard, &error, span, "condition"))?;
            if !holds {
                let message = guard.because.as_deref().map_or_else(
                    || format!("`{}` does not hold", guard.condition.text()),
                    str::to_owned,
                );
                let mut refused = denial(Gate::Guard, "D0007", message);
                refused.deny_code = guard
                    .deny_code
                    .as_deref()
                    .map(str::to_owned)
                    .or_else(|| deny_code(transition, DenyStage::Guard));
                refused.place = self.bundle.locate(span);
                return Err(refused.into());
            }
        }
        Ok(())
    }

    pub(super) fn check_cooldowns(
        &self,
        transition: &Transition,
        account: &Account,
    ) -> Result<(), Box<Denial>> {
        for cooldown in &transition.cooldown {
            let last = account.applied.get(&cooldown.after);
            let over = last
                .map(|at| at.after(cooldown.wait))
                .filter(|over| *over > self.now);
            if let Some(over) = over {
                let wait = format_duration(cooldown.wait);
                let message = format!("less than {wait} have passed since `{}`", cooldown.after);
                let mut refused = denial(Gate::Guard, "D0008", message);
                refused.deny_code = deny_code(transition, DenyStage::Cooldown);
                refused.retry_at = Some(over);
                refused.place = self.bundle.locate(transition.span);
                return Err(refused.into());
            }
        }
        Ok(())
    }

    /// Whether the account may hold a value that only so many accounts may hold. `None`: the
    /// attribute is not such a one, or the account holds the value already.
    pub(super) fn check_claim(
        &self,
        attribute: &Name,
        value: Option<&Value>,
        account: &Account,
    ) -> Result<Option<ClaimKey>, Stop> {
        let declared = self.bundle.lifecycle.attributes.get(attribute);
        let (Some(declared), Some(value)) = (declared, value) else {
            return Ok(None);
        };
        let Some(most) = declared.shared_by_at_most else {
            return Ok(None);
        };
        if account.attributes.get(attribute) == Some(value) && account.revision.0 > 0 {
            return Ok(None);
        }
        let claim = ClaimKey {
            attribute: attribute.clone(),
            value: value.clone(),
        };
        let holders = self.view.holders.get(&claim);
        let holders = holders.ok_or_else(|| Stop::Need(Need::Holders(claim.clone())))?;
        let others = holders
            .iter()
            .filter(|holder| **holder != account.id)
            .count();
        if others >= usize::try_from(most).unwrap_or(usize::MAX) {
            let message = match most {
                1 => format!("`{attribute}` is in use by another account"),
                _ => format!("`{attribute}` is in use by {most} accounts already"),
            };
            let mut refused = denial(Gate::Guard, "D0009", message);
            refused.deny_code = declared.deny_code.as_deref().map(str::to_owned);
            refused.place = self.bundle.locate(declared.span);
            return Err(refused.into());
        }
        Ok(Some(claim))
    }

    /// The value of an expression; an error in it denies.
    pub(super) fn evaluate(
        &self,
        expression: &Expression,
        facts: &Facts<'_>,
        gate: Gate,
    ) -> Result<Option<Value>, Box<Denial>> {
        let value = expression.value(facts);
        value.map_err(|error| self.failed(gate, &error, expression.span(), "expression"))
    }

    /// The denial of an expression that failed.
    pub(super) fn failed(
        &self,
        gate: Gate,
        error: &EvalError,
        span: Span,
        what: &str,
    ) -> Box<Denial> {
        failed(self.bundle, gate, error, span, what)
    }

    /// The requester of an attempt as it is now: itself, if it acts; if another acts for it, as the
    /// bundle lists it, so that a detached policy counts at once. One that an embedding program
    /// brought is known only as it was; one that is listed no more may do nothing any more.
    pub(super) fn requester(&self, actor: &Actor, attempt: &Attempt) -> Result<Principal, Stop> {
        let asked = &attempt.requester;
        match actor {
            Actor::Principal(acting) if attempt.has_say(actor, false) => Ok(acting.clone()),
            _ if !attempt.listed => Ok(asked.clone()),
            _ => self.listed(asked).ok_or_else(|| {
                let message = format!("there is no principal `{}` any more", asked.name);
                denial(Gate::Policy, "D0003", message).into()
            }),
        }
    }

    pub(super) fn is_listed(&self, principal: &Principal) -> bool {
        self.listed(principal).is_some()
    }

    /// A principal as the bundle lists it, under the same account.
    fn listed(&self, principal: &Principal) -> Option<Principal> {
        let listed = self.bundle.principals.resolve(principal.name.as_str());
        listed
            .ok()
            .filter(|listed| listed.account == principal.account)
    }
}

/// A supplied text as a value of a type.
pub(super) fn read(ty: &ValueType, supplied: &InputText) -> Result<Value, ValueError> {
    match supplied {
        InputText::Plain(text) => ty.parse(text),
        InputText::Sealed(digest) => ty.sealed(digest),
    }
}

/// The denial of an expression that failed: closed, and saying so.
pub(super) fn failed(
    bundle: &Bundle,
    gate: Gate,
    error: &EvalError,
    span: Span,
    what: &str,
) -> Box<Denial> {
    let message = format!("the {what} could not be evaluated ({error}), which denies");
    let mut refused = denial(gate, "D0010", message);
    refused.place = bundle.locate(span);
    Box::new(refused)
}

/// The domain's own error code of a transition, by stage.
pub(super) fn deny_code(transition: &Transition, stage: DenyStage) -> Option<String> {
    transition
        .deny_codes
        .get(&stage)
        .map(|code| code.as_ref().to_owned())
}
