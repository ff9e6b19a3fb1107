//! The keys that codes are derived under, and their rotation.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::entropy::{EntropyError, EntropySource};
use crate::name::{AccountId, Name};
use crate::sealed::SealKey;
use crate::{hex, keyed};

const KEY_LENGTH: usize = 32;

/// Which key a challenge or a sealed secret was made under; public.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(#[serde(with = "hex::array")] [u8; 8]);

impl KeyId {
    /// The id of these bytes.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The id's bytes.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why a text is not a key or a ring of keys. The text itself is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A line is not a key.
    #[error("line {line} is not a key: write 64 lower-case hexadecimal digits")]
    Malformed {
        /// The line, from 1.
        line: usize,
    },
    /// There is no key at all.
    #[error("there is no key")]
    Empty,
}

/// A secret key of 32 bytes, wiped when it is dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct CodeKey {
    bytes: [u8; KEY_LENGTH],
    #[zeroize(skip)]
    id: KeyId,
}

impl CodeKey {
    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; KEY_LENGTH]) -> Self {
        let digest = keyed::mac_of_fields(&bytes, "stateward/key-id/1", &[]);
        let id = std::array::from_fn(|index| digest.get(index).copied().unwrap_or_default());
        Self {
            bytes,
            id: KeyId(id),
        }
    }

    /// A new key.
    ///
    /// # Errors
    /// When the source has no seed.
    pub fn generate(source: &dyn EntropySource) -> Result<Self, EntropyError> {
        let seed = Zeroizing::new(source.seed()?);
        Ok(Self::from_bytes(keyed::mac_of_fields(
            &*seed,
            "stateward/code-key/1",
            &[],
        )))
    }

    /// The key's public id: eight bytes of a digest, which say nothing of the key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key as text, for the file that keeps it.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(&self.bytes))
    }

    /// The key that is used to seal for one purpose, derived from this one.
    pub fn sealing(&self, purpose: &str) -> SealKey {
        let fields = [purpose.as_bytes()];
        let bytes = keyed::mac_of_fields(&self.bytes, "stateward/sealing/1", &fields);
        SealKey::from_bytes(bytes)
    }

    pub(crate) fn mac(&self, purpose: &str, fields: &[&[u8]]) -> [u8; keyed::MAC_LENGTH] {
        keyed::mac_of_fields(&self.bytes, purpose, fields)
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeKey({})", self.id())
    }
}

impl FromStr for CodeKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        hex::decode(text.trim())
            .map(Self::from_bytes)
            .ok_or(KeyError::Malformed { line: 1 })
    }
}

/// The key that new codes are derived under, and older ones whose codes may still come back.
///
/// To rotate keys, put a new one first and keep the old one as long as codes live; what was
/// [sealed](seal) under a key needs it for as long as it is to be recognised, and so does an
/// account's [data key](crate::account::DataKey), until the account's next change seals it anew.
#[derive(Debug, Clone)]
pub struct KeyRing {
    current: CodeKey,
    older: Vec<CodeKey>,
}

impl KeyRing {
    /// A ring of one key.
    pub fn new(current: CodeKey) -> Self {
        Self {
            current,
            older: Vec::new(),
        }
    }

    /// The ring with another older key.
    #[must_use]
    pub fn with_older(mut self, key: CodeKey) -> Self {
        self.older.push(key);
        self
    }

    /// The key for new codes.
    pub fn current(&self) -> &CodeKey {
        &self.current
    }

    /// The key of an id, if it is in the ring.
    pub fn get(&self, id: KeyId) -> Option<&CodeKey> {
        std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id() == id)
    }

    /// The ring as text, for the file that keeps it: one key a line, the current one first.
    pub fn reveal(&self) -> Zeroizing<String> {
        // Sized at once, so that no copy is left behind by growing.
        let lines = 1 + self.older.len();
        let mut text = Zeroizing::new(String::with_capacity(lines * (2 * KEY_LENGTH + 1)));
        for key in std::iter::once(&self.current).chain(&self.older) {
            text.push_str(&key.reveal());
            text.push('\n');
        }
        text
    }
}

impl FromStr for KeyRing {
    type Err = KeyError;

    /// Reads what [`reveal`](Self::reveal) writes; blank lines and lines that begin with `#` are
    /// skipped.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut keys = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(index, line)| {
                let malformed = KeyError::Malformed { line: index + 1 };
                line.parse::<CodeKey>().map_err(|_| malformed)
            });
        let current = keys.next().ok_or(KeyError::Empty)??;
        let older = keys.collect::<Result<_, _>>()?;
        Ok(Self { current, older })
    }
}

/// The keyed digest that stands for a secret: equal for equal texts of one account and label under
/// one key, and worth nothing without the key.
///
/// It begins with the id of its key, so that it can be told which key would recognise it.
pub fn seal(key: &CodeKey, account: &AccountId, label: &Name, secret: &str) -> Arc<str> {
    let digest = key.mac(
        "stateward/seal/1",
        &[
            account.as_str().as_bytes(),
            label.as_str().as_bytes(),
            secret.as_bytes(),
        ],
    );
    format!("{}:{}", key.id(), hex::encode(&digest)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::{OsEntropy, SeededEntropy};

    fn key(byte: u8) -> CodeKey {
        CodeKey::from_bytes([byte; KEY_LENGTH])
    }

    #[test]
    fn a_ring_finds_its_keys_and_survives_its_file() {
        let ring = KeyRing::new(key(1)).with_older(key(2));
        let read: KeyRing = format!("# codes\n\n{}", *ring.reveal()).parse().unwrap();
        for ring in [ring, read] {
            assert_eq!(ring.current().id(), key(1).id());
            assert_eq!(ring.get(key(2).id()).unwrap().id(), key(2).id());
            assert!(ring.get(key(3).id()).is_none());
        }
    }

    #[test]
    fn a_damaged_file_of_keys_is_refused_by_line() {
        assert_eq!("# none\n".parse::<KeyRing>().unwrap_err(), KeyError::Empty);
        let text = format!("{}\nnot a key\n", *key(1).reveal());
        assert_eq!(
            text.parse::<KeyRing>().unwrap_err(),
            KeyError::Malformed { line: 2 }
        );
    }

    #[test]
    fn a_key_is_not_shown_by_debug() {
        let key = key(0xab);
        assert!(!format!("{key:?}").contains("abab"));
        assert!(!format!("{:?}", KeyRing::new(key)).contains("abab"));
    }

    #[test]
    fn keys_are_generated_and_differ() {
        let generate = |source: &dyn EntropySource| CodeKey::generate(source).unwrap().id();
        assert_ne!(generate(&OsEntropy), generate(&OsEntropy));
        let source = SeededEntropy::new(1);
        assert_ne!(generate(&source), generate(&source));
    }

    #[test]
    fn a_seal_depends_on_everything() {
        let seal_of = |byte: u8, account: &str, label: &str, text: &str| {
            let (account, label) = (account.parse().unwrap(), label.parse().unwrap());
            seal(&key(byte), &account, &label, text)
        };
        let sealed = seal_of(1, "1001", "password", "hunter2");
        assert_eq!(sealed, seal_of(1, "1001", "password", "hunter2"));
        assert!(!sealed.contains("hunter2"));
        for other in [
            seal_of(2, "1001", "password", "hunter2"),
            seal_of(1, "1002", "password", "hunter2"),
            seal_of(1, "1001", "passwort", "hunter2"),
            seal_of(1, "1001", "password", "hunter3"),
        ] {
            assert_ne!(sealed, other);
        }
    }
}
