//! Data keys of accounts that were changed last: to read and open one again for each commit would cost
//! as much as to seal a record with it.

use super::journal::{ReadError, data_key};
use crate::account::{DataKey, Revision};
use crate::challenge::KeyRing;
use crate::kept::Kept;
use crate::name::AccountId;
use crate::store::Snapshot;

/// Keys that are kept.
const PLACES: usize = 16_384;

/// Data keys, each with the revision at which the account has it, sealed under the ring's current key.
/// A key changes, or goes, with a revision only, so that one whose row was destroyed is given to nobody.
pub(super) struct DataKeys(Kept<(Revision, DataKey)>);

impl Default for DataKeys {
    fn default() -> Self {
        Self(Kept::new(PLACES))
    }
}

impl DataKeys {
    /// The data key that an account has at a revision, where it has one, and whether it is sealed under
    /// the ring's current key.
    pub(super) fn open(
        &self,
        snapshot: &dyn Snapshot,
        ring: &KeyRing,
        id: &AccountId,
        at: Option<Revision>,
    ) -> Result<Option<(DataKey, bool)>, ReadError> {
        match self.0.get(id, |(revision, _)| Some(*revision) == at) {
            Some((_, key)) => Ok(Some((key, true))),
            None => data_key(snapshot, ring, id),
        }
    }

    /// Keeps the key that an account was committed with.
    pub(super) fn keep(&self, id: &AccountId, revision: Revision, key: DataKey) {
        self.0.put(id, (revision, key));
    }

    /// Wipes the key of an account from memory.
    pub(super) fn forget(&self, id: &AccountId) {
        self.0.forget(id);
    }
}
