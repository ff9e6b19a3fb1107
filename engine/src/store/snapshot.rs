//! Reading: what a store tells of one moment.

use std::sync::Arc;

use super::{
    DenialHead, DenialRing, Due, InForce, NumberedRecord, Place, Queued, RecordNumber, Remembered,
    SharedCells, StoreError, StoredBundle, StoredDenial, Swept,
};
use crate::account::{
    Account, Attempt, ClaimKey, Digest, OutboxMessage, QuotaKey, Revision, StoredRecord,
};
use crate::name::{AccountId, AttemptId, IdempotencyKey};
use crate::time::Timestamp;

/// One consistent view of the store: everything read through it is of one moment.
pub trait Snapshot {
    /// An account.
    ///
    /// # Errors
    /// As all methods here: when the store cannot be read.
    fn account(&self, id: &AccountId) -> Result<Option<Arc<Account>>, StoreError>;
    /// An open attempt.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError>;
    /// Cells of a quota key that is not an account's own; fresh ones where there are none.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn shared(&self, key: &QuotaKey) -> Result<SharedCells, StoreError>;
    /// The accounts that hold a value, in order of their ids.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn holders(&self, key: &ClaimKey) -> Result<Vec<AccountId>, StoreError>;
    /// The answer kept under an idempotency key.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn remembered(&self, key: &IdempotencyKey) -> Result<Option<Remembered>, StoreError>;
    /// Up to `limit` account ids after `after`, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn accounts(
        &self,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<AccountId>, StoreError>;
    /// Up to `limit` journal records of an account with revisions after `after`, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn history(
        &self,
        id: &AccountId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, StoreError>;
    /// Up to `limit` journal records of all accounts with numbers after `after`, in the order of their
    /// commits.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn records(&self, after: RecordNumber, limit: usize)
    -> Result<Vec<NumberedRecord>, StoreError>;
    /// The last record whose number does not tell when it was committed: an older version wrote it, which
    /// gave no numbers, and it got one by its instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn numbered_later(&self) -> Result<RecordNumber, StoreError>;
    /// The row of an account's data key.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn data_key(&self, id: &AccountId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Up to `limit` open attempts after `after`, in the order of their ids.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn attempts(&self, after: Option<&AttemptId>, limit: usize)
    -> Result<Vec<Attempt>, StoreError>;
    /// Up to `limit` values that are held, with their holders, after `after`, in an order of the
    /// store's own.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn claims(
        &self,
        after: Option<&ClaimKey>,
        limit: usize,
    ) -> Result<Vec<(ClaimKey, Vec<AccountId>)>, StoreError>;
    /// The head of a ring of denials; `None` where nothing was ever kept in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn denial_head(&self, ring: &DenialRing) -> Result<Option<DenialHead>, StoreError>;
    /// Up to `limit` denials of a ring with numbers after `after`, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn denials(
        &self,
        ring: &DenialRing,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredDenial>, StoreError>;
    /// Up to `limit` rings of denials after `after`, the strangers' first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn denial_rings(
        &self,
        after: Option<&DenialRing>,
        limit: usize,
    ) -> Result<Vec<DenialRing>, StoreError>;
    /// Up to `limit` timers due at or before an instant, earliest first, after `after`.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn due(&self, at: Timestamp, after: Option<&Due>, limit: usize)
    -> Result<Vec<Due>, StoreError>;
    /// When the earliest timer is due, whether that has passed or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let earliest = self.due(Timestamp::from_ms(i64::MAX), None, 1)?;
        Ok(earliest.first().map(|due| due.at))
    }
    /// The message that waits at a place of the outbox.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn message(&self, place: Place) -> Result<Option<OutboxMessage>, StoreError>;
    /// Up to `limit` messages that may be tried at an instant, in the order they were committed
    /// in, after `after`.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn outbox(
        &self,
        at: Timestamp,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError>;
    /// The files of a bundle that decided something.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn bundle(&self, fingerprint: &Digest) -> Result<Option<StoredBundle>, StoreError>;
    /// The fingerprints of all bundles that decided something, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn bundles(&self) -> Result<Vec<Digest>, StoreError>;
    /// The bundle that the accounts are under; `None` where none was put in force yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn in_force(&self) -> Result<Option<InForce>, StoreError>;
    /// Up to `limit` keys of kept answers after `after`, in their order, each with the instant that its
    /// answer was given at; versions before this one did not note it.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn answers(
        &self,
        after: Option<&IdempotencyKey>,
        limit: usize,
    ) -> Result<Vec<(IdempotencyKey, Option<Timestamp>)>, StoreError>;
    /// Up to `limit` shared quota keys that have cells, with their cells, after `after`, in the order
    /// of their quotas and keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn shared_keys(
        &self,
        after: Option<&QuotaKey>,
        limit: usize,
    ) -> Result<Vec<(QuotaKey, SharedCells)>, StoreError>;
    /// Up to where the last sweep has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn swept(&self) -> Result<Swept, StoreError>;
}
