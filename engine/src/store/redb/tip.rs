//! The tip: what callers have changed, and is not durable yet.

use std::sync::Arc;

use super::frame::Frame;
use super::layers::{Layers, Row};
use super::write::Transaction;
use crate::store::{CommitError, StoreError};

pub(super) const TOO_MUCH: &str = "more is changed at once than the log has room for";

/// The rounds that are not durable yet, over what is.
#[derive(Default)]
pub(super) struct Tip {
    /// The one that callers join.
    open: Option<Pending>,
    /// The one that is being made durable.
    closed: Option<Pending>,
}

/// A round that is not durable.
struct Pending {
    /// The store as it is with the round, for the jobs to come.
    layers: Layers,
    /// What it writes, in the order in which it was written.
    rows: Arc<Vec<Row>>,
}

impl Tip {
    /// Does a job in the open round, where it sees what those before it have written; `durable` is what
    /// the rounds are over. Tells how many bytes of the log the job takes, and those are no more than
    /// `most`. Where the job is refused, nothing is written.
    pub(super) fn take(
        &mut self,
        durable: &Layers,
        most: usize,
        job: impl FnOnce(&mut Transaction<'_>) -> Result<(), CommitError>,
    ) -> Result<usize, CommitError> {
        let below = self.closed.as_ref().map_or(durable, |round| &round.layers);
        let round = self.open.get_or_insert_with(|| Pending::over(below));
        round.take(most, job)
    }

    /// Closes the open round, and tells what it writes.
    pub(super) fn close(&mut self) -> Arc<Vec<Row>> {
        self.closed = self.open.take();
        let closed = self.closed.as_ref();
        closed.map_or_else(Arc::default, |round| Arc::clone(&round.rows))
    }

    /// Lets go of the round that was closed, and tells what the store is with it.
    pub(super) fn settle(&mut self) -> Option<Layers> {
        self.closed.take().map(|round| round.layers)
    }

    /// Puts the rounds over what is durable now.
    pub(super) fn rebase(&mut self, durable: &Layers) {
        let mut below = durable;
        for round in [&mut self.closed, &mut self.open].into_iter().flatten() {
            round.rebase(below);
            below = &round.layers;
        }
    }
}

impl Pending {
    fn over(below: &Layers) -> Self {
        Self {
            layers: below.clone(),
            rows: Arc::default(),
        }
    }

    fn take(
        &mut self,
        most: usize,
        job: impl FnOnce(&mut Transaction<'_>) -> Result<(), CommitError>,
    ) -> Result<usize, CommitError> {
        let mut transaction = Transaction::new(&self.layers);
        job(&mut transaction)?;
        let done = transaction.done();
        let written: Vec<Row> = done.rows.into_iter().collect();
        let bytes = written.iter().map(Frame::length_of).sum();
        if bytes > most {
            return Err(StoreError::Malformed(TOO_MUCH).into());
        }
        self.layers.records = done.records;
        self.layers.bundle = done.bundle;
        self.layers.put(&written);
        Arc::make_mut(&mut self.rows).extend(written);
        Ok(bytes)
    }

    fn rebase(&mut self, below: &Layers) {
        let mut layers = Layers {
            records: self.layers.records,
            bundle: self.layers.bundle,
            ..below.clone()
        };
        layers.put(&self.rows);
        self.layers = layers;
    }
}
