//! Validated names and identifiers: the words of a lifecycle and the keys of its accounts.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use smol_str::{SmolStr, format_smolstr};
use thiserror::Error;

/// Why a piece of text is not a valid name or identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a valid {what}: {rule}")]
pub struct NameError {
    text: String,
    what: &'static str,
    rule: &'static str,
}

impl NameError {
    fn new(text: &str, what: &'static str, rule: &'static str) -> Self {
        let text = text.chars().take(80).collect();
        Self { text, what, rule }
    }

    /// What a valid text looks like, as a phrase for a help line.
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

/// Reads a text where it lies, without a copy of it, into what it is the form of.
struct Texts<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err = NameError>> Visitor<'_> for Texts<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Declares an identifier: a short text, mostly kept in place, that can only hold what `$valid`
/// accepts.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// The text, as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(NameError::new(text, $what, $rule))
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Texts(std::marker::PhantomData))
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

const NAME_LENGTH_MAX: usize = 64;
const ID_LENGTH_MAX: usize = 128;

fn is_snake_case(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= NAME_LENGTH_MAX
        && bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// `service:Name` or `service:Name/part`.
fn is_condition_key(text: &str) -> bool {
    let starts_with_letter = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    let Some((service, rest)) = text.split_once(':') else {
        return false;
    };
    let (name, part) = rest.split_once('/').unwrap_or((rest, "-"));
    text.len() <= ID_LENGTH_MAX
        && starts_with_letter(service)
        && service
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && starts_with_letter(name)
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && !part.is_empty()
        && part
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"\\`".contains(&b))
}

fn is_id(text: &str) -> bool {
    (1..=ID_LENGTH_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
}

identifier! {
    /// A declared word of a lifecycle: a workflow, state, transition, attribute, caller, quota, …
    Name, "name", "use snake_case: a lower-case letter, then at most 63 of a-z, 0-9 and _", is_snake_case
}
identifier! {
    /// The id of an account, given by whoever creates it.
    AccountId, "account id", "use 1 to 128 of A-Z, a-z, 0-9, '-', '_', '.' and '@'", is_id
}
identifier! {
    /// The id of an attempt, `att_…`; drawn from the decision's entropy.
    AttemptId, "attempt id", "an attempt id looks like att_0123456789abcdef", |t| {
        t.strip_prefix("att_").is_some_and(is_id)
    }
}
identifier! {
    /// The id of an outbox message, `msg_…`; couriers hand it on so that receivers can drop repeats.
    MessageId, "message id", "a message id looks like msg_0123456789abcdef", |t| {
        t.strip_prefix("msg_").is_some_and(is_id)
    }
}
identifier! {
    /// A caller-chosen key under which a repeated request gets its first answer again.
    IdempotencyKey, "idempotency key", "use 1 to 128 of A-Z, a-z, 0-9, '-', '_', '.' and '@'", is_id
}
identifier! {
    /// What policy documents call a fact about a request: `acs:SourceIp`, `acs:RequestTag/team`.
    /// Two keys are the same whatever the case of their letters, but for what stands behind `/`, the
    /// name of a tag; see [`ConditionKey::is`].
    ConditionKey, "condition key",
    "write `service:Name` or `service:Name/part`, such as acs:SourceIp", is_condition_key
}

impl ConditionKey {
    /// Whether a text is this key: in any case up to a `/`, and letter by letter behind it, since
    /// tags that differ in case are different tags.
    pub fn is(&self, text: &str) -> bool {
        match (self.0.split_once('/'), text.split_once('/')) {
            (Some((key, tag)), Some((other_key, other_tag))) => {
                key.eq_ignore_ascii_case(other_key) && tag == other_tag
            }
            (None, None) => self.0.eq_ignore_ascii_case(text),
            _ => false,
        }
    }

    /// The key in the one spelling that all those have that are the same.
    pub fn folded(&self) -> String {
        match self.0.split_once('/') {
            Some((key, tag)) => format!("{}/{tag}", key.to_ascii_lowercase()),
            None => self.0.to_ascii_lowercase(),
        }
    }
}

/// Digits of drawn ids: Crockford's base 32, which has no `i`, `l`, `o` and `u` to misread.
const ID_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Eighty drawn bits as sixteen digits after a prefix.
fn drawn_id(prefix: &str, bytes: [u8; 10]) -> SmolStr {
    let bits = bytes
        .iter()
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let digit = |place: u32| {
        let index = usize::try_from(bits >> (place * 5) & 31).unwrap_or_default();
        ID_DIGITS.get(index).copied().map_or('0', char::from)
    };
    prefix.chars().chain((0..16).rev().map(digit)).collect()
}

impl AttemptId {
    /// The id that eighty drawn bits spell.
    pub fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(drawn_id("att_", bytes))
    }
}

