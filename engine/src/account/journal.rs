//! The journal: what was asked, what was answered and what changed, chained by hash.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::event::Event;
use super::request::Request;
use super::{Account, ApplyError, Revision};
use crate::name::{AccountId, AttemptId, Name, TransitionName};
use crate::time::Timestamp;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// As bytes: a sequence of numbers would take half as much again in every record.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("32 bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Digest, E> {
                let digest = bytes.try_into().map(Digest);
                digest.map_err(|_| E::invalid_length(bytes.len(), &self))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

/// One stage of a decision. The order is fixed: whoever fails an early gate learns nothing that a
/// later one would tell.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// In-memory limits on bursts.
    Throttle,
    /// May the principal ask for this?
    Policy,
    /// Is it the kind of principal, of the account, that the transition demands?
    Caller,
    /// Does a transition lead from here, and is the input well formed?
    State,
    /// Do the conditions hold?
    Guard,
    /// Is there room for what it spends?
    Quota,
    /// Is everything proved?
    Verification,
}

impl Gate {
    /// Every gate, in order.
    pub const ALL: [Self; 7] = [
        Self::Throttle,
        Self::Policy,
        Self::Caller,
        Self::State,
        Self::Guard,
        Self::Quota,
        Self::Verification,
    ];

    /// The gate's name, as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Policy => "policy",
            Self::Caller => "caller",
            Self::State => "state",
            Self::Guard => "guard",
            Self::Quota => "quota",
            Self::Verification => "verification",
        }
    }
}

/// How a gate answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateStatus {
    /// It let the request through.
    Passed,
    /// It waits for a proof.
    Waiting,
    /// It stopped the request.
    Failed,
    /// An earlier gate stopped the request.
    NotReached,
}

/// What one gate said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    /// Which gate.
    pub gate: Gate,
    /// How it answered.
    pub status: GateStatus,
    /// Why, in a few words.
    pub detail: String,
    /// `file:line:column` of the rule that decided.
    pub place: Option<String>,
}

/// Why a request was refused. A denial is an answer, never an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// The gate that refused.
    pub gate: Gate,
    /// The diagnostic code, for `explain`.
    pub code: String,
    /// The domain's own error code, where the lifecycle declares one.
    pub deny_code: Option<String>,
    /// `ExplicitDeny` or `ImplicitDeny`, where policies refused.
    pub effect: Option<String>,
    /// What happened, in one lower-case sentence.
    pub message: String,
    /// When it is worth asking again.
    pub retry_at: Option<Timestamp>,
    /// `file:line:column` of the rule that decided.
    pub place: Option<String>,
}

/// A state that was left for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// By which transition.
    pub transition: TransitionName,
    /// From where.
    pub from: Name,
    /// To where.
    pub to: Name,
}

/// What an attempt waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The verification.
    pub verification: Name,
    /// The step, from 1.
    pub step: u32,
    /// Of how many.
    pub steps: u32,
    /// Where a code was sent, masked.
    pub sent_to: Option<String>,
    /// When that code expires.
    pub code_expires_at: Option<Timestamp>,
    /// The risk to acknowledge.
    pub risk: Option<String>,
    /// The caller rule that an approving principal satisfies.
    pub approval_by: Option<Name>,
    /// When the attempt lapses.
    pub expires_at: Timestamp,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done. A cancelled attempt or a created account moves nothing.
    Applied {
        /// The states that changed, in the order they did.
        moves: Vec<Move>,
    },
    /// An attempt waits for a proof.
    Pending {
        /// Which attempt.
        attempt: AttemptId,
        /// For what.
        waiting: Box<Waiting>,
    },
    /// Refused.
    Denied(Box<Denial>),
}

/// What is told to whoever asked, and kept under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The account; left out where the request named an attempt that is not there, or is to look
    /// like that.
    pub account: Option<AccountId>,
    /// The answer itself.
    pub outcome: Outcome,
    /// What each gate said.
    pub gates: Vec<GateReport>,
    /// The account's revision after the decision; zero to a principal that is not admitted, whom it
    /// would tell that there is an account.
    pub revision: Revision,
}

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

impl StoredRecord {
    /// The hash that the next record names.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// Reads the record.
    ///
    /// # Errors
    /// When it is of another version or revision, or damaged.
    pub fn decode(&self) -> Result<Record, JournalError> {
        let record: Record = match self.bytes.split_first() {
            Some((&RECORD_VERSION, body)) => rmp_serde::from_slice(body)
                .map_err(|_| JournalError::Unreadable(self.revision, "it is damaged")),
            Some(_) => Err(JournalError::Unreadable(
                self.revision,
                "it is of a version that is not known here",
            )),
            None => Err(JournalError::Unreadable(self.revision, "it is empty")),
        }?;
        if record.revision != self.revision {
            return Err(JournalError::Broken(self.revision));
        }
        Ok(record)
    }
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
    /// An event does not fit.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// Format of the encoded record; a decoder refuses others.
const RECORD_VERSION: u8 = 1;

impl Record {
    /// The record's stored form: a version byte, then MessagePack.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn encode(&self) -> Result<StoredRecord, JournalError> {
        let mut bytes = vec![RECORD_VERSION];
        rmp_serde::encode::write(&mut bytes, self)
            .map_err(|error| JournalError::Codec(error.to_string()))?;
        Ok(StoredRecord {
            revision: self.revision,
            bytes,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_without_what_it_is_in() {
        let rows: [&[u8]; 5] = [
            b"",
            b"\x01",
            b"\x02\x90",
            b"\x01\xdd\xff\xff\xff\xff",
            &[1; 40],
        ];
        for bytes in rows {
            let (revision, bytes) = (Revision(7), bytes.to_vec());
            let error = StoredRecord { revision, bytes }.decode().unwrap_err();
            let shown = error.to_string();
            assert!(matches!(error, JournalError::Unreadable(..)), "{shown}");
            assert!(shown.starts_with("journal record 7 cannot be read: it is "));
        }
    }
}
