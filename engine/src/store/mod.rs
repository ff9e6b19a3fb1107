//! The store port: read a snapshot, commit a decision's changes if what it read still holds.
//!
//! What recovery relies on is written at each method. An adapter knows nothing of the domain: it
//! compares revisions and keeps rows. What a commit checks and in which order it writes is the same
//! for every adapter, and written once, in `apply`.

mod apply;
#[cfg(any(test, feature = "testing"))]
pub mod conformance;
mod memory;
#[cfg(feature = "redb")]
mod redb;
mod snapshot;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::memory::MemoryStore;
#[cfg(all(feature = "redb", any(test, feature = "testing")))]
pub use self::redb::StoreFiles;
#[cfg(feature = "redb")]
pub use self::redb::{RedbOptions, RedbStore, Sizes, StoreCopy, TableSize};
pub use self::snapshot::Snapshot;

use crate::account::{
    Account, Answer, Attempt, ClaimKey, Digest, OutboxMessage, QuotaKey, Revision, StoredRecord,
    Timer,
};
use crate::challenge::KeyId;
use crate::name::{AccountId, AttemptId, IdempotencyKey, Name};
use crate::quota::Cells;
use crate::time::Timestamp;

/// What a store says of itself; written once, when it is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The lifecycle whose accounts it holds.
    pub lifecycle: Name,
    /// Whether it is a development store, which lets the clock and the entropy be set from outside.
    pub development: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// Id of the key that its codes are derived with.
    pub key_id: KeyId,
}

/// Why a store cannot answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is not one of ours.
    #[error("{path} is not a stateward store")]
    Foreign {
        /// The file.
        path: String,
    },
    /// The file was written by a newer version.
    #[error("{path} has store format {found}; this version reads up to {known}")]
    Newer {
        /// The file.
        path: String,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The file was written by an older version.
    #[error("{path} has store format {found}; this version writes {known}")]
    Older {
        /// The file.
        path: String,
        /// Its format.
        found: u32,
        /// The format that it can be brought to.
        known: u32,
    },
    /// Another process holds the file.
    #[error("{path} is in use by another process")]
    Locked {
        /// The file.
        path: String,
    },
    /// The store belongs to another lifecycle.
    #[error("the store holds accounts of lifecycle `{found}`, not `{wanted}`")]
    OtherLifecycle {
        /// The store's lifecycle.
        found: Name,
        /// The asked one.
        wanted: Name,
    },
    /// The file is a store, and not a copy of one.
    #[error("{path} is a store, and not a backup of one")]
    NoCopy {
        /// The file.
        path: String,
    },
    /// The store does not exist.
    #[error("there is no store at {path}")]
    Missing {
        /// The file.
        path: String,
    },
    /// Something is already where a store was to be created.
    #[error("{path} exists already")]
    Exists {
        /// The file.
        path: String,
    },
    /// What is stored cannot be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// Changes that no decision can lead to: a bug of the caller. Nothing was written.
    #[error("the changes do not fit together: {0}")]
    Malformed(&'static str),
    /// The disk or the operating system failed; it is not known whether the last commit is durable.
    #[error("the store could not be read or written: {0}")]
    Io(String),
}

/// Why a commit was refused. In every case but [`CommitError::Store`] nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Something that the decision read has changed since: decide again.
    #[error("the account was changed by somebody else meanwhile")]
    Conflict,
    /// Too many commits wait: try later.
    #[error("the store is busy")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cells of a quota whose key is not the account itself, with their own revision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SharedCells {
    /// How often they were spent.
    pub revision: u64,
    /// The cells.
    pub cells: Cells,
}

/// An answer kept under an idempotency key, with what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Digest of the request; the same key with another request is a mistake.
    pub request: Digest,
    /// The answer.
    pub answer: Answer,
    /// When it was given; versions before this one did not note it.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// Up to where a store was swept: the last rows that were looked at, or none, to begin anew; and what
/// was gone by then.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Swept {
    /// Of the kept answers.
    pub answers: Option<IdempotencyKey>,
    /// Of the cells that accounts share.
    pub cells: Option<QuotaKey>,
    /// Cells that accounts share and that were over at this instant may have been removed.
    #[serde(default)]
    pub over: Option<Timestamp>,
}

/// Rows to remove because they can have no effect any more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sweep {
    /// Keys of kept answers.
    pub answers: Vec<IdempotencyKey>,
    /// Shared quota keys, with the revisions that their cells were looked at; one that was spent since
    /// stays.
    pub cells: Vec<(QuotaKey, u64)>,
    /// Up to where it has come.
    pub swept: Swept,
}

