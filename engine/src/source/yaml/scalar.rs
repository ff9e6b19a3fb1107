//! What an unquoted word means, and which words YAML versions disagree about.
//!
//! Version 1.1 (which many editors, linters and scripts still speak) reads `no` as false, `010` as
//! 8 and `12:30` as 750; version 1.2 reads text, 10 and text. Neither reading is right for everybody,
//! so such words have to be quoted.

/// The meaning of an unquoted word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    Text,
}

/// How some reader of YAML would mistake an unquoted word.
pub(super) type Trap = &'static str;

const TRUTHS: [&str; 22] = [
    "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off",
    "OFF", "True", "TRUE", "False", "FALSE", "=", "<<",
];

/// What an unquoted word means.
///
/// # Errors
/// With the other reading, if there is one.
pub(super) fn plain(text: &str) -> Result<Plain, Trap> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Plain::Null),
        "true" => return Ok(Plain::Bool(true)),
        "false" => return Ok(Plain::Bool(false)),
        _ => {}
    }
    if TRUTHS.contains(&text) {
        return Err("a truth value in some versions of YAML, text in others");
    }
    if is_date(text) {
        return Err("a date in some versions of YAML, text in others");
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty() {
        return decimal(text, digits);
    }
    number_trap(digits).map_or(Ok(Plain::Text), Err)
}

fn decimal(text: &str, digits: &str) -> Result<Plain, Trap> {
    if digits.len() > 1 && digits.starts_with('0') {
        return Err("an octal number in some versions of YAML, a decimal one in others");
    }
    text.parse()
        .map(Plain::Int)
        .map_err(|_| "a number beyond the range of 64 bits")
}

fn number_trap(digits: &str) -> Option<Trap> {
    let only = |extra: &[u8]| {
        digits
            .bytes()
            .all(|b| b.is_ascii_digit() || extra.contains(&b))
    };
    let first = digits.bytes().next()?;
    if matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Some("a number in some versions of YAML, text in others");
    }
    if !first.is_ascii_digit() && first != b'.' {
        return None;
    }
    if ["0x", "0o", "0b"].iter().any(|prefix| {
        digits.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_')
        })
    }) {
        return Some("a number in some versions of YAML, text in others");
    }
    if first.is_ascii_digit() && only(b"_") {
        return Some("a number in some versions of YAML, text in others");
    }
    if first.is_ascii_digit() && only(b":_") && is_sexagesimal(digits) {
        return Some("a number to the base 60 in some versions of YAML, text in others");
    }
    let is_float =
        only(b".eE+-") && digits.contains(['.', 'e', 'E']) && digits.parse::<f64>().is_ok();
    is_float.then_some("a number with a fraction or an exponent, not text")
}

/// `190:20:30`: groups of at most two digits below 60 after the first one.
fn is_sexagesimal(digits: &str) -> bool {
    let mut groups = digits.split(':');
    groups.next().is_some_and(|first| !first.is_empty())
        && groups.all(|group| group.len() <= 2 && group.parse::<u8>().is_ok_and(|n| n < 60))
}

/// `2024-05-06`, also with a time behind it.
fn is_date(text: &str) -> bool {
    let date: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '-')
        .collect();
    let parts: Vec<usize> = date.split('-').map(str::len).collect();
    matches!(parts.as_slice(), [4, 1..=2, 1..=2])
        && text
            .get(date.len()..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', 't', ' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_all_versions_read_alike_are_accepted() {
        for (text, meaning) in [
            ("", Plain::Null),
            ("null", Plain::Null),
            ("true", Plain::Bool(true)),
            ("100", Plain::Int(100)),
            ("-7", Plain::Int(-7)),
            ("0", Plain::Int(0)),
            ("2024-05", Plain::Text),
            ("24h", Plain::Text),
            ("resourcemanager:Bind", Plain::Text),
            ("input.phone", Plain::Text),
            ("1.2.3", Plain::Text),
            ("nobody", Plain::Text),
            ("a:1", Plain::Text),
            ("0xg", Plain::Text),
            ("12:99", Plain::Text),
            ("-", Plain::Text),
            (".", Plain::Text),
        ] {
            assert_eq!(plain(text), Ok(meaning), "{text}");
        }
    }

    #[test]
    fn words_that_versions_read_differently_are_refused() {
        for text in [
            "NO",
            "no",
            "yes",
            "on",
            "off",
            "y",
            "True",
            "010",
            "0o17",
            "0x1F",
            "0b11",
            "1_000",
            "12:30",
            "190:20:30",
            "1.10",
            "1e3",
            ".5",
            ".inf",
            "2024-05-06",
            "2024-5-6 10:00",
            "99999999999999999999",
        ] {
            assert!(plain(text).is_err(), "{text}");
        }
    }
}
