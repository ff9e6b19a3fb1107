//! Writing: the rows of a store as one job sees and changes them.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::journal::{Ends, Stored};
use super::layers::{Layers, Value};
use super::table::{
    ACCOUNTS, ATTEMPTS, BUNDLES, CLAIMS, DATA_KEYS, DENIAL_HEADS, DENIALS, Key, META, OUTBOX,
    RECORDS, REMEMBERED, SHARED, TIMERS, Table,
};
use super::{key, row};
use crate::account::{
    Account, Attempt, ClaimKey, Digest, OutboxMessage, QuotaKey, Revision, StoredRecord,
};
use crate::name::{AccountId, AttemptId, IdempotencyKey};
use crate::store::apply::Rows;
use crate::store::{
    Delivery, DenialHead, DenialRing, Due, InForce, Place, Remembered, SharedCells, StoreError,
    StoredBundle, Swept,
};

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// Key of `meta`: how many places of the outbox were given out.
const PLACES_USED: &[u8] = b"places_used";
/// Key of `meta`: the bundle that the accounts are under.
pub(super) const IN_FORCE: &[u8] = b"in_force";
/// Key of `meta`: up to where the store was swept.
pub(super) const SWEPT: &[u8] = b"swept";

/// What a job did.
pub(super) struct Done {
    /// The rows that it wrote.
    pub(super) rows: BTreeMap<Key, Option<Value>>,
    /// The number of the last record.
    pub(super) records: u64,
    /// A bundle that is certainly kept when the job is.
    pub(super) bundle: Option<Digest>,
}

/// What one job writes. It sees what the jobs before it have written; what it writes itself is forgotten
/// where it fails.
pub(super) struct Transaction<'l> {
    layers: &'l Layers,
    done: Done,
    /// The row of the account that the job puts, where whoever brings the job has made it.
    account: Option<Vec<u8>>,
    /// The ends of the journal of the account whose revision was asked for.
    ends: Ends,
}

impl<'l> Transaction<'l> {
    pub(super) fn new(layers: &'l Layers) -> Self {
        let done = Done {
            rows: BTreeMap::new(),
            records: layers.records,
            bundle: layers.bundle,
        };
        Self {
            layers,
            done,
            account: None,
            ends: Ends::default(),
        }
    }

    /// What the job did.
    pub(super) fn done(self) -> Done {
        self.done
    }

    /// Takes the row of the account that will be put.
    pub(super) fn bring(&mut self, account: Vec<u8>) {
        self.account = Some(account);
    }

    /// Writes a row.
    pub(super) fn put(&mut self, table: Table, key: &[u8], row: impl Into<Value>) {
        self.done.rows.insert(table.key(key), Some(row.into()));
    }

    /// Removes a row.
    fn remove(&mut self, table: Table, key: &[u8]) {
        self.done.rows.insert(table.key(key), None);
    }

    /// Reads a row.
    fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<Option<T>> {
        let whole = table.key(key);
        match self.done.rows.get(whole.as_slice()) {
            Some(Some(value)) => read(value).map(Some),
            Some(None) => Ok(None),
            None => self.layers.get_whole(table, &whole, read),
        }
    }

    fn put_row(&mut self, table: Table, key: &[u8], value: &impl Serialize) -> Result {
        self.put(table, key, row::encode(value)?);
        Ok(())
    }

    /// Reads a row; `name` is its key without the personal part.
    fn get_row<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
        name: impl Display,
    ) -> Result<Option<T>> {
        self.get(table, key, |bytes| row::decode(bytes, table, name))
    }

    fn has(&self, table: Table, key: &[u8]) -> Result<bool> {
        Ok(self.get(table, key, |_| Ok(()))?.is_some())
    }

    /// Records what became of a message, if there is one.
    pub(super) fn settle(&mut self, place: Place, delivery: Delivery) -> Result {
        let key = place.0.to_be_bytes();
        if !self.has(OUTBOX, &key)? {
            return Ok(());
        }
        let Delivery::Failed { not_before } = delivery else {
            self.remove(OUTBOX, &key);
            return Ok(());
        };
        let message: Option<OutboxMessage> = self.get_row(OUTBOX, &key, place.0)?;
        let Some(mut message) = message else {
            return Ok(());
        };
        message.failures = message.failures.saturating_add(1);
        message.not_before = not_before;
        self.put_row(OUTBOX, &key, &message)
    }

    /// A place that none was before. The count outlives the rows: a place that was used twice would
    /// let a late report of one message settle another.
    fn next_place(&mut self) -> Result<Place> {
        let used = self.get(META, PLACES_USED, |row| row::number(row, META, PLACES_USED))?;
        let used = used.unwrap_or(0);
        let next = used.saturating_add(1).to_be_bytes();
        self.put(META, PLACES_USED, next.as_slice());
        Ok(Place(used))
    }
}

