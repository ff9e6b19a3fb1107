//! The writer: makes rounds of commits durable in the log, and feeds the log to the state.

use std::num::NonZero;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::{mem, thread};

use super::error::AFTER_FAILURE;
use super::frame::HEAD;
use super::group::{Group, Limits, Refused};
use super::key;
use super::layers::{Layers, Row, Rows};
use super::log::{Append, Log, Mark};
use super::state::{State, Tables};
use super::table::{ALL, RECORDS, damaged};
use super::tip::{TOO_MUCH, Tip};
use super::write::Transaction;
use crate::store::{CommitError, StoreError};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// Most callers that wait for room in a round.
const WAITING_MAX: usize = 16_384;
/// The bytes at which a round is full: as many as are worth one sync.
const ROUND_BYTES: u64 = 1 << 20;
/// Most bytes that one job may write, where the log has room for them.
const JOB_BYTES_MAX: u64 = 8 << 20;

/// Both files of a store, and what was committed.
pub(super) struct Writer {
    state: State,
    log: Mutex<Log>,
    /// What is durable, and shown to who looks.
    layers: RwLock<Arc<Layers>>,
    /// What comes over it. Whoever changes the layers holds it.
    tip: Group<Tip, StoreError>,
    /// Held by whoever feeds the state.
    feeding: Mutex<()>,
    /// Whether reading or writing failed: nothing can be said of the last commit any more.
    failed: AtomicBool,
    /// Whether there is a portion to be fed to the state.
    full: AtomicBool,
    /// Bytes of the log that are fed to the state at a time.
    portion: u64,
    /// Most bytes that one job may write.
    job_max: usize,
}

impl Writer {
    /// Goes on with what the files hold: the state, and the rows of the log that it lacks.
    pub(super) fn new(state: State, log: Log, rows: Vec<Row>) -> Result<Self> {
        let newer: Rows = rows.into_iter().collect();
        let tables = state.tables()?;
        let layers = Layers {
            records: last_record(&newer, &tables)?,
            newer,
            newer_bytes: log.used(),
            older: Rows::new_sync(),
            tables: Arc::new(tables),
            end: log.end(),
            bundle: None,
        };
        let portion = log.portion();
        // A round is full with some job, however much that one writes: both fit into the log.
        let room = log.room_for_all().saturating_sub(HEAD as u64);
        let weight = ROUND_BYTES.min(room / 8);
        let limits = Limits {
            waiting: WAITING_MAX,
            weight: usize::try_from(weight).unwrap_or(usize::MAX),
            calls: thread::available_parallelism().map_or(1, NonZero::get),
        };
        let job_max = JOB_BYTES_MAX.min(room - weight);
        Ok(Self {
            state,
            log: Mutex::new(log),
            tip: Group::new(Tip::default(), limits),
            feeding: Mutex::new(()),
            failed: AtomicBool::new(false),
            full: AtomicBool::new(layers.newer_bytes >= portion),
            layers: RwLock::new(Arc::new(layers)),
            portion,
            job_max: usize::try_from(job_max).unwrap_or(usize::MAX),
        })
    }

    /// The present moment.
    pub(super) fn layers(&self) -> Result<Arc<Layers>> {
        if self.failed.load(Ordering::Acquire) {
            return Err(StoreError::Io(AFTER_FAILURE.to_owned()));
        }
        Ok(self.durable())
    }

