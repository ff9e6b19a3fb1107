//! Authenticators: codes that an app makes of a shared secret and the time.
//!
//! TOTP (RFC 6238) as every app knows it: HMAC-SHA-1, six digits, a step of 30 seconds. A code counts
//! for its step and for the one before and after it, since clocks differ, and it counts once: the
//! account keeps the last step that did, and only later ones do from then on (RFC 6238, section 5.2).
//!
//! The secret is random and is kept sealed under the account's data key: decisions, journals and copies
//! of a store see only what is sealed, and erasing the account makes it nothing.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use crate::hex;
use crate::keyed;
use crate::name::AccountId;
use crate::sealed::{self, KEY_LENGTH, NONCE_LENGTH, Nonce, SealKey};
use crate::time::Timestamp;

/// Steps by which clocks may differ.
const SKEW: u16 = 1;
/// Bytes of a new secret: those of the hash, as RFC 4226 recommends.
const SECRET_LENGTH: usize = 20;
/// Bytes of one that is taken over: as many as RFC 4226 demands (section 4, R6), and not more than a
/// block of the hash, since what is longer is hashed first.
const LENGTHS: RangeInclusive<usize> = 16..=64;
/// What RFC 3986 leaves as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const PURPOSE: &str = "stateward/authenticator/1";
const NONCE_PURPOSE: &str = "stateward/authenticator-nonce/1";

/// What an account keeps of an authenticator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticator {
    /// The shared secret, sealed.
    pub secret: SealedSecret,
    /// The last step of which a code counted.
    pub last: Option<u64>,
}

impl Authenticator {
    /// A new one, of which no code has counted.
    pub fn new(secret: SealedSecret) -> Self {
        Self { secret, last: None }
    }

    /// The same after a code of a step counted; none, if a code of that step or a later one did.
    pub fn used(&self, step: u64) -> Option<Self> {
        let is_later = self.last.is_none_or(|last| step > last);
        is_later.then(|| Self {
            secret: self.secret.clone(),
            last: Some(step),
        })
    }
}

/// A secret that its account's data key alone opens. The empty one opens for nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedSecret(Arc<str>);

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedSecret")
    }
}

impl SealedSecret {
    /// The secret, if it was sealed under this key for this account.
    pub fn open(&self, key: &SealKey, account: &AccountId) -> Option<AppSecret> {
        let bytes = hex::decode_all(&self.0)?;
        let (nonce, sealed) = bytes.split_first_chunk()?;
        let context = account.as_str().as_bytes();
        let plain = sealed::open(key, PURPOSE, context, &Nonce(*nonce), sealed).ok()?;
        Some(AppSecret(plain))
    }
}

/// The secret that an account and an app share, wiped when it is dropped.
#[derive(Clone)]
pub struct AppSecret(Zeroizing<Vec<u8>>);

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret")
    }
}

/// Why a text is not the secret of an app. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppSecretError {
    /// It is not written as secrets are.
    #[error("a secret is written in base32: in `A` to `Z` and `2` to `7`, nothing else")]
    Base32,
    /// It is too short, or too long.
    #[error("a secret has {least} to {most} bytes, and this one has {0}", least = LENGTHS.start(), most = LENGTHS.end())]
    Length(usize),
}

impl AppSecret {
    /// The secret of these bytes.
    pub fn from_bytes(bytes: [u8; SECRET_LENGTH]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The secret that an app was given as text, in base32 (RFC 4648), with what fills it up to eight
    /// digits or without.
    ///
    /// # Errors
    /// When it is written otherwise, or is not of a length that is good for secrets.
    pub fn of_base32(text: &str) -> Result<Self, AppSecretError> {
        let digits = text.trim_end_matches('=');
        let filled = text.len() - digits.len();
        if filled > 0 && (filled > 6 || !text.len().is_multiple_of(8)) {
            return Err(AppSecretError::Base32);
        }
        let secret = totp_rs::Secret::try_from_base32(digits);
        let secret = secret.map_err(|_| AppSecretError::Base32)?;
        // One text for each secret: no small letters, and no bits that are left over.
        if *Zeroizing::new(secret.to_base32()) != *digits {
            return Err(AppSecretError::Base32);
        }
        let bytes = secret.as_ref();
        match LENGTHS.contains(&bytes.len()) {
            true => Ok(Self(Zeroizing::new(bytes.to_vec()))),
            false => Err(AppSecretError::Length(bytes.len())),
        }
    }

    /// A secret made of what was drawn for an account at one of its revisions. Where a source of entropy
    /// repeats what it draws, the secrets of two accounts still differ, and those of one account, too.
    pub fn new(drawn: &[u8; KEY_LENGTH], account: &AccountId, revision: u64) -> Self {
        let fields = [account.as_str().as_bytes(), &revision.to_be_bytes()];
        let digest = Zeroizing::new(keyed::mac_of_fields(drawn, PURPOSE, &fields));
        let bytes = digest.iter().copied().take(SECRET_LENGTH);
        Self(Zeroizing::new(bytes.collect()))
    }

    /// The secret that an app reads from an [address](Self::uri).
    pub fn of_uri(uri: &str) -> Option<Self> {
        let (_, query) = uri.strip_prefix("otpauth://totp/")?.split_once('?')?;
        let secret = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("secret="))?;
        Self::of_base32(secret).ok()
    }

    /// The secret, sealed under an account's data key. Nothing but its own digest is needed to tell
    /// what is sealed from all else that is.
    pub fn seal(&self, key: &SealKey, account: &AccountId) -> Option<SealedSecret> {
        let context = account.as_str().as_bytes();
        let nonce = keyed::mac_of_fields(key.reveal(), NONCE_PURPOSE, &[context, &self.0]);
        let nonce: &[u8; NONCE_LENGTH] = nonce.first_chunk()?;
        let sealed = sealed::seal(key, PURPOSE, context, &Nonce(*nonce), &self.0).ok()?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Some(SealedSecret(hex::encode(&bytes).into()))
    }

