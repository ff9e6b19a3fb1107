//! Running a transition and moving its attempt on: run, confirm, resend, cancel.

use std::collections::{BTreeMap, BTreeSet};

use super::asker::Asker;
use super::gates::denial;
use super::step::Progress;
use super::{Case, Scene, Stop};
use crate::account::{
    Actor, Attempt, Closing, Command, Denial, Digest, Event, Gate, InputText, Outcome, Proof,
    QuotaKey, Step, Timer,
};
use crate::expr::Facts;
use crate::lifecycle::model::{Lifecycle, Transition};
use crate::name::{AttemptId, Name, TransitionName};
use crate::policy::Principal;
use crate::quota::CellChange;
use crate::situation::Asked;

/// What a requester decides about verifications beforehand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'c> {
    pub(super) acknowledged: &'c BTreeSet<Name>,
    pub(super) prefer: Option<&'c Name>,
}

/// The words for a wrong, an expired and an unknown code alike, and for an attempt that is not
/// there: whoever guesses learns nothing from the answer.
const NOT_PROVED: &str = "the code is wrong or no longer valid";

impl<'a> Case<'a> {
    /// A principal asks for a transition.
    pub(super) fn run(
        &mut self,
        asker: &Principal,
        name: &TransitionName,
        supplied: &BTreeMap<String, InputText>,
        choice: &Choice<'_>,
    ) -> Result<Outcome, Stop> {
        let transition = self.transition(name)?;
        // Policies may depend on what is supplied. What is not well formed is to them as if it were
        // left out, and is refused at its own gate, by which nobody comes who is not admitted.
        let (inputs, malformed) = self.read_inputs(transition, supplied);
        let asked = Asked {
            principal: Some(asker),
            context: &self.request.context,
            inputs: &inputs,
        };
        let account = self.account.clone();
        let scene = self.scene(account.as_deref(), asked);
        self.admit_principal(transition, &scene)?;
        self.admit_state(transition)?;
        malformed.map_or(Ok(()), Err)?;
        self.admit_guards(transition, &scene.facts)?;
        self.has_room(transition, &scene.facts)?;
        let mut attempt = self.open(transition, asker, &inputs);
        match self.advance(transition, &mut attempt, choice, &scene.facts)? {
            Progress::Complete => {
                self.supersede(transition)?;
                self.complete(transition, attempt, &scene.facts)
            }
            Progress::Waiting => {
                self.supersede(transition)?;
                let timer = Timer::Lapse(attempt.id.clone());
                self.emit(Event::TimerArmed {
                    timer,
                    due: attempt.expires_at,
                })?;
                self.pending(transition, attempt)
            }
        }
    }

    fn open(
        &mut self,
        transition: &'a Transition,
        requester: &Principal,
        inputs: &BTreeMap<Name, crate::value::Value>,
    ) -> Attempt {
        Attempt {
            id: self.entropy.attempt_id(),
            account: self.request.account.clone(),
            transition: transition.name.clone(),
            definition: Digest(transition.fingerprint),
            requester: requester.clone(),
            listed: self.is_listed(requester),
            context: self.request.context.clone(),
            inputs: inputs.clone(),
            opened_at: self.now,
            expires_at: self.now.after(transition.within),
            sends: 0,
            steps: vec![Step::Waiting; transition.verify.len()],
            enrolling: BTreeMap::new(),
        }
    }

    /// Ends the attempt at the same transition that a newer request replaces.
    fn supersede(&mut self, transition: &Transition) -> Result<(), Stop> {
        let older = self.existing()?.attempts.get(&transition.name).cloned();
        match older {
            Some(id) => self.close(id, &transition.name, Closing::Superseded),
            None => Ok(()),
        }
    }

    /// Ends an attempt, and the timer that would have ended it.
    pub(super) fn close(
        &mut self,
        attempt: AttemptId,
        transition: &TransitionName,
        how: Closing,
    ) -> Result<(), Stop> {
        self.disarm(Timer::Lapse(attempt.clone()))?;
        self.emit(Event::AttemptClosed {
            attempt,
            transition: transition.clone(),
            how,
        })
    }

