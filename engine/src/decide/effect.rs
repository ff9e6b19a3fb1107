//! Making a transition: the move, what it sets, sends and owes, and what it triggers.

use std::collections::VecDeque;

use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Account, ClaimKey, Event, Gate, Move, Obligation, OutboxBody, Timer};
use crate::expr::Facts;
use crate::lifecycle::model::{Lifecycle, Notice, Transition, Trigger};
use crate::name::{Name, TransitionName};
use crate::situation::Asked;
use crate::value::Value;

/// An attribute's new value, and what the account claims by holding it.
struct Assigned<'a> {
    attribute: &'a Name,
    value: Option<Value>,
    claim: Option<ClaimKey>,
}

/// What one transition does, worked out before it is made.
struct Prepared<'a> {
    from: Name,
    assigned: Vec<Assigned<'a>>,
    messages: Vec<Ready<'a>>,
}

/// A message that is ready to be queued.
struct Ready<'a> {
    notice: &'a Notice,
    to: String,
    text: String,
}

impl<'a> Case<'a> {
    /// Makes a transition and everything that it triggers, to a bounded fixpoint.
    pub(super) fn make(
        &mut self,
        transition: &'a Transition,
        facts: &Facts<'_>,
    ) -> Result<Vec<Move>, Stop> {
        let prepared = self.prepare(transition, facts)?;
        let mut moves = vec![self.apply(transition, prepared)?];
        let mut fired = VecDeque::from([&transition.name]);
        // Loading refuses trigger cycles; the bound makes that a promise of this function too.
        let mut left = self.bundle.lifecycle.transitions.len();
        while let Some(cause) = fired.pop_front() {
            for next in self.triggered(cause)? {
                let Some(rest) = left.checked_sub(1) else {
                    let message = "the transitions it triggers come to no end";
                    return Err(denial(Gate::Guard, "D0010", message).into());
                };
                left = rest;
                let facts = self.scene(Some(self.existing()?), Asked::NOBODY).facts;
                let prepared = self.prepare(next, &facts)?;
                moves.push(self.apply(next, prepared)?);
                fired.push_back(&next.name);
            }
        }
        Ok(moves)
    }

