//! Reading journals: pages of records, opened with the account's data key.

use super::EngineError;
use crate::account::{DataKey, Entry, JournalError, RecordKeys, Revision};
use crate::challenge::KeyRing;
use crate::name::AccountId;
use crate::store::{Snapshot, StoreError};

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A journal does not hold together.
    #[error("the journal of `{account}` is damaged: {error}")]
    Journal {
        /// Whose.
        account: AccountId,
        /// How.
        error: JournalError,
    },
    /// Denials do not hold together.
    #[error("the denials of {of} are damaged: {error}")]
    Denials {
        /// Of what.
        of: String,
        /// How.
        error: JournalError,
    },
}

impl From<ReadError> for EngineError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => Self::Store(error),
            damaged => Self::Store(StoreError::Damaged(damaged.to_string())),
        }
    }
}

/// One account's journal, read from the oldest record on.
#[derive(Debug)]
pub(super) struct Journal {
    id: AccountId,
    key: Option<DataKey>,
    last: Revision,
}

impl Journal {
    /// The journal of an account after a revision. Records whose data key is destroyed stay closed.
    pub(super) fn open(
        snapshot: &dyn Snapshot,
        ring: &KeyRing,
        id: &AccountId,
        after: Revision,
    ) -> Result<Self, ReadError> {
        Ok(Self {
            id: id.clone(),
            key: data_key(snapshot, ring, id)?.map(|(key, _)| key),
            last: after,
        })
    }

    /// The next records, at most so many; none at its end.
    pub(super) fn page(
        &mut self,
        snapshot: &dyn Snapshot,
        ring: &KeyRing,
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let stored = snapshot.history(&self.id, self.last, limit)?;
        if let Some(newest) = stored.last() {
            self.last = newest.revision;
        }
        let data = self.key.as_ref().map(DataKey::sealing);
        let keys = RecordKeys { data, ring };
        let read = stored.iter().map(|record| record.read(&self.id, keys));
        let read: Result<_, JournalError> = read.collect();
        read.map_err(|error| damaged(&self.id, error))
    }
}

/// An account's data key, where it has one, and whether it is sealed under the current key.
pub(super) fn data_key(
    snapshot: &dyn Snapshot,
    ring: &KeyRing,
    id: &AccountId,
) -> Result<Option<(DataKey, bool)>, ReadError> {
    let Some(row) = snapshot.data_key(id)? else {
        return Ok(None);
    };
    let key = DataKey::unwrap(&row, ring, id).map_err(|error| damaged(id, error))?;
    Ok(Some(key))
}

/// That an account's journal does not hold together.
pub(super) fn damaged(id: &AccountId, error: JournalError) -> ReadError {
    ReadError::Journal {
        account: id.clone(),
        error,
    }
}
