//! One run: steps of the service and of its model side by side, with what goes wrong in between.

use std::sync::{Arc, Mutex};

use acceptance::contents::Contents;
use acceptance::hooked::Hooked;
use acceptance::model::{Model, Seen, Step};
use acceptance::world::{START, Surroundings, World, header, keys};
use stateward::engine::EngineError;
use stateward::name::IdempotencyKey;
use stateward::store::{CommitError, RedbOptions, RedbStore, Store, StoreError};
use stateward::testing::{Chance, Disk, Failure};

use super::planted::{Meddling, Planted, gone};
use super::script::{Temper, step, step_between};
use super::tally::Tally;

/// Steps of a run.
const STEPS: u64 = 50;
/// Wrong codes that the model knows the consequences of.
const FAILURES_MAX: u32 = 14;

/// Does one run; panics where something is not as it must be.
pub fn run(seed: u64, planted: Planted) -> Tally {
    let mut run = Run::begin(seed, planted);
    for _ in 0..STEPS {
        run.step();
        run.check();
    }
    run.end()
}

/// A step that was asked for under a key.
#[derive(Debug, Clone)]
struct Request {
    step: Step,
    key: IdempotencyKey,
}

/// What came of a request, once anything did.
type Outcome = Arc<Mutex<Option<Result<Seen, EngineError>>>>;

/// Somebody who comes between another one's decision and commit.
pub struct Between {
    world: World,
    request: Request,
    outcome: Outcome,
}

impl Between {
    /// Does what it came for. If the store fails at that, it has failed for the other one as well.
    pub fn happen(self) -> Result<(), CommitError> {
        let outcome = self
            .world
            .try_step(self.request.step, Some(&self.request.key));
        let failed = outcome.is_err();
        *self.outcome.lock().unwrap() = Some(outcome);
        if failed { Err(gone()) } else { Ok(()) }
    }
}

/// What there is of a process.
struct Process {
    /// The store as it is, without anybody who meddles.
    redb: Arc<RedbStore>,
    store: Arc<Hooked<Meddling>>,
    world: World,
}

impl Process {
    fn start(redb: RedbStore, around: &Arc<Surroundings>, planted: Planted) -> Self {
        let redb = Arc::new(redb);
        let store = Arc::new(Hooked {
            store: redb.clone(),
            hooks: Meddling::new(planted),
        });
        Self {
            world: World::among(around.clone(), store.clone()),
            store,
            redb,
        }
    }
}

struct Run {
    chance: Chance,
    temper: Temper,
    planted: Planted,
    around: Arc<Surroundings>,
    model: Model,
    disk: Disk,
    /// None while nobody runs.
    process: Option<Process>,
    requests: u64,
    tally: Tally,
}

impl Run {
    fn begin(seed: u64, planted: Planted) -> Self {
        let mut chance = Chance::new(seed);
        let disk = Disk::new();
        // Every other log is so small that it is written over again and again.
        let options = match seed % 2 {
            0 => options(),
            _ => RedbOptions {
                log_bytes: 0,
                ..options()
            },
        };
        let redb = RedbStore::create_on(disk.store(), &header(), &options);
        let around = Surroundings::new(seed);
        let process = Process::start(redb.expect("a new store"), &around, planted);
        Self {
            temper: Temper::draw(&mut chance),
            chance,
            planted,
            around,
            model: Model::new(START),
            disk,
            process: Some(process),
            requests: 0,
            tally: Tally::default(),
        }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("a process runs")
    }

    fn request(&mut self, step: Step) -> Request {
        self.requests += 1;
        let key = format!("request-{}", self.requests);
        let key = key.parse().expect("a key");
        Request { step, key }
    }

