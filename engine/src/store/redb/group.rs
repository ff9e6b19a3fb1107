//! Group commit: callers that come at the same time share one round of work, and so one sync of the
//! disk.
//!
//! Whoever finds nobody at work leads: takes what waits, does it, calls the first of those who came
//! meanwhile to lead the next round, and answers everybody in its own. So a single caller never waits
//! for another thread to wake up, and many callers make rounds that grow with their number, without any
//! timer. Nobody is answered before the round is finished.
//!
//! To begin the next round while the last one waits for the disk was tried, and is slower: it begins
//! with the few who are not in the last one, and so makes many small rounds of few large ones.

use std::collections::VecDeque;

use super::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs that are done in rounds.
pub(super) struct Group<J, A> {
    state: Mutex<State<J, A>>,
    limits: Limits,
}

/// How much a group takes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most jobs that wait; more are refused.
    pub(super) waiting: usize,
    /// Most jobs of one round.
    pub(super) round: usize,
    /// The weight at which a round is full.
    pub(super) weight: usize,
}

/// Why a job was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many wait. The job was not begun.
    Full,
    /// A round broke off. It is not known whether the job was done.
    Broken,
}

struct State<J, A> {
    waiting: VecDeque<Waiting<J, A>>,
    /// Whether somebody leads, or was called to.
    led: bool,
    /// Whether a round broke off: its work may be half done.
    broken: bool,
}

struct Waiting<J, A> {
    job: J,
    weight: usize,
    ticket: Arc<Ticket<A>>,
}

/// Where a caller waits for its answer, or for its turn to lead.
struct Ticket<A> {
    turn: Mutex<Turn<A>>,
    called: Condvar,
}

enum Turn<A> {
    Waits,
    Leads,
    Answered(A),
    Abandoned,
}

impl<J, A> Group<J, A> {
    pub(super) fn new(limits: Limits) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            led: false,
            broken: false,
        };
        Self {
            state: Mutex::new(state),
            limits,
        }
    }

    /// Has a job done in some round, by this caller or by another one. `work` does a round of jobs,
    /// and answers each, in their order; one round is done at a time.
    pub(super) fn submit(
        &self,
        job: J,
        weight: usize,
        work: impl FnOnce(Vec<J>) -> Vec<A>,
    ) -> Result<A, Refused> {
        let ticket = Arc::new(Ticket::new());
        self.enlist(job, weight, &ticket)?;
        let answer = match ticket.wait() {
            Turn::Leads => {
                self.lead(work);
                ticket.wait()
            }
            called => called,
        };
        match answer {
            Turn::Answered(answer) => Ok(answer),
            Turn::Leads | Turn::Abandoned | Turn::Waits => Err(Refused::Broken),
        }
    }

    /// Puts a job in line, and calls its caller to lead where nobody does.
    fn enlist(&self, job: J, weight: usize, ticket: &Arc<Ticket<A>>) -> Result<(), Refused> {
        let mut state = self.state();
        if state.broken {
            return Err(Refused::Broken);
        }
        if state.waiting.len() >= self.limits.waiting {
            return Err(Refused::Full);
        }
        let ticket = Arc::clone(ticket);
        if !state.led {
            state.led = true;
            ticket.call(Turn::Leads);
        }
        state.waiting.push_back(Waiting {
            job,
            weight,
            ticket,
        });
        Ok(())
    }

    /// Does a round. The leader's own job is the first of it.
    fn lead(&self, work: impl FnOnce(Vec<J>) -> Vec<A>) {
        let (jobs, tickets) = self.take_round();
        let mut round = Round {
            group: self,
            tickets,
            leads: true,
        };
        let answers = work(jobs);
        round.pass_on();
        round.answer(answers);
    }

    fn take_round(&self) -> (Vec<J>, VecDeque<Arc<Ticket<A>>>) {
        let mut state = self.state();
        let (mut jobs, mut tickets, mut weight) = (Vec::new(), VecDeque::new(), 0_usize);
        while jobs.len() < self.limits.round && (jobs.is_empty() || weight < self.limits.weight) {
            let Some(next) = state.waiting.pop_front() else {
                break;
            };
            weight = weight.saturating_add(next.weight);
            jobs.push(next.job);
            tickets.push_back(next.ticket);
        }
        (jobs, tickets)
    }

    fn state(&self) -> MutexGuard<'_, State<J, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A round that is being done. Dropped without its answers, as when the work panics, it lets nobody
/// wait for ever.
struct Round<'g, J, A> {
    group: &'g Group<J, A>,
    tickets: VecDeque<Arc<Ticket<A>>>,
    /// Whether no other round may begin yet.
    leads: bool,
}

