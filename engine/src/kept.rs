//! What was made last for accounts, kept so that it is not made anew for one that is asked for often.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::name::AccountId;

/// A place for each of so many accounts, found by a hash of its id; another one of the same hash takes
/// it. So what is kept never grows, and costs a lock that hardly anybody else wants.
pub(crate) struct Kept<T> {
    places: Box<[Mutex<Place<T>>]>,
}

/// Whom something is kept for, and what.
type Place<T> = Option<(AccountId, T)>;

impl<T: Clone> Kept<T> {
    /// Room for so many accounts, at least for one.
    pub(crate) fn new(places: usize) -> Self {
        Self {
            places: (0..places.max(1)).map(|_| Mutex::default()).collect(),
        }
    }

    /// What is kept for an account, if it is what is wanted.
    pub(crate) fn get(&self, id: &AccountId, is_wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let place = self.place(id)?;
        let kept = place.as_ref().filter(|(owner, _)| owner == id);
        let kept = kept.map(|(_, kept)| kept);
        kept.filter(|kept| is_wanted(kept)).cloned()
    }

    /// Keeps something for an account, in the place of what was kept there.
    pub(crate) fn put(&self, id: &AccountId, kept: T) {
        let before = self
            .place(id)
            .and_then(|mut place| place.replace((id.clone(), kept)));
        // What it takes to let go of it is done when nobody waits for the place any more.
        drop(before);
    }

    /// Forgets what is kept for an account.
    pub(crate) fn forget(&self, id: &AccountId) {
        if let Some(mut place) = self.place(id)
            && place.as_ref().is_some_and(|(owner, _)| owner == id)
        {
            *place = None;
        }
    }

    fn place(&self, id: &AccountId) -> Option<MutexGuard<'_, Place<T>>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id.as_str());
        let places = u64::try_from(self.places.len()).ok()?;
        let place = usize::try_from(hash.checked_rem(places)?).ok()?;
        let place = self.places.get(place)?;
        Some(place.lock().unwrap_or_else(PoisonError::into_inner))
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
    fn accounts_of_one_place_are_told_apart() {
        let kept = Kept::new(1);
        kept.put(&id("1001"), 1);
        assert_eq!(kept.get(&id("1002"), |_| true), None);
        kept.put(&id("1002"), 2);
        assert_eq!(kept.get(&id("1001"), |_| true), None);
        assert_eq!(kept.get(&id("1002"), |_| true), Some(2));
    }

    #[test]
    fn one_account_is_forgotten_and_not_the_other_of_its_place() {
        let kept = Kept::new(1);
        kept.put(&id("1001"), 1);
        kept.forget(&id("1002"));
        assert_eq!(kept.get(&id("1001"), |_| true), Some(1));
        kept.forget(&id("1001"));
        assert_eq!(kept.get(&id("1001"), |_| true), None);
    }
}
