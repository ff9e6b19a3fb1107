//! Typed values: what attributes and inputs can hold, how they are read, and how they are shown.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::name::{AccountId, Name};
use crate::network;
use crate::time::{Timestamp, format_duration, parse_duration};

/// The type of an attribute, an input or a context fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// Free text, at most 1,024 bytes, without control characters.
    Text,
    /// A signed 64-bit integer.
    Int,
    /// `true` or `false`.
    Bool,
    /// An instant, written as RFC 3339.
    Time,
    /// A duration, written `10m`, `24h`.
    Duration,
    /// A telephone number of the public numbering plan, kept as E.164 (`+6591234567`).
    Phone,
    /// A mailbox address; the domain is kept in lower case.
    Email,
    /// An ISO 3166-1 alpha-2 country code.
    Country,
    /// The id of an account.
    AccountId,
    /// An IPv4 or IPv6 address; `::ffff:192.0.2.1` is `192.0.2.1`.
    Ip,
    /// One of the listed words.
    OneOf(Arc<[Name]>),
    /// Text that is never kept in clear: only its keyed digest enters the engine.
    Secret,
}

/// A value of one of the [`ValueType`]s.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// [`ValueType::Text`].
    Text(Arc<str>),
    /// [`ValueType::Int`].
    Int(i64),
    /// [`ValueType::Bool`].
    Bool(bool),
    /// [`ValueType::Time`].
    Time(Timestamp),
    /// [`ValueType::Duration`].
    Duration(Duration),
    /// [`ValueType::Phone`], in E.164.
    Phone(Arc<str>),
    /// [`ValueType::Email`].
    Email(Arc<str>),
    /// [`ValueType::Country`].
    Country(Arc<str>),
    /// [`ValueType::AccountId`].
    AccountId(AccountId),
    /// [`ValueType::OneOf`].
    OneOf(Name),
    /// [`ValueType::Secret`]: the digest, never the text.
    Secret(Arc<str>),
    /// [`ValueType::Ip`], in canonical form.
    Ip(IpAddr),
}

/// Why a text is not a value of its type. The text itself is not repeated: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected {expected}")]
pub struct ValueError {
    expected: String,
}

impl ValueError {
    fn new(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
        }
    }

    /// The expected form, as a phrase.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

const TEXT_LENGTH_MAX: usize = 1_024;

impl ValueType {
    /// The type's name as it is written in a lifecycle file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Country => "country",
            Self::AccountId => "account_id",
            Self::Ip => "ip",
            Self::OneOf(_) => "one_of",
            Self::Secret => "secret",
        }
    }

    /// Reads a value of this type.
    ///
    /// A secret is not read here but sealed first, by whoever holds the key: its text is refused.
    ///
    /// # Errors
    /// When the text has not the form that the type asks for; the error names that form.
    pub fn parse(&self, text: &str) -> Result<Value, ValueError> {
        if text.len() > TEXT_LENGTH_MAX {
            return Err(ValueError::new(format!("at most {TEXT_LENGTH_MAX} bytes")));
        }
        match self {
            Self::Text if text.chars().any(char::is_control) => {
                Err(ValueError::new("text without control characters"))
            }
            Self::Text => Ok(Value::Text(text.into())),
            Self::Int => text
                .parse()
                .map(Value::Int)
                .map_err(|_| ValueError::new("a whole number such as 42")),
            Self::Bool => text
                .parse()
                .map(Value::Bool)
                .map_err(|_| ValueError::new("`true` or `false`")),
            Self::Time => text
                .parse()
                .map(Value::Time)
                .map_err(|_| ValueError::new("an RFC 3339 time such as 2026-11-22T08:30:00Z")),
            Self::Duration => parse_duration(text)
                .map(Value::Duration)
                .map_err(|_| ValueError::new("a duration such as 30s, 10m, 24h or 14d")),
            Self::Phone => phone::parse(text).map(|e164| Value::Phone(e164.into())),
            Self::Email => email(text).map(|address| Value::Email(address.into())),
            Self::Country => country(text).map(|code| Value::Country(code.into())),
            Self::AccountId => text.parse().map(Value::AccountId).map_err(|_| {
                ValueError::new("an account id: 1 to 128 of A-Z, a-z, 0-9, -, _, ., @")
            }),
            Self::Ip => network::address(text)
                .map(Value::Ip)
                .ok_or_else(|| ValueError::new("an IP address such as 192.0.2.1 or 2001:db8::1")),
            Self::OneOf(words) => words
                .iter()
                .find(|word| word.as_str() == text)
                .map(|word| Value::OneOf(word.clone()))
                .ok_or_else(|| ValueError::new(one_of(words))),
            Self::Secret => Err(ValueError::new("a sealed secret")),
        }
    }
}

