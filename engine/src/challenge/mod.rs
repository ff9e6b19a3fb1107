//! One-time codes: derived when they are sent, never stored.
//!
//! A [`Challenge`] says which code was sent to whom, for what and until when; the code itself is a
//! truncated HMAC of it under a key kept outside the store. So a copy of the store, its journal or
//! its outbox gives nobody a code, a courier that sends again sends the same code, and whoever
//! holds the key can check a presented code without the store ever having known it.
//!
//! An [`Authenticator`] makes codes by itself: of a secret that an app shares, and the time.
//!
//! | rule | default | source |
//! |---|---|---|
//! | length | 6 digits, up to 10 | NIST SP 800-63B-4 (at least 20 bits), OWASP ASVS 5 V6.5 |
//! | life | 10 minutes, may only be lowered | NIST SP 800-63B-4, OWASP ASVS 5 V6.5.5 |
//! | wrong codes | 5, which lock the attempt, not the account | Twilio Verify, Ory Kratos, OWASP |
//! | sending again | after 30 s, 60 s, 120 s, 300 s; at most 5 sendings | Twilio Verify |
//! | failures of an account | see [`Failures`] | NIST SP 800-63B-4 |
//! | comparison | constant time, the same work without a challenge | OWASP ASVS 5 V6.3.8 |
//!
//! Quotas are no defence against guessing: a hundred codes a day with five guesses each find one
//! account's code within a year with a probability of 17 %. The failure limits are.

mod authenticator;
mod code;
mod failures;
mod key;
mod rules;

pub use authenticator::{AppSecret, AppSecretError, Authenticator, SealedSecret};
pub use code::{Challenge, Code, UnknownKey, derive, verify};
pub use failures::{Blocked, Failures};
pub use key::{CodeKey, KeyError, KeyId, KeyRing, seal};
pub use rules::{CodeRules, DIGITS_MAX, DIGITS_MIN, VALID_FOR_MAX};
