//! The journal: what was asked, what was answered and what changed, sealed and chained by hash.
//!
//! # Form, version 2
//!
//! A version byte, the length of the envelope (4 bytes, big-endian), the envelope, and what is
//! sealed; the envelope and the sealed part are MessagePack, in which a struct is an array of its
//! fields and may grow at the end. The envelope is in the clear and tells who asked for what, when,
//! and which kind of answer it got. Everything that may be personal is sealed under the account's
//! data key, or, where that is to be read without one, under a key of the ring; all that stands
//! before it is bound to the seal. The nonce is the beginning of the decision's seed, which no other
//! decision has.
//!
//! Version 1 is the record in the clear; it is read, and written no more.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::answer::{Digest, GateReport, Outcome};
use super::event::Event;
use super::request::Request;
use super::{Account, ApplyError, Revision};
use crate::challenge::{KeyId, KeyRing};
use crate::name::{AccountId, IdempotencyKey};
use crate::sealed::{self, NONCE_LENGTH, Nonce, SealKey};
use crate::time::Timestamp;

const CLEAR: u8 = 1;
const SEALED: u8 = 2;
const PURPOSE: &str = "stateward/record/2";
/// What most records have room in, in bytes.
const ROOM: usize = 2_048;

/// One journal record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The revision that this record brought the account to; the first is 1.
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// Hash of the record before; zeros for the first.
    pub previous: Digest,
    /// Fingerprint of the bundle that decided.
    pub bundle: Digest,
    /// The seed of the decision's entropy.
    pub seed: Digest,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub outcome: Outcome,
    /// What each gate said.
    pub gates: Vec<GateReport>,
    /// What changed.
    pub events: Vec<Event>,
    /// The key under which the answer was kept, as the store has it.
    #[serde(default)]
    pub kept_under: Option<IdempotencyKey>,
}

/// What of a record is in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The revision that the record brought the account to; the first is 1.
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// Hash of the record before; zeros for the first.
    pub previous: Digest,
    /// Fingerprint of the bundle that decided.
    pub bundle: Digest,
    /// The seed of the decision's entropy.
    pub seed: Digest,
    /// The key of the ring that the rest is sealed under; `None` for the account's data key.
    pub under: Option<KeyId>,
    /// Who asked: a principal's kind and name, `owner` or `system`.
    pub by: String,
    /// What was asked: `create`, `run`, `confirm` and so on.
    pub command: String,
    /// Of what: a transition, or what happens by itself.
    pub subject: Option<String>,
    /// Which kind of answer it got.
    pub answer: AnswerKind,
}

/// Kinds of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// It was done.
    Applied,
    /// An attempt waits.
    Pending,
    /// It was refused.
    Denied,
}

impl AnswerKind {
    /// The kind's name, as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Denied => "denied",
        }
    }
}

impl From<&Outcome> for AnswerKind {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Applied { .. } => Self::Applied,
            Outcome::Pending { .. } => Self::Pending,
            Outcome::Denied(_) => Self::Denied,
        }
    }
}

/// The sealed part, as it is written.
#[derive(Serialize)]
struct Written<'r>(
    &'r Request,
    &'r Outcome,
    &'r [GateReport],
    &'r [Event],
    &'r Option<IdempotencyKey>,
);

/// The sealed part, as it is read.
#[derive(Deserialize)]
struct Read(
    Request,
    Outcome,
    Vec<GateReport>,
    Vec<Event>,
    Option<IdempotencyKey>,
);

/// A key to seal a record under.
#[derive(Debug, Clone, Copy)]
pub enum RecordKey<'k> {
    /// The account's data key: the record can be read until that is destroyed.
    Data(&'k SealKey),
    /// The ring's current key: the record tells nothing that is personal.
    Ring(&'k KeyRing),
}

/// Keys to open records with.
#[derive(Debug, Clone, Copy)]
pub struct RecordKeys<'k> {
    /// The account's data key, if there is one.
    pub data: Option<&'k SealKey>,
    /// The ring.
    pub ring: &'k KeyRing,
}

/// A journal record as stores keep it. They know its revision and nothing else of it; the hash
/// chain covers the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The revision that the record brought the account to.
    pub revision: Revision,
    /// Everything.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for StoredRecord {
    /// Without the bytes, which may hold personal values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "record {} of {} bytes",
            self.revision.0,
            self.bytes.len()
        )
    }
}

/// A record as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is in the clear.
    pub envelope: Envelope,
    /// All of it; `None` where its key is not there, as after an erasure.
    pub record: Option<Record>,
    /// The hash of its stored form, which the next record names.
    pub digest: Digest,
    /// Whether all of it is in the clear, as the first versions wrote it.
    pub is_clear: bool,
}

