//! Verification: which proof a step uses, sending codes and what they spend, taking proofs.

use std::collections::BTreeSet;

use super::admission::{ask_policies, deny_code};
use super::attempt::{Choice, not_proved};
use super::facts::{Asked, facts};
use super::gates::denial;
use super::{Case, Need, Stop};
use crate::account::{
    Actor, Attempt, Closing, Denial, Event, Gate, OutboxBody, OutboxMessage, QuotaKey, Step,
    Waiting,
};
use crate::challenge::{Blocked, Challenge, CodeRules};
use crate::expr::{Facts, Val};
use crate::lifecycle::model::{
    Channel, DenyStage, Method, Transition, Trigger, Verification, VerifyStep,
};
use crate::name::Name;
use crate::quota::{Admission, CellChange, Cells, Rule};
use crate::time::format_duration;
use crate::value::Value;

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Every step is proved.
    Complete,
    /// A step waits for somebody.
    Waiting,
}

/// The message that carries codes, where the lifecycle declares its own words for it.
const CODE_MESSAGE: &str = "verification_code";

/// A way of proving that is open here and now.
struct Usable<'a> {
    name: &'a Name,
    verification: &'a Verification,
    /// Where its code goes, if it is one by code.
    address: Option<String>,
}

impl<'a> Case<'a> {
    /// Puts step after step until one waits, or all are proved.
    pub(super) fn advance(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        choice: &Choice<'_>,
    ) -> Result<Progress, Stop> {
        self.gates.pass(Gate::Quota, "nothing to spend", None);
        let account = self.existing()?.clone();
        let requester = attempt.requester.clone();
        let (inputs, context) = (attempt.inputs.clone(), attempt.context.clone());
        let asked = Asked {
            principal: Some(&requester),
            context: &context,
            inputs: &inputs,
        };
        let facts = facts(&self.bundle.lifecycle, Some(&account), asked, self.now);
        while let Some((index, step)) = attempt.current() {
            if matches!(step, Step::Put { .. }) {
                return Ok(Progress::Waiting);
            }
            let declared = transition.verify.get(index);
            let usable = self.choose(transition, declared, choice.prefer, &facts)?;
            let next = self.put(transition, attempt, &usable, choice, &facts)?;
            let waits = matches!(next, Step::Put { .. });
            if let Some(place) = attempt.steps.get_mut(index) {
                *place = next;
            }
            if waits {
                return Ok(Progress::Waiting);
            }
        }
        Ok(Progress::Complete)
    }