    fn pending(&mut self, transition: &'a Transition, attempt: Attempt) -> Result<Outcome, Stop> {
        let waiting = self.waiting(transition, &attempt);
        let detail = format!("waits for `{}`", waiting.verification);
        let place = self.place_of(&waiting.verification);
        self.gates.wait(Gate::Verification, detail, place);
        let id = attempt.id.clone();
        self.emit(Event::AttemptPut(Box::new(attempt)))?;
        Ok(Outcome::Pending {
            attempt: id,
            waiting: Box::new(waiting),
        })
    }

    /// Everything is proved: the transition is paid for, and happens.
    fn complete(
        &mut self,
        transition: &'a Transition,
        attempt: Attempt,
        facts: &Facts<'_>,
    ) -> Result<Outcome, Stop> {
        if !transition.quotas.is_empty() {
            let spent = self.room(transition, facts)?;
            self.spend(spent)?;
        }
        let detail = match transition.verify.len() {
            0 => "nothing to prove".to_owned(),
            steps => format!("proved in {steps} of {steps} steps"),
        };
        self.gates.pass(
            Gate::Verification,
            detail,
            self.bundle.locate(transition.span),
        );
        let moves = self.make(transition, facts)?;
        for (name, enrolled) in attempt.enrolling {
            let kept = Some(enrolled);
            self.emit(Event::Authenticator { name, kept })?;
        }
        Ok(Outcome::Applied { moves })
    }

    /// Somebody proves the step that an attempt waits for. The gates are passed again first: what
    /// held when the attempt was opened need not hold now.
    pub(super) fn confirm(
        &mut self,
        actor: &Actor,
        id: &AttemptId,
        proof: &Proof,
    ) -> Result<Outcome, Stop> {
        let (mut attempt, transition) = self.open_attempt(actor, id)?;
        if *proof == Proof::Approve {
            self.admit_approver(actor, transition, &attempt)?;
        }
        attempt.requester = self.requester(actor, &attempt)?;
        let (asker, account) = (Asker::of(&attempt), self.account.clone());
        let scene = self.scene(account.as_deref(), asker.asked());
        self.admit_again(transition, &scene)?;
        let nothing = BTreeSet::new();
        let acknowledged = match proof {
            Proof::Acknowledge(risks) => risks,
            Proof::Code { .. } | Proof::Totp { .. } | Proof::Approve => &nothing,
        };
        match proof {
            Proof::Code { matches } => self.prove_code(transition, &mut attempt, *matches)?,
            Proof::Totp { step } => self.prove_totp(transition, &mut attempt, *step)?,
            Proof::Approve => self.prove_approval(&mut attempt)?,
            Proof::Acknowledge(risks) => self.prove_risk(&mut attempt, risks)?,
        }
        let proved = attempt.clone();
        let choice = Choice {
            acknowledged,
            prefer: None,
        };
        match self.advance(transition, &mut attempt, &choice, &scene.facts) {
            Ok(progress) => self.settle(transition, attempt, &scene.facts, progress),
            // The next code cannot be sent: that does not undo the proof of this step.
            Err(Stop::Denied(refused)) => {
                self.emit(Event::AttemptPut(Box::new(proved)))?;
                Err(Stop::Denied(refused))
            }
            Err(stop) => Err(stop),
        }
    }

    fn settle(
        &mut self,
        transition: &'a Transition,
        attempt: Attempt,
        facts: &Facts<'_>,
        progress: Progress,
    ) -> Result<Outcome, Stop> {
        match progress {
            Progress::Waiting => self.pending(transition, attempt),
            Progress::Complete => {
                let closed = self.close(attempt.id.clone(), &transition.name, Closing::Applied);
                let made = closed.and_then(|()| self.complete(transition, attempt, facts));
                // A transition that cannot be made leaves its attempt as it was.
                made.inspect_err(|_| self.rollback())
            }
        }
    }

    /// The requester asks for another code.
    pub(super) fn resend(
        &mut self,
        actor: &Actor,
        id: &AttemptId,
        prefer: Option<&Name>,
    ) -> Result<Outcome, Stop> {
        let (mut attempt, transition) = self.open_attempt(actor, id)?;
        attempt.requester = self.requester(actor, &attempt)?;
        let (asker, account) = (Asker::of(&attempt), self.account.clone());
        let scene = self.scene(account.as_deref(), asker.asked());
        self.admit_again(transition, &scene)?;
        let used = self.allow_resend(&mut attempt)?;
        let nothing = BTreeSet::new();
        let choice = Choice {
            acknowledged: &nothing,
            prefer: self
                .way_to_resend(transition, &attempt, prefer)?
                .or(used.as_ref()),
        };
        let progress = self.advance(transition, &mut attempt, &choice, &scene.facts)?;
        self.settle(transition, attempt, &scene.facts, progress)
    }

