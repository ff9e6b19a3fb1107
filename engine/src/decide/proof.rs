//! Taking proofs: a presented code, an acknowledged risk, another principal's consent.

use std::collections::BTreeSet;

use super::attempt::not_proved;
use super::gates::denial;
use super::principal::ask_policies;
use super::{Case, Stop};
use crate::account::{Actor, Attempt, Closing, Denial, Event, Gate, Step};
use crate::lifecycle::model::{Method, Transition, Trigger, Verification};
use crate::name::Name;
use crate::situation::Asked;
use crate::time::Timestamp;

impl<'a> Case<'a> {
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
                ..
            },
        )) = attempt.current()
        else {
            return Err(another_proof(attempt).into());
        };
        let verification = verification.clone();
        if matches && challenge.expires_at > self.now {
            self.emit(Event::CodeMatched)?;
            prove(attempt, index, verification, self.now);
            return Ok(());
        }
        self.count_wrong(transition, attempt, index)
    }

    /// Takes the code of an app, which counts once.
    pub(super) fn prove_totp(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        step: Option<u64>,
    ) -> Result<(), Stop> {
        self.check_failures()?;
        let awaited = attempt.current().and_then(|(index, put)| match put {
            Step::Put { verification, .. } => Some((index, verification.clone())),
            Step::Waiting | Step::Proved { .. } => None,
        });
        let declared = |name: &Name| Some(&self.bundle.lifecycle.verifications.get(name)?.method);
        let Some((index, verification)) = awaited else {
            return Err(another_proof(attempt).into());
        };
        let Some(Method::Totp {
            authenticator,
            enrol,
            ..
        }) = declared(&verification)
        else {
            return Err(another_proof(attempt).into());
        };
        let kept = match enrol {
            true => attempt.enrolling.get(authenticator),
            false => self.existing()?.authenticators.get(authenticator),
        };
        let Some(used) = step.and_then(|step| kept?.used(step)) else {
            return self.count_wrong(transition, attempt, index);
        };
        self.emit(Event::CodeMatched)?;
        if *enrol {
            attempt.enrolling.insert(authenticator.clone(), used);
        } else {
            let (name, kept) = (authenticator.clone(), Some(used));
            self.emit(Event::Authenticator { name, kept })?;
        }
        prove(attempt, index, verification, self.now);
        Ok(())
    }

    /// Counts a wrong code against the account and the attempt, which it may lock.
    fn count_wrong(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        index: usize,
    ) -> Result<(), Stop> {
        self.emit(Event::CodeFailed)?;
        let lifecycle = &self.bundle.lifecycle;
        let is_locked = match attempt.steps.get_mut(index) {
            Some(Step::Put {
                verification,
                wrong,
                ..
            }) => {
                *wrong = wrong.saturating_add(1);
                *wrong >= attempts_allowed(lifecycle.verifications.get(verification))
            }
            _ => true,
        };
        if is_locked {
            self.close(attempt.id.clone(), &transition.name, Closing::Locked)?;
        } else {
            self.emit(Event::AttemptPut(Box::new(attempt.clone())))?;
        }
        Err(not_proved(lifecycle).into())
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

    /// The gates before another principal's consent: it must hold the permission and be the caller
    /// that the approval demands, in a session of its own. Whoever is not learns nothing: neither
    /// that there is such an attempt, nor how it fares.
    pub(super) fn admit_approver(
        &mut self,
        actor: &Actor,
        transition: &Transition,
        attempt: &Attempt,
    ) -> Result<(), Stop> {
        let (Actor::Principal(approver), Trigger::Request { access, .. }) =
            (actor, &transition.trigger)
        else {
            return Err(self.no_such_attempt().into());
        };
        let asked = Asked {
            principal: Some(approver),
            context: &self.request.context,
            inputs: &attempt.inputs,
        };
        let account = self.account.clone();
        let scene = self.scene(account.as_deref(), asked);
        if ask_policies(self.bundle, access, &scene).is_err() {
            return Err(self.no_such_attempt().into());
        }
        let Some((.., by)) = self.awaited_approval(attempt) else {
            return Err(self.no_such_attempt().into());
        };
        let admitted = self.admit_caller(by, transition, &scene);
        admitted.map_err(|_| self.no_such_attempt().into())
    }

    /// Takes the consent of an approver that was admitted.
    pub(super) fn prove_approval(&self, attempt: &mut Attempt) -> Result<(), Stop> {
        let awaited = self.awaited_approval(attempt);
        let (index, verification, _) = awaited.ok_or_else(|| another_proof(attempt))?;
        prove(attempt, index, verification, self.now);
        Ok(())
    }

    /// The approval that an attempt waits for: its step, its name, and the caller rule for it.
    fn awaited_approval(&self, attempt: &Attempt) -> Option<(usize, Name, &'a Name)> {
        let (index, step) = attempt.current()?;
        let Step::Put { verification, .. } = step else {
            return None;
        };
        match &self
            .bundle
            .lifecycle
            .verifications
            .get(verification)?
            .method
        {
            Method::Approval { by } => Some((index, verification.clone(), by)),
            Method::Code { .. } | Method::Acknowledge { .. } | Method::Totp { .. } => None,
        }
    }
}

fn prove(attempt: &mut Attempt, index: usize, verification: Name, at: Timestamp) {
    if let Some(step) = attempt.steps.get_mut(index) {
        *step = Step::Proved { verification, at };
    }
}

/// Wrong codes until an attempt is locked; none are allowed where the verification is gone.
fn attempts_allowed(verification: Option<&Verification>) -> u32 {
    match verification.map(|known| &known.method) {
        Some(Method::Code { rules, .. }) => rules.attempts,
        Some(Method::Totp { attempts, .. }) => *attempts,
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