    /// The preferred way of proving a step, or the first that is available.
    fn choose(
        &self,
        transition: &'a Transition,
        step: Option<&'a VerifyStep>,
        prefer: Option<&Name>,
        facts: &Facts<'_>,
    ) -> Result<Usable<'a>, Stop> {
        let ways = step.map_or(&[][..], |step| step.any.as_slice());
        let wanted = |name: &&Name| match prefer.filter(|prefer| ways.contains(prefer)) {
            Some(prefer) => *name == prefer,
            None => true,
        };
        for name in ways.iter().filter(wanted) {
            if let Some(usable) = self.usable(name, facts)? {
                return Ok(usable);
            }
        }
        let tried: Vec<&str> = ways.iter().filter(wanted).map(Name::as_str).collect();
        let message = format!("no way to verify is available here: {}", tried.join(", "));
        let mut refused = denial(Gate::Verification, "V0001", message);
        refused.deny_code = deny_code(transition, DenyStage::Verification);
        refused.place = step.and_then(|step| self.bundle.locate(step.span));
        Err(refused.into())
    }

    fn usable(&self, name: &'a Name, facts: &Facts<'_>) -> Result<Option<Usable<'a>>, Stop> {
        let Some(verification) = self.bundle.lifecycle.verifications.get(name) else {
            return Ok(None);
        };
        if let Some(available) = &verification.available {
            let open = available.truth(facts).map_err(|error| {
                self.failed(Gate::Verification, &error, available.span(), "availability")
            })?;
            if !open {
                return Ok(None);
            }
        }
        let address = match &verification.method {
            Method::Code { to, .. } => match self.evaluate(to, facts, Gate::Verification)? {
                Some(address) => Some(address.text()),
                None => return Ok(None),
            },
            Method::Acknowledge { .. } | Method::Approval { .. } => None,
        };
        Ok(Some(Usable {
            name,
            verification,
            address,
        }))
    }

    fn put(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        usable: &Usable<'_>,
        choice: &Choice<'_>,
        facts: &Facts<'_>,
    ) -> Result<Step, Stop> {
        let verification = usable.name.clone();
        match (&usable.verification.method, &usable.address) {
            (Method::Code { channel, rules, .. }, Some(address)) => {
                let challenge = self.send(
                    transition,
                    attempt,
                    &verification,
                    (*channel, address),
                    rules,
                    facts,
                )?;
                Ok(Step::Put {
                    verification,
                    challenge: Some(Box::new(challenge)),
                    wrong: 0,
                })
            }
            (Method::Acknowledge { .. }, _) if choice.acknowledged.contains(usable.name) => {
                Ok(Step::Proved {
                    verification,
                    at: self.now,
                })
            }
            _ => Ok(Step::Put {
                verification,
                challenge: None,
                wrong: 0,
            }),
        }
    }

    /// Sends a code: every limit must admit it, and every limit is spent.
    fn send(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        verification: &Name,
        (channel, address): (Channel, &str),
        rules: &CodeRules,
        facts: &Facts<'_>,
    ) -> Result<Challenge, Stop> {
        self.check_failures()?;
        if attempt.sends >= rules.sends {
            let message = format!("this attempt has sent its {} codes", rules.sends);
            return Err(denial(Gate::Verification, "V0007", message).into());
        }
        self.spend(rules, address, facts)?;
        attempt.sends = attempt.sends.saturating_add(1);
        let expires_at = self.now.after(rules.valid_for).min(attempt.expires_at);
        let challenge = Challenge {
            transition: transition.name.clone(),
            account: attempt.account.clone(),
            attempt: attempt.id.clone(),
            step: count(attempt.current().map_or(0, |(index, _)| index)),
            verification: verification.clone(),
            address: address.into(),
            nonce: self.entropy.nonce(),
            key_id: self.view.key_id,
            digits: rules.digits,
            sent_at: self.now,
            expires_at,
        };
        let text = self.code_text(transition, rules, facts);
        let body = OutboxBody::Code {
            challenge: Box::new(challenge.clone()),
            text,
        };
        let message = CODE_MESSAGE.parse().map_err(|_| not_proved())?;
        self.queue(message, channel, address, body)?;
        Ok(challenge)
    }

    fn code_text(
        &self,
        transition: &'a Transition,
        rules: &CodeRules,
        facts: &Facts<'_>,
    ) -> String {
        let declared = self.bundle.lifecycle.messages.get(CODE_MESSAGE);
        // A code must not fail to go out over its wording: the plain words serve then.
        declared
            .and_then(|message| message.text.render(facts).ok())
            .unwrap_or_else(|| {
                let life = format_duration(rules.valid_for);
                let name = &transition.name;
                format!(
                    "{{code}} is your code for {name}. It is valid for {life}. Tell it to nobody."
                )
            })
    }

    /// Commits a message to the outbox.
    pub(super) fn queue(
        &mut self,
        message: Name,
        by: Channel,
        to: &str,
        body: OutboxBody,
    ) -> Result<(), Stop> {
        let queued = OutboxMessage {
            id: self.entropy.message_id(),
            account: self.request.account.clone(),
            queued_at: self.now,
            to: to.to_owned(),
            by,
            message,
            body,
            failures: 0,
            not_before: self.now,
        };
        self.emit(Event::Queued(Box::new(queued)))
    }

    /// The quota gate: every quota of a code must have room; then each is spent.
    fn spend(&mut self, rules: &CodeRules, address: &str, facts: &Facts<'_>) -> Result<(), Stop> {
        let mut facts = facts.clone();
        facts.set(self.bundle.lifecycle.slots.address, Val::Text(address));
        let mut spent: Vec<(QuotaKey, CellChange)> = Vec::new();
        let mut left: Option<(u32, &Name, Option<String>)> = None;
        for name in &rules.quotas {
            let Some(quota) = self.bundle.lifecycle.quotas.get(name) else {
                continue;
            };
            let place = self.bundle.locate(quota.span);
            let key = self.evaluate(&quota.key, &facts, Gate::Quota)?;
            let Some(key) = key else {
                let message = format!("quota `{name}` has no key here, which denies");
                return Err(denial(Gate::Quota, "D0010", message).into());
            };
            let key = QuotaKey {
                quota: name.clone(),
                key: key.text(),
            };
            let rule = Rule::new(quota.limit, quota.window.clone()).map_err(|error| {
                denial(Gate::Quota, "D0010", format!("quota `{name}`: {error}"))
            })?;
            match rule.admit(&self.cells(&key)?, self.now) {
                Admission::Admitted { change, remaining } => {
                    if left.as_ref().is_none_or(|(least, ..)| remaining < *least) {
                        left = Some((remaining, name, place));
                    }
                    spent.push((key, change));
                }
                Admission::Refused {
                    retry_at,
                    correction,
                } => {
                    self.corrections
                        .extend(correction.map(|change| (key, change)));
                    let message = format!("quota `{name}` of {} is used up", quota.limit);
                    let mut refused = denial(Gate::Quota, "Q0001", message);
                    refused.deny_code = quota.deny_code.as_deref().map(str::to_owned);
                    refused.retry_at = Some(retry_at);
                    refused.place = place;
                    return Err(refused.into());
                }
            }
        }
        if let Some((remaining, name, place)) = left {
            self.gates
                .pass(Gate::Quota, format!("{remaining} left of `{name}`"), place);
        }
        for (key, change) in spent {
            self.spend_cell(key, change)?;
        }
        Ok(())
    }

    pub(super) fn spend_cell(&mut self, key: QuotaKey, change: CellChange) -> Result<(), Stop> {
        if !key.is_of(&self.request.account) {
            let mut cells = self.cells(&key)?;
            cells.apply(&change).map_err(|error| {
                denial(
                    Gate::Quota,
                    "D0010",
                    format!("the stored cells do not fit: {error}"),
                )
            })?;
            self.shared.insert(key.clone(), cells);
        }
        self.emit(Event::QuotaSpent { key, change })
    }

    /// The cells of a key as this decision leaves them so far.
    fn cells(&self, key: &QuotaKey) -> Result<Cells, Stop> {
        if key.is_of(&self.request.account) {
            return Ok(self
                .existing()?
                .quotas
                .get(&key.quota)
                .cloned()
                .unwrap_or_default());
        }
        let known = self.shared.get(key).or_else(|| self.view.shared.get(key));
        known
            .cloned()
            .ok_or_else(|| Stop::Need(Need::Shared(key.clone())))
    }

    /// Takes a code that was presented, counting it where it is wrong.
    pub(super) fn prove_code(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        matches: bool,
    ) -> Result<(), Stop> {
        self.check_failures()?;
        let Some((
            index,
            Step::Put {
                verification,
                challenge: Some(challenge),
                wrong,
            },
        )) = attempt.current()
        else {
            return Err(another_proof(attempt).into());
        };
        let (verification, wrong) = (verification.clone(), wrong.saturating_add(1));
        let in_time = challenge.expires_at > self.now;
        let challenge = challenge.clone();
        if matches && in_time {
            self.emit(Event::CodeMatched)?;
            prove(attempt, index, verification, self.now);
            return Ok(());
        }
        self.emit(Event::CodeFailed)?;
        let declared = self.bundle.lifecycle.verifications.get(&verification);
        if wrong >= attempts_allowed(declared) {
            self.close(attempt.id.clone(), &transition.name, Closing::Locked)?;
        } else {
            if let Some(step) = attempt.steps.get_mut(index) {
                let verification = verification.clone();
                *step = Step::Put {
                    verification,
                    challenge: Some(challenge),
                    wrong,
                };
            }
            self.emit(Event::AttemptPut(Box::new(attempt.clone())))?;
        }
        let mut refused = not_proved();
        refused.deny_code = deny_code(transition, DenyStage::Verification)
            .or_else(|| declared?.deny_code.as_deref().map(str::to_owned));
        refused.place = self.place_of(&verification);
        Err(refused.into())
    }

    /// Takes the acknowledgement of a risk.
    pub(super) fn prove_risk(
        &mut self,
        attempt: &mut Attempt,
        risks: &BTreeSet<Name>,
    ) -> Result<(), Stop> {
        match attempt.current() {
            Some((
                index,
                Step::Put {
                    verification,
                    challenge: None,
                    ..
                },
            )) if risks.contains(verification) && self.is_risk(verification) => {
                let verification = verification.clone();
                prove(attempt, index, verification, self.now);
                Ok(())
            }
            _ => Err(another_proof(attempt).into()),
        }
    }

    fn is_risk(&self, verification: &Name) -> bool {
        let declared = self.bundle.lifecycle.verifications.get(verification);
        declared.is_some_and(|known| matches!(known.method, Method::Acknowledge { .. }))
    }

    /// Takes another principal's consent: it must hold the permission itself.
    pub(super) fn prove_approval(
        &mut self,
        actor: &Actor,
        transition: &'a Transition,
        attempt: &mut Attempt,
        asked: Asked<'_>,
    ) -> Result<(), Stop> {
        let (index, verification) = match attempt.current() {
            Some((
                index,
                Step::Put {
                    verification,
                    challenge: None,
                    ..
                },
            )) => (index, verification.clone()),
            _ => return Err(another_proof(attempt).into()),
        };
        let declared = self.bundle.lifecycle.verifications.get(&verification);
        let by = match declared.map(|known| &known.method) {
            Some(Method::Approval { by }) => by,
            _ => return Err(another_proof(attempt).into()),
        };
        let (Actor::Principal(approver), Trigger::Request { access, .. }) =
            (actor, &transition.trigger)
        else {
            return Err(not_proved().into());
        };
        let asked = Asked {
            principal: Some(approver),
            ..asked
        };
        let account = self.existing()?.clone();
        ask_policies(self.bundle, access, Some(&account), asked, self.now)?;
        self.admit_caller(by, transition, Some(&account), asked)?;
        prove(attempt, index, verification, self.now);
        Ok(())
    }

    /// Checks that a code may be sent again, and makes room for it. Returns the verification that
    /// was used so far.
    pub(super) fn allow_resend(&self, attempt: &mut Attempt) -> Result<Option<Name>, Stop> {
        let Some((index, step)) = attempt.current() else {
            return Ok(None);
        };
        let Step::Put {
            verification,
            challenge,
            ..
        } = step
        else {
            return Ok(None);
        };
        let used = verification.clone();
        if let Some(challenge) = challenge {
            let declared = self.bundle.lifecycle.verifications.get(&used);
            if let Some(Method::Code { rules, .. }) = declared.map(|known| &known.method) {
                let earliest = rules.resend_at(attempt.sends, challenge.sent_at);
                if let Some(earliest) = earliest.filter(|earliest| *earliest > self.now) {
                    let message = "a code was sent a moment ago; wait before asking for another";
                    let mut refused = denial(Gate::Verification, "V0006", message);
                    refused.retry_at = Some(earliest);
                    refused.place = self.place_of(&used);
                    return Err(refused.into());
                }
            }
        }
        if let Some(step) = attempt.steps.get_mut(index) {
            *step = Step::Waiting;
        }
        Ok(Some(used))
    }

    /// Too many wrong codes over all attempts stop sending and proving for a while.
    fn check_failures(&self) -> Result<(), Stop> {
        let account = self.existing()?;
        let Some(blocked) = account.failures.blocked_until(self.now) else {
            return Ok(());
        };
        let message = "too many wrong codes were given for this account";
        let mut refused = denial(Gate::Verification, "V0004", message);
        refused.retry_at = match blocked {
            Blocked::Until(until) => Some(until),
            Blocked::Forever => None,
        };
        Err(refused.into())
    }

    /// What an attempt waits for, in words for whoever must provide it.
    pub(super) fn waiting(&self, transition: &'a Transition, attempt: &Attempt) -> Waiting {
        let (index, verification, challenge) = match attempt.current() {
            Some((
                index,
                Step::Put {
                    verification,
                    challenge,
                    ..
                },
            )) => (index, Some(verification), challenge.as_deref()),
            Some((index, _)) => (index, None, None),
            None => (attempt.steps.len(), None, None),
        };
        let method = verification
            .and_then(|name| self.bundle.lifecycle.verifications.get(name))
            .map(|known| &known.method);
        Waiting {
            verification: verification.unwrap_or(&transition.name.transition).clone(),
            step: count(index.saturating_add(1)),
            steps: count(attempt.steps.len()),
            sent_to: challenge.map(|challenge| masked(method, &challenge.address)),
            code_expires_at: challenge.map(|challenge| challenge.expires_at),
            risk: match method {
                Some(Method::Acknowledge { text }) => Some(text.as_ref().to_owned()),
                _ => None,
            },
            approval_by: match method {
                Some(Method::Approval { by }) => Some(by.clone()),
                _ => None,
            },
            expires_at: attempt.expires_at,
        }
    }

    /// Where a verification is declared.
    pub(super) fn place_of(&self, verification: &Name) -> Option<String> {
        let declared = self.bundle.lifecycle.verifications.get(verification)?;
        self.bundle.locate(declared.span)
    }
}

