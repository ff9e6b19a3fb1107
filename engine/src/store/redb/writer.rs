//! The writer: makes rounds of jobs durable in the log, and feeds the log to the state.

use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::error::AFTER_FAILURE;
use super::frame::Row;
use super::key;
use super::layers::{Layers, Rows};
use super::log::{Append, Log, Mark};
use super::state::{State, Tables};
use super::table::{ALL, RECORDS, damaged};
use super::write::{Batch, Done, Transaction};
use crate::store::{CommitError, StoreError};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// What somebody wants to have written, if what it reads allows it.
pub(super) type Job = Box<dyn FnOnce(&mut Transaction<'_>) -> Result<(), CommitError> + Send>;

/// What a job is answered.
pub(super) type Verdict = Result<(), CommitError>;

/// Most bytes that one job may write, so that a round of them always fits into the log.
const JOB_MAX: usize = 8 << 20;
const TOO_MUCH: &str = "more is changed at once than the log has room for";

/// Both files of a store, and what was committed.
pub(super) struct Writer {
    state: State,
    log: Mutex<Log>,
    layers: RwLock<Arc<Layers>>,
    /// Held by whoever makes the next layers, so that whoever reads waits for nothing.
    changing: Mutex<()>,
    /// Held by whoever feeds the state.
    feeding: Mutex<()>,
    /// Whether reading or writing failed: nothing can be said of the last commit any more.
    failed: AtomicBool,
    /// Bytes of the log that are fed to the state at a time.
    portion: u64,
}

impl Writer {
    /// Goes on with what the files hold: the state, and the rows of the log that it lacks.
    pub(super) fn new(state: State, log: Log, rows: Vec<Row>) -> Result<Self> {
        let mut newer = Rows::new_sync();
        rows.into_iter()
            .for_each(|(key, value)| newer.insert_mut(key, value));
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
        Ok(Self {
            state,
            portion: log.portion(),
            log: Mutex::new(log),
            layers: RwLock::new(Arc::new(layers)),
            changing: Mutex::new(()),
            feeding: Mutex::new(()),
            failed: AtomicBool::new(false),
        })
    }

    /// The present moment.
    pub(super) fn layers(&self) -> Result<Arc<Layers>> {
        if self.failed.load(Ordering::Acquire) {
            return Err(StoreError::Io(AFTER_FAILURE.to_owned()));
        }
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(&layers))
    }

    /// Does a round of jobs, each seeing what the ones before it wrote. What they wrote is durable
    /// when this returns, or none of them is told that it is. One round is done at a time.
    pub(super) fn round(&self, jobs: Vec<Job>) -> Vec<Verdict> {
        let count = jobs.len();
        let done = self.carry_out(jobs).inspect_err(|error| self.note(error));
        done.unwrap_or_else(|error| {
            let told = || Err(CommitError::Store(error.clone()));
            std::iter::repeat_with(told).take(count).collect()
        })
    }

    /// Whether there is a portion to be fed to the state.
    pub(super) fn is_full(&self) -> bool {
        self.layers()
            .is_ok_and(|layers| layers.newer_bytes >= self.portion)
    }

    /// Feeds everything that was committed by now to the state, and lets the log forget it.
    pub(super) fn feed(&self) -> Result {
        let _alone = self.feeding.lock().unwrap_or_else(PoisonError::into_inner);
        self.layers()?;
        // Whatever failed, rows may be on their way: only opening the files again tells.
        let failed = |_: &StoreError| self.failed.store(true, Ordering::Release);
        self.feed_alone().inspect_err(failed)
    }

    fn carry_out(&self, jobs: Vec<Job>) -> Result<Vec<Verdict>> {
        let layers = self.layers()?;
        let mut batch = Batch::new(&layers);
        let verdicts = jobs.into_iter().map(|job| take(&mut batch, job)).collect();
        let done = batch.done();
        if !done.rows.is_empty() {
            let (end, bytes) = self.write(&done)?;
            self.publish(done, end, bytes);
        }
        Ok(verdicts)
    }

    /// Writes what a round did to the log, and tells where that ends and how long it is.
    fn write(&self, done: &Done) -> Result<(Mark, u64)> {
        let mut log = self.log();
        let mut before = log.used();
        match log.append(&done.rows) {
            Ok(()) => {}
            Err(Append::Full) => {
                drop(log);
                // Nobody else does a round meanwhile.
                self.feed()?;
                log = self.log();
                before = log.used();
                log.append(&done.rows).map_err(lasting)?;
            }
            Err(refused) => return Err(lasting(refused)),
        }
        log.sync()?;
        Ok((log.end(), log.used().saturating_sub(before)))
    }

    /// Shows what a round did to all who look from now on.
    fn publish(&self, done: Done, end: Mark, bytes: u64) {
        self.change(|layers| {
            for (key, value) in done.rows {
                layers.newer.insert_mut(key.into(), value);
            }
            layers.newer_bytes = layers.newer_bytes.saturating_add(bytes);
            layers.end = end;
            layers.records = done.records;
            layers.bundle = done.bundle;
        });
    }

    /// Remembers that the disk failed.
    fn note(&self, error: &StoreError) {
        if matches!(error, StoreError::Io(_)) {
            self.failed.store(true, Ordering::Release);
        }
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
            let newer = std::mem::replace(&mut layers.newer, Rows::new_sync());
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

    fn change<T>(&self, change: impl FnOnce(&mut Layers) -> T) -> T {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = {
            let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
            Layers::clone(&layers)
        };
        let changed = change(&mut next);
        *self.layers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        changed
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

/// Does one job of a round; where it is refused, its rows are forgotten.
fn take(batch: &mut Batch<'_>, job: Job) -> Result<(), CommitError> {
    let mut transaction = batch.transaction();
    job(&mut transaction)?;
    let done = transaction.done();
    let bytes: usize = done.rows.values().flatten().map(|value| value.len()).sum();
    if bytes > JOB_MAX {
        return Err(StoreError::Malformed(TOO_MUCH).into());
    }
    batch.take(done);
    Ok(())
}

/// Why a frame cannot be written, feeding or not.
fn lasting(refused: Append) -> StoreError {
    match refused {
        Append::Failed(error) => error,
        Append::Full | Append::TooLong => StoreError::Malformed(TOO_MUCH),
    }
}
