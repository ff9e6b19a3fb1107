//! The data key of an account: what its journal is sealed under, and nothing else in the world.
//!
//! It is random, and kept beside the account, sealed under a key of the ring. So neither the store
//! nor the key file alone opens anything; whoever removes the row has destroyed the key; and a new
//! key in the ring takes over one row per account, not its journal.

use super::JournalError;
use crate::challenge::{CodeKey, KeyId, KeyRing};
use crate::keyed;
use crate::name::AccountId;
use crate::sealed::{self, KEY_LENGTH, NONCE_LENGTH, Nonce, SealKey};

const VERSION: u8 = 1;
const PURPOSE: &str = "stateward/data-key/1";
const NONCE_PURPOSE: &str = "stateward/data-key-nonce/1";

/// An account's data key.
#[derive(Debug, Clone)]
pub struct DataKey(SealKey);

impl DataKey {
    /// The key of an account, made of a secret that was drawn for it. Where a source of entropy
    /// repeats its secrets, those of two accounts still differ.
    pub fn new(secret: &[u8; KEY_LENGTH], id: &AccountId) -> Self {
        let bytes = keyed::mac_of_fields(secret, PURPOSE, &[id.as_str().as_bytes()]);
        Self(SealKey::from_bytes(bytes))
    }

    /// What records are sealed with.
    pub fn sealing(&self) -> &SealKey {
        &self.0
    }

    /// The row that keeps the key: a version byte, the id of the ring's current key, and the key
    /// sealed under that.
    ///
    /// # Errors
    /// Never in practice: a key is not too long to be sealed.
    pub fn wrap(&self, ring: &KeyRing, id: &AccountId) -> Result<Vec<u8>, JournalError> {
        let under = ring.current();
        // The same key is sealed at most once under another, so that its own digest will do.
        let nonce = keyed::mac_of_fields(self.0.reveal(), NONCE_PURPOSE, &[under.id().as_bytes()]);
        let nonce = nonce
            .first_chunk::<NONCE_LENGTH>()
            .copied()
            .unwrap_or_default();
        let plain = self.0.reveal();
        let key = under.sealing(PURPOSE);
        let sealed = sealed::seal(&key, PURPOSE, id.as_str().as_bytes(), &Nonce(nonce), plain);
        let sealed = sealed.map_err(|error| JournalError::Codec(error.to_string()))?;
        Ok([
            &[VERSION],
            under.id().as_bytes().as_slice(),
            &nonce,
            &sealed,
        ]
        .concat())
    }

    /// Reads a row, and says whether it is sealed under the ring's current key.
    ///
    /// # Errors
    /// When it is damaged, another account's, or sealed under a key that the ring does not have.
    pub fn unwrap(
        row: &[u8],
        ring: &KeyRing,
        id: &AccountId,
    ) -> Result<(Self, bool), JournalError> {
        let damaged = || JournalError::DataKey("it is damaged");
        let (under, nonce, sealed) = split(row).ok_or_else(damaged)?;
        let key: &CodeKey = ring.get(under).ok_or(JournalError::NoSuchKey(under))?;
        let key = key.sealing(PURPOSE);
        let plain = sealed::open(&key, PURPOSE, id.as_str().as_bytes(), &nonce, sealed);
        let plain = plain.map_err(|_| damaged())?;
        let bytes: [u8; KEY_LENGTH] = plain.as_slice().try_into().map_err(|_| damaged())?;
        let is_current = under == ring.current().id();
        Ok((Self(SealKey::from_bytes(bytes)), is_current))
    }
}

fn split(row: &[u8]) -> Option<(KeyId, Nonce, &[u8])> {
    let (&VERSION, rest) = row.split_first()? else {
        return None;
    };
    let (id, rest) = rest.split_first_chunk()?;
    let (nonce, sealed) = rest.split_first_chunk()?;
    Some((KeyId::from_bytes(*id), Nonce(*nonce), sealed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(byte: u8) -> KeyRing {
        KeyRing::new(CodeKey::from_bytes([byte; 32]))
    }

    fn id(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    #[test]
    fn a_row_opens_with_the_ring_it_was_made_with_and_for_its_account_alone() {
        let key = DataKey::new(&[5; 32], &id("1001"));
        let row = key.wrap(&ring(1), &id("1001")).unwrap();
        assert!(!row.windows(32).any(|it| it == key.sealing().reveal()));
        let (read, current) = DataKey::unwrap(&row, &ring(1), &id("1001")).unwrap();
        assert_eq!(
            (read.sealing().reveal(), current),
            (key.sealing().reveal(), true)
        );
        let rotated = ring(2).with_older(CodeKey::from_bytes([1; 32]));
        let (_, current) = DataKey::unwrap(&row, &rotated, &id("1001")).unwrap();
        assert!(!current, "it is to be sealed anew");
        DataKey::unwrap(&row, &ring(2), &id("1001")).unwrap_err();
        DataKey::unwrap(&row, &ring(1), &id("1002")).unwrap_err();
    }

    #[test]
    fn every_turned_bit_and_every_cut_is_found() {
        let row = DataKey::new(&[5; 32], &id("a"))
            .wrap(&ring(1), &id("a"))
            .unwrap();
        let refused = |row: &[u8]| DataKey::unwrap(row, &ring(1), &id("a")).is_err();
        for bit in 0..row.len() * 8 {
            let mut turned = row.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&turned), "bit {bit}");
        }
        assert!((0..row.len()).all(|length| refused(&row[..length])));
    }

    #[test]
    fn accounts_have_keys_of_their_own_even_of_one_secret() {
        let of = |text: &str| *DataKey::new(&[5; 32], &id(text)).sealing().reveal();
        assert_ne!(of("1001"), of("1002"));
    }
}