fn prove(attempt: &mut Attempt, index: usize, verification: Name, at: crate::time::Timestamp) {
    if let Some(step) = attempt.steps.get_mut(index) {
        *step = Step::Proved { verification, at };
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where a code went, hidden enough for whoever asked.
fn masked(method: Option<&Method>, address: &str) -> String {
    match method {
        Some(Method::Code {
            channel: Channel::Sms,
            ..
        }) => Value::Phone(address.into()).masked(),
        _ => Value::Email(address.into()).masked(),
    }
}

/// Wrong codes until an attempt is locked; none are allowed where the verification is gone.
fn attempts_allowed(verification: Option<&Verification>) -> u32 {
    match verification.map(|known| &known.method) {
        Some(Method::Code { rules, .. }) => rules.attempts,
        _ => 0,
    }
}

/// The denial of a proof of another kind than the one the attempt waits for.
fn another_proof(attempt: &Attempt) -> Denial {
    let message = match attempt.current() {
        Some((_, Step::Put { verification, .. })) => {
            format!("the attempt waits for `{verification}`, which is proved in another way")
        }
        Some(_) => "no code could be sent yet; ask for one with `resend`".to_owned(),
        None => "the attempt waits for nothing".to_owned(),
    };
    denial(Gate::Verification, "V0009", message)
}
