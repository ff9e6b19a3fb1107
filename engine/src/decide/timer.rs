//! What happens by itself when its time has come.
//!
//! A timer that is due may have to wait: for its guard, for a cool-down, for a value that another
//! account holds. It is then put off for as long again as it has waited, so that a timer that waits
//! for ever costs next to nothing; and it is due at once when the account changes, since that is what
//! most guards wait for.

use std::time::Duration;

use super::effect::leaves;
use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Closing, Denial, Event, Gate, Outcome, Timer};
use crate::lifecycle::model::{Transition, Trigger};
use crate::name::{AttemptId, TransitionName};
use crate::situation::Asked;

/// The code of a timer that is not armed, or not due.
pub const NOT_DUE: &str = "D0005";

/// The least and the most that a timer is put off by.
const PUT_OFF_MIN: Duration = Duration::from_secs(60);
const PUT_OFF_MAX: Duration = Duration::from_secs(86_400);

impl Case<'_> {
    /// Lets a timer have its effect, once, if it is armed and due; or puts it off.
    pub(super) fn fire(&mut self, timer: &Timer) -> Result<Outcome, Stop> {
        let due = self.existing()?.timers.get(timer).copied();
        if due.is_none_or(|due| due > self.now) {
            return Err(denial(Gate::State, NOT_DUE, "the timer is not due").into());
        }
        for gate in [Gate::Policy, Gate::Caller] {
            self.gates.pass(gate, "its time has come", None);
        }
        let effect = match timer {
            Timer::After(transition) => self.fire_transition(transition),
            Timer::Lapse(attempt) => self.lapse(timer, attempt),
            Timer::Overdue(owed) => self.overdue(timer, owed),
        };
        if let Err(Stop::Denied(why)) = &effect {
            self.rollback();
            self.put_off(timer, why)?;
        }
        effect
    }

    /// Looks at a timer again when what keeps it is over, where that is known; otherwise after as
    /// long as it has waited.
    fn put_off(&mut self, timer: &Timer, why: &Denial) -> Result<(), Stop> {
        let account = self.existing()?;
        let since = account.waiting.get(timer).or(account.timers.get(timer));
        let waited = since.map_or(PUT_OFF_MIN, |since| self.now.since(*since));
        let again = self.now.after(waited.clamp(PUT_OFF_MIN, PUT_OFF_MAX));
        let known = why.retry_at.filter(|at| *at > self.now);
        self.emit(Event::TimerPostponed {
            timer: timer.clone(),
            until: known.unwrap_or(again),
        })
    }

    /// Makes the timers that wait due at once, where the account has changed in what they may wait
    /// for.
    pub(super) fn look_again(&mut self) {
        let changes = |event: &Event| {
            matches!(
                event,
                Event::Moved { .. } | Event::Assigned { .. } | Event::Migrated { .. }
            )
        };
        if !self.events.iter().any(changes) {
            return;
        }
        let waiting = self.account.iter().flat_map(|account| &account.waiting);
        let waiting: Vec<Timer> = waiting.map(|(timer, _)| timer.clone()).collect();
        for timer in waiting {
            let due = self.now;
            // An armed timer fits every account.
            let _ = self.emit(Event::TimerArmed { timer, due });
        }
    }

    /// A timed transition. Where a guard or a cool-down keeps it from happening it waits.
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
        let facts = self.scene(Some(&account), Asked::NOBODY).facts;
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
        let moves = self.make(transition, &facts)?;
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