    /// One step, with whatever goes wrong.
    fn step(&mut self) {
        let step = step(&mut self.chance, &self.temper);
        if matches!(step, Step::Code(..)) && self.model.failures >= FAILURES_MAX {
            return;
        }
        self.tally.steps += 1;
        self.tally.set_back += u64::from(matches!(step, Step::Advance(by) if by < 0));
        let request = self.request(step);
        let between = self.somebody_between(step);
        self.plan();
        let answered = self.process().world.try_step(step, Some(&request.key));
        self.take_back();

        let mut asked = Vec::new();
        if let Some((other, outcome)) = between {
            let outcome = outcome.lock().unwrap().take();
            self.process().store.hooks.next.lock().unwrap().take();
            if let Some(outcome) = outcome {
                self.tally.between += 1;
                asked.push((other, outcome));
            }
        }
        asked.push((request, answered));
        let asked = asked
            .into_iter()
            .map(|(request, answered)| self.agree(request, answered));
        let open: Vec<Request> = asked.flatten().collect();
        // What was answered was durable; what fails after it, as when the state is fed, is told to who
        // comes next.
        let has_failed = self.process().redb.snapshot().is_err();
        if has_failed || !open.is_empty() {
            self.recover(open);
        } else if self.chance.percent(self.temper.restart) {
            self.restart();
        } else if self.chance.percent(self.temper.checkpoint) {
            self.checkpoint();
        }
    }

    fn somebody_between(&mut self, step: Step) -> Option<(Request, Outcome)> {
        if !self.chance.percent(self.temper.between) || self.model.failures + 2 > FAILURES_MAX {
            return None;
        }
        let request = step_between(&mut self.chance, step)?;
        let request = self.request(request);
        let outcome = Outcome::default();
        *self.process().store.hooks.next.lock().unwrap() = Some(Between {
            world: World::among(self.around.clone(), self.process().redb.clone()),
            request: request.clone(),
            outcome: Arc::clone(&outcome),
        });
        Some((request, outcome))
    }

    /// Plans what goes wrong during the next step.
    fn plan(&mut self) {
        let (chance, temper) = (&mut self.chance, &self.temper);
        let soon = |chance: &mut Chance| {
            let most = if chance.percent(70) { 3 } else { 12 };
            chance.below(most)
        };
        if chance.percent(temper.power) {
            self.disk.fail(soon(chance), Failure::PowerLoss);
        } else if chance.percent(temper.failure) {
            let how = if chance.percent(50) {
                Failure::Once
            } else {
                Failure::Lasting
            };
            self.disk.fail(soon(chance), how);
        } else if chance.percent(temper.full) {
            self.disk.leave_room(Some(chance.below(10_000)));
        } else if chance.percent(temper.read) {
            self.disk.fail_read(chance.below(6));
        }
        if chance.percent(temper.courier) {
            let count = chance.below(3);
            self.tally.refused += count;
            self.around
                .mailbox
                .refuse_next(usize::try_from(count).expect("a few"));
        }
    }

    /// What was planned and did not happen does not happen later.
    fn take_back(&self) {
        self.disk.mend();
        self.disk.leave_room(None);
        self.around.mailbox.refuse_next(0);
    }

    /// An answer is the model's; what got none is asked again later.
    fn agree(&mut self, request: Request, answered: Result<Seen, EngineError>) -> Option<Request> {
        match answered {
            Ok(seen) => {
                let expected = self.model.step(request.step);
                assert_eq!(seen, expected, "{:?}", request.step);
                None
            }
            Err(EngineError::Store(StoreError::Io(_))) => Some(request),
            Err(error) => panic!("{:?}: {error}", request.step),
        }
    }

    /// The store failed while something was asked: opens it again, and asks once more.
    fn recover(&mut self, open: Vec<Request>) {
        // A read that fails does not put the store itself in doubt.
        let refuses = || self.process().redb.snapshot().is_err();
        assert!(
            self.disk.faults().reads_failed > 0 || refuses(),
            "a store that failed answers"
        );
        self.take_tallies();
        self.disk = if self.disk.has_power() && self.chance.percent(50) {
            self.tally.kills += 1;
            self.disk.after_kill()
        } else {
            self.disk.after_power_loss(self.chance.number())
        };
        self.open();
        self.check_one_of(&open);
        for request in open {
            self.tally.repeated += 1;
            for _ in 0..2 {
                let world = &self.process().world;
                let seen = world.try_step(request.step, Some(&request.key));
                let seen = seen.expect("nothing goes wrong now");
                let mut model = self.model.clone();
                let expected = model.step(request.step);
                assert_eq!(seen, expected, "{:?} again", request.step);
            }
            self.model.step(request.step);
        }
    }