impl Rows for Transaction<'_> {
    fn revision(&mut self, id: &AccountId) -> Result<Option<Revision>> {
        let read = |bytes: &[u8]| row::ends(bytes, ACCOUNTS, id);
        let (revision, ends) = self.get(ACCOUNTS, id.as_str().as_bytes(), read)?.unzip();
        self.ends = ends.unwrap_or_default();
        Ok(revision)
    }

    fn put_account(&mut self, account: &Account, record: &StoredRecord) -> Result {
        let mut row = match self.account.take() {
            Some(row) => row,
            None => row::encode_account(account)?,
        };
        let mut ends = std::mem::take(&mut self.ends);
        let stored = Stored {
            account: account.id.as_str(),
            revision: record.revision,
            links: ends.links(record.revision),
            bytes: &record.bytes,
        };
        self.done.records = self.done.records.saturating_add(1);
        self.put(RECORDS, &key::record(self.done.records), stored.row());
        ends.push(record.revision, self.done.records);
        ends.append_to(&mut row);
        self.put(ACCOUNTS, account.id.as_str().as_bytes(), row);
        Ok(())
    }

    fn put_data_key(&mut self, id: &AccountId, row: &[u8]) -> Result {
        self.put(DATA_KEYS, id.as_str().as_bytes(), row);
        Ok(())
    }

    fn remove_data_key(&mut self, id: &AccountId) -> Result {
        self.remove(DATA_KEYS, id.as_str().as_bytes());
        Ok(())
    }

    fn keep_bundle(&mut self, bundle: &StoredBundle) -> Result {
        let key = &bundle.fingerprint.0;
        if self.done.bundle == Some(bundle.fingerprint) {
            return Ok(());
        }
        if !self.has(BUNDLES, key)? {
            self.put_row(BUNDLES, key, bundle)?;
        }
        self.done.bundle = Some(bundle.fingerprint);
        Ok(())
    }

    fn in_force(&self) -> Result<Option<InForce>> {
        self.get_row(META, IN_FORCE, "in_force")
    }

    fn put_in_force(&mut self, in_force: InForce) -> Result {
        self.put_row(META, IN_FORCE, &in_force)
    }

    fn put_attempt(&mut self, attempt: &Attempt) -> Result {
        self.put_row(ATTEMPTS, attempt.id.as_str().as_bytes(), attempt)
    }

    fn remove_attempt(&mut self, id: &AttemptId) -> Result {
        self.remove(ATTEMPTS, id.as_str().as_bytes());
        Ok(())
    }

    fn arm(&mut self, due: &Due) -> Result {
        self.put(TIMERS, &key::timer(due), Vec::new());
        Ok(())
    }

    fn disarm(&mut self, due: &Due) -> Result {
        self.remove(TIMERS, &key::timer(due));
        Ok(())
    }

    fn queue(&mut self, message: &OutboxMessage) -> Result {
        let place = self.next_place()?;
        self.put_row(OUTBOX, &place.0.to_be_bytes(), message)
    }

    fn drop_message(&mut self, place: Place) -> Result {
        self.remove(OUTBOX, &place.0.to_be_bytes());
        Ok(())
    }

    fn shared_revision(&self, key: &QuotaKey) -> Result<u64> {
        let cells: Option<SharedCells> = self.get_row(SHARED, &key::shared(key), &key.quota)?;
        Ok(cells.map_or(0, |cells| cells.revision))
    }

    fn put_shared(&mut self, key: &QuotaKey, cells: &SharedCells) -> Result {
        self.put_row(SHARED, &key::shared(key), cells)
    }

    fn holders(&self, key: &ClaimKey) -> Result<Vec<AccountId>> {
        let holders = self.get_row(CLAIMS, &key::claim(key)?, &key.attribute)?;
        Ok(holders.unwrap_or_default())
    }

    fn put_holders(&mut self, key: &ClaimKey, holders: &[AccountId]) -> Result {
        let row = key::claim(key)?;
        if holders.is_empty() {
            self.remove(CLAIMS, &row);
            return Ok(());
        }
        self.put_row(CLAIMS, &row, &holders)
    }

    fn is_remembered(&self, key: &IdempotencyKey) -> Result<bool> {
        self.has(REMEMBERED, key.as_str().as_bytes())
    }

    fn remember(&mut self, key: &IdempotencyKey, answer: &Remembered) -> Result {
        self.put_row(REMEMBERED, key.as_str().as_bytes(), answer)
    }

    fn forget(&mut self, key: &IdempotencyKey) -> Result {
        self.remove(REMEMBERED, key.as_str().as_bytes());
        Ok(())
    }

    fn remove_shared(&mut self, key: &QuotaKey) -> Result {
        self.remove(SHARED, &key::shared(key));
        Ok(())
    }

    fn put_swept(&mut self, swept: &Swept) -> Result {
        self.put_row(META, SWEPT, swept)
    }

    fn denial_head(&self, ring: &DenialRing) -> Result<Option<DenialHead>> {
        let key = key::ring(ring);
        self.get_row(DENIAL_HEADS, key, key.escape_ascii())
    }

    fn put_denial_head(&mut self, ring: &DenialRing, head: &DenialHead) -> Result {
        self.put_row(DENIAL_HEADS, key::ring(ring), head)
    }

    fn put_denial(&mut self, ring: &DenialRing, number: u64, bytes: &[u8]) -> Result {
        self.put(DENIALS, &key::denial(ring, number), bytes);
        Ok(())
    }

    fn remove_denial(&mut self, ring: &DenialRing, number: u64) -> Result {
        self.remove(DENIALS, &key::denial(ring, number));
        Ok(())
    }
}