impl ValueType {
    /// Takes the sealed digest of a secret as a value of this type.
    ///
    /// # Errors
    /// When the type is not [`ValueType::Secret`]: what was sealed cannot be read.
    pub fn sealed(&self, digest: &Arc<str>) -> Result<Value, ValueError> {
        match self {
            Self::Secret => Ok(Value::Secret(digest.clone())),
            _ => Err(ValueError::new(format!("{} in clear", self.name()))),
        }
    }
}

fn one_of(words: &[Name]) -> String {
    let words: Vec<&str> = words.iter().map(Name::as_str).collect();
    format!("one of {}", words.join(", "))
}

fn email(text: &str) -> Result<String, ValueError> {
    let expected = || ValueError::new("an e-mail address such as ops@example.com");
    let address: email_address::EmailAddress = text.parse().map_err(|_| expected())?;
    if text.chars().any(char::is_control) || address.display_part() != "" {
        return Err(expected());
    }
    Ok(format!(
        "{}@{}",
        address.local_part(),
        address.domain().to_ascii_lowercase()
    ))
}

fn country(text: &str) -> Result<&'static str, ValueError> {
    rust_iso3166::from_alpha2(text)
        .map(|country| country.alpha2)
        .ok_or_else(|| ValueError::new("an ISO 3166-1 alpha-2 country code such as SG"))
}

impl Value {
    /// The value's text form, in full.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Phone(text) | Self::Email(text) | Self::Country(text) => {
                text.as_ref().to_owned()
            }
            Self::Int(number) => number.to_string(),
            Self::Bool(truth) => truth.to_string(),
            Self::Time(at) => at.to_string(),
            Self::Duration(duration) => format_duration(*duration),
            Self::AccountId(id) => id.to_string(),
            Self::OneOf(word) => word.to_string(),
            Self::Ip(address) => address.to_string(),
            Self::Secret(_) => "(secret)".to_owned(),
        }
    }

    /// The value with its personal part hidden: enough to recognise, not enough to use.
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(e164) => phone::mask(e164),
            Self::Email(address) => mask_email(address),
            Self::Secret(_) => self.text(),
            _ => mask_text(&self.text()),
        }
    }
}

fn mask_email(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

fn mask_text(text: &str) -> String {
    let first: String = text.chars().take(1).collect();
    format!("{first}***")
}

impl fmt::Debug for Value {
    /// Masked where it may be personal: values travel through logs, and a text may say anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) | Self::Phone(_) | Self::Email(_) | Self::Ip(_) | Self::Secret(_) => {
                f.write_str(&self.masked())
            }
            _ => write!(f, "{:?}", self.text()),
        }
    }
}

/// Telephone numbers, by libphonenumber's metadata.
pub mod phone {
    use std::panic::catch_unwind;

    use phonenumber::country::Id;

    use super::ValueError;

