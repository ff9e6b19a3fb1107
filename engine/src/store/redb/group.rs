//! Group commit: callers that come at the same time share one sync of the disk.
//!
//! A caller joins the round that is open: it does its own job there, under a lock, and so in its own
//! thread while the round before is made durable. Whoever finds no round open begins one, and leads it:
//! waits until the one before is over, closes its own, and makes it durable for all who joined. So a
//! single caller never waits for another thread to wake up, and many callers make rounds that grow with
//! their number, without any timer. Nobody is answered before its round is durable.
//!
//! Who waited for a round is not called at once with all the others, but by another one who is up
//! already. Otherwise dozens would have work for the processors before the leader of the next round,
//! which the disk waits for, has its turn on one.
//!
//! One round is made durable at a time. To write the next one beside it was tried, and is slower: it
//! begins with the few who are not in the last one, and so makes many small rounds of few large ones.

use super::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Something that callers change together, in rounds.
pub(super) struct Group<T, E> {
    state: Mutex<State<T, E>>,
    /// Called when a round is over, for who leads the next.
    turn: Condvar,
    /// Called when a round is closed, for all who found it full.
    room: Condvar,
    limits: Limits,
}

/// How much a group takes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Most callers that wait for room in a round; more are refused.
    pub(super) waiting: usize,
    /// The weight at which a round is full.
    pub(super) weight: usize,
    /// How many are called at once when their round is over; each calls another one.
    pub(super) calls: usize,
}

/// Why a job has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused<E> {
    /// Too many wait. The job was not begun.
    Full,
    /// The round of the job failed, so that it is not known whether it was done.
    Failed(E),
    /// A round failed before this one, or this one broke off.
    Broken,
}

/// How a round ended.
type Outcome<E> = Result<(), Refused<E>>;

struct State<T, E> {
    shared: T,
    /// The round that callers join; there is none before the first of them comes.
    open: Option<Open<E>>,
    /// Whether a round is being made durable.
    busy: bool,
    /// Callers that wait for room.
    waiting: usize,
    /// Whether a round failed: what callers changed since relies on it.
    broken: bool,
}

/// A round that can be joined.
struct Open<E> {
    weight: usize,
    end: Arc<End<E>>,
}

/// Where those who joined a round wait for its end.
struct End<E> {
    outcome: Mutex<Option<Outcome<E>>>,
    called: Condvar,
}

/// What a caller does after it joined.
enum Part<E> {
    Leads,
    Waits(Arc<End<E>>),
}

impl<T, E: Clone> Group<T, E> {
    pub(super) fn new(shared: T, limits: Limits) -> Self {
        let state = State {
            shared,
            open: None,
            busy: false,
            waiting: 0,
            broken: false,
        };
        Self {
            state: Mutex::new(state),
            turn: Condvar::new(),
            room: Condvar::new(),
            limits,
        }
    }

    /// Does a job in some round, and answers what it answers when that round is durable. The job tells
    /// its weight, too. For who comes to lead, `close` takes what those who joined have changed, and
    /// `finish` makes it durable; one round is finished at a time.
    pub(super) fn submit<A, R>(
        &self,
        job: impl FnOnce(&mut T) -> (A, usize),
        close: impl FnOnce(&mut T) -> R,
        finish: impl FnOnce(R) -> Result<(), E>,
    ) -> Result<A, Refused<E>> {
        let (answer, part) = self.join(job)?;
        match part {
            Part::Leads => self.lead(close, finish)?,
            Part::Waits(end) => end.wait()?,
        }
        Ok(answer)
    }

    /// Looks at what is shared, or changes it beside the rounds.
    pub(super) fn change<A>(&self, change: impl FnOnce(&mut T) -> A) -> A {
        change(&mut self.state().shared)
    }

    /// How many have joined the open round.
    #[cfg(test)]
    pub(super) fn joined(&self) -> usize {
        // Who leads it waits for nobody; the round itself stands for it.
        let state = self.state();
        state
            .open
            .as_ref()
            .map_or(0, |open| Arc::strong_count(&open.end))
    }

