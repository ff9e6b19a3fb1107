//! The checks can fail: each fault that they are to find is planted once, and found.

use std::panic::catch_unwind;
use std::sync::Arc;

use acceptance::contents::Contents;
use acceptance::hooked::{Hooked, Hooks};
use stateward::challenge::Failures;
use stateward::name::MessageId;
use stateward::store::{Changes, CommitError, MemoryStore, Store, StoreError};
use stateward::testing::Disk;

use super::service::{Service, contents, header, open};
use super::workload::RECORDED;

/// What a store may forget of a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Forgets {
    Nothing,
    Messages,
    TimersArmed,
    TimersDisarmed,
    AttemptsPut,
    AttemptsRemoved,
    Claims,
    Releases,
    SharedCells,
    OwnCells,
    Failures,
    Answers,
    Chain,
}

impl Hooks for Forgets {
    fn commit(&self, store: &dyn Store, mut changes: Changes) -> Result<(), CommitError> {
        match self {
            Self::Nothing => {}
            Self::Messages => changes.queued.clear(),
            Self::TimersArmed => changes.timers_armed.clear(),
            Self::TimersDisarmed => changes.timers_disarmed.clear(),
            Self::AttemptsPut => changes.attempts_put.clear(),
            Self::AttemptsRemoved => changes.attempts_removed.clear(),
            Self::Claims => changes.claimed.clear(),
            Self::Releases => changes.released.clear(),
            Self::SharedCells => changes.shared.clear(),
            Self::OwnCells => changes.account.quotas.clear(),
            Self::Failures => changes.account.failures = Failures::default(),
            Self::Answers => changes.remember = None,
            Self::Chain => {
                if let Some(byte) = changes.record.bytes.last_mut() {
                    *byte ^= 1;
                }
            }
        }
        store.commit(changes)
    }
}

/// Does the recorded deeds, each so many times, on a store that forgets something; looks at what it
/// holds after each.
fn run(
    forgets: Forgets,
    times: usize,
    mut look: impl FnMut(Result<Contents, StoreError>),
) -> Service {
    let store = Arc::new(Hooked {
        store: Arc::new(MemoryStore::new(header())),
        hooks: forgets,
    });
    let service = Service::over(store.clone(), &Disk::new());
    for (number, deed) in RECORDED.deeds.iter().enumerate() {
        for _ in 0..times {
            // Whatever comes of it: rows that are missing may make it fail.
            let _ = service.answer(number, deed.at, &deed.asked);
        }
        look(contents(store.as_ref()));
    }
    service
}

/// What there is after the run.
fn after_the_run(forgets: Forgets, times: usize) -> (Contents, Service) {
    let mut last = None;
    let service = run(forgets, times, |contents| last = contents.ok());
    (last.unwrap(), service)
}

/// Whether a store that forgets something is ever caught at it.
fn is_caught(forgets: Forgets) -> bool {
    let mut caught = false;
    run(forgets, 1, |contents| {
        caught |= contents.map_or(true, |contents| !contents.disagreements().is_empty());
    });
    caught
}

#[test]
fn rows_that_are_forgotten_are_missed() {
    use self::Forgets::{
        AttemptsPut, AttemptsRemoved, Chain, Claims, Failures, OwnCells, Releases, SharedCells,
        TimersArmed, TimersDisarmed,
    };
    assert!(!is_caught(Forgets::Nothing));
    let forgetful = [
        TimersArmed,
        TimersDisarmed,
        AttemptsPut,
        AttemptsRemoved,
        Claims,
        Releases,
        SharedCells,
        OwnCells,
        Failures,
        Chain,
    ];
    let missed: Vec<_> = forgetful.into_iter().filter(|it| !is_caught(*it)).collect();
    assert_eq!(missed, []);
}

#[test]
fn messages_that_are_forgotten_are_missed() {
    let lost = |forgets| {
        let (contents, service) = after_the_run(forgets, 1);
        let sent = service.mailbox.messages();
        let is_sent = |id: &MessageId| sent.iter().any(|(_, message)| message.id == *id);
        let mut expired = RECORDED.moments.last().unwrap().contents.gone();
        expired.retain(|id| !RECORDED.delivered.iter().any(|(_, it)| it.id == *id));
        let gone = contents.gone().into_iter();
        gone.filter(|id| !is_sent(id) && !expired.contains(id))
            .count()
    };
    assert_eq!(lost(Forgets::Nothing), 0);
    assert!(lost(Forgets::Messages) > 0);
}

#[test]
fn an_answer_that_is_forgotten_is_given_twice() {
    let last = |forgets| after_the_run(forgets, 2).0;
    assert!(last(Forgets::Nothing) == RECORDED.moments.last().unwrap().contents);
    assert!(last(Forgets::Answers) != RECORDED.moments.last().unwrap().contents);
}

/// A store that answers before its writes are durable is the same as one whose disk does not sync.
#[test]
fn what_is_acknowledged_before_it_is_durable_is_missed() {
    let created = RECORDED.moments[0].acknowledged;
    let (running, mut missed) = (Disk::new(), 0);
    for (number, operation) in RECORDED.operations.iter().enumerate() {
        if number >= created && operation.is_sync() {
            continue;
        }
        running.redo(operation).unwrap();
        if number > created && number % 7 == 0 {
            let left = running.after_power_loss(number as u64);
            // A state that is torn in a way that no disk would tear it may make redb panic.
            let found = catch_unwind(|| open(&left).and_then(|store| contents(&store)));
            let found = found.ok().and_then(Result::ok);
            let moment = found.and_then(|found| RECORDED.moment_after(number + 1, &found));
            missed += usize::from(moment.is_none());
        }
    }
    assert!(missed > 0);
}
