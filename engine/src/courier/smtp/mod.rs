//! A courier by mail: SMTP, also to a gateway that turns mails into text messages.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, SmtpTransport, Transport};
use thiserror::Error;

use super::net::is_loopback;
use super::{Courier, CourierError, Delivery, SecretText};
use crate::lifecycle::model::Channel;
use crate::time::{Clock, Timestamp};

const COURIER: &str = "smtp";
const ID_HEADER: HeaderName = HeaderName::new_from_ascii_str("X-Stateward-Message-Id");
/// Last second of the year 9999, the last that a mail's date can say.
const DATE_MAX_SECONDS: i64 = 253_402_300_799;

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpTls {
    /// Encrypted from the first byte, usually on port 465.
    #[default]
    Tls,
    /// Encrypted by STARTTLS before anything else is said, usually on port 587; never without.
    StartTls,
    /// Not at all. Only to this machine.
    None,
}

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// The user and the password to sign in with.
    pub credentials: Option<(String, SecretText)>,
    /// The sender, `Name <mailbox>` or a mailbox. Its domain also names this client to the server.
    pub from: String,
    /// The subject of every mail.
    pub subject: String,
    /// The domain of a gateway that sends a mail to `6591234567@domain` as a text message. Without
    /// one, text messages are refused.
    pub sms_gateway: Option<String>,
    /// How long to wait for the server at each step.
    pub timeout: Duration,
}

impl SmtpConfig {
    /// A server reached by TLS on port 465, without credentials or gateway, waiting 30 seconds.
    pub fn new(host: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: 465,
            tls: SmtpTls::default(),
            credentials: None,
            from: from.into(),
            subject: "About your account".to_owned(),
            sms_gateway: None,
            timeout: Duration::from_secs(30),
        }
    }
}

/// Why mails cannot be sent this way.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SmtpConfigError {
    /// The sender is no mailbox.
    #[error("`{from}` is not a sender: write `Name <mailbox@example.com>` or a mailbox")]
    From {
        /// What was given.
        from: String,
    },
    /// The gateway is no domain.
    #[error("`{domain}` is not the domain of a gateway")]
    Gateway {
        /// What was given.
        domain: String,
    },
    /// Codes would travel in clear.
    #[error("mail to `{host}` needs TLS: only to this machine may it go in clear")]
    Clear {
        /// The server.
        host: String,
    },
    /// TLS cannot be set up.
    #[error("TLS to `{host}` cannot be set up")]
    Tls {
        /// The server.
        host: String,
    },
}

/// Sends every message as a mail of its own.
///
/// A mail has the same `Message-ID`, `<msg_…@sender's domain>`, and the same
/// `X-Stateward-Message-Id` at every try, so that receiving systems can recognise a repeat.
pub struct SmtpCourier {
    transport: SmtpTransport,
    from: Mailbox,
    subject: String,
    sms_gateway: Option<String>,
    clock: Arc<dyn Clock>,
}

impl SmtpCourier {
    /// A courier for a server. Nothing is connected before the first message.
    ///
    /// # Errors
    /// When the configuration cannot work, or would send codes in clear over a network.
    pub fn new(config: SmtpConfig, clock: Arc<dyn Clock>) -> Result<Self, SmtpConfigError> {
        let SmtpConfig {
            host,
            from,
            sms_gateway,
            ..
        } = &config;
        let sender: Mailbox = from
            .parse()
            .map_err(|_| SmtpConfigError::From { from: from.clone() })?;
        if let Some(domain) = sms_gateway
            && Address::new("1", domain).is_err()
        {
            return Err(SmtpConfigError::Gateway {
                domain: domain.clone(),
            });
        }
        let parameters = || {
            let host = host.clone();
            TlsParameters::new(host.clone()).map_err(|_| SmtpConfigError::Tls { host })
        };
        let tls = match config.tls {
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::None if is_loopback(host) => Tls::None,
            SmtpTls::None => return Err(SmtpConfigError::Clear { host: host.clone() }),
        };
        let mut builder = SmtpTransport::builder_dangerous(host)
            .port(config.port)
            .tls(tls)
            .timeout(Some(config.timeout))
            // Not the machine's own name, which is nobody's business.
            .hello_name(ClientId::Domain(sender.email.domain().to_owned()));
        if let Some((user, password)) = config.credentials {
            builder = builder.credentials(Credentials::new(user, password.reveal().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from: sender,
            subject: config.subject,
            sms_gateway: config.sms_gateway,
            clock,
        })
    }

    fn mail(&self, delivery: &Delivery) -> Result<Message, CourierError> {
        let domain = self.from.email.domain();
        let text = delivery.text.reveal().to_owned();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, self.recipient(delivery)?))
            .date(date(self.clock.now()))
            .message_id(Some(format!("<{}@{domain}>", delivery.id)))
            .raw_header(HeaderValue::new(ID_HEADER, delivery.id.to_string()))
            .subject(&self.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|_| permanent("it cannot be written as a mail"))
    }

    fn recipient(&self, delivery: &Delivery) -> Result<Address, CourierError> {
        let address = match (delivery.by, &self.sms_gateway) {
            (Channel::Email, _) => delivery.to.parse(),
            (Channel::Sms, Some(gateway)) => {
                Address::new(delivery.to.trim_start_matches('+'), gateway)
            }
            (Channel::Sms, None) => {
                return Err(permanent(
                    "it is a text message, and there is no gateway for them",
                ));
            }
        };
        address.map_err(|_| permanent("its address is not one that mail can be sent to"))
    }
}

impl fmt::Debug for SmtpCourier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpCourier")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Courier for SmtpCourier {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        let mail = self.mail(delivery)?;
        self.transport
            .send(&mail)
            .map(drop)
            .map_err(|error| refused(&error))
    }
}

/// What a failure means for the message. The server's words are left out: they may quote it.
fn refused(error: &lettre::transport::smtp::Error) -> CourierError {
    let reason = match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_timeout() => "the server did not answer in time".to_owned(),
        None if error.is_tls() => "the connection could not be encrypted".to_owned(),
        None => "the server could not be reached or understood".to_owned(),
    };
    // 530 to 538 say that signing in failed: the courier is at fault, not the message.
    let about_signing_in = error
        .status()
        .is_some_and(|code| (530..=538).contains(&u16::from(code)));
    if error.is_permanent() && !about_signing_in {
        CourierError::Permanent {
            courier: COURIER,
            reason,
        }
    } else {
        CourierError::Temporary {
            courier: COURIER,
            reason,
        }
    }
}

fn permanent(reason: &str) -> CourierError {
    CourierError::Permanent {
        courier: COURIER,
        reason: reason.to_owned(),
    }
}

/// An instant as a mail's date can say it.
fn date(at: Timestamp) -> SystemTime {
    let seconds = at.as_ms().div_euclid(1_000).clamp(0, DATE_MAX_SECONDS);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())
}

#[cfg(test)]
mod tests;
