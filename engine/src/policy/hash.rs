//! A hash of names that is taken eight bytes at a time, and of which that of every beginning of a
//! name is a stage.
//!
//! It withstands nobody who chooses what is put into a table. What is put there comes with the
//! definition; requests only look.

use std::hash::{BuildHasherDefault, Hasher};

use crate::words::{WORD, word_of};

/// A map by names or by their hashes.
pub(super) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Spread>>;

/// The hash of a name.
pub(super) fn hash(name: &str) -> u64 {
    let mut beginnings = Beginnings::of(name);
    beginnings.hash(name.len()).unwrap_or_default()
}

/// The hashes of a name's beginnings, from the shortest to the longest.
pub(super) struct Beginnings<'n> {
    /// What is not taken into `state` yet.
    left: &'n [u8],
    state: u64,
    done: usize,
}

impl<'n> Beginnings<'n> {
    pub(super) fn of(name: &'n str) -> Self {
        Self {
            left: name.as_bytes(),
            state: 0,
            done: 0,
        }
    }

    /// The hash of the first `length` bytes, where the name has so many. Lengths must not decrease.
    pub(super) fn hash(&mut self, length: usize) -> Option<u64> {
        let mut more = length.checked_sub(self.done)?;
        if more > self.left.len() {
            return None;
        }
        while let Some((word, left)) = self.left.split_first_chunk::<WORD>()
            && more >= WORD
        {
            self.state = mix(self.state, u64::from_le_bytes(*word));
            (self.left, self.done) = (left, self.done + WORD);
            more -= WORD;
        }
        let last = word_of(self.left.get(..more)?);
        // The length tells a name from the same one with zeros behind it.
        Some(mix(mix(self.state, last), length as u64))
    }
}

/// A hash of a hash and a word more.
pub(super) fn mix(state: u64, word: u64) -> u64 {
    (state.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Spreads hashes over the bits that a table looks at, and hashes names.
#[derive(Debug, Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        let mut left = bytes;
        while let Some((word, rest)) = left.split_first_chunk::<WORD>() {
            self.0 = mix(self.0, u64::from_le_bytes(*word));
            left = rest;
        }
        self.0 = mix(self.0, word_of(left));
    }

    fn write_u8(&mut self, byte: u8) {
        self.0 = mix(self.0, u64::from(byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_hash_of_a_beginning_is_that_of_the_text_it_is() {
        let name = "acs:directory:*:1000:account/rd-3G/r-Wm/fd-A/1001";
        let mut beginnings = Beginnings::of(name);
        for length in 0..=name.len() {
            assert_eq!(
                beginnings.hash(length),
                Some(hash(&name[..length])),
                "{length}"
            );
        }
        assert_eq!(beginnings.hash(name.len() + 1), None);
    }

    #[test]
    fn like_names_have_different_hashes() {
        let zeros = (0..20).map(|length| "\0".repeat(length));
        let folders = (0..10_000).map(|number| format!("account/rd-3G/fd-{number:04}/"));
        let names: Vec<String> = zeros.chain(folders).collect();
        let hashes: BTreeSet<u64> = names.iter().map(|name| hash(name)).collect();
        assert_eq!(hashes.len(), names.len());
    }
}