    /// The code that an app shows at an instant.
    pub fn code(&self, now: Timestamp) -> Zeroizing<String> {
        Zeroizing::new(self.totp().generate(seconds(now)).to_string())
    }

    /// The step of which a presented code is, looked for around an instant.
    pub fn step_of(&self, presented: &str, now: Timestamp) -> Option<u64> {
        self.totp().check(presented.trim(), seconds(now))
    }

    /// The address that apps read, as a picture of squares or by hand.
    pub fn uri(&self, issuer: &str, account: &AccountId) -> Zeroizing<String> {
        let secret = Zeroizing::new(self.totp().secret().to_base32());
        let (issuer, label) = (escaped(issuer), escaped(account.as_str()));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{label}?secret={}&issuer={issuer}",
            *secret
        ))
    }

    fn totp(&self) -> Totp {
        let builder = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(30)
            .with_secret(self.0.to_vec());
        // What its stricter sibling checks is fixed here.
        builder.build_noncompliant()
    }
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_ms()).unwrap_or_default() / 1_000
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: [u8; 20] = *b"12345678901234567890";

    fn id(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_ms(seconds * 1_000)
    }

    fn key(byte: u8) -> SealKey {
        SealKey::from_bytes([byte; 32])
    }

    /// RFC 6238, appendix B, the rows of SHA-1; of its eight digits these are the last six.
    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        let secret = AppSecret::from_bytes(RFC);
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(*secret.code(at(seconds)), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_for_its_step_and_those_beside_it() {
        let secret = AppSecret::from_bytes(RFC);
        let code = secret.code(at(3_000));
        let step = |now| secret.step_of(&code, at(now));
        assert_eq!(step(2_969), None);
        for now in [2_970, 3_000, 3_029, 3_059] {
            assert_eq!(step(now), Some(100), "{now}");
        }
        assert_eq!(step(3_060), None);
        for wrong in ["", "000000", "28708", "2870822", "abcdef", "\u{0}"] {
            assert_eq!(secret.step_of(wrong, at(3_000)), None, "{wrong}");
        }
    }

    #[test]
    fn a_step_counts_once_and_none_before_it_after_that() {
        let used = Authenticator::new(SealedSecret::default())
            .used(100)
            .unwrap();
        assert_eq!(used.used(100), None);
        assert_eq!(used.used(99), None);
        assert!(used.used(101).is_some());
    }

    #[test]
    fn what_is_sealed_opens_for_its_account_under_its_key_alone() {
        let secret = AppSecret::new(&[5; 32], &id("1001"), 3);
        let sealed = secret.seal(&key(1), &id("1001")).unwrap();
        let opened = sealed.open(&key(1), &id("1001")).unwrap();
        assert_eq!(*opened.0, *secret.0);
        assert!(sealed.open(&key(2), &id("1001")).is_none());
        assert!(sealed.open(&key(1), &id("1002")).is_none());
        assert!(SealedSecret::default().open(&key(1), &id("1001")).is_none());
        for (account, revision) in [("1002", 3), ("1001", 4)] {
            assert_ne!(
                *AppSecret::new(&[5; 32], &id(account), revision).0,
                *secret.0
            );
        }
    }

    #[test]
    fn what_an_app_was_given_is_read_in_one_form_alone() {
        let read = |text: &str| AppSecret::of_base32(text).map(|it| it.0.len());
        let (rfc, five) = ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "GEZDGNBV");
        assert_eq!(*AppSecret::of_base32(rfc).unwrap().0, RFC.to_vec());
        let sixteen = "GEZDGNBVGY3TQOJQGEZDGNBVGY";
        assert_eq!(read(sixteen), Ok(16));
        assert_eq!(read(&format!("{sixteen}======")), Ok(16));
        assert_eq!(read(&format!("{}GEZDGNA", five.repeat(12))), Ok(64));
        for wrong in [
            &rfc.to_lowercase(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ",
            "GEZDGNBVGY3TQOJQGEZDGNBVGZ",
            &format!("{sixteen}====="),
            &format!("{rfc}========"),
            "otpauth://totp/x",
        ] {
            assert_eq!(read(wrong), Err(AppSecretError::Base32), "{wrong}");
        }
        for (text, bytes) in [("", 0), (&*five.repeat(3), 15), (&*five.repeat(13), 65)] {
            assert_eq!(read(text), Err(AppSecretError::Length(bytes)));
        }
        let secret = AppSecret::of_base32(sixteen).unwrap();
        let sealed = secret.seal(&key(1), &id("1001")).unwrap();
        let opened = sealed.open(&key(1), &id("1001")).unwrap();
        assert_eq!(*opened.code(at(59)), *secret.code(at(59)));
    }

    #[test]
    fn apps_are_told_everything_and_nobody_else_anything() {
        let secret = AppSecret::from_bytes(RFC);
        assert_eq!(
            *secret.uri("resource account", &id("root@1001.example")),
            "otpauth://totp/resource%20account:root%401001.example\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=resource%20account"
        );
        let read = AppSecret::of_uri(&secret.uri("x", &id("1001"))).unwrap();
        assert_eq!(*read.0, RFC.to_vec());
        let sealed = secret.seal(&key(1), &id("1001")).unwrap();
        let shown = format!(
            "{secret:?} {sealed:?} {:?}",
            Authenticator::new(sealed.clone())
        );
        assert!(!shown.contains("GEZDGNBV") && !shown.contains(&*sealed.0));
    }
}
