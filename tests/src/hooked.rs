//! A store around another: tests meddle with what is written, and leave the rest alone.

use std::sync::Arc;

use stateward::store::{
    Changes, CommitError, Delivery, Header, NewDenial, Place, Snapshot, Store, StoreError,
    StoredBundle, Sweep,
};

/// What is done where something is written; nothing else than that, unless it is said here.
pub trait Hooks: Send + Sync {
    /// In place of a commit.
    fn commit(&self, store: &dyn Store, changes: Changes) -> Result<(), CommitError> {
        store.commit(changes)
    }

    /// In place of settling a message.
    fn settle(&self, store: &dyn Store, place: Place, how: Delivery) -> Result<(), StoreError> {
        store.settle(place, how)
    }

    /// In place of noting which bundle is in force.
    fn put_in_force(
        &self,
        store: &dyn Store,
        bundle: &StoredBundle,
        settled: bool,
    ) -> Result<(), StoreError> {
        store.put_in_force(bundle, settled)
    }

    /// In place of keeping a denial.
    fn keep_denial(&self, store: &dyn Store, denial: NewDenial) -> Result<(), CommitError> {
        store.keep_denial(denial)
    }

    /// In place of removing rows that can have no effect any more.
    fn sweep(&self, store: &dyn Store, sweep: Sweep) -> Result<(), StoreError> {
        store.sweep(sweep)
    }
}

/// A store with hooks.
pub struct Hooked<H> {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The hooks.
    pub hooks: H,
}

impl<H: Hooks> Store for Hooked<H> {
    fn header(&self) -> Result<Header, StoreError> {
        self.store.header()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        self.hooks.commit(self.store.as_ref(), changes)
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result<(), StoreError> {
        self.hooks.settle(self.store.as_ref(), place, delivery)
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result<(), StoreError> {
        let store = self.store.as_ref();
        self.hooks.put_in_force(store, bundle, settled)
    }

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        self.hooks.keep_denial(self.store.as_ref(), denial)
    }

    fn sweep(&self, sweep: Sweep) -> Result<(), StoreError> {
        self.hooks.sweep(self.store.as_ref(), sweep)
    }
}
