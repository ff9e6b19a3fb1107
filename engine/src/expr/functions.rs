//! The pure functions of the language: one table of names, types, words and native code, from which
//! the checker types, both engines run, and the reference is written.

use std::time::Duration;

use super::fault::Fault;
use super::{Type, Val};
use crate::value::phone;

/// What a function asks of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// A name, which may be unset.
    Name,
    /// Any kind of text but a secret.
    Text,
    /// Text, or several texts.
    TextOrTexts,
    /// A whole number.
    Int,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
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
    /// Whether it can fail on arguments of the right types.
    pub(super) can_fail: bool,
    pub(super) run: Run,
}

/// The native code of a function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    One(for<'a> fn(Val<'a>) -> Result<Got<'a>, Fault>),
    Two(for<'a> fn(Val<'a>, Val<'a>) -> Result<Got<'a>, Fault>),
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
pub static FUNCTIONS: [Function; 12] = [
    Function {
        name: "has",
        signature: "has(name) -> bool",
        about: "Whether a name has a value.",
        parameters: &[Parameter::Name],
        result: Type::Bool,
        can_fail: false,
        run: Run::One(|value| Ok(Val::Bool(value != Val::Unset).into())),
    },
    Function {
        name: "phone_country",
        signature: "phone_country(phone) -> country",
        about: "The country that a phone number belongs to; fails for numbers of no country.",
        parameters: &[Parameter::Phone],
        result: Type::Country,
        can_fail: true,
        run: Run::One(phone_country),
    },
    Function {
        name: "email_domain",
        signature: "email_domain(email) -> text",
        about: "What stands after the `@` of an address, in lower case.",
        parameters: &[Parameter::Email],
        result: Type::Text,
        can_fail: true,
        run: Run::One(email_domain),
    },
    Function {
        name: "starts_with",
        signature: "starts_with(text, start) -> bool",
        about: "Whether a text starts with another.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        can_fail: false,
        run: Run::Two(|value, start| both(value, start, |value, start| value.starts_with(start))),
    },
    Function {
        name: "ends_with",
        signature: "ends_with(text, end) -> bool",
        about: "Whether a text ends with another.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        can_fail: false,
        run: Run::Two(|value, end| both(value, end, |value, end| value.ends_with(end))),
    },
    Function {
        name: "contains",
        signature: "contains(text, part) -> bool",
        about: "Whether a text contains another.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        can_fail: false,
        run: Run::Two(|value, part| both(value, part, |value, part| value.contains(part))),
    },
    Function {
        name: "like",
        signature: "like(text, pattern) -> bool",
        about: "Whether a text has the form of a pattern: `*` is any characters, `?` is one.",
        parameters: &[Parameter::Text, Parameter::Text],
        result: Type::Bool,
        can_fail: false,
        run: Run::Two(|value, pattern| both(value, pattern, like)),
    },
    Function {
        name: "lower",
        signature: "lower(text) -> text",
        about: "The text in lower case (A to Z only, so that it means the same everywhere).",
        parameters: &[Parameter::Text],
        result: Type::Text,
        can_fail: false,
        run: Run::One(lower),
    },
    Function {
        name: "len",
        signature: "len(text or texts) -> int",
        about: "How many characters a text has, or how many texts there are.",
        parameters: &[Parameter::TextOrTexts],
        result: Type::Int,
        can_fail: false,
        run: Run::One(len),
    },
    Function {
        name: "minutes",
        signature: "minutes(int) -> duration",
        about: "So many minutes; fails for a negative number.",
        parameters: &[Parameter::Int],
        result: Type::Duration,
        can_fail: true,
        run: Run::One(|count| duration(count, 60)),
    },
    Function {
        name: "hours",
        signature: "hours(int) -> duration",
        about: "So many hours; fails for a negative number.",
        parameters: &[Parameter::Int],
        result: Type::Duration,
        can_fail: true,
        run: Run::One(|count| duration(count, 3_600)),
    },
    Function {
        name: "days",
        signature: "days(int) -> duration",
        about: "So many times 24 hours; fails for a negative number.",
        parameters: &[Parameter::Int],
        result: Type::Duration,
        can_fail: true,
        run: Run::One(|count| duration(count, 86_400)),
    },
];

fn text(value: Val<'_>) -> Result<&str, Fault> {
    match value {
        Val::Text(text) => Ok(text),
        Val::Unset => Err(Fault::Unset(None)),
        _ => Err(Fault::UNEXPECTED_KIND),
    }
}

fn both<'a>(
    left: Val<'a>,
    right: Val<'a>,
    relation: fn(&str, &str) -> bool,
) -> Result<Got<'a>, Fault> {
    Ok(Val::Bool(relation(text(left)?, text(right)?)).into())
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

/// Whether `text` has the form of `pattern`. Greedy with one point of return, so the work is at
/// most the product of the lengths, and both are bounded.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = text.chars();
    let mut form = pattern.chars();
    let mut last_star = None;
    loop {
        let (here, wanted) = (rest.clone(), form.clone());
        match (rest.next(), form.next()) {
            (None, None) => return true,
            (_, Some('*')) => {
                last_star = Some((here.clone(), form.clone()));
                rest = here;
            }
            (Some(_), Some('?')) => {}
            (Some(found), Some(expected)) if found == expected => {}
            // Nothing is left of the text: what is left of the pattern can only be stars.
            (None, Some(_)) => return wanted.clone().all(|c| c == '*'),
            (Some(_), _) => {
                let Some((mut from, after)) = last_star.take() else {
                    return false;
                };
                // The last star takes one character more.
                from.next();
                rest = from.clone();
                form = after.clone();
                last_star = Some((from, after));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_policies() {
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "*", true),
            ("", "?", false),
            ("abc", "a*c", true),
            ("abc", "a?c", true),
            ("abc", "a?", false),
            ("abcbc", "*bc", true),
            ("rd-3G/r-Wm/fd-A", "rd-3G/*", true),
            ("rd-3G", "rd-3G/*", false),
            ("z\u{fc}rich", "z?rich", true),
            ("ab", "a*b*c", false),
            ("a*b", "a*b", true),
            ("axxxb", "a*b**", true),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} like {pattern}");
        }
        let hostile = "a".repeat(2_000);
        assert!(!like(&hostile, &format!("{}b", "*a".repeat(1_000))));
    }

    #[test]
    fn the_table_agrees_with_itself() {
        for function in &FUNCTIONS {
            let parameters = match function.run {
                Run::One(_) => 1,
                Run::Two(_) => 2,
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
