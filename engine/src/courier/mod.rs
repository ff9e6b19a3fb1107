//! Couriers: how messages that were committed reach people.
//!
//! The engine hands each message of the outbox to its courier until the courier accepts it: at
//! least once, always under the same id, which every adapter passes on so that receivers can drop
//! repeats. A message may carry a one-time code, which exists nowhere but in its text; so the text
//! is kept out of every error and every debug output, and wiped after use where that is possible.

mod console;
mod file;
mod json;
mod memory;
#[cfg(any(feature = "smtp", feature = "webhook"))]
mod net;
mod routing;
mod secret;
#[cfg(feature = "smtp")]
mod smtp;
#[cfg(feature = "webhook")]
mod webhook;

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use console::ConsoleCourier;
pub use file::FileCourier;
pub use memory::MemoryCourier;
pub use routing::RoutingCourier;
pub use secret::SecretText;
#[cfg(feature = "smtp")]
pub use smtp::{SmtpConfig, SmtpConfigError, SmtpCourier, SmtpTls};
#[cfg(feature = "webhook")]
pub use webhook::{WebhookConfig, WebhookConfigError, WebhookCourier, webhook_signature};

use crate::lifecycle::model::Channel;
use crate::name::{AccountId, MessageId, Name};
use crate::value::Value;

/// One message on its way.
#[derive(Clone)]
pub struct Delivery {
    /// Its id, the same at every try.
    pub id: MessageId,
    /// The account it is about.
    pub account: AccountId,
    /// The address: a phone number in E.164, or a mailbox.
    pub to: String,
    /// How it travels.
    pub by: Channel,
    /// Which message of the lifecycle it is.
    pub message: Name,
    /// What it says.
    pub text: SecretText,
}

impl fmt::Debug for Delivery {
    /// With the address masked, and without the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = match self.by {
            Channel::Sms => Value::Phone(self.to.as_str().into()),
            Channel::Email => Value::Email(self.to.as_str().into()),
        };
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("to", &address)
            .field("by", &self.by)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Why a message was not accepted. Says neither the message's text nor its address, nor what a
/// server answered in words, which may repeat either.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CourierError {
    /// The courier or its server cannot take it now; later it may.
    #[error("the {courier} courier cannot deliver now: {reason}")]
    Temporary {
        /// Which courier.
        courier: &'static str,
        /// What happened, as a phrase.
        reason: String,
    },
    /// It will never be taken as it is.
    #[error("the {courier} courier cannot deliver this message: {reason}")]
    Permanent {
        /// Which courier.
        courier: &'static str,
        /// What is wrong, as a phrase.
        reason: String,
    },
    /// No courier is set up for its channel.
    #[error("no courier delivers by {}", channel_name(*by))]
    NoRoute {
        /// The channel.
        by: Channel,
    },
}

impl CourierError {
    /// Whether trying again is of no use.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent { .. })
    }
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "sms",
        Channel::Email => "email",
    }
}

/// The port that messages leave by.
pub trait Courier: Send + Sync {
    /// Takes one message over.
    ///
    /// After `Ok` the message is the courier's: the engine forgets it. It may come again under the
    /// same id, if the process ended before that was noted.
    ///
    /// # Errors
    /// When the courier does not take it; it stays in the outbox.
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError>;
}

impl<C: Courier + ?Sized> Courier for Box<C> {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        (**self).deliver(delivery)
    }
}

impl<C: Courier + ?Sized> Courier for Arc<C> {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        (**self).deliver(delivery)
    }
}

#[cfg(test)]
fn sample(id: &str, by: Channel) -> Delivery {
    let to = match by {
        Channel::Sms => "+6591234567",
        Channel::Email => "ops@example.com",
    };
    Delivery {
        id: id.parse().unwrap(),
        account: "1001".parse().unwrap(),
        to: to.to_owned(),
        by,
        message: "phone_code".parse().unwrap(),
        text: SecretText::new("Your code is 424242."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_text_nor_address() {
        for (by, masked) in [
            (Channel::Sms, "+65-****4567"),
            (Channel::Email, "o***@example.com"),
        ] {
            let shown = format!("{:?}", sample("msg_1", by));
            assert!(shown.contains(masked), "{shown}");
            assert!(
                !shown.contains("424242") && !shown.contains("ops@"),
                "{shown}"
            );
        }
    }

    #[test]
    fn couriers_can_be_shared_and_boxed() {
        let memory = Arc::new(MemoryCourier::new());
        let boxed: Box<dyn Courier> = Box::new(Arc::clone(&memory));
        boxed.deliver(&sample("msg_1", Channel::Sms)).unwrap();
        assert_eq!(memory.deliveries().len(), 1);
    }
}
