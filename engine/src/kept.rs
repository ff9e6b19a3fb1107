//! What was made last for accounts, kept so that it is not made anew for one that is asked for often.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::name::AccountId;

/// How many accounts of one hash are kept side by side.
const WAYS: usize = 4;

/// Sets of a few accounts each, found by a hash of their ids; when one more comes into a set, that which
/// was not asked for longest makes room for it. So what is kept never grows, and costs a lock that
/// hardly anybody else wants.
pub(crate) struct Kept<T> {
    sets: Box<[Mutex<Set<T>>]>,
}

/// What is kept for accounts of one hash; first that which was asked for last.
type Set<T> = Vec<(AccountId, T)>;

impl<T: Clone> Kept<T> {
    /// Room for so many accounts, and no more than a set besides.
    pub(crate) fn new(accounts: usize) -> Self {
        let sets = accounts.div_ceil(WAYS).max(1);
        Self {
            sets: (0..sets).map(|_| Mutex::default()).collect(),
        }
    }

    /// What is kept for an account, if it is what is wanted.
    pub(crate) fn get(&self, id: &AccountId, is_wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let mut set = self.set(id)?;
        let place = set.iter().position(|(owner, _)| owner == id)?;
        set.get_mut(..=place)?.rotate_right(1);
        let (_, kept) = set.first()?;
        is_wanted(kept).then(|| kept.clone())
    }

    /// Keeps something for an account, in the place of what was kept for it.
    pub(crate) fn put(&self, id: &AccountId, kept: T) {
        let gone = self.set(id).and_then(|mut set| {
            let before = set.iter().position(|(owner, _)| owner == id);
            let gone = match before {
                Some(place) => Some(set.remove(place)),
                None if set.len() >= WAYS => set.pop(),
                None => None,
            };
            set.insert(0, (id.clone(), kept));
            gone
        });
        // What it takes to let go of it is done when nobody waits for the set any more.
        drop(gone);
    }

    /// Forgets what is kept for an account.
    pub(crate) fn forget(&self, id: &AccountId) {
        if let Some(mut set) = self.set(id) {
            set.retain(|(owner, _)| owner != id);
        }
    }

    fn set(&self, id: &AccountId) -> Option<MutexGuard<'_, Set<T>>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id.as_str());
        let sets = u64::try_from(self.sets.len()).ok()?;
        let set = usize::try_from(hash.checked_rem(sets)?).ok()?;
        let set = self.sets.get(set)?;
        Some(set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_kept_is_given_to_who_wants_that() {
        let kept = Kept::new(64);
        kept.put(&id("1001"), 3);
        assert_eq!(kept.get(&id("1001"), |it| *it == 3), Some(3));
        assert_eq!(kept.get(&id("1001"), |it| *it == 2), None);
        kept.put(&id("1001"), 4);
        assert_eq!(kept.get(&id("1001"), |it| *it == 3), None);
    }

    #[test]
    fn who_was_not_asked_for_longest_makes_room() {
        let kept = Kept::new(WAYS);
        let ids = ["1001", "1002", "1003", "1004", "1005"].map(id);
        let (last, first) = ids.split_last().unwrap();
        first.iter().for_each(|id| kept.put(id, id.clone()));
        assert!(first.iter().all(|id| kept.get(id, |it| it == id).is_some()));
        assert!(kept.get(&ids[0], |_| true).is_some());
        kept.put(last, last.clone());
        let there = ids.each_ref().map(|id| kept.get(id, |_| true).is_some());
        assert_eq!(there, [true, false, true, true, true]);
    }

    #[test]
    fn one_account_is_forgotten_and_not_the_others_of_its_set() {
        let kept = Kept::new(1);
        kept.put(&id("1001"), 1);
        kept.forget(&id("1002"));
        assert_eq!(kept.get(&id("1001"), |_| true), Some(1));
        kept.forget(&id("1001"));
        assert_eq!(kept.get(&id("1001"), |_| true), None);
    }
}
