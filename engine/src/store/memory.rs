//! A store in memory: for tests, simulations and trying things out. Nothing outlives the process.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use super::apply::{Rows, apply, put_in_force};
use super::{
    Changes, CommitError, Delivery, Due, Header, InForce, Place, Queued, Remembered, SharedCells,
    Snapshot, Store, StoreError, StoredBundle,
};
use crate::account::{
    Account, Attempt, ClaimKey, Digest, OutboxMessage, QuotaKey, Record, Revision,
};
use crate::name::{AccountId, AttemptId, IdempotencyKey};
use crate::time::Timestamp;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// A store in memory.
///
/// A snapshot shares the state it was taken of; a commit changes that state in place where no
/// snapshot is left, and a copy of it otherwise. Rows are shared between copies.
#[derive(Debug)]
pub struct MemoryStore {
    header: Header,
    state: RwLock<Arc<State>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            state: RwLock::default(),
        }
    }

    /// Changes the state. Nothing between two writes of a commit can panic, so that a poisoned lock
    /// does not mean a broken state.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut state))
    }
}

impl Store for MemoryStore {
    fn header(&self) -> Result<Header> {
        Ok(self.header.clone())
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Ok(Box::new(Arc::clone(&state)))
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        self.change(|state| apply(state, &changes))
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result {
        self.change(|state| match delivery {
            Delivery::Delivered => {
                state.outbox.remove(&place);
            }
            Delivery::Failed { not_before } => {
                if let Some(message) = state.outbox.get_mut(&place).map(Arc::make_mut) {
                    message.failures = message.failures.saturating_add(1);
                    message.not_before = not_before;
                }
            }
        });
        Ok(())
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result {
        self.change(|state| put_in_force(state, bundle, settled))
    }
}

#[derive(Debug, Clone, Default)]
struct State {
    accounts: BTreeMap<AccountId, Arc<Account>>,
    journal: BTreeMap<(AccountId, Revision), Arc<Record>>,
    bundles: BTreeMap<Digest, Arc<StoredBundle>>,
    in_force: Option<InForce>,
    attempts: BTreeMap<AttemptId, Arc<Attempt>>,
    timers: BTreeSet<Due>,
    outbox: BTreeMap<Place, Arc<OutboxMessage>>,
    places_used: u64,
    shared: BTreeMap<QuotaKey, SharedCells>,
    claims: BTreeMap<ClaimKey, Vec<AccountId>>,
    remembered: BTreeMap<IdempotencyKey, Arc<Remembered>>,
}

impl Rows for State {
    fn revision(&self, id: &AccountId) -> Result<Option<Revision>> {
        Ok(self.accounts.get(id).map(|account| account.revision))
    }

    fn put_account(&mut self, account: &Account) -> Result {
        self.accounts
            .insert(account.id.clone(), Arc::new(account.clone()));
        Ok(())
    }

    fn append(&mut self, id: &AccountId, record: &Record) -> Result {
        let key = (id.clone(), record.revision);
        if self.journal.contains_key(&key) {
            let revision = record.revision.0;
            let what = format!("the journal of `{id}` has a record {revision} already");
            return Err(StoreError::Damaged(what));
        }
        self.journal.insert(key, Arc::new(record.clone()));
        Ok(())
    }

    fn keep_bundle(&mut self, bundle: &StoredBundle) -> Result {
        let kept = self.bundles.entry(bundle.fingerprint);
        kept.or_insert_with(|| Arc::new(bundle.clone()));
        Ok(())
    }

    fn put_in_force(&mut self, in_force: InForce) -> Result {
        self.in_force = Some(in_force);
        Ok(())
    }

    fn put_attempt(&mut self, attempt: &Attempt) -> Result {
        self.attempts
            .insert(attempt.id.clone(), Arc::new(attempt.clone()));
        Ok(())
    }

    fn remove_attempt(&mut self, id: &AttemptId) -> Result {
        self.attempts.remove(id);
        Ok(())
    }

    fn arm(&mut self, due: &Due) -> Result {
        self.timers.insert(due.clone());
        Ok(())
    }

    fn disarm(&mut self, due: &Due) -> Result {
        self.timers.remove(due);
        Ok(())
    }

    fn queue(&mut self, message: &OutboxMessage) -> Result {
        self.outbox
            .insert(Place(self.places_used), Arc::new(message.clone()));
        self.places_used = self.places_used.saturating_add(1);
        Ok(())
    }

    fn shared_revision(&self, key: &QuotaKey) -> Result<u64> {
        Ok(self.shared.get(key).map_or(0, |cells| cells.revision))
    }

    fn put_shared(&mut self, key: &QuotaKey, cells: &SharedCells) -> Result {
        self.shared.insert(key.clone(), cells.clone());
        Ok(())
    }

    fn holders(&self, key: &ClaimKey) -> Result<Vec<AccountId>> {
        Ok(self.claims.get(key).cloned().unwrap_or_default())
    }

    fn put_holders(&mut self, key: &ClaimKey, holders: &[AccountId]) -> Result {
        if holders.is_empty() {
            self.claims.remove(key);
        } else {
            self.claims.insert(key.clone(), holders.to_vec());
        }
        Ok(())
    }

    fn is_remembered(&self, key: &IdempotencyKey) -> Result<bool> {
        Ok(self.remembered.contains_key(key))
    }

    fn remember(&mut self, key: &IdempotencyKey, answer: &Remembered) -> Result {
        self.remembered
            .insert(key.clone(), Arc::new(answer.clone()));
        Ok(())
    }
}

/// What comes after a key, or everything.
fn after<K>(key: Option<K>) -> (Bound<K>, Bound<K>) {
    (
        key.map_or(Bound::Unbounded, Bound::Excluded),
        Bound::Unbounded,
    )
}

impl Snapshot for Arc<State> {
    fn account(&self, id: &AccountId) -> Result<Option<Account>> {
        Ok(self.accounts.get(id).map(|account| Account::clone(account)))
    }

    fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>> {
        Ok(self.attempts.get(id).map(|attempt| Attempt::clone(attempt)))
    }

    fn shared(&self, key: &QuotaKey) -> Result<SharedCells> {
        Ok(self.shared.get(key).cloned().unwrap_or_default())
    }

    fn holders(&self, key: &ClaimKey) -> Result<Vec<AccountId>> {
        Rows::holders(self.as_ref(), key)
    }

    fn remembered(&self, key: &IdempotencyKey) -> Result<Option<Remembered>> {
        Ok(self
            .remembered
            .get(key)
            .map(|answer| Remembered::clone(answer)))
    }

    fn accounts(&self, from: Option<&AccountId>, limit: usize) -> Result<Vec<AccountId>> {
        let later = self.accounts.range(after(from.cloned()));
        Ok(later.map(|(id, _)| id.clone()).take(limit).collect())
    }

    fn history(&self, id: &AccountId, from: Revision, limit: usize) -> Result<Vec<Record>> {
        let last = (id.clone(), Revision(u64::MAX));
        let later = (Bound::Excluded((id.clone(), from)), Bound::Included(last));
        let records = self.journal.range(later).take(limit);
        Ok(records.map(|(_, record)| Record::clone(record)).collect())
    }

    fn due(&self, at: Timestamp, from: Option<&Due>, limit: usize) -> Result<Vec<Due>> {
        let later = self.timers.range(after(from.cloned()));
        Ok(later
            .take_while(|due| due.at <= at)
            .take(limit)
            .cloned()
            .collect())
    }

    fn outbox(&self, at: Timestamp, from: Option<Place>, limit: usize) -> Result<Vec<Queued>> {
        let later = self.outbox.range(after(from));
        let ready = later.filter(|(_, message)| message.not_before <= at);
        let queued = |(place, message): (&Place, &Arc<OutboxMessage>)| Queued {
            place: *place,
            message: OutboxMessage::clone(message),
        };
        Ok(ready.take(limit).map(queued).collect())
    }

    fn bundle(&self, fingerprint: &Digest) -> Result<Option<StoredBundle>> {
        Ok(self
            .bundles
            .get(fingerprint)
            .map(|bundle| StoredBundle::clone(bundle)))
    }

    fn bundles(&self) -> Result<Vec<Digest>> {
        Ok(self.bundles.keys().copied().collect())
    }

    fn in_force(&self) -> Result<Option<InForce>> {
        Ok(self.in_force)
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;
    use crate::store::conformance::{header, run};

    #[test]
    fn it_does_what_every_store_must() {
        run(|| Box::new(MemoryStore::new(header())));
    }
}
