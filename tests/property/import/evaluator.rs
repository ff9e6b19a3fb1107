//! What a policy document means, straight from its JSON: written from the description of the
//! languages, sharing no code with the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;

use serde_json::Value;

/// A fact of a request, as documents compare it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    Text(String),
    Number(i64),
    Truth(bool),
    /// Milliseconds since 1970.
    Moment(i64),
    Address(String),
}

/// A request, in the words of documents.
#[derive(Debug, Clone)]
pub struct Request {
    pub action: String,
    pub resource: String,
    /// By condition key; a missing one has no fact.
    pub facts: BTreeMap<&'static str, Fact>,
    pub account: String,
    /// `user/lin`, `role/ops`, or the name of a service.
    pub principal: String,
}

/// What was seen while deciding, so that a test can tell that it saw enough.
#[derive(Debug, Default)]
pub struct Seen {
    /// Operators with whether they matched, and whether their key was there.
    pub operators: BTreeSet<(String, bool, bool)>,
    pub effects: BTreeMap<&'static str, u64>,
}

/// `Allow`, `ExplicitDeny` or `ImplicitDeny`.
pub fn decide(document: &Value, request: &Request, seen: &mut Seen) -> &'static str {
    let aws = document["Version"] != "1";
    let statements: Vec<&Value> = match &document["Statement"] {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    };
    let (mut allowed, mut denied) = (false, false);
    for statement in statements {
        if matches(statement, aws, request, seen) {
            match statement["Effect"].as_str().unwrap() {
                "Allow" => allowed = true,
                "Deny" => denied = true,
                other => panic!("no effect: {other}"),
            }
        }
    }
    let effect = match (denied, allowed) {
        (true, _) => "ExplicitDeny",
        (false, true) => "Allow",
        (false, false) => "ImplicitDeny",
    };
    *seen.effects.entry(effect).or_default() += 1;
    effect
}

fn matches(statement: &Value, aws: bool, request: &Request, seen: &mut Seen) -> bool {
    let action = request.action.to_ascii_lowercase();
    let on_action = |value: &Value| {
        let patterns = texts(value);
        patterns
            .iter()
            .any(|pattern| like(&pattern.to_ascii_lowercase(), &action))
    };
    let on_resource = |value: &Value| {
        let patterns = texts(value);
        patterns
            .iter()
            .any(|pattern| covers(pattern, &request.resource, aws))
    };
    let acts = match statement.get("NotAction") {
        Some(others) => !on_action(others),
        None => on_action(&statement["Action"]),
    };
    let reaches = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(these), None) => on_resource(these),
        (None, Some(others)) => !on_resource(others),
        (None, None) => true,
        (Some(_), Some(_)) => panic!("both"),
    };
    let about = statement
        .get("Principal")
        .is_none_or(|principals| names(principals, request, aws));
    // Every operator is asked, so that both answers of each are seen.
    let mut holds = true;
    for (operator, keys) in object(statement.get("Condition")) {
        for (key, values) in object(Some(keys)) {
            let fact = request.facts.get(canonical(key, aws).as_str());
            let outcome = compare(operator, fact, values);
            seen.operators
                .insert((operator.clone(), outcome, fact.is_some()));
            holds &= outcome;
        }
    }
    acts && reaches && about && holds
}

fn object(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.into_iter().flat_map(|it| it.as_object().unwrap())
}

/// The texts of a text or a list; numbers and truth values as they are written.
fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        single => vec![text(single)],
    }
}

/// Stands for a star that is no wildcard: no name has an `@`.
const LITERAL_STAR: &str = "@";

/// `*` is any run of characters, `?` is one.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // reach[i] holds where the first i characters of the text are covered so far.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            if wanted == '*' {
                next[at] = reach[at] || (at > 0 && next[at - 1]);
            } else if at > 0 {
                let found = text[at - 1];
                let same = wanted == found || (wanted == '@' && found == '*');
                next[at] = reach[at - 1] && (wanted == '?' || same);
            }
        }
        reach = next;
    }
    reach[text.len()]
}

/// In names of RAM, `acs:service:region:account:path`, an empty region or account is a `*` of the
/// request, and in a pattern it stands for that very letter. Wildcards cross colons, so that it may
/// come from another field than the pattern's own: `acs:*::*:*` covers `acs:s:cn::x:y`, as it does
/// letter by letter. Names of AWS are compared as they are.
fn covers(pattern: &str, resource: &str, aws: bool) -> bool {
    if aws {
        return like(pattern, resource);
    }
    like(&fill(pattern, LITERAL_STAR), &fill(resource, "*"))
}

fn fill(name: &str, star: &str) -> String {
    let mut fields: Vec<&str> = name.splitn(5, ':').collect();
    if fields.len() == 5 && fields[0] == "acs" {
        for field in &mut fields[2..4] {
            if field.is_empty() {
                *field = star;
            }
        }
    }
    fields.join(":")
}

fn names(principals: &Value, request: &Request, aws: bool) -> bool {
    if principals == "*" {
        return true;
    }
    object(Some(principals)).any(|(kind, list)| {
        texts(list).iter().any(|name| match kind.as_str() {
            "Service" => request.principal == *name,
            _ if name == "*" => true,
            _ if aws && !name.contains(':') => *name == request.account,
            _ => {
                let fields: Vec<&str> = name.splitn(6, ':').collect();
                let (account, relative) = (fields[fields.len() - 2], fields[fields.len() - 1]);
                account == request.account && (relative == "root" || relative == request.principal)
            }
        })
    })
}