    /// The requester gives an attempt up.
    pub(super) fn cancel(&mut self, actor: &Actor, id: &AttemptId) -> Result<Outcome, Stop> {
        let attempt = self.held(actor, id)?;
        self.close(attempt.id, &attempt.transition, Closing::Cancelled)?;
        Ok(Outcome::Applied { moves: Vec::new() })
    }

    fn admit_again(&mut self, transition: &'a Transition, scene: &Scene<'_>) -> Result<(), Stop> {
        self.admit_principal(transition, scene)?;
        self.admit_state(transition)?;
        self.admit_guards(transition, &scene.facts)?;
        self.has_room(transition, &scene.facts)
    }

    /// The quota gate, first half: what the transition will spend is there.
    fn has_room(&mut self, transition: &Transition, facts: &Facts<'_>) -> Result<(), Stop> {
        self.room(transition, facts).map(|_| ())
    }

    fn room(
        &mut self,
        transition: &Transition,
        facts: &Facts<'_>,
    ) -> Result<Vec<(QuotaKey, CellChange)>, Stop> {
        // Most spend nothing, and need not be looked at for it.
        if transition.quotas.is_empty() {
            self.gates.pass(Gate::Quota, "nothing to spend", None);
            return Ok(Vec::new());
        }
        self.admit_quotas(&transition.quotas, facts)
    }

    /// An attempt that the actor may move on, with its transition as it is defined now.
    fn open_attempt(
        &self,
        actor: &Actor,
        id: &AttemptId,
    ) -> Result<(Attempt, &'a Transition), Stop> {
        let attempt = self.held(actor, id)?;
        let transition = self.bundle.lifecycle.transitions.get(&attempt.transition);
        match transition.filter(|now| attempt.definition == Digest(now.fingerprint)) {
            Some(transition) => Ok((attempt, transition)),
            None => {
                let message = "the transition was defined anew since the attempt was opened";
                Err(denial(Gate::Verification, "V0005", message).into())
            }
        }
    }

    /// The named attempt, if it is open and the actor has a say in it.
    fn held(&self, actor: &Actor, id: &AttemptId) -> Result<Attempt, Stop> {
        let approving = self.request.command.is_approval();
        let open = |attempt: &&Attempt| {
            attempt.id == *id
                && attempt.account == self.request.account
                && attempt.expires_at > self.now
                && self
                    .account
                    .as_ref()
                    .is_some_and(|account| account.attempts.get(&attempt.transition) == Some(id))
        };
        let attempt = self
            .view
            .attempt
            .as_ref()
            .filter(open)
            .filter(|attempt| attempt.has_say(actor, approving));
        attempt
            .cloned()
            .ok_or_else(|| self.no_such_attempt().into())
    }

    /// The denial of an attempt that is not there, or is to look like that.
    pub(super) fn no_such_attempt(&self) -> Denial {
        no_such_attempt(&self.request.command, &self.bundle.lifecycle)
    }

    /// Undoes everything that this decision changed so far.
    pub(super) fn rollback(&mut self) {
        self.account = self.view.account.clone();
        self.shared.clear();
        self.events.clear();
    }
}

/// The denial of what names an attempt that is not there, or is nobody's business but others': in
/// the words for a wrong code where a code is presented, so that it cannot be told from one.
pub fn no_such_attempt(command: &Command, lifecycle: &Lifecycle) -> Denial {
    match command {
        Command::Confirm {
            proof: Proof::Code { .. },
            ..
        } => not_proved(lifecycle),
        _ => not_open(),
    }
}

/// The denial of a code that does not convince.
pub(super) fn not_proved(lifecycle: &Lifecycle) -> Denial {
    let mut refused = denial(Gate::Verification, "V0002", NOT_PROVED);
    refused.deny_code = lifecycle.wrong_code.as_deref().map(str::to_owned);
    refused
}

fn not_open() -> Denial {
    denial(
        Gate::Verification,
        "V0005",
        "there is no such open attempt of yours",
    )
}
