//! Data keys as they were opened last: to open one again for each commit would cost more than to seal
//! a record with it.

use super::journal::{ReadError, unwrap};
use crate::account::DataKey;
use crate::challenge::KeyRing;
use crate::kept::Kept;
use crate::name::AccountId;
use crate::store::Snapshot;

/// Keys that are kept.
const PLACES: usize = 16_384;

/// Opened data keys, each with the row that it came from. A key is given only to who reads that very
/// row, so that one whose row was destroyed opens nothing any more.
pub(super) struct DataKeys(Kept<Opened>);

#[derive(Clone)]
struct Opened {
    row: Box<[u8]>,
    key: DataKey,
    /// Whether it is sealed under the ring's current key.
    is_current: bool,
}

impl Default for DataKeys {
    fn default() -> Self {
        Self(Kept::new(PLACES))
    }
}

impl DataKeys {
    /// An account's data key, where it has one, and whether it is sealed under the current key.
    pub(super) fn open(
        &self,
        snapshot: &dyn Snapshot,
        ring: &KeyRing,
        id: &AccountId,
    ) -> Result<Option<(DataKey, bool)>, ReadError> {
        let Some(row) = snapshot.data_key(id)? else {
            return Ok(None);
        };
        if let Some(kept) = self.0.get(id, |kept| *kept.row == *row) {
            return Ok(Some((kept.key, kept.is_current)));
        }
        let (key, is_current) = unwrap(&row, ring, id)?;
        let opened = Opened {
            row: row.into(),
            key: key.clone(),
            is_current,
        };
        self.0.put(id, opened);
        Ok(Some((key, is_current)))
    }

    /// Wipes the key of an account from memory.
    pub(super) fn forget(&self, id: &AccountId) {
        self.0.forget(id);
    }
}
