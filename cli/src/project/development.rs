//! What only development stores allow: a clock that is set and randomness that repeats.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stateward::account::Digest;
use stateward::entropy::{
    EntropyError, EntropySource, OsEntropy, SEED_LENGTH, Secret, SeededEntropy,
};
use stateward::time::{Clock, SystemClock, Timestamp};

use crate::env::{Env, NOW, SEED};
use crate::error::CliError;

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The clock of a store. Another than the system's is for development stores only, so that nobody
/// moves time past a quota.
///
/// # Errors
/// When the variable is set for another store, or is not a time.
pub fn clock(env: &Env, development: bool) -> Result<Arc<dyn Clock>, CliError> {
    let Some(text) = &env.now else {
        return Ok(Arc::new(SystemClock));
    };
    if !development {
        return Err(CliError::NotDevelopment { variable: NOW.name });
    }
    let expected = "an RFC 3339 time such as 2026-11-22T08:30:00Z";
    let at = text.to_str().and_then(|text| text.parse().ok());
    let at = at.ok_or(CliError::Variable {
        variable: NOW.name,
        expected,
    })?;
    Ok(Arc::new(FixedClock(at)))
}

/// The randomness of a store. `drawn` is the file that counts how much repeatable randomness was
/// used, so that two commands with one seed do not draw the same ids.
///
/// # Errors
/// When the variable is set for another store.
pub fn entropy(
    env: &Env,
    development: bool,
    drawn: &Path,
) -> Result<Arc<dyn EntropySource>, CliError> {
    let Some(text) = &env.seed else {
        return Ok(Arc::new(OsEntropy));
    };
    if !development {
        return Err(CliError::NotDevelopment {
            variable: SEED.name,
        });
    }
    let position = std::fs::read_to_string(drawn)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let position = position.unwrap_or(0);
    Ok(Arc::new(CountedEntropy {
        seeds: SeededEntropy::starting_at(number(text), position),
        drawn: AtomicU64::new(position),
        file: drawn.to_owned(),
    }))
}

/// The number of a seed: itself, or drawn from its text.
pub fn number(text: &OsStr) -> u64 {
    let digest = || {
        let Digest(bytes) = Digest::of(text.as_encoded_bytes());
        bytes
            .iter()
            .take(8)
            .fold(0, |number, byte| (number << 8) | u64::from(*byte))
    };
    text.to_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(digest)
}

/// Repeatable randomness that remembers in a file how much of it was used.
#[derive(Debug)]
struct CountedEntropy {
    seeds: SeededEntropy,
    drawn: AtomicU64,
    file: PathBuf,
}

impl EntropySource for CountedEntropy {
    fn seed(&self) -> Result<[u8; SEED_LENGTH], EntropyError> {
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed) + 1;
        let counted = std::fs::write(&self.file, format!("{drawn}\n"));
        counted.map_err(|error| EntropyError::new(error.to_string()))?;
        self.seeds.seed()
    }

    fn secret(&self) -> Result<Secret, EntropyError> {
        self.seeds.secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(now: &str, seed: &str) -> Env {
        Env {
            now: Some(now.into()),
            seed: Some(seed.into()),
        }
    }

    #[test]
    fn other_stores_refuse_both_variables() {
        let env = env("2026-11-22T08:30:00Z", "7");
        let clock = clock(&env, false).err().unwrap();
        assert!(matches!(
            clock,
            CliError::NotDevelopment {
                variable: "STATEWARD_NOW"
            }
        ));
        let entropy = entropy(&env, false, Path::new("unused")).err().unwrap();
        assert!(matches!(
            entropy,
            CliError::NotDevelopment {
                variable: "STATEWARD_SEED"
            }
        ));
    }

    #[test]
    fn two_commands_of_one_seed_draw_different_seeds() {
        let directory = tempfile::tempdir().unwrap();
        let drawn = directory.path().join("drawn");
        let env = env("2026-11-22T08:30:00Z", "words are seeds too");
        let first = entropy(&env, true, &drawn).unwrap().seed().unwrap();
        let second = entropy(&env, true, &drawn).unwrap().seed().unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn a_number_is_its_own_seed() {
        assert_eq!(number(OsStr::new("42")), 42);
        assert_ne!(
            number(OsStr::new("forty-two")),
            number(OsStr::new("forty-three"))
        );
    }
}
