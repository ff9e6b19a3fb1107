//! Reading: one snapshot is one moment of the store.

use std::fmt::Display;
use std::ops::Bound;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::layers::{Layers, Pick};
use super::table::{
    ACCOUNTS, ATTEMPTS, BUNDLES, CLAIMS, DATA_KEYS, DENIAL_HEADS, DENIALS, META, OUTBOX,
    REMEMBERED, SHARED, TIMERS, Table, damaged,
};
use super::upgrade::NUMBERED_LATER;
use super::write::{IN_FORCE, SWEPT};
use super::{journal, key, row};
use crate::account::{
    Account, Attempt, ClaimKey, Digest, OutboxMessage, QuotaKey, Revision, StoredRecord,
};
use crate::kept::Kept;
use crate::name::{AccountId, AttemptId, IdempotencyKey};
use crate::store::{
    DenialHead, DenialRing, Due, InForce, NumberedRecord, Place, Queued, RecordNumber, Remembered,
    SharedCells, Snapshot, StoreError, StoredBundle, StoredDenial, Swept,
};
use crate::time::Timestamp;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// Everything that was committed when it was taken.
pub(super) struct RedbSnapshot<'s> {
    layers: Arc<Layers>,
    accounts: &'s Kept<Arc<Account>>,
}

impl<'s> RedbSnapshot<'s> {
    pub(super) fn new(layers: Arc<Layers>, accounts: &'s Kept<Arc<Account>>) -> Self {
        Self { layers, accounts }
    }

    /// The row of a key; `name` is the key without the personal part.
    fn row<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
        name: impl Display,
    ) -> Result<Option<T>> {
        self.layers
            .get(table, key, |row| row::decode(row, table, name))
    }
}

/// What comes after a key, or everything.
fn after(key: Option<&[u8]>) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (
        key.map_or(Bound::Unbounded, Bound::Excluded),
        Bound::Unbounded,
    )
}