    /// Reads an international number (`+65 9123 4567` or the domain's `65-91234567`) into E.164.
    ///
    /// # Errors
    /// When it is not a possible number of any country's plan.
    pub fn parse(text: &str) -> Result<String, ValueError> {
        let expected = || {
            ValueError::new(
                "a phone number with its country code, such as +65 9123 4567 or 65-91234567",
            )
        };
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_digit() || b" +-()".contains(&b));
        if !plain || text.len() > 40 {
            return Err(expected());
        }
        let international = if text.starts_with('+') {
            text.to_owned()
        } else {
            format!("+{text}")
        };
        let number = read(&international).ok_or_else(expected)?;
        if !phonenumber::is_valid(&number) {
            return Err(expected());
        }
        Ok(number.format().mode(phonenumber::Mode::E164).to_string())
    }

    /// The country a number belongs to, as its ISO 3166-1 alpha-2 code.
    pub fn country(e164: &str) -> Option<&'static str> {
        let id: Id = read(e164)?.country().id()?;
        super::country(id.as_ref()).ok()
    }

    /// The number with all but its calling code and last four digits hidden: `+65-****1234`.
    pub fn mask(e164: &str) -> String {
        let code = read(e164).map_or(0, |number| number.country().code());
        let tail: String = {
            let digits: Vec<char> = e164.chars().collect();
            digits.iter().skip(digits.len().saturating_sub(4)).collect()
        };
        format!("+{code}-****{tail}")
    }

    /// Numbers of a country's plan that are well formed, a few of them.
    pub fn examples(country: &str) -> Vec<String> {
        let example = || {
            let metadata = phonenumber::metadata::DATABASE.by_id(country)?;
            let kinds = metadata.descriptors();
            let mobile = kinds.mobile().and_then(|kind| kind.example());
            let number = mobile.or_else(|| kinds.general().example())?;
            Some(format!("+{}{number}", metadata.country_code()))
        };
        let Some(first) = catch_unwind(example).ok().flatten() else {
            return Vec::new();
        };
        let stem: String = first.chars().take(first.chars().count() - 1).collect();
        let last = ('0'..='9').map(|digit| format!("{stem}{digit}"));
        let numbers = std::iter::once(first).chain(last);
        let mut found: Vec<String> = numbers.filter_map(|text| parse(&text).ok()).collect();
        found.retain(|number| self::country(number) == Some(country));
        let rest = found.split_off(found.len().min(1));
        found.extend(rest.into_iter().take(4));
        found.dedup();
        found
    }

    /// The metadata parser is not ours and has panicked on odd input before: a panic is "no number".
    fn read(text: &str) -> Option<phonenumber::PhoneNumber> {
        catch_unwind(|| phonenumber::parse(None, text).ok())
            .ok()
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: ValueType, text: &str) -> Result<String, String> {
        kind.parse(text)
            .map(|value| value.text())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn phones_are_kept_as_e164() {
        assert_eq!(
            parse(ValueType::Phone, "65-91234567").unwrap(),
            "+6591234567"
        );
        assert_eq!(
            parse(ValueType::Phone, "+44 7400 123456").unwrap(),
            "+447400123456"
        );
        for bad in [
            "",
            "91234567",
            "+65",
            "+999123",
            "65-9123456x",
            "+65 0000 0000",
        ] {
            assert!(parse(ValueType::Phone, bad).is_err(), "{bad}");
        }
        assert_eq!(phone::country("+6591234567"), Some("SG"));
        assert_eq!(phone::country("+447400123456"), Some("GB"));
    }

    #[test]
    fn emails_have_a_mailbox_and_a_domain() {
        assert_eq!(
            parse(ValueType::Email, "Ops@Example.COM").unwrap(),
            "Ops@example.com"
        );
        for bad in [
            "ops",
            "ops@",
            "@example.com",
            "Ops <ops@example.com>",
            "a\n@b.c",
        ] {
            assert!(parse(ValueType::Email, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn countries_are_iso_3166() {
        assert!(parse(ValueType::Country, "SG").is_ok());
        assert!(parse(ValueType::Country, "XX").is_err());
        assert!(parse(ValueType::Country, "sg").is_err());
    }

    #[test]
    fn addresses_have_one_form() {
        for (text, kept) in [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(parse(ValueType::Ip, text).unwrap(), kept);
        }
        for bad in ["", "192.0.2.0/24", "192.0.2.256", "localhost"] {
            assert!(parse(ValueType::Ip, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn stored_values_are_told_apart_by_name() {
        // As rows had them before there were addresses: one key, which is the type's name.
        let stored = b"\x81\xa4Text\xa3Lin";
        let read: Value = rmp_serde::from_slice(stored).unwrap();
        assert_eq!(read.text(), "Lin");
        assert_eq!(rmp_serde::to_vec(&read).unwrap(), stored);
        for text in ["192.0.2.1", "2001:db8::1"] {
            let address = ValueType::Ip.parse(text).unwrap();
            let stored = rmp_serde::to_vec(&address).unwrap();
            assert!(stored.starts_with(b"\x81\xa2Ip"));
            assert_eq!(rmp_serde::from_slice::<Value>(&stored).unwrap(), address);
            let written = serde_json::to_string(&address).unwrap();
            assert_eq!(written, format!("{{\"Ip\":\"{text}\"}}"));
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), address);
        }
    }

    #[test]
    fn personal_values_hide_in_debug() {
        let phone = ValueType::Phone.parse("65-91234567").unwrap();
        assert_eq!(format!("{phone:?}"), "+65-****4567");
        let name = ValueType::Text.parse("Lin Ltd").unwrap();
        assert_eq!(format!("{name:?}"), "L***");
        let email = ValueType::Email.parse("ops@example.com").unwrap();
        assert_eq!(format!("{email:?}"), "o***@example.com");
        assert_eq!(Value::Secret("digest".into()).text(), "(secret)");
    }
}
