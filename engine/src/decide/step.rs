//! The steps of an attempt: which proof each uses, putting it to somebody, and what is waited for.

use super::admission::deny_code;
use super::attempt::Choice;
use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Attempt, Gate, Step, Waiting};
use crate::challenge::Authenticator;
use crate::expr::Facts;
use crate::lifecycle::model::{Channel, DenyStage, Method, Transition, Verification, VerifyStep};
use crate::name::Name;
use crate::value::Value;

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Every step is proved.
    Complete,
    /// A step waits for somebody.
    Waiting,
}

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
        facts: &Facts<'_>,
    ) -> Result<Progress, Stop> {
        while let Some((index, step)) = attempt.current() {
            if matches!(step, Step::Put { .. }) {
                return Ok(Progress::Waiting);
            }
            let declared = transition.verify.get(index);
            let usable = self.choose(transition, declared, choice.prefer, facts)?;
            let next = self.put(transition, attempt, &usable, choice, facts)?;
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
        refused.deny_code = deny_code(transition, DenyStage::Verification)
            .or_else(|| self.declared_deny_code(ways.iter().find(wanted)?));
        refused.place = step.and_then(|step| self.bundle.locate(step.span));
        Err(refused.into())
    }

    fn declared_deny_code(&self, verification: &Name) -> Option<String> {
        let declared = self.bundle.lifecycle.verifications.get(verification)?;
        declared.deny_code.as_deref().map(str::to_owned)
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
            Method::Totp {
                authenticator,
                enrol: false,
                ..
            } if !self.existing()?.authenticators.contains_key(authenticator) => return Ok(None),
            Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => None,
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
            (
                Method::Totp {
                    authenticator,
                    enrol: true,
                    ..
                },
                _,
            ) => {
                // A rehearsal draws no secret, and nobody proves anything in it.
                let secret = self.request.drawn.clone().unwrap_or_default();
                let new = Authenticator::new(secret);
                attempt.enrolling.insert(authenticator.clone(), new);
                Ok(Step::Put {
                    verification,
                    challenge: None,
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
        let declared = self.bundle.lifecycle.verifications.get(&used);
        if let Some(Method::Totp { enrol: false, .. }) = declared.map(|known| &known.method) {
            let message = format!("`{used}` is proved by an app: no code is sent for it");
            return Err(denial(Gate::Verification, "V0009", message).into());
        }
        if let Some(challenge) = challenge
            && let Some(Method::Code { rules, .. }) = declared.map(|known| &known.method)
        {
            let earliest = rules.resend_at(attempt.sends, challenge.sent_at);
            if let Some(earliest) = earliest.filter(|earliest| *earliest > self.now) {
                let message = "a code was sent a moment ago; wait before asking for another";
                let mut refused = denial(Gate::Verification, "V0006", message);
                refused.retry_at = Some(earliest);
                refused.place = self.place_of(&used);
                return Err(refused.into());
            }
        }
        if let Some(step) = attempt.steps.get_mut(index) {
            *step = Step::Waiting;
        }
        Ok(Some(used))
    }

    /// The verification that another code is asked for by, which must be one of the step's: a code
    /// that went another way than it was asked to would go where nobody expects it.
    pub(super) fn way_to_resend<'n>(
        &self,
        transition: &Transition,
        attempt: &Attempt,
        prefer: Option<&'n Name>,
    ) -> Result<Option<&'n Name>, Stop> {
        let current = attempt.current();
        let step = current.and_then(|(index, _)| transition.verify.get(index));
        let ways = step.map_or(&[][..], |step| step.any.as_slice());
        match prefer {
            Some(way) if !ways.contains(way) => {
                let ways: Vec<&str> = ways.iter().map(Name::as_str).collect();
                let ways = ways.join(", ");
                let message =
                    format!("`{way}` does not prove this step of the attempt, but {ways}");
                Err(denial(Gate::Verification, "V0009", message).into())
            }
            way => Ok(way),
        }
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

pub(super) fn count(number: usize) -> u32 {
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