impl Snapshot for RedbSnapshot<'_> {
    fn account(&self, id: &AccountId) -> Result<Option<Arc<Account>>> {
        let read = |row: &[u8]| {
            let revision = row::revision(row, ACCOUNTS, id)?;
            // One that is kept is of one revision, and so never out of date.
            let kept = self.accounts.get(id, |kept| kept.revision == revision);
            if let Some(kept) = kept {
                return Ok(kept);
            }
            let account = Arc::new(row::decode_account(row, ACCOUNTS, id)?);
            self.accounts.put(id, Arc::clone(&account));
            Ok(account)
        };
        self.layers.get(ACCOUNTS, id.as_str().as_bytes(), read)
    }

    fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>> {
        self.row(ATTEMPTS, id.as_str().as_bytes(), id)
    }

    fn shared(&self, key: &QuotaKey) -> Result<SharedCells> {
        let cells = self.row(SHARED, &key::shared(key), &key.quota)?;
        Ok(cells.unwrap_or_default())
    }

    fn holders(&self, key: &ClaimKey) -> Result<Vec<AccountId>> {
        let holders = self.row(CLAIMS, &key::claim(key)?, &key.attribute)?;
        Ok(holders.unwrap_or_default())
    }

    fn remembered(&self, key: &IdempotencyKey) -> Result<Option<Remembered>> {
        self.row(REMEMBERED, key.as_str().as_bytes(), key)
    }

    fn accounts(&self, from: Option<&AccountId>, limit: usize) -> Result<Vec<AccountId>> {
        let from = from.map(|id| id.as_str().as_bytes());
        self.layers.scan(ACCOUNTS, after(from), limit, |key, _| {
            let id = str::from_utf8(key).ok().and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| damaged(ACCOUNTS, key.escape_ascii(), "is no account"))?;
            Ok(Pick::Take(id))
        })
    }

    fn history(&self, id: &AccountId, from: Revision, limit: usize) -> Result<Vec<StoredRecord>> {
        journal::history(&self.layers, id, from, limit)
    }

    fn records(&self, from: RecordNumber, limit: usize) -> Result<Vec<NumberedRecord>> {
        journal::records(&self.layers, from, limit)
    }

    fn numbered_later(&self) -> Result<RecordNumber> {
        let number = self.layers.get(META, NUMBERED_LATER, |row| {
            row::number(row, META, NUMBERED_LATER)
        })?;
        Ok(RecordNumber(number.unwrap_or_default()))
    }

    fn data_key(&self, id: &AccountId) -> Result<Option<Vec<u8>>> {
        let key = id.as_str().as_bytes();
        self.layers.get(DATA_KEYS, key, |row| Ok(row.to_vec()))
    }

    fn attempts(&self, from: Option<&AttemptId>, limit: usize) -> Result<Vec<Attempt>> {
        let from = from.map(|id| id.as_str().as_bytes());
        self.layers.scan(ATTEMPTS, after(from), limit, |key, row| {
            let attempt: Attempt = row::decode(row, ATTEMPTS, key.escape_ascii())?;
            match attempt.id.as_str().as_bytes() == key {
                true => Ok(Pick::Take(attempt)),
                false => Err(damaged(ATTEMPTS, key.escape_ascii(), "is not of its key")),
            }
        })
    }

    fn claims(
        &self,
        from: Option<&ClaimKey>,
        limit: usize,
    ) -> Result<Vec<(ClaimKey, Vec<AccountId>)>> {
        let from = from.map(key::claim).transpose()?;
        self.layers
            .scan(CLAIMS, after(from.as_deref()), limit, |key, row| {
                // The key holds a personal value, so that it is not told.
                let claim =
                    key::read_claim(key).ok_or_else(|| damaged(CLAIMS, "?", "is no claim"))?;
                let holders = row::decode(row, CLAIMS, &claim.attribute)?;
                Ok(Pick::Take((claim, holders)))
            })
    }

    fn denial_head(&self, ring: &DenialRing) -> Result<Option<DenialHead>> {
        let key = key::ring(ring);
        self.row(DENIAL_HEADS, key, key.escape_ascii())
    }

    fn denials(&self, ring: &DenialRing, from: u64, limit: usize) -> Result<Vec<StoredDenial>> {
        let (from, last) = (key::denial(ring, from), key::denial(ring, u64::MAX));
        let bounds = (
            Bound::Excluded(from.as_slice()),
            Bound::Included(last.as_slice()),
        );
        self.layers.scan(DENIALS, bounds, limit, |key, row| {
            let number = key::read_number(key);
            let number = number.filter(|number| key::denial(ring, *number) == key);
            let broken = || damaged(DENIALS, key.escape_ascii(), "has no number");
            Ok(Pick::Take(StoredDenial {
                number: number.ok_or_else(broken)?,
                bytes: row.to_vec(),
            }))
        })
    }

    fn denial_rings(&self, from: Option<&DenialRing>, limit: usize) -> Result<Vec<DenialRing>> {
        let from = from.map(key::ring);
        self.layers
            .scan(DENIAL_HEADS, after(from), limit, |key, _| {
                let wrong = || damaged(DENIAL_HEADS, key.escape_ascii(), "is of no account");
                key::read_ring(key).map(Pick::Take).ok_or_else(wrong)
            })
    }

    fn due(&self, at: Timestamp, from: Option<&Due>, limit: usize) -> Result<Vec<Due>> {
        let from = from.map(key::timer);
        self.layers
            .scan(TIMERS, after(from.as_deref()), limit, |key, _| {
                let due = key::read_timer(key);
                let due = due.ok_or_else(|| damaged(TIMERS, key.escape_ascii(), "is no timer"))?;
                Ok(if due.at <= at {
                    Pick::Take(due)
                } else {
                    Pick::Stop
                })
            })
    }

    fn message(&self, place: Place) -> Result<Option<OutboxMessage>> {
        self.row(OUTBOX, &place.0.to_be_bytes(), place.0)
    }

    fn outbox(&self, at: Timestamp, from: Option<Place>, limit: usize) -> Result<Vec<Queued>> {
        let from = from.map(|place| place.0.to_be_bytes());
        let from = from.as_ref().map(<[u8; 8]>::as_slice);
        self.layers.scan(OUTBOX, after(from), limit, |key, row| {
            let place = key.try_into().map(u64::from_be_bytes).map(Place);
            let place = place.map_err(|_| damaged(OUTBOX, key.escape_ascii(), "is no place"))?;
            let message: OutboxMessage = row::decode(row, OUTBOX, place.0)?;
            let ready = message.not_before <= at;
            Ok(if ready {
                Pick::Take(Queued { place, message })
            } else {
                Pick::Skip
            })
        })
    }

    fn bundle(&self, fingerprint: &Digest) -> Result<Option<StoredBundle>> {
        self.row(BUNDLES, &fingerprint.0, fingerprint)
    }

    fn bundles(&self) -> Result<Vec<Digest>> {
        self.layers
            .scan(BUNDLES, after(None), usize::MAX, |key, _| {
                let digest = key.try_into().map(Digest);
                let wrong = |_| damaged(BUNDLES, key.escape_ascii(), "is no fingerprint");
                digest.map(Pick::Take).map_err(wrong)
            })
    }

    fn in_force(&self) -> Result<Option<InForce>> {
        self.row(META, IN_FORCE, "in_force")
    }

    fn answers(
        &self,
        from: Option<&IdempotencyKey>,
        limit: usize,
    ) -> Result<Vec<(IdempotencyKey, Option<Timestamp>)>> {
        let from = from.map(|key| key.as_str().as_bytes());
        self.layers
            .scan(REMEMBERED, after(from), limit, |key, row| {
                let wrong = || damaged(REMEMBERED, key.escape_ascii(), "is of no key");
                let name = str::from_utf8(key).ok().and_then(|key| key.parse().ok());
                let kept: Remembered = row::decode(row, REMEMBERED, key.escape_ascii())?;
                Ok(Pick::Take((name.ok_or_else(wrong)?, kept.at)))
            })
    }

    fn shared_keys(
        &self,
        from: Option<&QuotaKey>,
        limit: usize,
    ) -> Result<Vec<(QuotaKey, SharedCells)>> {
        let from = from.map(key::shared);
        self.layers
            .scan(SHARED, after(from.as_deref()), limit, |key, row| {
                // The key may be an address, so that it is not told.
                let key = key::read_shared(key);
                let key = key.ok_or_else(|| damaged(SHARED, "?", "is of no quota"))?;
                let cells = row::decode(row, SHARED, &key.quota)?;
                Ok(Pick::Take((key, cells)))
            })
    }

    fn swept(&self) -> Result<Swept> {
        Ok(self.row(META, SWEPT, "swept")?.unwrap_or_default())
    }
}
