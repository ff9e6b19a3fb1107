//! What a decision says: the gates, the answer, and what it waits for.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Revision;
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
    /// The address that an authenticator app is to read, where the attempt enrols one. It is told once:
    /// no answer that is kept has it.
    #[serde(skip)]
    pub enrolment: Option<Enrolment>,
}

/// The address that an authenticator app reads, with the secret in it; wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment(Zeroizing<String>);

impl Enrolment {
    /// The address `otpauth://totp/…`.
    pub fn new(uri: Zeroizing<String>) -> Self {
        Self(uri)
    }

    /// The address, for whoever enrols.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment")
    }
}