/// The key of RAM that a key of AWS stands for; AWS writes its keys in any case.
fn canonical(key: &str, aws: bool) -> String {
    if !aws {
        return key.to_owned();
    }
    match key.to_ascii_lowercase().as_str() {
        "aws:sourceip" => "acs:SourceIp".to_owned(),
        "aws:currenttime" => "acs:CurrentTime".to_owned(),
        "aws:multifactorauthpresent" => "acs:MFAPresent".to_owned(),
        _ => key.to_owned(),
    }
}

/// One operator over one key: any of the values; none of them, where it is negated. Without the key
/// only negated operators match, and those that say `IfExists`.
fn compare(operator: &str, fact: Option<&Fact>, values: &Value) -> bool {
    let values = texts(values);
    if operator == "Null" {
        return values
            .iter()
            .any(|value| (value == "true") == fact.is_none());
    }
    let (plain, if_exists) = match operator.strip_suffix("IfExists") {
        Some(plain) => (plain, true),
        None => (operator, false),
    };
    let negated = plain.contains("Not");
    let Some(fact) = fact else {
        return negated || if_exists;
    };
    let positive = plain.replacen("Not", "", 1);
    let any = values.iter().any(|value| equal(&positive, fact, value));
    any != negated
}

fn equal(operator: &str, fact: &Fact, value: &str) -> bool {
    match (operator, fact) {
        ("StringEquals", Fact::Text(text)) => text == value,
        ("StringEqualsIgnoreCase", Fact::Text(text)) => text.eq_ignore_ascii_case(value),
        ("StringLike", Fact::Text(text)) => like(value, text),
        ("ArnEquals" | "ArnLike", Fact::Text(text)) => arn_like(value, text),
        ("Bool", Fact::Truth(truth)) => value == if *truth { "true" } else { "false" },
        ("IpAddress", Fact::Address(address)) => within(value, address),
        (_, Fact::Number(number)) => {
            let order = operator.strip_prefix("Numeric").unwrap();
            ordered(order, *number, value.parse().unwrap())
        }
        (_, Fact::Moment(moment)) => {
            let order = operator.strip_prefix("Date").unwrap();
            ordered(order, *moment, milliseconds(value))
        }
        other => panic!("{other:?} does not fit"),
    }
}

fn ordered(order: &str, found: i64, wanted: i64) -> bool {
    match order {
        "Equals" => found == wanted,
        "LessThan" => found < wanted,
        "LessThanEquals" => found <= wanted,
        "GreaterThan" => found > wanted,
        "GreaterThanEquals" => found >= wanted,
        other => panic!("no order: {other}"),
    }
}

/// Each of the six fields by itself.
fn arn_like(pattern: &str, text: &str) -> bool {
    let (wanted, found): (Vec<&str>, Vec<&str>) = (
        pattern.splitn(6, ':').collect(),
        text.splitn(6, ':').collect(),
    );
    wanted.len() == 6 && found.len() == 6 && wanted.iter().zip(found).all(|(w, f)| like(w, f))
}

/// Whether an address is in a block, or is the address that is written in its place.
fn within(block: &str, address: &str) -> bool {
    let (network, bits) = match block.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().unwrap()),
        None => (block, 128),
    };
    let (Some((wanted, wide)), Some((found, other))) = (number(network), number(address)) else {
        panic!("no addresses: {block} {address}");
    };
    let size = if wide { 128 } else { 32 };
    let bits = bits.min(size);
    let cut = |number: u128| number.checked_shr(size - bits).unwrap_or(0);
    wide == other && cut(wanted) == cut(found)
}

/// An address as a number, and whether it is one of IPv6.
fn number(address: &str) -> Option<(u128, bool)> {
    if let Ok(six) = address.parse::<Ipv6Addr>() {
        return Some((u128::from_be_bytes(six.octets()), true));
    }
    let parts: Vec<u128> = address
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    (parts.len() == 4).then(|| (parts.iter().fold(0, |sum, part| sum * 256 + part), false))
}

/// `2012-11-11T23:59:59Z`, perhaps with a fraction or an offset, in milliseconds since 1970.
fn milliseconds(text: &str) -> i64 {
    let digits = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (digits(0, 4), digits(5, 7), digits(8, 10));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut days: i64 = (1970..year).map(|year| 365 + i64::from(leap(year))).sum();
    for (number, length) in (1..month).zip(lengths) {
        days += length + i64::from(number == 2 && leap(year));
    }
    days += day - 1;
    let mut ms = ((days * 24 + digits(11, 13)) * 60 + digits(14, 16)) * 60_000;
    ms += digits(17, 19) * 1_000;
    let mut rest = &text[19..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap();
        ms += format!("{:0<3}", &fraction[..end]).parse::<i64>().unwrap();
        rest = &fraction[end..];
    }
    if rest != "Z" {
        let minutes: i64 =
            rest[1..3].parse::<i64>().unwrap() * 60 + rest[4..6].parse::<i64>().unwrap();
        ms += if rest.starts_with('+') {
            -minutes
        } else {
            minutes
        } * 60_000;
    }
    ms
}
