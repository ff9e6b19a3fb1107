//! A store in memory: for tests, simulations and trying things out. Nothing outlives the process.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use super::apply::{Rows, apply, keep, put_in_force, sweep};
use super::{
    Changes, CommitError, Delivery, DenialHead, DenialRing, Due, Header, InForce, NewDenial,
    NumberedRecord, Place, Queued, RecordNumber, Remembered, SharedCells, Snapshot, Store,
    StoreError, StoredBundle, StoredDenial, Sweep, Swept,
};
use crate::account::{
    Account, Attempt, ClaimKey, Digest, OutboxMessage, QuotaKey, Revision, StoredRecord,
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

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        self.change(|state| keep(state, &denial))
    }

    fn sweep(&self, found: Sweep) -> Result {
        self.change(|state| sweep(state, &found))
    }
}

#[derive(Debug, Clone, Default)]
struct State {
    accounts: BTreeMap<AccountId, Arc<Account>>,
    journals: BTreeMap<(AccountId, Revision), Arc<StoredRecord>>,
    /// The keys of the journals' records, in the order of their commits.
    records: Vec<(AccountId, Revision)>,
    data_keys: BTreeMap<AccountId, Vec<u8>>,
    bundles: BTreeMap<Digest, Arc<StoredBundle>>,
    in_force: Option<InForce>,
    attempts: BTreeMap<AttemptId, Arc<Attempt>>,
    timers: BTreeSet<Due>,
    outbox: BTreeMap<Place, Arc<OutboxMessage>>,
    places_used: u64,
    shared: BTreeMap<QuotaKey, SharedCells>,
    claims: BTreeMap<ClaimKey, Vec<AccountId>>,
    remembered: BTreeMap<IdempotencyKey, Arc<Remembered>>,
    swept: Swept,
    denial_heads: BTreeMap<DenialRing, DenialHead>,
    denials: BTreeMap<(DenialRing, u64), Arc<[u8]>>,
}

impl Rows for State {
    fn revision(&mut self, id: &AccountId) -> Result<Option<Revision>> {
        Ok(self.accounts.get(id).map(|account| account.revision))
    }

    fn put_account(&mut self, account: &Account, record: &StoredRecord) -> Result {
        let key = (account.id.clone(), record.revision);
        self.records.push(key.clone());
        self.journals.insert(key, Arc::new(record.clone()));
        self.accounts
            .insert(account.id.clone(), Arc::new(account.clone()));
        Ok(())
    }

    fn put_data_key(&mut self, id: &AccountId, row: &[u8]) -> Result {
        self.data_keys.insert(id.clone(), row.to_vec());
        Ok(())
    }

    fn remove_data_key(&mut self, id: &AccountId) -> Result {
        self.data_keys.remove(id);
        Ok(())
    }

    fn keep_bundle(&mut self, bundle: &StoredBundle) -> Result {
        let kept = self.bundles.entry(bundle.fingerprint);
        kept.or_insert_with(|| Arc::new(bundle.clone()));
        Ok(())
    }

