//! The courier port: delivers committed messages, at least once.

mod memory;

use std::fmt;

use zeroize::Zeroizing;

pub use memory::MemoryCourier;

use crate::lifecycle::model::Channel;
use crate::name::{AccountId, MessageId, Name};

/// Text that may hold a code: wiped when dropped, hidden from `Debug`.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes a text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for whoever delivers or compares it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// A message as it is handed to a courier.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id, the same at every try, so that receivers can drop repeats.
    pub id: MessageId,
    /// The account it is about.
    pub account: AccountId,
    /// The address.
    pub to: String,
    /// How it travels.
    pub by: Channel,
    /// Which message of the lifecycle.
    pub message: Name,
    /// What it says.
    pub text: SecretText,
}

/// Why a message was not delivered. It stays in the outbox and is tried again.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// It may work later: the other side is not there, or busy.
    #[error("{0}")]
    Temporary(String),
    /// It will not work without somebody mending something: a refused address, a wrong setting.
    #[error("{0}")]
    Permanent(String),
}

/// Delivers messages.
pub trait Courier: Send + Sync {
    /// Hands a message on. Returns when the other side has taken responsibility for it.
    ///
    /// # Errors
    /// When it did not; never with the text of the message in the error.
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError>;
}
