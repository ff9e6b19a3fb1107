//! A table by hashes that is made once: what it holds of a hash lies in one place with it.

/// From hashes to values. A hash must be spread over its high bits.
#[derive(Debug)]
pub(super) struct Table<V> {
    /// At least twice as many as there are values, and a power of two.
    slots: Box<[Option<(u64, V)>]>,
    /// By how much a hash is shifted to be the number of a slot.
    shift: u32,
}

impl<V: Copy> Table<V> {
    /// Of hashes that all differ.
    pub(super) fn of(values: &[(u64, V)]) -> Self {
        let length = (2 * values.len()).next_power_of_two().max(2);
        let mut table = Self {
            slots: vec![None; length].into(),
            shift: u64::BITS - length.trailing_zeros(),
        };
        for (hash, value) in values {
            let free = table
                .places(*hash)
                .find(|place| matches!(table.slots.get(*place), Some(None)));
            if let Some(slot) = free.and_then(|free| table.slots.get_mut(free)) {
                *slot = Some((*hash, *value));
            }
        }
        table
    }

    /// What there is of a hash.
    pub(super) fn get(&self, hash: u64) -> Option<V> {
        self.places(hash)
            .find_map(|place| match self.slots.get(place) {
                Some(Some((same, value))) if *same == hash => Some(Some(*value)),
                Some(Some(_)) => None,
                _ => Some(None),
            })?
    }

    /// Where a hash can be: from its own slot on, to the first that is free.
    fn places(&self, hash: u64) -> impl Iterator<Item = usize> + use<V> {
        let (length, first) = (self.slots.len(), hash >> self.shift);
        let first = usize::try_from(first).unwrap_or_default();
        (first..first + length).map(move |place| place & (length - 1))
    }
}

impl<V: Copy> Default for Table<V> {
    fn default() -> Self {
        Self::of(&[])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few high bits, so that many hashes want the same slots, also at the end.
        #[test]
        fn a_table_finds_what_it_was_made_of(
            hashes in prop::collection::btree_set((0_u64..6, 0_u64..4), 0..40),
            asked in (0_u64..7, 0_u64..5),
        ) {
            let hash = |(high, low): (u64, u64)| high.wrapping_neg() << 60 | low;
            let values: BTreeMap<u64, usize> = hashes.into_iter().map(hash).zip(0..).collect();
            let table = Table::of(&values.clone().into_iter().collect::<Vec<_>>());
            for (hash, value) in &values {
                prop_assert_eq!(table.get(*hash), Some(*value));
            }
            prop_assert_eq!(table.get(hash(asked)), values.get(&hash(asked)).copied());
        }
    }
}
