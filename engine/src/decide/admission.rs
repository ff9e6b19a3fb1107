//! The gates before anything is proved: policy, caller, state, guard.

use std::collections::BTreeMap;

use super::gates::denial;
use super::{Case, Need, Stop};
use crate::account::{Account, Actor, Attempt, ClaimKey, Denial, Gate, InputText};
use crate::bundle::Bundle;
use crate::expr::{EvalError, Expression, Facts};
use crate::lifecycle::model::{Access, DenyStage, Transition, Trigger};
use crate::name::{Name, TransitionName};
use crate::policy::{Effect, Principal, Ruling, Stage};
use crate::situation::{Asked, Situation};
use crate::source::Span;
use crate::time::{Timestamp, format_duration};
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

    /// The gates that look at who asks: policy, then caller.
    pub(super) fn admit_principal(
        &mut self,
        transition: &Transition,
        asked: Asked<'_>,
    ) -> Result<(), Stop> {
        let Trigger::Request { access, caller, .. } = &transition.trigger else {
            let message = format!("`{}` is not requested by anybody", transition.name);
            return Err(denial(Gate::Policy, "D0003", message).into());
        };
        let account = self.account.clone();
        let passed = ask_policies(self.bundle, access, account.as_ref(), asked, self.now);
        let coded = |mut refused: Box<Denial>| {
            refused.deny_code = deny_code(transition, DenyStage::Policy);
            refused
        };
        let passed = passed.map_err(coded)?;
        self.gates.pass(Gate::Policy, passed.reason, passed.place);
        match caller {
            Some(rule) => self.admit_caller(rule, transition, account.as_ref(), asked)?,
            None => {
                self.gates.pass(Gate::Caller, "any principal", None);
                self.existing()?;
            }
        }
        match passed.held_back {
            Some(refused) => Err(coded(refused).into()),
            None => Ok(()),
        }
    }

    pub(super) fn admit_caller(
        &mut self,
        rule: &Name,
        transition: &Transition,
        account: Option<&Account>,
        asked: Asked<'_>,
    ) -> Result<(), Stop> {
        let lifecycle = &self.bundle.lifecycle;
        let declared = lifecycle.callers.get(rule);
        // The same words whether the account is somebody else's or not there at all.
        let message = format!(
            "the principal is not `{rule}` of account `{}`, or there is no such account",
            self.request.account
        );
        let mut refused = denial(Gate::Caller, "D0004", message);
        refused.deny_code = deny_code(transition, DenyStage::Caller)
            .or_else(|| declared?.deny_code.as_deref().map(str::to_owned));
        refused.place = declared.and_then(|caller| self.bundle.locate(caller.span));
        let (Some(caller), Some(account), Some(principal)) = (declared, account, asked.principal)
        else {
            return Err(refused.into());
        };
        let facts = Situation {
            account: Some(account),
            asked,
            now: self.now,
        }
        .facts(lifecycle);
        // A rule that cannot be evaluated refuses in the same words: its error would tell of the
        // account to whoever is not admitted.
        let own = Value::AccountId(principal.account.clone());
        let at_home = caller.of.as_ref().is_none_or(|of| {
            let home = of.value(&facts).ok().flatten();
            home.is_some_and(|home| home == own)
        });
        let holds = caller
            .when
            .as_ref()
            .is_none_or(|when| when.truth(&facts).unwrap_or(false));
        if !(caller.kinds.contains(&principal.kind) && at_home && holds) {
            return Err(refused.into());
        }
        self.gates.pass(
            Gate::Caller,
            format!("is `{rule}`"),
            self.bundle.locate(caller.span),
        );
        Ok(())
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

    /// The state gate, second half: the inputs are the declared ones, of the declared types.
    pub(super) fn read_inputs(
        &self,
        transition: &Transition,
        supplied: &BTreeMap<String, InputText>,
    ) -> Result<BTreeMap<Name, Value>, Stop> {
        let refuse = |message: String| {
            let mut refused = denial(Gate::State, "D0006", message);
            refused.deny_code = deny_code(transition, DenyStage::Input);
            refused.place = self.bundle.locate(transition.span);
            Stop::from(refused)
        };
        for name in supplied.keys() {
            if !transition.inputs.contains_key(name.as_str()) {
                let known = transition.inputs.keys().map(Name::as_str);
                let hint = crate::name::closest(name, known)
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let message = format!("`{}` takes no input `{name}`{hint}", transition.name);
                return Err(refuse(message));
            }
        }
        let mut values = BTreeMap::new();
        for (name, input) in &transition.inputs {
            match supplied.get(name.as_str()) {
                Some(text) => {
                    let value = read(&input.ty, text)
                        .map_err(|error| refuse(format!("input `{name}`: {error}")))?;
                    values.insert(name.clone(), value);
                }
                None if input.optional => {}
                None => {
                    let form = input.ty.name();
                    return Err(refuse(format!("input `{name}` ({form}) is missing")));
                }
            }
        }
        Ok(values)
    }

    /// The guard gate: the conditions, the cool-downs, and the values that only so many may hold.
    pub(super) fn admit_guards(
        &mut self,
        transition: &Transition,
        asked: Asked<'_>,
    ) -> Result<(), Stop> {
        let account = self.existing()?.clone();
        let facts = Situation {
            account: Some(&account),
            asked,
            now: self.now,
        }
        .facts(&self.bundle.lifecycle);
        self.check_guards(transition, &facts)?;
        self.check_cooldowns(transition, &account)?;
        for (attribute, assignment) in &transition.set {
            let value = self.evaluate(&assignment.value, &facts, Gate::Guard)?;
            self.check_claim(attribute, value.as_ref(), &account)?;
        }
        let detail = match transition.guards.len() {
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
fn failed(bundle: &Bundle, gate: Gate, error: &EvalError, span: Span, what: &str) -> Box<Denial> {
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

/// What policies said that allowed a request.
pub(super) struct Allowed {
    /// Why, in one sentence.
    pub(super) reason: String,
    /// Where it is written.
    pub(super) place: Option<String>,
    /// What control policies refuse it with all the same. They say where the account is, which is
    /// for nobody to learn whom the caller rule does not admit.
    pub(super) held_back: Option<Box<Denial>>,
}

/// Asks the policies about every resource of an access: all must be allowed.
///
/// To whom its own policies do not allow the request, control policies say nothing: their answer
/// would tell an account that is there from one that is not.
pub(super) fn ask_policies(
    bundle: &Bundle,
    access: &Access,
    account: Option<&Account>,
    asked: Asked<'_>,
    now: Timestamp,
) -> Result<Allowed, Box<Denial>> {
    let lifecycle = &bundle.lifecycle;
    let situation = Situation {
        account,
        asked,
        now,
    };
    let mut facts = situation.facts(lifecycle);
    let resources = bundle
        .resources(access, &facts)
        .map_err(|error| failed(bundle, Gate::Policy, &error, access.span, "resource name"))?;
    let Some(principal) = asked.principal else {
        return Err(Box::new(denial(Gate::Policy, "D0003", "nobody asks")));
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let permission = &*access.permission;
    let mut ruling = bundle.rule(principal, permission, &resources, &mut facts);
    let mut held_back = None;
    if matches!(ruling.stage, Stage::ControlPolicy { .. }) {
        held_back = Some(refusal(bundle, &ruling, permission, account.is_some()));
        ruling = bundle.rule_beyond_control(principal, permission, &resources, &mut facts);
    }
    if ruling.is_allowed() {
        return Ok(Allowed {
            reason: ruling.reason(permission),
            place: place(bundle, &ruling),
            held_back,
        });
    }
    Err(refusal(bundle, &ruling, permission, account.is_some()))
}

fn place(bundle: &Bundle, ruling: &Ruling) -> Option<String> {
    let decided = ruling.statement()?;
    bundle.locate(decided.span())
}

fn refusal(bundle: &Bundle, ruling: &Ruling, permission: &str, is_there: bool) -> Box<Denial> {
    let mut reason = ruling.reason(permission);
    // What failed for want of an account would tell that there is none.
    if let Some(error) = ruling.error.as_ref().filter(|_| is_there) {
        reason.push_str(&format!(" ({error})"));
    }
    let code = match ruling.effect {
        Effect::ExplicitDeny => "D0002",
        _ => "D0003",
    };
    let mut refused = denial(Gate::Policy, code, reason);
    refused.effect = Some(ruling.effect.to_string());
    refused.place = place(bundle, ruling);
    Box::new(refused)
}