    /// Opens what is on the disk; the power may go at that, too, and more than once.
    fn open(&mut self) {
        loop {
            let breaks_off = self.chance.percent(30);
            if breaks_off {
                self.disk.fail(self.chance.below(12), Failure::PowerLoss);
            }
            if self.chance.percent(self.temper.read) {
                self.disk.fail_read(self.chance.below(6));
            }
            let opened = RedbStore::open_on(self.disk.store(), &options());
            if !self.disk.has_power() {
                drop(opened);
                self.tally.in_recovery += 1;
                self.take_faults();
                self.disk = self.disk.after_power_loss(self.chance.number());
                continue;
            }
            self.disk.mend();
            if self.disk.faults().reads_failed > 0 && opened.is_err() {
                self.take_faults();
                self.disk = self.disk.after_kill();
                continue;
            }
            let redb = opened.expect("what is on the disk is a store");
            self.process = Some(Process::start(redb, &self.around, self.planted));
            return;
        }
    }

    /// The process ends, and the next one begins; or it is killed, and nobody noticed.
    fn restart(&mut self) {
        self.take_tallies();
        if self.chance.percent(50) {
            self.tally.kills += 1;
            self.disk = self.disk.after_kill();
        } else {
            self.tally.restarts += 1;
            self.process = None;
        }
        self.open();
    }

    /// The store feeds its log to its state, and something may go wrong at that.
    fn checkpoint(&mut self) {
        self.tally.checkpoints += 1;
        self.plan();
        let fed = self.process().redb.checkpoint();
        self.take_back();
        if fed.is_err() {
            self.recover(Vec::new());
        }
    }

    fn take_faults(&mut self) {
        self.tally.faults += self.disk.faults();
    }

    fn take_tallies(&mut self) {
        self.take_faults();
        let (_, conflicts) = *self.process().store.hooks.commits.lock().unwrap();
        self.tally.conflicts += conflicts;
    }

    /// Everything is as the model has it.
    fn check(&self) {
        for id in self.model.ids() {
            assert_eq!(
                self.process().world.face(id),
                self.model.face(id),
                "account {id}"
            );
        }
    }

    /// Everything is as the model has it after some of the requests, in their order.
    fn check_one_of(&self, open: &[Request]) {
        let contents = Contents::read(self.process().redb.as_ref(), &keys())
            .expect("a store that was just opened");
        assert_eq!(contents.disagreements(), [""; 0]);
        self.process().world.verify();
        let mut model = self.model.clone();
        let mut allowed = vec![model.clone()];
        for request in open {
            model.step(request.step);
            allowed.push(model.clone());
        }
        let ids = || model.ids().chain(self.model.ids());
        let is = |model: &Model| ids().all(|id| self.process().world.face(id) == model.face(id));
        // Of a tick any account may have had its part.
        let ticks = open.iter().any(|request| request.step == Step::Tick);
        assert!(ticks || allowed.iter().any(is), "half of {open:?} was done");
    }

    /// Lets everything settle: all that was committed has been delivered, or had expired.
    fn end(mut self) -> Tally {
        // Longer than any wait of a courier, and than all that the clock was set back by.
        let later = Step::Advance(100 * 3_600_000);
        let world = &self.process().world;
        assert!(matches!(world.try_step(later, None), Ok(Seen::Nothing)));
        world.pump().expect("nothing goes wrong now");
        self.model.step(later);
        self.check();
        let contents =
            Contents::read(self.process().redb.as_ref(), &keys()).expect("a whole store");
        assert_eq!(contents.disagreements(), [""; 0]);
        assert!(contents.outbox.is_empty(), "a message still waits");
        self.process().world.verify();
        // Where the clock was set back, nothing tells in which order accounts took from each other.
        if self.tally.set_back == 0 {
            self.process().world.replay();
        }
        let delivered = self.around.delivered();
        let queued = contents.journals.queued();
        assert!(
            delivered.iter().all(|id| queued.contains_key(id)),
            "delivered, not committed"
        );
        for (id, message) in queued {
            assert!(self.around.is_done(message), "{id} never went out");
        }
        self.take_tallies();
        self.tally
    }
}

fn options() -> RedbOptions {
    RedbOptions {
        cache_bytes: 1 << 20,
        background: false,
        ..RedbOptions::default()
    }
}
