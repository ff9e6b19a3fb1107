//! A courier by webhook: messages are posted to a URL, signed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use ureq::Agent;
use ureq::http::Uri;

use super::net::is_loopback;
use super::{Courier, CourierError, Delivery, SecretText, json};
use crate::time::{Clock, Timestamp};
use crate::{hex, keyed};

const COURIER: &str = "webhook";

/// How messages are posted.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// Where to: `https`, or `http` on this machine.
    pub url: String,
    /// The secret that signs every request.
    pub secret: SecretText,
    /// How long one request may take.
    pub timeout: Duration,
    /// How often a message is tried before it is given back to the outbox, at least once.
    pub tries: u32,
    /// The wait after the first try; it doubles with each further one.
    pub wait_first: Duration,
    /// The longest wait.
    pub wait_max: Duration,
}

impl WebhookConfig {
    /// Three tries of ten seconds each, half a second and a second apart.
    pub fn new(url: impl Into<String>, secret: impl Into<SecretText>) -> Self {
        Self {
            url: url.into(),
            secret: secret.into(),
            timeout: Duration::from_secs(10),
            tries: 3,
            wait_first: Duration::from_millis(500),
            wait_max: Duration::from_secs(5),
        }
    }
}

/// Why messages cannot be posted this way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WebhookConfigError {
    /// The URL is none, or has a user or a password in it.
    #[error("a webhook's URL looks like https://example.com/path")]
    Url,
    /// Codes would travel in clear.
    #[error("a webhook's URL begins with https: only to this machine may it be http")]
    Clear,
    /// Without a secret anybody could send messages to the receiver.
    #[error("a webhook's secret has at least 16 bytes")]
    Secret,
}

/// Posts every message as a JSON object with the keys `id`, `account`, `to`, `by`, `message` and
/// `text`.
///
/// The headers of a request:
/// - `Idempotency-Key`: the message's id, the same at every try;
/// - `Stateward-Timestamp`: when this try was made, in seconds since 1970;
/// - `Stateward-Signature`: `v1=` and the [signature](webhook_signature) of timestamp and body.
///
/// Answers of 2xx accept the message. 429, 5xx and failures of the network are tried again; all
/// others refuse it for good. Redirects are not followed, and proxies that the environment may name
/// are not used.
pub struct WebhookCourier {
    agent: Agent,
    config: WebhookConfig,
    clock: Arc<dyn Clock>,
}

impl WebhookCourier {
    /// A courier for a URL. Nothing is connected before the first message.
    ///
    /// # Errors
    /// When the configuration cannot work, or would send codes in clear over a network.
    pub fn new(config: WebhookConfig, clock: Arc<dyn Clock>) -> Result<Self, WebhookConfigError> {
        let url: Uri = config.url.parse().map_err(|_| WebhookConfigError::Url)?;
        let host = url.host().ok_or(WebhookConfigError::Url)?;
        if url
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(WebhookConfigError::Url);
        }
        match url.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(host) => {}
            Some("http") => return Err(WebhookConfigError::Clear),
            _ => return Err(WebhookConfigError::Url),
        }
        if config.secret.reveal().len() < 16 {
            return Err(WebhookConfigError::Secret);
        }
        let agent = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(config.timeout))
            .user_agent(concat!("stateward/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            config,
            clock,
        })
    }

    fn post(&self, delivery: &Delivery, body: &[u8]) -> Result<(), CourierError> {
        let timestamp = self.clock.now();
        let signature = webhook_signature(&self.config.secret, timestamp, body);
        let answer = self
            .agent
            .post(&self.config.url)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", delivery.id.as_str())
            .header("Stateward-Timestamp", seconds(timestamp).to_string())
            .header("Stateward-Signature", format!("v1={signature}"))
            .send(body);
        match answer.map(|answer| answer.status().as_u16()) {
            Ok(200..=299) => Ok(()),
            Ok(status @ (429 | 500..=599)) => {
                Err(temporary(format!("the receiver answered {status}")))
            }
            Ok(status) => Err(CourierError::Permanent {
                courier: COURIER,
                reason: format!("the receiver answered {status}"),
            }),
            Err(error) => Err(temporary(reason(&error).to_owned())),
        }
    }
}

impl fmt::Debug for WebhookCourier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookCourier")
            .field("url", &self.config.url)
            .finish_non_exhaustive()
    }
}

impl Courier for WebhookCourier {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        let body = json::object(delivery).map_err(|_| CourierError::Permanent {
            courier: COURIER,
            reason: "it cannot be written as JSON".to_owned(),
        })?;
        let mut wait = self.config.wait_first;
        for _ in 1..self.config.tries {
            match self.post(delivery, &body) {
                Err(CourierError::Temporary { .. }) => {}
                answer => return answer,
            }
            std::thread::sleep(wait.min(self.config.wait_max));
            wait = wait.saturating_mul(2);
        }
        self.post(delivery, &body)
    }
}

/// The signature of a request: HMAC-SHA-256, under the shared secret, of the timestamp in seconds
/// since 1970, a full stop and the body, in lower-case hexadecimal digits.
///
/// A receiver computes it over the body as it came, compares in constant time, and refuses
/// timestamps that are more than a few minutes old.
pub fn webhook_signature(secret: &SecretText, timestamp: Timestamp, body: &[u8]) -> String {
    let timestamp = seconds(timestamp).to_string();
    let parts = [timestamp.as_bytes(), b".", body];
    hex::encode(&keyed::mac(secret.reveal().as_bytes(), &parts))
}

fn seconds(at: Timestamp) -> i64 {
    at.as_ms().div_euclid(1_000)
}

fn temporary(reason: String) -> CourierError {
    CourierError::Temporary {
        courier: COURIER,
        reason,
    }
}

/// What went wrong on the way, in words of ours.
fn reason(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "the receiver did not answer in time",
        ureq::Error::HostNotFound => "the receiver's name is not known",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "the connection could not be encrypted",
        _ => "the receiver could not be reached or understood",
    }
}

#[cfg(test)]
mod tests;