    fn join<A>(&self, job: impl FnOnce(&mut T) -> (A, usize)) -> Result<(A, Part<E>), Refused<E>> {
        let mut state = self.room()?;
        let (answer, weight) = job(&mut state.shared);
        let part = match &mut state.open {
            Some(open) => {
                open.weight = open.weight.saturating_add(weight);
                Part::Waits(Arc::clone(&open.end))
            }
            None => {
                let end = Arc::new(End::new());
                state.open = Some(Open { weight, end });
                Part::Leads
            }
        };
        Ok((answer, part))
    }

    /// The state, when the open round has room.
    fn room(&self) -> Result<MutexGuard<'_, State<T, E>>, Refused<E>> {
        let mut state = self.state();
        loop {
            if state.broken {
                return Err(Refused::Broken);
            }
            let is_full = |open: &Open<E>| open.weight >= self.limits.weight;
            if !state.open.as_ref().is_some_and(is_full) {
                return Ok(state);
            }
            if state.waiting >= self.limits.waiting {
                return Err(Refused::Full);
            }
            state.waiting += 1;
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Closes the open round when its turn comes, and finishes it.
    fn lead<R>(
        &self,
        close: impl FnOnce(&mut T) -> R,
        finish: impl FnOnce(R) -> Result<(), E>,
    ) -> Outcome<E> {
        // Its end takes the lock, so that it comes after the lock is let go.
        let mut round;
        let mut state = self.state();
        while state.busy {
            state = self
                .turn
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        // Nobody takes a round away from who leads it.
        let open = state.open.take().ok_or(Refused::Broken)?;
        state.busy = true;
        round = Round {
            group: self,
            end: open.end,
            outcome: Err(Refused::Broken),
        };
        if state.waiting > 0 {
            self.room.notify_all();
        }
        if state.broken {
            return Err(Refused::Broken);
        }
        let closed = close(&mut state.shared);
        drop(state);
        round.outcome = finish(closed).map_err(Refused::Failed);
        round.outcome.clone()
    }

    fn state(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A round that is closed. However it ends, as when finishing it panics, nobody waits for ever.
struct Round<'g, T, E: Clone> {
    group: &'g Group<T, E>,
    end: Arc<End<E>>,
    outcome: Outcome<E>,
}

impl<T, E: Clone> Drop for Round<'_, T, E> {
    fn drop(&mut self) {
        let mut state = self.group.state();
        state.busy = false;
        state.broken |= self.outcome.is_err();
        drop(state);
        self.group.turn.notify_one();
        let calls = self.group.limits.calls;
        self.end.call(self.outcome.clone(), calls);
    }
}

impl<E: Clone> End<E> {
    fn new() -> Self {
        Self {
            outcome: Mutex::new(None),
            called: Condvar::new(),
        }
    }

    fn call(&self, outcome: Outcome<E>, calls: usize) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        for _ in 0..calls {
            self.called.notify_one();
        }
    }

    /// Waits to be called, and calls another one.
    fn wait(&self) -> Outcome<E> {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let mut was_called = false;
        loop {
            if let Some(outcome) = outcome.clone() {
                if was_called {
                    self.called.notify_one();
                }
                return outcome;
            }
            outcome = self
                .called
                .wait(outcome)
                .unwrap_or_else(PoisonError::into_inner);
            was_called = true;
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
        weight: 8,
        calls: 1,
    };

    type Jobs = Group<Vec<u32>, String>;

    /// Submits a job that answers its double.
    fn submit(
        group: &Jobs,
        job: u32,
        weight: usize,
        finish: impl FnOnce(Vec<u32>) -> Result<(), String>,
    ) -> Result<u32, Refused<String>> {
        let join = |jobs: &mut Vec<u32>| {
            jobs.push(job);
            (job * 2, weight)
        };
        group.submit(join, std::mem::take, finish)
    }

    #[test]
    fn every_job_is_answered_with_its_own_answer() {
        let group = Group::new(Vec::new(), LIMITS);
        let rounds = Mutex::new(Vec::new());
        let finish = |jobs: Vec<u32>| {
            rounds.lock().unwrap().push(jobs.len());
            Ok(())
        };
        thread::scope(|scope| {
            for job in 0..32 {
                let (group, finish) = (&group, &finish);
                scope.spawn(move || assert_eq!(submit(group, job, 1, finish), Ok(job * 2)));
            }
        });
        let rounds = rounds.into_inner().unwrap();
        assert_eq!(rounds.iter().sum::<usize>(), 32);
        assert!(rounds.iter().all(|jobs| *jobs <= 8), "{rounds:?}");
    }

    /// Has one caller lead, and lets others come while it finishes its round; tells how many the others
    /// were in each of theirs.
    fn rounds_of(callers: u32, weight: usize) -> Vec<usize> {
        let group = Group::new(Vec::new(), LIMITS);
        let (begun, come) = (Barrier::new(2), Barrier::new(2));
        let rounds = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                let finish = |_| {
                    begun.wait();
                    come.wait();
                    Ok(())
                };
                submit(&group, 0, 1, finish)
            });
            begun.wait();
            for job in 1..=callers {
                let (group, rounds) = (&group, &rounds);
                let finish = |jobs: Vec<u32>| {
                    rounds.lock().unwrap().push(jobs.len());
                    Ok(())
                };
                scope.spawn(move || submit(group, job, weight, finish));
            }
            let come_by_now = || {
                let state = group.state();
                state.waiting + state.shared.len()
            };
            while come_by_now() < usize::try_from(callers).unwrap() {
                thread::yield_now();
            }
            come.wait();
        });
        rounds.into_inner().unwrap()
    }

    #[test]
    fn who_comes_while_a_round_is_finished_shares_the_next_one() {
        assert_eq!(rounds_of(7, 1), [7]);
    }

    #[test]
    fn a_round_is_full_by_weight() {
        let sizes = |callers, weight| {
            let rounds = rounds_of(callers, weight);
            assert_eq!(rounds.iter().sum::<usize>(), callers as usize);
            rounds.into_iter().max()
        };
        assert_eq!(sizes(20, 1), Some(8));
        assert_eq!(sizes(5, 4), Some(2));
        assert_eq!(sizes(2, 1_000), Some(1));
    }

    #[test]
    fn too_many_are_refused() {
        let limits = Limits {
            waiting: 0,
            weight: 0,
            calls: 1,
        };
        let group = Group::new(Vec::new(), limits);
        let (begun, come) = (Barrier::new(2), Barrier::new(2));
        let pause = |_| {
            begun.wait();
            come.wait();
            Ok(())
        };
        thread::scope(|scope| {
            scope.spawn(|| submit(&group, 1, 1, pause));
            begun.wait();
            let second = scope.spawn(|| submit(&group, 2, 1, |_| Ok(())));
            while group.state().open.is_none() {
                thread::yield_now();
            }
            assert_eq!(submit(&group, 3, 1, |_| Ok(())), Err(Refused::Full));
            assert_eq!(*group.state().shared, [2], "it was not begun");
            come.wait();
            assert_eq!(second.join().unwrap(), Ok(4));
        });
    }

    #[test]
    fn what_relies_on_a_round_that_failed_fails() {
        let group = Group::new(Vec::new(), LIMITS);
        let (begun, come) = (Barrier::new(2), Barrier::new(2));
        let gone = || "the disk is gone".to_owned();
        let fail = |_| {
            begun.wait();
            come.wait();
            Err(gone())
        };
        thread::scope(|scope| {
            let first = scope.spawn(|| submit(&group, 1, 1, fail));
            begun.wait();
            let never = |_| -> Result<(), String> { panic!("what is under it is not there") };
            let others = [2, 3].map(|job| {
                let group = &group;
                scope.spawn(move || submit(group, job, 1, never))
            });
            while group.joined() < 2 {
                thread::yield_now();
            }
            come.wait();
            assert_eq!(first.join().unwrap(), Err(Refused::Failed(gone())));
            for other in others {
                assert_eq!(other.join().unwrap(), Err(Refused::Broken));
            }
        });
        assert_eq!(submit(&group, 4, 1, |_| Ok(())), Err(Refused::Broken));
    }

    #[test]
    fn a_round_that_breaks_off_lets_nobody_wait() {
        let group = Group::new(Vec::new(), LIMITS);
        let breaks_off = |_| -> Result<(), String> { panic!("finishing it breaks off") };
        let submitted = catch_unwind(AssertUnwindSafe(|| submit(&group, 1, 1, breaks_off)));
        assert!(submitted.is_err());
        assert_eq!(submit(&group, 2, 1, |_| Ok(())), Err(Refused::Broken));
    }
}