/// Why a journal does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// A record that cannot be encoded.
    #[error("a journal record cannot be written: {0}")]
    Codec(String),
    /// A record that cannot be read, and why.
    #[error("journal record {} cannot be read: {}", .0.0, .1)]
    Unreadable(Revision, &'static str),
    /// A record does not follow the one before.
    #[error("journal record {} does not follow the one before it", .0.0)]
    Broken(Revision),
    /// The journal does not begin with the account's creation.
    #[error("the journal does not begin with the account's creation")]
    NoBeginning,
    /// A row of a data key that cannot be read.
    #[error("the data key cannot be read: {0}")]
    DataKey(&'static str),
    /// A kept denial that cannot be read, and why.
    #[error("denial {0} cannot be read: {1}")]
    Denial(u64, &'static str),
    /// The head of a ring of denials that proves nothing, and why.
    #[error("their head proves nothing: {0}")]
    DenialHead(&'static str),
    /// A key that the ring does not have.
    #[error("the key {0} is not in the key file")]
    NoSuchKey(KeyId),
    /// An event does not fit.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl Record {
    /// The record's stored form. `subject` is what the envelope tells of what was asked.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn seal(
        &self,
        id: &AccountId,
        subject: Option<String>,
        key: RecordKey<'_>,
    ) -> Result<StoredRecord, JournalError> {
        let mut envelope = self.envelope(subject);
        let made;
        let key = match key {
            RecordKey::Data(key) => key,
            RecordKey::Ring(ring) => {
                envelope.under = Some(ring.current().id());
                made = ring.current().sealing(PURPOSE);
                &made
            }
        };
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.extend([SEALED, 0, 0, 0, 0]);
        write(&mut bytes, &envelope)?;
        let length = u32::try_from(bytes.len().saturating_sub(HEAD)).map_err(|_| too_long())?;
        for (place, byte) in bytes.iter_mut().skip(1).zip(length.to_be_bytes()) {
            *place = byte;
        }
        let mut plain = Vec::with_capacity(ROOM);
        let (request, outcome) = (&self.request, &self.outcome);
        let written = Written(
            request,
            outcome,
            &self.gates,
            &self.events,
            &self.kept_under,
        );
        write(&mut plain, &written)?;
        let context = context(&bytes, id);
        let nonce = nonce(&self.seed);
        let sealed =
            sealed::seal(key, PURPOSE, &context, &nonce, &plain).map_err(|_| too_long())?;
        bytes.extend(sealed);
        Ok(StoredRecord {
            revision: self.revision,
            bytes,
        })
    }

    fn envelope(&self, subject: Option<String>) -> Envelope {
        Envelope {
            revision: self.revision,
            at: self.at,
            previous: self.previous,
            bundle: self.bundle,
            seed: self.seed,
            under: None,
            by: self.request.actor.told(),
            command: self.request.command.word().to_owned(),
            subject: subject.or_else(|| self.request.command.subject()),
            answer: AnswerKind::from(&self.outcome),
        }
    }

    /// Brings an account (or nothing, before the first record) to the state after this record, of
    /// whose stored form `digest` is the hash.
    ///
    /// # Errors
    /// When the record does not follow, or one of its events does not fit.
    pub fn fold(
        &self,
        account: Option<Account>,
        id: &AccountId,
        digest: Digest,
    ) -> Result<Account, JournalError> {
        let (mut account, events) = match (account, self.events.split_first()) {
            (None, Some((Event::Created { attributes, states }, rest))) => {
                let account = Account::new(id.clone(), self.at, attributes.clone(), states.clone());
                (account, rest)
            }
            (None, _) => return Err(JournalError::NoBeginning),
            (Some(account), _) => (account, self.events.as_slice()),
        };
        if self.revision != account.revision.next() || self.previous != account.head {
            return Err(JournalError::Broken(self.revision));
        }
        for event in events {
            account.apply(event, self.at)?;
        }
        account.revision = self.revision;
        account.head = digest;
        Ok(account)
    }
}

impl StoredRecord {
    /// The hash that the next record names.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// When it was recorded; it takes no key to know that.
    ///
    /// # Errors
    /// When it is damaged, or of a version that is not known.
    pub fn at(&self) -> Result<Timestamp, JournalError> {
        match self.bytes.split_first() {
            Some((&CLEAR, body)) => self.parse(body).map(|record: Record| record.at),
            Some((&SEALED, _)) => {
                let (bound, _) = self.split()?;
                self.envelope_of(bound).map(|envelope| envelope.at)
            }
            _ => Err(self.unreadable("it is of a version that is not known here")),
        }
    }

    /// Reads the record, as far as the keys go.
    ///
    /// # Errors
    /// When it is damaged, of a version that is not known, not of this account and revision, or
    /// sealed under a key that is not in the ring.
    pub fn read(&self, id: &AccountId, keys: RecordKeys<'_>) -> Result<Entry, JournalError> {
        let entry = match self.bytes.split_first() {
            Some((&CLEAR, body)) => self.read_clear(body),
            Some((&SEALED, _)) => self.read_sealed(id, keys),
            Some(_) => Err(self.unreadable("it is of a version that is not known here")),
            None => Err(self.unreadable("it is empty")),
        }?;
        if entry.envelope.revision != self.revision {
            return Err(JournalError::Broken(self.revision));
        }
        Ok(entry)
    }

    fn read_clear(&self, body: &[u8]) -> Result<Entry, JournalError> {
        let record: Record = self.parse(body)?;
        Ok(Entry {
            envelope: record.envelope(None),
            record: Some(record),
            digest: self.digest(),
            is_clear: true,
        })
    }

    fn read_sealed(&self, id: &AccountId, keys: RecordKeys<'_>) -> Result<Entry, JournalError> {
        let (bound, sealed) = self.split()?;
        let envelope = self.envelope_of(bound)?;
        let made;
        let key = match envelope.under {
            None => keys.data,
            Some(under) => {
                let ring = keys.ring.get(under);
                made = ring.ok_or(JournalError::NoSuchKey(under))?.sealing(PURPOSE);
                Some(&made)
            }
        };
        let opened = key.map(|key| {
            let nonce = nonce(&envelope.seed);
            let plain = sealed::open(key, PURPOSE, &context(bound, id), &nonce, sealed);
            plain.map_err(|_| self.unreadable("its seal is broken"))
        });
        let opened: Option<Read> = match opened {
            Some(plain) => Some(self.parse(&plain?)?),
            None => None,
        };
        Ok(Entry {
            record: opened.map(|read| envelope.with(read)),
            envelope,
            digest: self.digest(),
            is_clear: false,
        })
    }

    /// The envelope in what is bound to the seal.
    fn envelope_of(&self, bound: &[u8]) -> Result<Envelope, JournalError> {
        self.parse(bound.get(HEAD..).unwrap_or_default())
    }

    /// What is bound to the seal, and what is sealed.
    fn split(&self) -> Result<(&[u8], &[u8]), JournalError> {
        let parts = || {
            let length = self.bytes.get(1..)?.first_chunk()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            self.bytes.split_at_checked(HEAD.checked_add(length)?)
        };
        parts().ok_or_else(|| self.unreadable("it is cut short"))
    }

    /// The decoder's own error is not repeated: it may quote what it stumbled over.
    fn parse<T: serde::de::DeserializeOwned>(&self, mut bytes: &[u8]) -> Result<T, JournalError> {
        let read = rmp_serde::from_read(&mut bytes);
        let whole = read.ok().filter(|_| bytes.is_empty());
        whole.ok_or_else(|| self.unreadable("it is damaged"))
    }

    fn unreadable(&self, why: &'static str) -> JournalError {
        JournalError::Unreadable(self.revision, why)
    }
}

impl Envelope {
    /// The record whose envelope this is.
    fn with(&self, read: Read) -> Record {
        let Read(request, outcome, gates, events, kept_under) = read;
        Record {
            revision: self.revision,
            at: self.at,
            previous: self.previous,
            bundle: self.bundle,
            seed: self.seed,
            request,
            outcome,
            gates,
            events,
            kept_under,
        }
    }
}

/// Bytes before the envelope.
const HEAD: usize = 5;

fn write(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), JournalError> {
    let written = rmp_serde::encode::write(bytes, value);
    written.map_err(|error| JournalError::Codec(error.to_string()))
}

/// All that a seal is bound to: what stands before it, and whose it is.
fn context(bound: &[u8], id: &AccountId) -> Vec<u8> {
    [bound, id.as_str().as_bytes()].concat()
}

fn nonce(seed: &Digest) -> Nonce {
    let bytes = seed.0.first_chunk::<NONCE_LENGTH>();
    Nonce(bytes.copied().unwrap_or_default())
}

fn too_long() -> JournalError {
    JournalError::Codec("it is too long".to_owned())
}

#[cfg(test)]
mod tests;
