//! Idempotency: a repeated request gets its first answer again.

use serde::Serialize;

use super::EngineError;
use crate::account::{Actor, Answer, Digest};
use crate::name::IdempotencyKey;
use crate::store::{Remembered, Snapshot};
use crate::time::Timestamp;

/// An idempotency key as the store keeps it, with the digest of what it was given for.
pub(super) struct Once {
    key: IdempotencyKey,
    request: Digest,
}

impl Once {
    /// The key of an actor for what it asks. Every actor has keys of its own: who else uses the same
    /// key gets no answer that is not theirs, and cannot take the key away either.
    pub(super) fn of(
        key: Option<&IdempotencyKey>,
        actor: &Actor,
        asked: &impl Serialize,
    ) -> Result<Option<Self>, EngineError> {
        let Some(key) = key else { return Ok(None) };
        let whose = match actor {
            Actor::Principal(principal) => Some((&principal.name, &principal.account)),
            Actor::Owner | Actor::System => None,
        };
        Ok(Some(Self {
            key: IdempotencyKey::from_bytes(digest(&(whose, key))?.0),
            request: digest(asked)?,
        }))
    }

    /// The answer that is kept under the key.
    pub(super) fn kept(&self, snapshot: &dyn Snapshot) -> Result<Option<Answer>, EngineError> {
        match snapshot.remembered(&self.key)? {
            None => Ok(None),
            Some(kept) if kept.request == self.request => Ok(Some(kept.answer)),
            Some(_) => Err(EngineError::KeyReused),
        }
    }

    /// The answer to keep, with the key to keep it under.
    pub(super) fn keep(&self, answer: &Answer, at: Timestamp) -> (IdempotencyKey, Remembered) {
        let remembered = Remembered {
            request: self.request,
            answer: answer.clone(),
            at: Some(at),
        };
        (self.key.clone(), remembered)
    }
}

fn digest(asked: &impl Serialize) -> Result<Digest, EngineError> {
    let bytes = rmp_serde::to_vec(asked).map_err(|error| EngineError::Record(error.to_string()))?;
    Ok(Digest::of(&bytes))
}