    fn in_force(&self) -> Result<Option<InForce>> {
        Ok(self.in_force)
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

    fn drop_message(&mut self, place: Place) -> Result {
        self.outbox.remove(&place);
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

    fn forget(&mut self, key: &IdempotencyKey) -> Result {
        self.remembered.remove(key);
        Ok(())
    }

    fn remove_shared(&mut self, key: &QuotaKey) -> Result {
        self.shared.remove(key);
        Ok(())
    }

    fn put_swept(&mut self, swept: &Swept) -> Result {
        self.swept = swept.clone();
        Ok(())
    }

    fn denial_head(&self, ring: &DenialRing) -> Result<Option<DenialHead>> {
        Ok(self.denial_heads.get(ring).cloned())
    }

    fn put_denial_head(&mut self, ring: &DenialRing, head: &DenialHead) -> Result {
        self.denial_heads.insert(ring.clone(), head.clone());
        Ok(())
    }

    fn put_denial(&mut self, ring: &DenialRing, number: u64, bytes: &[u8]) -> Result {
        self.denials.insert((ring.clone(), number), bytes.into());
        Ok(())
    }

    fn remove_denial(&mut self, ring: &DenialRing, number: u64) -> Result {
        self.denials.remove(&(ring.clone(), number));
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
    fn account(&self, id: &AccountId) -> Result<Option<Arc<Account>>> {
        Ok(self.accounts.get(id).cloned())
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

    fn history(&self, id: &AccountId, from: Revision, limit: usize) -> Result<Vec<StoredRecord>> {
        let last = (id.clone(), Revision(u64::MAX));
        let later = (Bound::Excluded((id.clone(), from)), Bound::Included(last));
        let records = self.journals.range(later).take(limit);
        let record = |(_, record): (_, &Arc<StoredRecord>)| StoredRecord::clone(record);
        Ok(records.map(record).collect())
    }

    fn records(&self, from: RecordNumber, limit: usize) -> Result<Vec<NumberedRecord>> {
        let skipped = usize::try_from(from.0).unwrap_or(usize::MAX);
        let later = self.records.iter().enumerate().skip(skipped).take(limit);
        let records = later.filter_map(|(count, key)| {
            let number = u64::try_from(count).ok()?.checked_add(1)?;
            Some(NumberedRecord {
                number: RecordNumber(number),
                account: key.0.clone(),
                record: StoredRecord::clone(self.journals.get(key)?),
            })
        });
        Ok(records.collect())
    }

    fn numbered_later(&self) -> Result<RecordNumber> {
        Ok(RecordNumber::default())
    }

    fn data_key(&self, id: &AccountId) -> Result<Option<Vec<u8>>> {
        Ok(self.data_keys.get(id).cloned())
    }

    fn attempts(&self, from: Option<&AttemptId>, limit: usize) -> Result<Vec<Attempt>> {
        let later = self.attempts.range(after(from.cloned())).take(limit);
        Ok(later.map(|(_, attempt)| Attempt::clone(attempt)).collect())
    }

    fn claims(
        &self,
        from: Option<&ClaimKey>,
        limit: usize,
    ) -> Result<Vec<(ClaimKey, Vec<AccountId>)>> {
        let later = self.claims.range(after(from.cloned())).take(limit);
        Ok(later
            .map(|(key, holders)| (key.clone(), holders.clone()))
            .collect())
    }

    fn denial_head(&self, ring: &DenialRing) -> Result<Option<DenialHead>> {
        Rows::denial_head(self.as_ref(), ring)
    }

    fn denials(&self, ring: &DenialRing, from: u64, limit: usize) -> Result<Vec<StoredDenial>> {
        let bounds = (
            Bound::Excluded((ring.clone(), from)),
            Bound::Included((ring.clone(), u64::MAX)),
        );
        let denial = |((_, number), bytes): (&(_, u64), &Arc<[u8]>)| StoredDenial {
            number: *number,
            bytes: bytes.to_vec(),
        };
        Ok(self.denials.range(bounds).take(limit).map(denial).collect())
    }

    fn denial_rings(&self, from: Option<&DenialRing>, limit: usize) -> Result<Vec<DenialRing>> {
        let later = self.denial_heads.range(after(from.cloned())).take(limit);
        Ok(later.map(|(ring, _)| ring.clone()).collect())
    }

    fn due(&self, at: Timestamp, from: Option<&Due>, limit: usize) -> Result<Vec<Due>> {
        let later = self.timers.range(after(from.cloned()));
        Ok(later
            .take_while(|due| due.at <= at)
            .take(limit)
            .cloned()
            .collect())
    }

    fn message(&self, place: Place) -> Result<Option<OutboxMessage>> {
        let waiting = self.outbox.get(&place);
        Ok(waiting.map(|message| OutboxMessage::clone(message)))
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

    fn answers(
        &self,
        from: Option<&IdempotencyKey>,
        limit: usize,
    ) -> Result<Vec<(IdempotencyKey, Option<Timestamp>)>> {
        let later = self.remembered.range(after(from.cloned())).take(limit);
        Ok(later.map(|(key, kept)| (key.clone(), kept.at)).collect())
    }

    fn shared_keys(
        &self,
        from: Option<&QuotaKey>,
        limit: usize,
    ) -> Result<Vec<(QuotaKey, SharedCells)>> {
        let later = self.shared.range(after(from.cloned())).take(limit);
        Ok(later
            .map(|(key, cells)| (key.clone(), cells.clone()))
            .collect())
    }

    fn swept(&self) -> Result<Swept> {
        Ok(self.swept.clone())
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
