//! The power goes: at every operation of the recorded run, with every kind of remains.

use std::collections::BTreeMap;
use std::sync::Arc;

use acceptance::contents::Contents;
use stateward::testing::{Disk, Failure, Faults, Operation};

use super::recording::Recording;
use super::service::{Service, contents, found_on, open};
use super::workload::{LAPS, RECORDED};

/// Remains that are looked at for each operation; `CRASHES` sets another number.
fn remains() -> u64 {
    let asked = std::env::var("CRASHES").ok();
    asked.map_or(3, |asked| asked.parse().unwrap())
}

/// A power loss: after so many operations, with the remains that a seed chooses.
struct Loss<'r> {
    recorded: &'r Recording,
    operations: usize,
    seed: u64,
    disk: Disk,
}

/// Every power loss of a run that a choice of operations leads to, except while the store is made.
fn losses<'r>(
    recorded: &'r Recording,
    each: impl Fn(usize, &Operation) -> bool,
    mut look: impl FnMut(Loss<'r>),
) {
    let created = recorded.moments[0].acknowledged;
    let running = Disk::new();
    for (before, operation) in recorded.operations.iter().enumerate() {
        running.redo(operation).unwrap();
        let operations = before + 1;
        // A sync that broke off: it is as if it had not been asked for.
        if operations < created || !each(before, operation) {
            continue;
        }
        for seed in 0..remains() {
            let seed = (before as u64) << 16 | seed;
            look(Loss {
                recorded,
                operations,
                seed,
                disk: running.after_power_loss(seed),
            });
        }
    }
}

impl Loss<'_> {
    /// What is found must be what was acknowledged last, or what the next commit led to.
    #[track_caller]
    fn check(&self, found: &Contents) -> usize {
        let moment = self.recorded.moment_after(self.operations, found);
        moment.unwrap_or_else(|| panic!("{self}: {:#?}", found.disagreements()))
    }
}

impl std::fmt::Display for Loss<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (operations, seed) = (self.operations, self.seed);
        write!(f, "power lost after {operations} operations, seed {seed}")
    }
}

/// The operations before a sync are where most is at stake; the others are many.
fn before_a_sync(recorded: &Recording) -> impl Fn(usize, &Operation) -> bool + '_ {
    |before, _| {
        recorded
            .operations
            .get(before + 1)
            .is_none_or(Operation::is_sync)
    }
}

#[test]
fn the_run_itself_agrees_with_itself_at_every_moment() {
    for (number, moment) in RECORDED.moments.iter().enumerate() {
        assert_eq!(moment.contents.disagreements(), [""; 0], "moment {number}");
    }
    let last = &RECORDED.moments.last().unwrap().contents;
    assert!(!last.shared.is_empty() && !last.holders.is_empty());
    let ever = |holds: fn(&Contents) -> bool| RECORDED.moments.iter().any(|it| holds(&it.contents));
    assert!(ever(|it| !it.attempts.is_empty()));
    assert!(ever(|it| !it.outbox.is_empty()));
    assert!(ever(|it| !it.due.is_empty()));
    let kept = RECORDED.moments.iter().map(|it| it.contents.answers.len());
    assert!(!kept.is_sorted(), "answers were swept");
}

#[test]
fn whatever_a_power_loss_leaves_is_what_was_acknowledged() {
    let (mut faults, mut ahead, mut count) = (Faults::default(), 0, 0);
    losses(
        &RECORDED,
        |_, _| true,
        |loss| {
            let found = found_on(&loss.disk).unwrap_or_else(|error| panic!("{loss}: {error}"));
            let moment = loss.check(&found);
            ahead += usize::from(moment > loss.recorded.acknowledged(loss.operations));
            faults += loss.disk.faults();
            count += 1;
        },
    );
    let on_log = RECORDED
        .operations
        .iter()
        .filter(|it| it.file() == "log")
        .count();
    println!(
        "{} operations, {on_log} on the log",
        RECORDED.operations.len()
    );
    println!("{count} power losses, {ahead} of them after an unacknowledged commit; {faults}");
    assert!(count > RECORDED.moments.len() && ahead > 0);
    assert!(faults.writes_lost > 0 && faults.writes_torn > 0);
}

