//! Accounts as they were read or committed last, so that one that is asked for often is not put
//! together from its row each time.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex, PoisonError};

use crate::account::{Account, Revision};
use crate::name::AccountId;

/// A place for each of so many accounts, found by a hash of its id; another one of the same hash takes
/// it. What is kept is of one revision, and is given only to who asks for that one: so it is never out
/// of date.
pub(super) struct Accounts {
    places: Box<[Mutex<Option<Arc<Account>>>]>,
}

impl Accounts {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places: (0..places.max(1)).map(|_| Mutex::default()).collect(),
        }
    }

    /// An account at a revision, if it is kept.
    pub(super) fn get(&self, id: &AccountId, revision: Revision) -> Option<Arc<Account>> {
        let place = self.place(id)?;
        let kept = place.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|account| account.revision == revision && account.id == *id)
            .cloned()
    }

    /// Keeps an account.
    pub(super) fn put(&self, account: Arc<Account>) {
        if let Some(place) = self.place(&account.id) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(account);
        }
    }

    fn place(&self, id: &AccountId) -> Option<&Mutex<Option<Arc<Account>>>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id.as_str());
        let places = u64::try_from(self.places.len()).ok()?;
        let place = usize::try_from(hash.checked_rem(places)?).ok()?;
        self.places.get(place)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::time::Timestamp;

    fn account(id: &str, revision: u64) -> Arc<Account> {
        let (at, nothing) = (Timestamp::from_ms(0), BTreeMap::new());
        let mut account = Account::new(id.parse().unwrap(), at, nothing, []);
        account.revision = Revision(revision);
        Arc::new(account)
    }

    #[test]
    fn an_account_is_given_at_its_revision_only() {
        let accounts = Accounts::new(64);
        let kept = account("1001", 3);
        accounts.put(kept.clone());
        assert_eq!(accounts.get(&kept.id, Revision(3)), Some(kept.clone()));
        assert_eq!(accounts.get(&kept.id, Revision(2)), None);
        accounts.put(account("1001", 4));
        assert_eq!(accounts.get(&kept.id, Revision(3)), None);
    }

    #[test]
    fn accounts_of_one_place_are_told_apart() {
        let accounts = Accounts::new(1);
        let (one, other) = (account("1001", 1), account("1002", 1));
        accounts.put(one.clone());
        assert_eq!(accounts.get(&other.id, Revision(1)), None);
        accounts.put(other.clone());
        assert_eq!(accounts.get(&one.id, Revision(1)), None);
        assert_eq!(accounts.get(&other.id, Revision(1)), Some(other));
    }
}