impl MessageId {
    /// The id that eighty drawn bits spell.
    pub fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(drawn_id("msg_", bytes))
    }
}

impl IdempotencyKey {
    /// The key that the bytes of a digest spell.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(crate::hex::encode(&bytes).into())
    }
}

/// The full name of a transition, written `workflow.transition`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransitionName {
    /// The workflow that declares it.
    pub workflow: Name,
    /// Its name within the workflow.
    pub transition: Name,
}

impl FromStr for TransitionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (workflow, transition) = text.split_once('.').ok_or_else(|| {
            NameError::new(text, "transition name", "write `workflow.transition`")
        })?;
        Ok(Self {
            workflow: workflow.parse()?,
            transition: transition.parse()?,
        })
    }
}

impl Serialize for TransitionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_smolstr!("{self}"))
    }
}

impl<'de> Deserialize<'de> for TransitionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Texts(std::marker::PhantomData))
    }
}

impl fmt::Display for TransitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.workflow, self.transition)
    }
}

/// The name closest to `wanted` among `known`, if one is close enough to be a likely typo.
pub fn closest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), name))
        .filter(|(similarity, _)| *similarity >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case() {
        for good in ["a", "mobile_phone", "r2_d2"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", "Mobile", "2fast", "mobile-phone", "_x", &"a".repeat(65)] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_that_differ_in_case_are_different_keys() {
        let key = |text: &str| -> ConditionKey { text.parse().unwrap() };
        assert!(key("acs:SourceIp").is("ACS:sourceip"));
        assert!(key("acs:RequestTag/TEAM").is("ACS:requesttag/TEAM"));
        assert!(!key("acs:RequestTag/TEAM").is("acs:RequestTag/team"));
        assert!(!key("acs:RequestTag").is("acs:RequestTag/team"));
        assert_eq!(key("ACS:RequestTag/TEAM").folded(), "acs:requesttag/TEAM");
    }

    #[test]
    fn condition_keys_have_a_service_and_a_name() {
        for good in [
            "acs:SourceIp",
            "ram:ServiceName",
            "kms:tag/a",
            "acs:RequestTag/cost:center=1/x",
            "a-b2:c.d_e-f",
        ] {
            assert!(good.parse::<ConditionKey>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "SourceIp",
            ":SourceIp",
            "acs:",
            "acs:/x",
            "acs:Tag/",
            "acs:Source Ip",
            "acs:Tag/a\"b",
            "acs:1",
            "2fa:On",
            "acs:T\u{e4}g",
            &format!("acs:{}", "a".repeat(125)),
        ] {
            assert!(bad.parse::<ConditionKey>().is_err(), "{bad}");
        }
        let key: ConditionKey = "acs:SourceIp".parse().unwrap();
        assert!(key.is("ACS:sourceip") && !key.is("acs:SourceIpx"));
    }

    #[test]
    fn drawn_ids_are_valid_and_differ_in_every_bit() {
        let low = AttemptId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(low.as_str(), "att_0000000000000001");
        assert_eq!(
            MessageId::from_bytes([255; 10]).as_str(),
            "msg_zzzzzzzzzzzzzzzz"
        );
        assert_eq!(low.as_str().parse::<AttemptId>().unwrap(), low);
    }

    #[test]
    fn transition_names_have_two_parts() {
        let name: TransitionName = "mobile_phone.bind".parse().unwrap();
        assert_eq!(name.to_string(), "mobile_phone.bind");
        assert!("bind".parse::<TransitionName>().is_err());
        assert!("a.b.c".parse::<TransitionName>().is_err());
    }

    #[test]
    fn a_typo_finds_its_name() {
        assert_eq!(
            closest("sms_cod", ["sms_code", "email_code"]),
            Some("sms_code")
        );
        assert_eq!(closest("zebra", ["sms_code"]), None);
    }
}
