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
        Err(not_proved(&self.bundle.lifecycle).into())
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
        let allowed = ask_policies(self.bundle, access, account.as_deref(), asked, self.now);
        if allowed.is_err() {
            return Err(self.no_such_attempt().into());
        }
        let Some((.., by)) = self.awaited_approval(attempt) else {
            return Err(self.no_such_attempt().into());
        };
        let admitted = self.admit_caller(by, transition, account.as_deref(), asked);
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
            Method::Code { .. } | Method::Acknowledge { .. } => None,
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
