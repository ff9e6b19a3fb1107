//! Randomness as an input: a decision draws from a stream that its seed determines.
//!
//! A decision is a pure function of its inputs, and the seed is one of them. The shell takes a
//! fresh seed from an [`EntropySource`] for every decision, the journal records it, and replaying
//! the decision draws the same nonces and ids again. What is drawn is unpredictable but not secret:
//! secrets are derived under a key that neither the stream nor the journal holds
//! (see [`challenge`](crate::challenge)).

use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::keyed;
use crate::name::{AttemptId, MessageId};

/// Bytes of a seed.
pub const SEED_LENGTH: usize = 32;

const BLOCK_LENGTH: usize = keyed::MAC_LENGTH;
const STREAM: &str = "stateward/entropy/1";
const SEQUENCE: &str = "stateward/seeds/1";
const SECRET: &str = "stateward/secret/1";

/// A deterministic stream of bytes.
///
/// Block `n` of the stream is HMAC-SHA-256 of the counter `n` under the seed: the counter mode of
/// NIST SP 800-108 with HMAC as its pseudo-random function. Draws take the next bytes of the stream
/// in the order in which they are made.
#[derive(Debug, Clone)]
pub struct Entropy {
    seed: [u8; SEED_LENGTH],
    counter: u64,
    block: [u8; BLOCK_LENGTH],
    used: usize,
}

impl Entropy {
    /// The stream of a seed, from its beginning.
    pub fn new(seed: [u8; SEED_LENGTH]) -> Self {
        Self {
            seed,
            counter: 0,
            block: [0; BLOCK_LENGTH],
            used: BLOCK_LENGTH,
        }
    }

    /// The seed, for the journal.
    pub fn seed(&self) -> [u8; SEED_LENGTH] {
        self.seed
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// A nonce: what makes two challenges differ that agree in everything else.
    pub fn nonce(&mut self) -> [u8; 16] {
        self.bytes()
    }

    /// The id of a new attempt.
    pub fn attempt_id(&mut self) -> AttemptId {
        AttemptId::from_bytes(self.bytes())
    }

    /// The id of a new message.
    pub fn message_id(&mut self) -> MessageId {
        MessageId::from_bytes(self.bytes())
    }

    fn byte(&mut self) -> u8 {
        if self.used == BLOCK_LENGTH {
            self.block = keyed::mac_of_fields(&self.seed, STREAM, &[&self.counter.to_be_bytes()]);
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }
}

/// What a key is made of, wiped when it is dropped.
pub type Secret = Zeroizing<[u8; SEED_LENGTH]>;

/// Why there is no seed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the random generator gave no seed: {reason}")]
pub struct EntropyError {
    reason: String,
}

impl EntropyError {
    /// An error of a source outside this crate; `reason` is one lower-case sentence.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Where seeds come from.
pub trait EntropySource: Send + Sync {
    /// A seed that has not been given out before.
    ///
    /// # Errors
    /// When there is none: nothing is decided then.
    fn seed(&self) -> Result<[u8; SEED_LENGTH], EntropyError>;

    /// A secret that nobody knows and that is kept nowhere in the clear: a key is made of it. A
    /// source of repeatable seeds may give one that is known, and the same one always.
    ///
    /// # Errors
    /// When there is none.
    fn secret(&self) -> Result<Secret, EntropyError> {
        self.seed().map(Zeroizing::new)
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl EntropySource for OsEntropy {
    fn seed(&self) -> Result<[u8; SEED_LENGTH], EntropyError> {
        let mut seed = [0; SEED_LENGTH];
        getrandom::fill(&mut seed).map_err(|error| EntropyError::new(error.to_string()))?;
        Ok(seed)
    }
}

/// A repeatable sequence of seeds, for tests and for stores that were made for development.
///
/// Whoever knows the number knows every seed. The sequence starts again with every value of this
/// type: a program that reopens a store goes on where it stopped by way of
/// [`starting_at`](Self::starting_at), lest it draw the same ids twice.
#[derive(Debug, Default)]
pub struct SeededEntropy {
    number: u64,
    position: AtomicU64,
}

impl SeededEntropy {
    /// The sequence of a number, from its beginning.
    pub fn new(number: u64) -> Self {
        Self::starting_at(number, 0)
    }

    /// The sequence of a number without its first `position` seeds.
    pub fn starting_at(number: u64, position: u64) -> Self {
        Self {
            number,
            position: AtomicU64::new(position),
        }
    }
}

impl EntropySource for SeededEntropy {
    fn seed(&self) -> Result<[u8; SEED_LENGTH], EntropyError> {
        let position = self.position.fetch_add(1, Ordering::Relaxed);
        Ok(keyed::mac_of_fields(
            &self.number.to_be_bytes(),
            SEQUENCE,
            &[&position.to_be_bytes()],
        ))
    }

    /// One for all, so that seeds follow one another whatever else was drawn.
    fn secret(&self) -> Result<Secret, EntropyError> {
        let number = self.number.to_be_bytes();
        Ok(Zeroizing::new(keyed::mac_of_fields(&number, SECRET, &[])))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::hex;

    #[test]
    fn a_seed_determines_the_stream() {
        let mut one = Entropy::new([7; SEED_LENGTH]);
        let mut other = Entropy::new([7; SEED_LENGTH]);
        let long: [u8; 100] = one.bytes();
        let parts: [[u8; 25]; 4] = std::array::from_fn(|_| other.bytes());
        assert_eq!(long.as_slice(), parts.concat());
        assert_eq!(one.attempt_id(), other.attempt_id());
        assert_ne!(Entropy::new([8; SEED_LENGTH]).bytes::<100>(), long);
    }

    /// Recorded decisions are replayed by later releases: the stream of a seed never changes.
    #[test]
    fn the_stream_is_frozen() {
        let mut entropy = Entropy::new([0; SEED_LENGTH]);
        assert_eq!(
            hex::encode(&entropy.nonce()),
            "976b9eb1b98ece9a27d7094bc646fcb6"
        );
        assert_eq!(entropy.attempt_id().as_str(), "att_fh4d50hd7j4f7fcv");
        assert_eq!(entropy.message_id().as_str(), "msg_zsp66qx4q17j87q2");
    }

    #[test]
    fn a_seeded_source_repeats_itself_across_values_and_never_within_one() {
        let source = SeededEntropy::new(42);
        let seeds: Vec<_> = (0..100).map(|_| source.seed().unwrap()).collect();
        assert_eq!(seeds.iter().collect::<BTreeSet<_>>().len(), 100);
        assert_eq!(SeededEntropy::new(42).seed().unwrap(), seeds[0]);
        assert_eq!(
            SeededEntropy::starting_at(42, 99).seed().unwrap(),
            seeds[99]
        );
        assert_ne!(SeededEntropy::new(43).seed().unwrap(), seeds[0]);
    }

    #[test]
    fn threads_that_share_a_seeded_source_share_no_seed() {
        let source = SeededEntropy::new(1);
        let seeds: BTreeSet<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| (0..250).map(|_| source.seed().unwrap()).collect::<Vec<_>>())
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(seeds.len(), 1_000);
    }

    #[test]
    fn the_operating_system_gives_different_seeds() {
        assert_ne!(OsEntropy.seed().unwrap(), OsEntropy.seed().unwrap());
    }
}
