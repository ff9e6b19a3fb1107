//! A run that is recorded: every operation of the disk, every deed, and what the store held after
//! each commit.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acceptance::contents::Contents;
use acceptance::hooked::{Hooked, Hooks};
use stateward::account::Answer;
use stateward::courier::Delivery as Message;
use stateward::store::{
    Changes, CommitError, Delivery, NewDenial, Place, RedbStore, Store, StoreError, StoredBundle,
    Sweep,
};
use stateward::testing::{Disk, Operation};
use stateward::time::Timestamp;

use super::service::{Asked, Service, beginning, contents, create, create_with_log, operations};

/// Something that was asked, and what came of it.
#[derive(Debug)]
pub struct Deed {
    pub asked: Asked,
    pub at: Timestamp,
    pub answer: Option<Answer>,
    /// Operations of the disk before it, and when it was answered.
    pub began: usize,
    pub ended: usize,
}

/// What the store held when a commit was acknowledged.
#[derive(Debug)]
pub struct Moment {
    pub contents: Contents,
    /// Operations of the disk by then.
    pub acknowledged: usize,
}

/// A whole run.
#[derive(Debug)]
pub struct Recording {
    pub operations: Vec<Operation>,
    pub deeds: Vec<Deed>,
    /// From the empty store on, in order.
    pub moments: Vec<Moment>,
    /// Every message that was delivered, with the operations of the disk by then.
    pub delivered: Vec<(usize, Message)>,
}

impl Recording {
    /// The last moment that was acknowledged when a number of operations had been done.
    pub fn acknowledged(&self, operations: usize) -> usize {
        let known = |moment: &Moment| moment.acknowledged <= operations;
        self.moments.partition_point(known).saturating_sub(1)
    }

    /// Which moment it is that is found after so many operations: the last that was acknowledged,
    /// or the one that the next commit led to. Anything else is none.
    pub fn moment_after(&self, operations: usize, found: &Contents) -> Option<usize> {
        let acknowledged = self.acknowledged(operations);
        self.moment_among(acknowledged..=acknowledged + 1, found)
    }

    /// Which moment it is that is found after a deed that broke off.
    pub fn moment_of(&self, deed: &Deed, found: &Contents) -> Option<usize> {
        let [began, ended] = [deed.began, deed.ended].map(|at| self.acknowledged(at));
        self.moment_among(began..=ended, found)
    }

    fn moment_among(&self, mut range: RangeInclusive<usize>, found: &Contents) -> Option<usize> {
        range.find(|moment| self.moments.get(*moment).map(|it| &it.contents) == Some(found))
    }

    /// The disk as it was after so many operations.
    pub fn disk_after(&self, operations: usize) -> Disk {
        let disk = Disk::new();
        for operation in &self.operations[..operations] {
            disk.redo(operation).unwrap();
        }
        disk
    }

    /// The deed that was going on then, or the next one.
    pub fn deed_at(&self, operations: usize) -> usize {
        self.deeds.partition_point(|deed| deed.ended <= operations)
    }
}

/// Makes a recording, deed by deed.
pub struct Recorder {
    disk: Disk,
    service: Service,
    redb: Arc<RedbStore>,
    store: Arc<Hooked<Witness>>,
    now: Timestamp,
    deeds: Vec<Deed>,
}

impl Recorder {
    /// Begins over a new store, which is part of the recording.
    pub fn begin() -> Self {
        Self::over(create)
    }

    /// Begins over a new store with a log that holds little.
    pub fn begin_with_log(log_bytes: u64) -> Self {
        Self::over(|disk| create_with_log(disk, log_bytes))
    }

    fn over(create: impl FnOnce(&Disk) -> Result<RedbStore, StoreError>) -> Self {
        let disk = Disk::new();
        disk.record();
        let redb = Arc::new(create(&disk).unwrap());
        let hooks = Witness {
            disk: disk.clone(),
            moments: Mutex::default(),
        };
        hooks.look(redb.as_ref());
        let store = Arc::new(Hooked {
            store: redb.clone(),
            hooks,
        });
        Self {
            service: Service::over(store.clone(), &disk),
            redb,
            store,
            disk,
            now: beginning(),
            deeds: Vec::new(),
        }
    }

    /// Does something, a second after what was done before.
    pub fn ask(&mut self, asked: Asked) -> Option<Answer> {
        self.pass(Duration::from_secs(1));
        let began = operations(&self.disk);
        let answer = self.service.answer(self.deeds.len(), self.now, &asked);
        let answer = answer.unwrap();
        let ended = operations(&self.disk);
        self.deeds.push(Deed {
            asked,
            at: self.now,
            answer: answer.clone(),
            began,
            ended,
        });
        answer
    }

    /// Lets time pass.
    pub fn pass(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
    }

    /// Has the store feed its log to its state.
    pub fn checkpoint(&self) {
        self.redb.checkpoint().unwrap();
    }

    /// Deeds so far.
    pub fn count(&self) -> usize {
        self.deeds.len()
    }

    /// The newest message to an address.
    pub fn newest_to(&self, address: &str) -> Message {
        let messages = self.service.mailbox.messages().into_iter().rev();
        let mut sent = messages.map(|(_, message)| message);
        sent.find(|message| message.to == address).unwrap()
    }

    /// Ends the run.
    pub fn finish(self) -> Recording {
        let moments = std::mem::take(&mut *self.store.hooks.moments.lock().unwrap());
        Recording {
            operations: self.disk.recorded(),
            deeds: self.deeds,
            moments,
            delivered: self.service.mailbox.messages(),
        }
    }
}

/// Looks at the store after every commit.
struct Witness {
    disk: Disk,
    moments: Mutex<Vec<Moment>>,
}

impl Witness {
    fn look(&self, store: &dyn Store) {
        let acknowledged = operations(&self.disk);
        let contents = contents(store).unwrap();
        let moment = Moment {
            contents,
            acknowledged,
        };
        self.moments.lock().unwrap().push(moment);
    }
}

impl Hooks for Witness {
    fn commit(&self, store: &dyn Store, changes: Changes) -> Result<(), CommitError> {
        store.commit(changes).inspect(|()| self.look(store))
    }

    fn settle(&self, store: &dyn Store, place: Place, how: Delivery) -> Result<(), StoreError> {
        store.settle(place, how).inspect(|()| self.look(store))
    }

    fn put_in_force(
        &self,
        store: &dyn Store,
        bundle: &StoredBundle,
        settled: bool,
    ) -> Result<(), StoreError> {
        let put = store.put_in_force(bundle, settled);
        put.inspect(|()| self.look(store))
    }

    fn keep_denial(&self, store: &dyn Store, denial: NewDenial) -> Result<(), CommitError> {
        store.keep_denial(denial).inspect(|()| self.look(store))
    }

    fn sweep(&self, store: &dyn Store, sweep: Sweep) -> Result<(), StoreError> {
        store.sweep(sweep).inspect(|()| self.look(store))
    }
}
