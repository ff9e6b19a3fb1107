//! The pure functions of the language: one table of names, types, words and native code, from which
//! the checker types, both engines run, and the reference is written.

use std::time::Duration;

use super::fault::Fault;
use super::relation::{Relation, text};
use super::{Type, Val};
use crate::value::phone;
use crate::wildcard::Case;
use crate::words::{begins_with, ends_with};

/// What a function asks of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// A name, which may be unset.
    Name,
    /// Any kind of text but a secret.
    Text,
    /// Text, or several texts.
    TextOrTexts,
    /// Text, or a list of texts of which any will do.
    AnyText,
    /// A whole number.
    Int,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// An IP address.
    Ip,
    /// An address or a network that is written out, or a list of them of which any will do.
    Networks,
    /// A time that is written out.
    Instant,
}

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called, for people.
    pub signature: &'static str,
    /// What it gives, in one sentence.
    pub about: &'static str,
    /// What it asks for.
    pub parameters: &'static [Parameter],
    /// The type of its result.
    pub result: Type,
    /// A condition that uses it.
    pub example: &'static str,
    /// Whether it can fail on arguments of the right types.
    pub(super) can_fail: bool,
    pub(super) run: Run,
}

/// The native code of a function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    One(for<'a> fn(Val<'a>) -> Result<Got<'a>, Fault>),
    Two(for<'a> fn(Val<'a>, Val<'a>) -> Result<Got<'a>, Fault>),
    /// Whether something holds between the first value and any of the others.
    Any(Relation),
}

/// A value that was computed: borrowed wherever possible, so that evaluation need not allocate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Got<'a> {
    Val(Val<'a>),
    Text(Box<str>),
}

impl Got<'_> {
    pub(super) fn val(&self) -> Val<'_> {
        match self {
            Self::Val(val) => *val,
            Self::Text(text) => Val::Text(text),
        }
    }

    /// The same value, borrowing nothing; several texts are never computed, so they cannot occur.
    pub(super) fn detach(self) -> Result<Got<'static>, Fault> {
        Ok(match self {
            Self::Val(Val::Text(text)) => Got::Text(text.into()),
            Self::Text(text) => Got::Text(text),
            Self::Val(Val::Unset) => Got::Val(Val::Unset),
            Self::Val(Val::Bool(truth)) => Got::Val(Val::Bool(truth)),
            Self::Val(Val::Int(number)) => Got::Val(Val::Int(number)),
            Self::Val(Val::Time(at)) => Got::Val(Val::Time(at)),
            Self::Val(Val::Duration(duration)) => Got::Val(Val::Duration(duration)),
            Self::Val(Val::Ip(address)) => Got::Val(Val::Ip(address)),
            Self::Val(Val::Texts(_)) => return Err(Fault::UNEXPECTED_KIND),
        })
    }
}

impl<'a> From<Val<'a>> for Got<'a> {
    fn from(val: Val<'a>) -> Self {
        Self::Val(val)
    }
}

