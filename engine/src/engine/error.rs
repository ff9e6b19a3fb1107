//! What keeps the engine from answering at all. A denial is an answer, not one of these.

use crate::entropy::EntropyError;
use crate::name::{AccountId, Name, TransitionName};
use crate::store::StoreError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The lifecycle has no such transition.
    #[error("there is no transition `{name}`")]
    UnknownTransition {
        /// What was asked for.
        name: TransitionName,
        /// The declared name that is closest, if one is close.
        closest: Option<String>,
    },
    /// The transition happens by itself, or with another one.
    #[error("`{name}` cannot be requested: {fires}")]
    NotRequested {
        /// What was asked for.
        name: TransitionName,
        /// What fires it.
        fires: String,
    },
    /// There is no such account. Only the store's owner is told.
    #[error("there is no account `{0}`")]
    UnknownAccount(AccountId),
    /// A session fact is not declared, or not of its type.
    #[error("context `{name}`: {reason}")]
    Context {
        /// Which.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A verification that was named is not one of the transition's.
    #[error("`{transition}` has no verification `{name}`")]
    UnknownVerification {
        /// The transition.
        transition: TransitionName,
        /// What was named.
        name: Name,
    },
    /// The lifecycle asks for no codes of such an authenticator.
    #[error("there is no authenticator `{name}`")]
    UnknownAuthenticator {
        /// What was named.
        name: Name,
        /// The declared name that is closest, if one is close.
        closest: Option<String>,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request before")]
    KeyReused,
    /// The account kept changing while the request was decided.
    #[error("the account is changed too often just now; try again")]
    Contended,
    /// The store has too much to do.
    #[error("the store is busy; try again")]
    Busy,
    /// There is no randomness to be had.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The store failed. If it failed while committing, it is unknown whether the request took
    /// effect; asking again with the same idempotency key tells.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record could not be written down.
    #[error("the decision could not be recorded: {0}")]
    Record(String),
}