#[test]
fn a_log_that_is_written_over_again_and_again_loses_nothing() {
    let operations = LAPS.operations.iter().filter(|it| it.file() == "log");
    let offsets: Vec<u64> = operations.filter_map(Operation::offset).collect();
    let start = offsets.iter().filter(|offset| **offset > 0).min();
    let laps = offsets.iter().filter(|offset| Some(*offset) == start);
    assert!(laps.clone().count() > 4, "{laps:?}");
    let mut count = 0;
    losses(
        &LAPS,
        |before, _| before.is_multiple_of(5),
        |loss| {
            let found = found_on(&loss.disk).unwrap_or_else(|error| panic!("{loss}: {error}"));
            loss.check(&found);
            count += 1;
        },
    );
    println!("{count} power losses in {} laps", laps.count());
}

#[test]
fn what_was_found_once_is_found_again_after_the_next_power_loss() {
    losses(&RECORDED, before_a_sync(&RECORDED), |loss| {
        let found = found_on(&loss.disk).unwrap();
        let again = found_on(&loss.disk.after_power_loss(loss.seed)).unwrap();
        assert!(found == again, "{loss}");
    });
}

#[test]
fn a_power_loss_while_the_store_recovers_changes_nothing() {
    let (mut broken_off, step) = (0, 37);
    let chosen = |before: usize, _: &Operation| before.is_multiple_of(step);
    losses(&RECORDED, chosen, |loss| {
        for operation in 0.. {
            let disk = loss.disk.after_kill();
            disk.fail(operation, Failure::PowerLoss);
            let recovered = open(&disk).map(drop);
            let left = disk.after_power_loss(loss.seed ^ operation);
            loss.check(&found_on(&left).unwrap_or_else(|error| panic!("{loss}: {error}")));
            if recovered.is_ok() && disk.operations() <= operation {
                break;
            }
            broken_off += 1;
        }
    });
    assert!(broken_off > 0);
}

/// Who got no answer asks again with the same key; then everything goes on. In the end nobody can
/// tell that there was a power loss, but by messages that came twice.
#[test]
fn after_a_power_loss_everything_goes_on_as_if_nothing_had_happened() {
    let step = RECORDED.operations.len() / 12;
    let chosen = |before: usize, _: &Operation| before % step == 7;
    losses(&RECORDED, chosen, |loss| {
        let store = Arc::new(open(&loss.disk).unwrap());
        let service = Service::over(store.clone(), &loss.disk);
        let first = loss.recorded.deed_at(loss.operations);
        for (number, deed) in loss.recorded.deeds.iter().enumerate().skip(first) {
            let answer = service.answer(number, deed.at, &deed.asked).unwrap();
            assert_eq!(answer, deed.answer, "{loss}, deed {number}");
        }
        let found = contents(store.as_ref()).unwrap();
        assert!(
            found == loss.recorded.moments.last().unwrap().contents,
            "{loss}"
        );
        delivered_at_least_once(&loss, &service, &found);
        service.replays();
    });
}

/// The deed that was going on is asked again, twice: it has its effect once.
#[test]
fn a_request_without_an_answer_is_resolved_by_its_key() {
    let deeds = &RECORDED.deeds;
    let chosen = |before: usize, _: &Operation| before.is_multiple_of(5);
    losses(&RECORDED, chosen, |loss| {
        let number = loss.recorded.deed_at(loss.operations);
        let Some(deed) = deeds.get(number).filter(|deed| deed.answer.is_some()) else {
            return;
        };
        let store = Arc::new(open(&loss.disk).unwrap());
        let service = Service::over(store.clone(), &loss.disk);
        for again in [number, number + deeds.len()] {
            let answer = service.answer(again, deed.at, &deed.asked).unwrap();
            assert_eq!(answer, deed.answer, "{loss}, deed {number}");
        }
        let found = contents(store.as_ref()).unwrap();
        let after = loss.recorded.acknowledged(deed.ended);
        assert!(found == loss.recorded.moments[after].contents, "{loss}");
    });
}

/// Every message that was committed went out before the power loss or after it, always with the same
/// text; and none went out that was not committed.
#[track_caller]
fn delivered_at_least_once(loss: &Loss<'_>, service: &Service, found: &Contents) {
    let before = loss.recorded.delivered.iter();
    let before = before.filter(|(at, _)| *at <= loss.operations).cloned();
    let mut texts = BTreeMap::new();
    for (_, message) in before.chain(service.mailbox.messages()) {
        let text = message.text.reveal().to_owned();
        let said = texts.entry(message.id).or_insert_with(|| text.clone());
        assert_eq!(*said, text, "{loss}");
    }
    let queued = found.journals.queued();
    for id in found.gone() {
        let expired = !loss.recorded.delivered.iter().any(|(_, it)| it.id == id);
        assert!(
            expired || texts.contains_key(&id),
            "{loss}: {id} never went out"
        );
    }
    assert!(texts.keys().all(|id| queued.contains_key(id)), "{loss}");
}