    /// What a transition triggers from where the account is now: the first in each workflow.
    fn triggered(&self, cause: &TransitionName) -> Result<Vec<&'a Transition>, Stop> {
        let lifecycle = &self.bundle.lifecycle;
        let waits = |trigger: &Trigger| match trigger {
            Trigger::TriggeredBy(causes) => causes.contains(cause),
            Trigger::Request { .. } | Trigger::After(_) => false,
        };
        let declared = lifecycle.transitions.iter();
        let mut waiting = declared
            .filter(|(_, transition)| waits(&transition.trigger))
            .peekable();
        if waiting.peek().is_none() {
            return Ok(Vec::new());
        }
        let account = self.existing()?;
        let facts = self.scene(Some(account), Asked::NOBODY).facts;
        let mut found: Vec<&Transition> = Vec::new();
        for (name, transition) in waiting {
            let taken = found
                .iter()
                .any(|other| other.name.workflow == name.workflow);
            let leaves = leaves(lifecycle, account, transition);
            if leaves && !taken && self.holds(transition, account, &facts)? {
                found.push(transition);
            }
        }
        Ok(found)
    }

    /// Whether the guards and cool-downs of a transition that nobody asks for let it happen; a guard
    /// that cannot be evaluated denies all.
    fn holds(
        &self,
        transition: &Transition,
        account: &Account,
        facts: &Facts<'_>,
    ) -> Result<bool, Stop> {
        let guards = self.check_guards(transition, facts);
        match guards.and_then(|()| self.check_cooldowns(transition, account)) {
            Ok(()) => Ok(true),
            Err(refused) if matches!(refused.code.as_str(), "D0007" | "D0008") => Ok(false),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Works out what one transition does. Every expression sees the account as it was before.
    fn prepare(&self, transition: &'a Transition, facts: &Facts<'_>) -> Result<Prepared<'a>, Stop> {
        let before = self.existing()?;
        let from = place(&self.bundle.lifecycle, before, transition);
        Ok(Prepared {
            from: from.unwrap_or(&transition.to).clone(),
            assigned: self.assignments(transition, before, facts)?,
            messages: self.messages(&transition.notify, facts)?,
        })
    }

    /// Makes one transition.
    fn apply(
        &mut self,
        transition: &'a Transition,
        Prepared {
            from,
            assigned,
            messages,
        }: Prepared<'a>,
    ) -> Result<Move, Stop> {
        let (name, to) = (transition.name.clone(), transition.to.clone());
        self.emit(Event::Moved {
            transition: name.clone(),
            from: from.clone(),
            to: to.clone(),
        })?;
        self.rearm(transition, &from)?;
        for change in assigned {
            self.assign(change)?;
        }
        for name in &transition.forgets {
            let (name, kept) = (name.clone(), None);
            self.emit(Event::Authenticator { name, kept })?;
        }
        self.queue_all(messages)?;
        self.owe(transition)?;
        Ok(Move {
            transition: name,
            from,
            to,
        })
    }

    fn assignments(
        &self,
        transition: &'a Transition,
        before: &Account,
        facts: &Facts<'_>,
    ) -> Result<Vec<Assigned<'a>>, Stop> {
        let mut assigned = Vec::new();
        for (attribute, assignment) in &transition.set {
            let value = self.evaluate(&assignment.value, facts, Gate::Guard)?;
            let claim = self.check_claim(attribute, value.as_ref(), before)?;
            assigned.push(Assigned {
                attribute,
                value,
                claim,
            });
        }
        Ok(assigned)
    }

    fn assign(
        &mut self,
        Assigned {
            attribute,
            value,
            claim,
        }: Assigned<'_>,
    ) -> Result<(), Stop> {
        let old = self.existing()?.attributes.get(attribute);
        if old == value.as_ref() {
            return Ok(());
        }
        let declared = self.bundle.lifecycle.attributes.get(attribute);
        let limited = declared.is_some_and(|declared| declared.shared_by_at_most.is_some());
        let released = old.filter(|_| limited).map(|old| ClaimKey {
            attribute: attribute.clone(),
            value: old.clone(),
        });
        if let Some(claim) = released {
            self.emit(Event::Released(claim))?;
        }
        if let Some(claim) = claim {
            self.emit(Event::Claimed(claim))?;
        }
        self.emit(Event::Assigned {
            attribute: attribute.clone(),
            value,
        })
    }

    /// The messages of a transition, rendered; one without an address is not sent.
    fn messages(&self, notices: &'a [Notice], facts: &Facts<'_>) -> Result<Vec<Ready<'a>>, Stop> {
        let mut ready = Vec::new();
        for notice in notices {
            let wanted = notice
                .when
                .as_ref()
                .map_or(Ok(true), |when| when.truth(facts));
            let span = notice.to.span();
            if !wanted.map_err(|error| self.failed(Gate::Guard, &error, span, "notice"))? {
                continue;
            }
            let to = self.evaluate(&notice.to, facts, Gate::Guard)?;
            let message = self.bundle.lifecycle.messages.get(&notice.message);
            if let (Some(to), Some(message)) = (to, message) {
                let text = message.text.render(facts);
                let text = text
                    .map_err(|error| self.failed(Gate::Guard, &error, message.span, "message"))?;
                ready.push(Ready {
                    notice,
                    to: to.text(),
                    text,
                });
            }
        }
        Ok(ready)
    }

    fn queue_all(&mut self, messages: Vec<Ready<'_>>) -> Result<(), Stop> {
        for Ready { notice, to, text } in messages {
            let body = OutboxBody::Text(text);
            self.queue(notice.message.clone(), notice.by, &to, body)?;
        }
        Ok(())
    }

    /// Takes back the timers of the state that is left, and arms those of the state that is entered.
    fn rearm(&mut self, made: &Transition, from: &Name) -> Result<(), Stop> {
        let workflow = &made.name.workflow;
        for (name, transition) in &self.bundle.lifecycle.transitions {
            let Trigger::After(wait) = transition.trigger else {
                continue;
            };
            if name.workflow != *workflow {
                continue;
            }
            let timer = Timer::After(name.clone());
            if transition.from.contains(from) {
                self.disarm(timer.clone())?;
            }
            if transition.from.contains(&made.to) {
                self.emit(Event::TimerArmed {
                    timer,
                    due: self.now.after(wait),
                })?;
            }
        }
        Ok(())
    }

    /// Takes a timer back, if it is armed.
    pub(super) fn disarm(&mut self, timer: Timer) -> Result<(), Stop> {
        if self.existing()?.timers.contains_key(&timer) {
            self.emit(Event::TimerDisarmed { timer })?;
        }
        Ok(())
    }

    /// Notes what a transition makes owed, and what it settles.
    fn owe(&mut self, transition: &Transition) -> Result<(), Stop> {
        let owed = transition.name.clone();
        if self
            .existing()?
            .obligations
            .iter()
            .any(|open| open.owed == owed)
        {
            self.disarm(Timer::Overdue(owed.clone()))?;
            self.emit(Event::ObligationMet { owed })?;
        }
        let Some(restore) = &transition.restore else {
            return Ok(());
        };
        let (owed, due) = (restore.by.clone(), self.now.after(restore.within));
        // What is owed is owed once: raising anew never puts it off.
        let open = &self.existing()?.obligations;
        if open.iter().any(|open| open.owed == owed && open.due <= due) {
            return Ok(());
        }
        self.emit(Event::TimerArmed {
            timer: Timer::Overdue(owed.clone()),
            due,
        })?;
        let since = transition.name.clone();
        self.emit(Event::ObligationOpened(Obligation {
            owed,
            since,
            due,
            reminded: false,
        }))
    }

    /// Sends the reminders of an overdue obligation, as they are defined now, if they are.
    pub(super) fn remind(&mut self, obligation: &Obligation) -> Result<(), Stop> {
        let raised = self.bundle.lifecycle.transitions.get(&obligation.since);
        let facts = self.scene(Some(self.existing()?), Asked::NOBODY).facts;
        let restore = raised.and_then(|raised| raised.restore.as_ref());
        let notices = restore.map_or(&[][..], |restore| &restore.notify);
        let messages = self.messages(notices, &facts)?;
        self.queue_all(messages)
    }
}

/// Whether a transition leaves from where the account is.
pub(super) fn leaves(lifecycle: &Lifecycle, account: &Account, transition: &Transition) -> bool {
    place(lifecycle, account, transition).is_some_and(|at| transition.from.contains(at))
}

/// Where the account is, in the workflow of a transition.
fn place<'p>(
    lifecycle: &'p Lifecycle,
    account: &'p Account,
    transition: &Transition,
) -> Option<&'p Name> {
    let workflow = &transition.name.workflow;
    let initial = lifecycle.workflows.get(workflow).map(|flow| &flow.initial);
    account.state(workflow).or(initial)
}