/// The function of a name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Every function of the language.
pub static FUNCTIONS: [Function; 17] = [
    Function {
        name: "has",
        signature: "has(name) -> bool",
        about: "Whether a name has a value.",
        parameters: &[Parameter::Name],
        result: Type::Bool,
        example: "!has(context.mfa) || context.mfa == false",
        can_fail: false,
        run: Run::One(|value| Ok(Val::Bool(value != Val::Unset).into())),
    },
    Function {
        name: "phone_country",
        signature: "phone_country(phone) -> country",
        about: "The country that a phone number belongs to; fails for numbers of no country.",
        parameters: &[Parameter::Phone],
        result: Type::Country,
        example: "has(account.phone) && phone_country(account.phone) == account.country",
        can_fail: true,
        run: Run::One(phone_country),
    },
    Function {
        name: "email_domain",
        signature: "email_domain(email) -> text",
        about: "What stands after the `@` of an address, in lower case.",
        parameters: &[Parameter::Email],
        result: Type::Text,
        example: "email_domain(account.email) == \"example.com\"",
        can_fail: true,
        run: Run::One(email_domain),
    },
    Function {
        name: "starts_with",
        signature: "starts_with(text, start) -> bool",
        about: "Whether a text starts with another.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        example: "starts_with(resource, \"acs:ram:\")",
        can_fail: false,
        run: Run::Two(|value, start| both(value, start, begins_with)),
    },
    Function {
        name: "ends_with",
        signature: "ends_with(text, end) -> bool",
        about: "Whether a text ends with another.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        example: "ends_with(email_domain(account.email), \".example.com\")",
        can_fail: false,
        run: Run::Two(|value, end| both(value, end, ends_with)),
    },
    Function {
        name: "contains",
        signature: "contains(text, part) -> bool",
        about: "Whether a text contains another.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        example: "contains(resource, \":user/\")",
        can_fail: false,
        run: Run::Two(|value, part| both(value, part, |value, part| value.contains(part))),
    },
    Function {
        name: "covers",
        signature: "covers(list, items) -> bool",
        about: "Whether every item of the second text is one of the first; commas separate them.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        example: "covers(\"user, group, role\", \"role, user\")",
        can_fail: false,
        run: Run::Two(|list, items| both(list, items, covers)),
    },
    Function {
        name: "like",
        signature: "like(text, pattern or [pattern, ..]) -> bool",
        about: "Whether a text has the form of a pattern, or of any of a list: `*` is any characters, `?` is one.",
        parameters: &[Parameter::Text, Parameter::AnyText],
        result: Type::Bool,
        example: "like(resource, [\"acs:ram:*:user/*\", \"acs:ram:*:group/*\"])",
        can_fail: false,
        run: Run::Any(Relation::Like(Case::Kept)),
    },
    Function {
        name: "like_any_case",
        signature: "like_any_case(text, pattern or [pattern, ..]) -> bool",
        about: "As `like`, without regard to the case of A to Z.",
        parameters: &[Parameter::Text, Parameter::AnyText],
        result: Type::Bool,
        example: "like_any_case(principal.name, \"ram_user/OPS-*\")",
        can_fail: false,
        run: Run::Any(Relation::Like(Case::Ignored)),
    },
    Function {
        name: "same_text",
        signature: "same_text(text, other or [other, ..]) -> bool",
        about: "Whether a text equals another, or any of a list, without regard to the case of A to Z.",
        parameters: &[Parameter::Text, Parameter::AnyText],
        result: Type::Bool,
        example: "same_text(principal.name, [\"ram_user/Lin\", \"ram_user/Kim\"])",
        can_fail: false,
        run: Run::Any(Relation::SameText),
    },
    Function {
        name: "ip_in",
        signature: "ip_in(ip, network or [network, ..]) -> bool",
        about: "Whether an address is one of a network, or of any of a list; networks are written out.",
        parameters: &[Parameter::Ip, Parameter::Networks],
        result: Type::Bool,
        example: "has(context.source_ip) && ip_in(context.source_ip, [\"192.0.2.0/24\", \"203.0.113.2\"])",
        can_fail: false,
        run: Run::Any(Relation::IpIn),
    },
    Function {
        name: "lower",
        signature: "lower(text) -> text",
        about: "The text in lower case (A to Z only, so that it means the same everywhere).",
        parameters: &[Parameter::Text],
        result: Type::Text,
        example: "lower(principal.name) == \"ram_user/ops\"",
        can_fail: false,
        run: Run::One(lower),
    },
    Function {
        name: "len",
        signature: "len(text or texts) -> int",
        about: "How many characters a text has, or how many texts there are.",
        parameters: &[Parameter::TextOrTexts],
        result: Type::Int,
        example: "len(principal.groups) > 0",
        can_fail: false,
        run: Run::One(len),
    },
    Function {
        name: "time",
        signature: "time(\"2026-11-22T08:30:00Z\") -> time",
        about: "An instant that is written out, in UTC or with an offset (`+08:00`).",
        parameters: &[Parameter::Instant],
        result: Type::Time,
        example: "now < time(\"2027-01-01T00:00:00+08:00\")",
        can_fail: true,
        run: Run::One(instant),
    },
    Function {
        name: "minutes",
        signature: "minutes(int) -> duration",
        about: "So many minutes; fails for a negative number.",
        parameters: &[Parameter::Int],
        result: Type::Duration,
        example: "now - account.created_at > minutes(30)",
        can_fail: true,
        run: Run::One(|count| duration(count, 60)),
    },
    Function {
        name: "hours",
        signature: "hours(int) -> duration",
        about: "So many hours; fails for a negative number.",
        parameters: &[Parameter::Int],
        result: Type::Duration,
        example: "now >= account.created_at + hours(24)",
        can_fail: true,
        run: Run::One(|count| duration(count, 3_600)),
    },
    Function {
        name: "days",
        signature: "days(int) -> duration",
        about: "So many times 24 hours; fails for a negative number.",
        parameters: &[Parameter::Int],
        result: Type::Duration,
        example: "now - account.created_at <= days(14)",
        can_fail: true,
        run: Run::One(|count| duration(count, 86_400)),
    },
];

fn both<'a>(
    left: Val<'a>,
    right: Val<'a>,
    relation: fn(&str, &str) -> bool,
) -> Result<Got<'a>, Fault> {
    Ok(Val::Bool(relation(text(left)?, text(right)?)).into())
}

fn covers(list: &str, items: &str) -> bool {
    let known = |item: &str| list.split(',').any(|known| known.trim() == item);
    let items = items.split(',').map(str::trim);
    items.filter(|item| !item.is_empty()).all(known)
}

fn phone_country(number: Val<'_>) -> Result<Got<'_>, Fault> {
    let country = phone::country(text(number)?);
    let country = country.ok_or(Fault::Failed("the phone number belongs to no country"))?;
    Ok(Val::Text(country).into())
}

fn email_domain(address: Val<'_>) -> Result<Got<'_>, Fault> {
    let (_, domain) = text(address)?
        .rsplit_once('@')
        .ok_or(Fault::Failed("the e-mail address has no domain"))?;
    lower(Val::Text(domain))
}

fn lower(value: Val<'_>) -> Result<Got<'_>, Fault> {
    let value = text(value)?;
    if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(Got::Text(value.to_ascii_lowercase().into()));
    }
    Ok(Val::Text(value).into())
}

fn len(value: Val<'_>) -> Result<Got<'_>, Fault> {
    let length = match value {
        Val::Texts(texts) => texts.len(),
        other => text(other)?.chars().count(),
    };
    let length = i64::try_from(length).map_err(|_| Fault::OVERFLOW)?;
    Ok(Val::Int(length).into())
}

fn instant(written: Val<'_>) -> Result<Got<'_>, Fault> {
    let at = text(written)?.parse();
    let at = at.map_err(|_| Fault::Failed("a text is not a time"))?;
    Ok(Val::Time(at).into())
}

fn duration(count: Val<'_>, seconds: u64) -> Result<Got<'_>, Fault> {
    let count = match count {
        Val::Int(count) => count,
        Val::Unset => return Err(Fault::Unset(None)),
        _ => return Err(Fault::UNEXPECTED_KIND),
    };
    let count = u64::try_from(count).map_err(|_| Fault::Failed("a duration is negative"))?;
    let seconds = count.checked_mul(seconds).ok_or(Fault::OVERFLOW)?;
    Ok(Val::Duration(Duration::from_secs(seconds)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_itself() {
        for function in &FUNCTIONS {
            let parameters = match function.run {
                Run::One(_) => 1,
                Run::Two(_) | Run::Any(_) => 2,
            };
            assert_eq!(function.parameters.len(), parameters, "{}", function.name);
            assert!(function.signature.starts_with(function.name));
            assert_eq!(super::function(function.name).unwrap().name, function.name);
        }
    }

    #[test]
    fn durations_are_checked() {
        assert!(duration(Val::Int(-1), 60).is_err());
        assert!(duration(Val::Int(i64::MAX), 86_400).is_err());
        assert!(duration(Val::Unset, 60).is_err());
    }
}