impl<J, A> Round<'_, J, A> {
    /// Lets the next round begin.
    fn pass_on(&mut self) {
        self.leads = false;
        let mut state = self.group.state();
        match state.waiting.front() {
            Some(next) => next.ticket.call(Turn::Leads),
            None => state.led = false,
        }
    }

    fn answer(mut self, answers: Vec<A>) {
        for answer in answers {
            if let Some(ticket) = self.tickets.pop_front() {
                ticket.call(Turn::Answered(answer));
            }
        }
    }
}

impl<J, A> Drop for Round<'_, J, A> {
    fn drop(&mut self) {
        if !self.tickets.is_empty() {
            let mut state = self.group.state();
            state.broken = true;
            let waiting = state.waiting.drain(..).map(|waiting| waiting.ticket);
            let left = self.tickets.drain(..).chain(waiting);
            left.for_each(|ticket| ticket.call(Turn::Abandoned));
        }
        if self.leads {
            self.pass_on();
        }
    }
}

impl<A> Ticket<A> {
    fn new() -> Self {
        Self {
            turn: Mutex::new(Turn::Waits),
            called: Condvar::new(),
        }
    }

    fn call(&self, turn: Turn<A>) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
        self.called.notify_one();
    }

    /// Waits to be called.
    fn wait(&self) -> Turn<A> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match std::mem::replace(&mut *turn, Turn::Waits) {
                Turn::Waits => {}
                called => return called,
            }
            turn = self
                .called
                .wait(turn)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    const LIMITS: Limits = Limits {
        waiting: 64,
        round: 8,
        weight: 100,
    };

    #[test]
    fn every_job_is_answered_with_its_own_answer() {
        let group = Group::new(LIMITS);
        let rounds = Mutex::new(Vec::new());
        let work = |jobs: Vec<u32>| {
            rounds.lock().unwrap().push(jobs.len());
            jobs.iter().map(|job| job * 2).collect()
        };
        thread::scope(|scope| {
            for job in 0..32 {
                let (group, work) = (&group, &work);
                scope.spawn(move || {
                    assert_eq!(group.submit(job, 1, work), Ok(job * 2));
                });
            }
        });
        let rounds = rounds.into_inner().unwrap();
        assert_eq!(rounds.iter().sum::<usize>(), 32);
        assert!(rounds.iter().all(|jobs| *jobs <= 8), "{rounds:?}");
    }

    /// Has one caller lead, and lets `callers` come while it works; tells the sizes of the rounds.
    fn rounds_of(callers: u32, weight: usize) -> Vec<usize> {
        let group = Group::new(LIMITS);
        let (begun, come) = (Barrier::new(2), Barrier::new(2));
        let rounds = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                let work = |jobs: Vec<u32>| {
                    begun.wait();
                    come.wait();
                    jobs
                };
                group.submit(0, 1, work)
            });
            begun.wait();
            for job in 1..=callers {
                let (group, rounds) = (&group, &rounds);
                let work = |jobs: Vec<u32>| {
                    rounds.lock().unwrap().push(jobs.len());
                    jobs
                };
                scope.spawn(move || group.submit(job, weight, work));
            }
            let all = usize::try_from(callers).unwrap();
            while group.state().waiting.len() < all {
                thread::yield_now();
            }
            come.wait();
        });
        rounds.into_inner().unwrap()
    }

    #[test]
    fn who_comes_while_a_round_is_done_shares_the_next_one() {
        assert_eq!(rounds_of(7, 1), [7]);
        assert_eq!(rounds_of(20, 1), [8, 8, 4]);
    }

    #[test]
    fn a_round_is_full_by_weight_too() {
        assert_eq!(rounds_of(5, 60), [2, 2, 1]);
        assert_eq!(rounds_of(2, 1_000), [1, 1]);
    }

    #[test]
    fn too_many_are_refused() {
        let limits = Limits {
            waiting: 0,
            ..LIMITS
        };
        let group = Group::new(limits);
        let refused = group.submit(1, 1, |jobs| jobs);
        assert_eq!(refused, Err(Refused::Full));
    }

    #[test]
    fn a_round_that_breaks_off_lets_nobody_wait() {
        let group = Group::new(LIMITS);
        let submitted = catch_unwind(AssertUnwindSafe(|| {
            group.submit(1, 1, |_: Vec<u32>| -> Vec<u32> {
                panic!("the disk is gone")
            })
        }));
        assert!(submitted.is_err());
        assert_eq!(group.submit(2, 1, |jobs| jobs), Err(Refused::Broken));
    }
}