    /// Has a job done. What it writes is durable when this returns, or nothing where it fails.
    pub(super) fn write(
        &self,
        job: impl FnOnce(&mut Transaction<'_>) -> Result<(), CommitError>,
    ) -> Result<(), CommitError> {
        let job = |tip: &mut Tip| match tip.take(&self.durable(), self.job_max, job) {
            Ok(bytes) => (Ok(()), bytes),
            Err(refused) => (Err(refused), 0),
        };
        let finish = |rows: Arc<Vec<Row>>| self.finish(&rows);
        match self.tip.submit(job, Tip::close, finish) {
            Ok(done) => done,
            Err(Refused::Full) => Err(CommitError::Busy),
            Err(Refused::Failed(error)) => Err(error.into()),
            Err(Refused::Broken) => Err(StoreError::Io(AFTER_FAILURE.to_owned()).into()),
        }
    }

    /// Whether there is a portion to be fed to the state.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// How many callers have joined the open round.
    #[cfg(test)]
    pub(super) fn joined(&self) -> usize {
        self.tip.joined()
    }

    /// Feeds everything that was committed by now to the state, and lets the log forget it.
    pub(super) fn feed(&self) -> Result {
        let _alone = self.feeding.lock().unwrap_or_else(PoisonError::into_inner);
        self.layers()?;
        // Whatever failed, rows may be on their way: only opening the files again tells.
        let failed = |_: &StoreError| self.failed.store(true, Ordering::Release);
        self.feed_alone().inspect_err(failed)
    }

    /// Makes the round that was closed durable, and shows it to all who look from then on. What comes
    /// over it has seen it already, so that nothing can go on where it fails.
    fn finish(&self, rows: &[Row]) -> Result {
        let written = self.layers().and_then(|_| self.append(rows));
        if written.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        let past = self.tip.change(|tip| {
            let mut layers = tip.settle()?;
            let (end, bytes) = *written.as_ref().ok()?;
            layers.end = end;
            layers.newer_bytes = self.durable().newer_bytes.saturating_add(bytes);
            Some(self.show(layers))
        });
        drop(past);
        written.map(drop)
    }

    /// Writes a round to the log, and tells where that ends and how much longer it is.
    fn append(&self, rows: &[Row]) -> Result<(Mark, u64)> {
        let mut log = self.log();
        let mut before = log.used();
        if rows.is_empty() {
            return Ok((log.end(), 0));
        }
        match log.append(rows) {
            Ok(()) => {}
            Err(Append::Full) => {
                drop(log);
                // Nobody else writes to it meanwhile.
                self.feed()?;
                log = self.log();
                before = log.used();
                log.append(rows).map_err(lasting)?;
            }
            Err(refused) => return Err(lasting(refused)),
        }
        log.sync()?;
        Ok((log.end(), log.used().saturating_sub(before)))
    }

    fn feed_alone(&self) -> Result {
        let (rows, until) = self.freeze();
        if rows.is_empty() {
            return Ok(());
        }
        let log = self.log().id();
        self.state.feed(&ALL, &rows, log, until)?;
        let tables = Arc::new(self.state.tables()?);
        self.change(|layers| {
            layers.older = Rows::new_sync();
            layers.tables = tables;
        });
        self.log().release(until);
        Ok(())
    }

    /// Sets rows apart that are to be fed to the state, and tells up to where they are the log's.
    pub(super) fn freeze(&self) -> (Rows, Mark) {
        self.change(|layers| {
            let newer = mem::replace(&mut layers.newer, Rows::new_sync());
            if layers.older.is_empty() {
                layers.older = newer;
            } else {
                for (key, value) in &newer {
                    layers.older.insert_mut(key.clone(), value.clone());
                }
            }
            layers.newer_bytes = 0;
            (layers.older.clone(), layers.end)
        })
    }

    /// Arranges what is durable in another way.
    fn change<T>(&self, change: impl FnOnce(&mut Layers) -> T) -> T {
        let (changed, past) = self.tip.change(|tip| {
            let mut layers = Layers::clone(&self.durable());
            let changed = change(&mut layers);
            tip.rebase(&layers);
            (changed, self.show(layers))
        });
        drop(past);
        changed
    }

    fn durable(&self) -> Arc<Layers> {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&layers)
    }

    /// Shows other layers from now on. To let go of those before may take a while: that is left to who
    /// holds no lock any more.
    fn show(&self, layers: Layers) -> Arc<Layers> {
        self.full
            .store(layers.newer_bytes >= self.portion, Ordering::Relaxed);
        let mut shown = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut *shown, Arc::new(layers))
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the last record.
fn last_record(newer: &Rows, tables: &Tables) -> Result<u64> {
    let wrong = || damaged(RECORDS, "?", "has no number");
    let number = |key: &[u8]| key::read_number(key).ok_or_else(wrong);
    let (begin, end) = ([RECORDS.id], [RECORDS.id.saturating_add(1)]);
    let rows = (
        Bound::Included(begin.as_slice()),
        Bound::Excluded(end.as_slice()),
    );
    match newer.range::<[u8], _>(rows).next_back() {
        Some((key, _)) => number(key),
        None => Ok(tables.last(RECORDS, number)?.unwrap_or_default()),
    }
}

/// Why a frame cannot be written, feeding or not.
fn lasting(refused: Append) -> StoreError {
    match refused {
        Append::Failed(error) => error,
        Append::Full | Append::TooLong => StoreError::Malformed(TOO_MUCH),
    }
}
