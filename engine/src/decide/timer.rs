//! What happens by itself when its time has come.

use super::effect::leaves;
use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Closing, Event, Gate, Outcome, Timer};
use crate::lifecycle::model::{Transition, Trigger};
use crate::name::{AttemptId, TransitionName};
use crate::situation::{Asked, Situation};

impl Case<'_> {
    /// Lets a timer have its effect, once, if it is armed and due.
    pub(super) fn fire(&mut self, timer: &Timer) -> Result<Outcome, Stop> {
        let due = self.existing()?.timers.get(timer).copied();
        if due.is_none_or(|due| due > self.now) {
            return Err(denial(Gate::State, "D0005", "the timer is not due").into());
        }
        for gate in [Gate::Policy, Gate::Caller] {
            self.gates.pass(gate, "its time has come", None);
        }
        match timer {
            Timer::After(transition) => self.fire_transition(transition),
            Timer::Lapse(attempt) => self.lapse(timer, attempt),
            Timer::Overdue(owed) => self.overdue(timer, owed),
        }
    }

    /// A timed transition. Where a guard or a cool-down keeps it from happening it stays due, and is
    /// tried again.
    fn fire_transition(&mut self, name: &TransitionName) -> Result<Outcome, Stop> {
        let lifecycle = &self.bundle.lifecycle;
        let account = self.existing()?.clone();
        let transition = lifecycle.transitions.get(name);
        let waits_here = |known: &&Transition| {
            matches!(known.trigger, Trigger::After(_)) && leaves(lifecycle, &account, known)
        };
        let Some(transition) = transition.map(AsRef::as_ref).filter(waits_here) else {
            // The definition that armed it is gone, and the timer with it.
            self.disarm(Timer::After(name.clone()))?;
            return Ok(Outcome::Applied { moves: Vec::new() });
        };
        self.admit_state(transition)?;
        let facts = Situation {
            account: Some(&account),
            asked: Asked::NOBODY,
            now: self.now,
        }
        .facts(&self.bundle.lifecycle);
        self.check_guards(transition, &facts)?;
        self.check_cooldowns(transition, &account)?;
        self.gates.pass(
            Gate::Guard,
            "the conditions hold",
            self.bundle.locate(transition.span),
        );
        self.gates.pass(Gate::Quota, "nothing to spend", None);
        self.gates
            .pass(Gate::Verification, "nothing to prove", None);
        let moves = self.make(transition, Asked::NOBODY)?;
        Ok(Outcome::Applied { moves })
    }

    fn lapse(&mut self, timer: &Timer, attempt: &AttemptId) -> Result<Outcome, Stop> {
        let open = &self.existing()?.attempts;
        let transition = open
            .iter()
            .find(|(_, id)| *id == attempt)
            .map(|(name, _)| name.clone());
        match transition {
            Some(transition) => self.close(attempt.clone(), &transition, Closing::Expired)?,
            None => self.disarm(timer.clone())?,
        }
        Ok(Outcome::Applied { moves: Vec::new() })
    }

    fn overdue(&mut self, timer: &Timer, owed: &TransitionName) -> Result<Outcome, Stop> {
        let open = &self.existing()?.obligations;
        let obligation = open
            .iter()
            .find(|open| open.owed == *owed && !open.reminded)
            .cloned();
        self.disarm(timer.clone())?;
        if let Some(obligation) = obligation {
            self.remind(&obligation)?;
            self.emit(Event::ObligationReminded { owed: owed.clone() })?;
        }
        Ok(Outcome::Applied { moves: Vec::new() })
    }
}