/// Everything that one decision changes, and everything it relied on: all of it happens, or
/// nothing.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The account after the decision; its `revision` is `expected + 1`.
    pub account: Account,
    /// The revision it was decided on; `None` where the account must not exist yet.
    pub expected: Option<Revision>,
    /// The journal record.
    pub record: StoredRecord,
    /// What becomes of the account's data key.
    pub data_key: KeyChange,
    /// The bundle that decided, as bytes; kept once per fingerprint.
    pub bundle: Arc<StoredBundle>,
    /// Attempts to write.
    pub attempts_put: Vec<Attempt>,
    /// Attempts to remove; one that is also put is removed.
    pub attempts_removed: Vec<AttemptId>,
    /// Timers to add to the index of what is due.
    pub timers_armed: Vec<(Timestamp, Timer)>,
    /// Timers to take out of it; one that is also armed stays.
    pub timers_disarmed: Vec<(Timestamp, Timer)>,
    /// Messages to queue, in the order they are to be delivered in.
    pub queued: Vec<OutboxMessage>,
    /// Shared quota cells: key, expected revision, cells after.
    pub shared: Vec<(QuotaKey, u64, Cells)>,
    /// Claims that the decision looked at, with the holders it saw.
    pub claims_seen: Vec<(ClaimKey, Vec<AccountId>)>,
    /// Values that the account now holds.
    pub claimed: Vec<ClaimKey>,
    /// Values that it no longer holds; one that is also claimed is held.
    pub released: Vec<ClaimKey>,
    /// The answer to keep, and its key. A key under which an answer is kept already is a conflict.
    pub remember: Option<(IdempotencyKey, Remembered)>,
    /// Kept answers to remove.
    pub forgotten: Vec<IdempotencyKey>,
    /// Messages to take out of the outbox; an empty place is not an error.
    pub dropped: Vec<Place>,
}

/// What a commit does with the row of an account's data key, whose form is the engine's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KeyChange {
    /// Leaves it as it is.
    #[default]
    Keep,
    /// Writes it.
    Put(Vec<u8>),
    /// Removes it: what it opened is closed for good.
    Destroy,
}

/// Where denials are kept: a ring for each account, and one for requests about accounts that do not
/// exist, so that asking about made-up accounts pushes out nobody's evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenialRing {
    /// Of requests about accounts that do not exist.
    Strangers,
    /// Of requests about this account.
    Account(AccountId),
}

/// Which denials a ring holds, and what proves it; the proof's form is the engine's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenialHead {
    /// The number of the oldest denial that is kept.
    pub oldest: u64,
    /// The number of the newest; numbers begin with 1 and have no gaps.
    pub newest: u64,
    /// What proves that these are the numbers.
    pub proof: Vec<u8>,
}

/// A denial as stores keep it: its form is the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDenial {
    /// Its number within its ring.
    pub number: u64,
    /// Everything else.
    pub bytes: Vec<u8>,
}

/// A denial to keep.
#[derive(Debug, Clone)]
pub struct NewDenial {
    /// In which ring.
    pub ring: DenialRing,
    /// The denial; its number is the new head's `newest`.
    pub bytes: Vec<u8>,
    /// The ring's head afterwards; what is older than its `oldest` goes.
    pub head: DenialHead,
}

/// The bundle that a store's accounts are under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Its fingerprint; the store keeps its files.
    pub bundle: Digest,
    /// Whether all accounts are. Otherwise they are on their way to it: their migration was begun
    /// and has not ended.
    pub settled: bool,
    /// The one that they come from, where they are.
    #[serde(default)]
    pub before: Option<Digest>,
}

/// The files of a bundle, so that old decisions can be re-decided.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBundle {
    /// SHA-256 of the files.
    pub fingerprint: Digest,
    /// Paths and texts, sorted by path.
    pub files: Vec<(String, String)>,
}

impl fmt::Debug for StoredBundle {
    /// Without the files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredBundle")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// A due timer. Timers are ordered by their instant first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When it was due.
    pub at: Timestamp,
    /// Whose.
    pub account: AccountId,
    /// What.
    pub timer: Timer,
}

/// A record's number among all records of a store, in the order of their commits. The first is 1, and
/// there are no gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordNumber(pub u64);

/// A journal record among those of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedRecord {
    /// Its number.
    pub number: RecordNumber,
    /// Whose journal it belongs to.
    pub account: AccountId,
    /// The record.
    pub record: StoredRecord,
}

/// A message's place in the outbox. Places follow the order of commits, and none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub u64);

/// A message that waits for its courier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Where it waits.
    pub place: Place,
    /// The message.
    pub message: OutboxMessage,
}

/// What became of a message that was handed to a courier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It was accepted: the row goes.
    Delivered,
    /// It failed, once more: try again, not before this instant.
    Failed {
        /// The earliest next try.
        not_before: Timestamp,
    },
}

/// A durable home of accounts. Many callers may use it at once.
///
/// What grows: an account's journal with every change of it, for good; answers kept under
/// idempotency keys and cells of shared quota keys with every new key, until they are swept; the
/// outbox until messages are delivered. Everything else is bounded by the accounts and the definition.
pub trait Store: Send + Sync {
    /// What the store says of itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn header(&self) -> Result<Header, StoreError>;

    /// A consistent view of everything committed so far.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError>;

    /// Makes the changes durable, all or nothing, if the account is at the expected revision and
    /// the shared cells and claims are as the decision saw them. Returns only when they are durable.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when something changed meanwhile, or an answer is already kept
    /// under the idempotency key; after [`CommitError::Store`] it is unknown whether the changes
    /// are durable, and the idempotency key resolves it.
    fn commit(&self, changes: Changes) -> Result<(), CommitError>;

    /// Records what became of the message at a place. Idempotent: an empty place is not an error.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn settle(&self, place: Place, delivery: Delivery) -> Result<(), StoreError>;

    /// Notes durably which bundle the accounts are under, and keeps its files.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result<(), StoreError>;

    /// Keeps a denial, and removes what falls out of its ring. Returns only when it is durable.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when its number is not the next of its ring.
    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError>;

    /// Removes rows that can have no effect any more, and notes up to where was looked for them. Rows
    /// that are not there are no error.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn sweep(&self, sweep: Sweep) -> Result<(), StoreError>;
}
