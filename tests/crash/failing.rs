//! The disk fails, or is full: the store says so and refuses everything, and opening it again shows
//! the last commit completely or not at all.

use std::sync::Arc;

use stateward::engine::EngineError;
use stateward::store::{RedbStore, StoreError};
use stateward::testing::{Disk, Failure, Faults};

use super::recording::{Deed, Recording};
use super::service::{Asked, Service, contents, create, found_on, open};
use super::workload::{LAPS, RECORDED};

/// A deed on the disk as it was before it, and everything it takes to do it.
struct Trial {
    number: usize,
    deed: &'static Deed,
    disk: Disk,
    store: Arc<RedbStore>,
    service: Service,
}

impl Trial {
    fn of(number: usize) -> Self {
        let disk = RECORDED.disk_after(RECORDED.deeds[number].began);
        Self::on(disk.after_kill(), number)
    }

    fn on(disk: Disk, number: usize) -> Self {
        let deed = &RECORDED.deeds[number];
        let store = Arc::new(open(&disk).unwrap());
        let service = Service::over(store.clone(), &disk);
        Self {
            number,
            deed,
            disk,
            store,
            service,
        }
    }

    fn ask(&self) -> Result<(), EngineError> {
        let answer = self
            .service
            .answer(self.number, self.deed.at, &self.deed.asked);
        answer.map(|answer| assert_eq!(answer, self.deed.answer))
    }

    /// After a failure the store answers nothing until it is opened again.
    #[track_caller]
    fn is_refused(&self) {
        for _ in 0..2 {
            let refused = self.ask();
            assert!(matches!(
                refused,
                Err(EngineError::Store(StoreError::Io(_)))
            ));
        }
        assert!(matches!(
            contents(self.store.as_ref()),
            Err(StoreError::Io(_))
        ));
    }

    /// What is found afterwards is a moment of the run; what was found stays; and whoever asks again
    /// gets the answer, once.
    #[track_caller]
    fn is_whole_on(&self, disk: &Disk, what: &str) {
        let found = found_on(disk).unwrap();
        let moment = RECORDED.moment_of(self.deed, &found);
        let moment = moment.unwrap_or_else(|| panic!("{what}: {:#?}", found.disagreements()));
        for seed in 0..2 {
            let later = found_on(&disk.after_power_loss(seed)).unwrap();
            assert!(
                later == found,
                "{what}: moment {moment} was found, and is lost"
            );
        }
        let store = Arc::new(open(disk).unwrap());
        let service = Service::over(store.clone(), disk);
        let answer = service.answer(self.number, self.deed.at, &self.deed.asked);
        assert_eq!(answer.unwrap(), self.deed.answer, "{what}");
        let after = RECORDED.acknowledged(self.deed.ended);
        let found = contents(store.as_ref()).unwrap();
        assert!(found == RECORDED.moments[after].contents, "{what}");
        service.replays();
    }
}

/// One deed for each kind of thing that can be asked, and answered.
fn chosen() -> Vec<usize> {
    let mut kinds = Vec::new();
    let deeds = RECORDED.deeds.iter().enumerate();
    let first = deeds.filter(|(_, deed)| {
        let kind = match &deed.asked {
            Asked::Tick | Asked::Pump => return false,
            Asked::Run(run) => format!("{} {}", run.transition, run.principal.name),
            other => {
                let shown = format!("{other:?}");
                let kind = shown
                    .split(['(', ' '])
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let outcome = deed.answer.as_ref().map(|answer| &answer.outcome);
                format!("{kind} {:?}", outcome.map(std::mem::discriminant))
            }
        };
        let new = !kinds.contains(&kind);
        kinds.push(kind);
        new
    });
    first.map(|(number, _)| number).collect()
}

#[test]
fn whichever_operation_fails_a_commit_is_whole_or_undone_and_the_store_refuses() {
    let mut faults = Faults::default();
    for number in chosen() {
        for failure in [Failure::Once, Failure::Lasting] {
            for operation in 0.. {
                let trial = Trial::of(number);
                trial.disk.fail(operation, failure);
                let what = format!("deed {number}, operation {operation} fails {failure:?}");
                match trial.ask() {
                    Ok(()) => break,
                    Err(EngineError::Store(StoreError::Io(_))) => trial.is_refused(),
                    Err(error) => panic!("{what}: {error}"),
                }
                faults += trial.disk.faults();
                trial.disk.mend();
                trial.is_whole_on(&trial.disk.after_kill(), &what);
                trial.is_whole_on(&trial.disk.after_power_loss(operation), &what);
            }
        }
    }
    println!("{faults}");
    assert!(faults.writes_failed > 0 && faults.syncs_failed > 0);
}

#[test]
fn on_a_full_disk_a_commit_is_whole_or_undone_and_the_store_says_so() {
    for room in [0, 5_000, 100_000] {
        let disk = RECORDED.disk_after(RECORDED.deeds[0].began).after_kill();
        let mut trial = Trial::on(disk, 0);
        trial.disk.leave_room(Some(room));
        let refused = RECORDED
            .deeds
            .iter()
            .enumerate()
            .find_map(|(number, deed)| {
                (trial.number, trial.deed) = (number, deed);
                trial.ask().err()
            });
        let refused = refused
            .expect("the disk is full before the run is over")
            .to_string();
        assert!(refused.contains("the disk is full"), "{refused}");
        trial.is_refused();
        let what = format!("deed {}, room for {room}", trial.number);
        trial.is_whole_on(&trial.disk.after_kill(), &what);
        trial.is_whole_on(&trial.disk.after_power_loss(room), &what);
    }
}

/// A process is killed, the next one goes on, and then the power goes: what the first one wrote and
/// did not sync may have been what the second one built on.
#[test]
fn a_power_loss_after_a_kill_loses_nothing_that_was_acknowledged() {
    for recorded in [&*RECORDED, &*LAPS] {
        power_losses_after_kills(recorded);
    }
}

fn power_losses_after_kills(recorded: &Recording) {
    let step = 11;
    for killed in (recorded.moments[0].acknowledged..recorded.operations.len()).step_by(step) {
        let disk = recorded.disk_after(killed).after_kill();
        let store = Arc::new(open(&disk).unwrap());
        let service = Service::over(store.clone(), &disk);
        let number = recorded.deed_at(killed);
        let Some(deed) = recorded.deeds.get(number) else {
            break;
        };
        let answer = service.answer(number, deed.at, &deed.asked).unwrap();
        assert_eq!(answer, deed.answer);
        let expected = contents(store.as_ref()).unwrap();
        for seed in 0..4 {
            let left = disk.after_power_loss(seed);
            let found = found_on(&left).unwrap();
            assert!(
                found == expected,
                "killed after {killed} operations, seed {seed}"
            );
        }
    }
}

/// A store that could not be made is none, and is not taken for one.
#[test]
fn a_store_whose_making_fails_is_no_store() {
    let made = {
        let disk = Disk::new();
        drop(create(&disk).unwrap());
        disk.operations()
    };
    for operation in 0..made {
        for failure in [Failure::Once, Failure::PowerLoss] {
            let disk = Disk::new();
            disk.fail(operation, failure);
            if create(&disk).map(drop).is_ok() {
                continue; // What failed was only to tidy up.
            }
            let left = disk.after_power_loss(operation);
            match open(&left) {
                Err(_) => {}
                Ok(store) => assert!(contents(&store).unwrap().accounts.is_empty()),
            }
        }
    }
}
