//! A request written as a case, to paste into a file of `policies/tests/`.

use std::sync::Arc;

use super::request::{Request, Wanted};
use crate::account::Account;
use crate::name::Name;
use crate::time::Timestamp;
use crate::value::Value;

/// When a case is asked that does not say when.
pub(super) const UNSAID: Timestamp = Timestamp::from_ms(0);

/// The case that asks a request and expects an answer, as an item of `cases:`.
pub(super) fn case(name: &str, request: &Request, expected: &str) -> String {
    let mut lines = vec![format!("name: {}", scalar(name))];
    lines.extend(request_lines(request));
    lines.push(format!("expect: {expected}"));
    let lines = lines.iter().enumerate().map(|(index, line)| {
        let lead = if index == 0 { "  - " } else { "    " };
        format!("{lead}{line}\n")
    });
    lines.collect()
}

/// The lines of a case that ask.
pub(super) fn request_lines(request: &Request) -> Vec<String> {
    let mut lines = vec![principal(request)];
    match &request.wanted {
        Wanted::Transition(name) => lines.push(format!("transition: {name}")),
        Wanted::Action { action, resources } => {
            lines.push(format!("action: {}", scalar(action)));
            let names: Vec<String> = resources.iter().map(|it| scalar(it)).collect();
            match names.as_slice() {
                [one] => lines.push(format!("resource: {one}")),
                names => lines.push(format!("resource: [{}]", names.join(", "))),
            }
        }
    }
    lines.extend(request.account.as_ref().map(account));
    lines.extend(map("context", request.context.iter().map(fact)));
    lines.extend(map("input", request.inputs.iter().map(fact)));
    if request.now != UNSAID {
        lines.push(format!("now: {}", scalar(&request.now.to_string())));
    }
    lines
}

/// Who asks: a name, where that is enough to find it.
fn principal(request: &Request) -> String {
    let principal = &request.principal;
    if !request.described {
        return format!("principal: {}", scalar(principal.name.as_str()));
    }
    let mut parts = vec![
        format!("name: {}", scalar(principal.name.as_str())),
        format!("account: {}", scalar(principal.account.as_str())),
    ];
    let list = |names: &[Arc<str>]| {
        let names: Vec<String> = names.iter().map(|name| scalar(name)).collect();
        names.join(", ")
    };
    if !principal.policies.is_empty() {
        parts.push(format!("policies: [{}]", list(&principal.policies)));
    }
    format!("principal: {{ {} }}", parts.join(", "))
}

fn account(account: &Account) -> String {
    let mut parts = vec![format!("id: {}", scalar(account.id.as_str()))];
    if account.created_at != UNSAID {
        let at = account.created_at.to_string();
        parts.push(format!("created_at: {}", scalar(&at)));
    }
    parts.extend(map("attributes", account.attributes.iter().map(fact)));
    let states = account.states.iter();
    let states = states.map(|(name, at)| (name, scalar(at.state.as_str())));
    parts.extend(map("states", states));
    format!("account: {{ {} }}", parts.join(", "))
}

/// A fact as it is written: numbers and truths are YAML's own.
fn fact<'f>((name, value): (&'f Name, &Value)) -> (&'f Name, String) {
    let text = value.text();
    match value {
        Value::Bool(_) | Value::Int(_) => (name, text),
        _ => (name, scalar(&text)),
    }
}

fn map<'f>(key: &str, entries: impl Iterator<Item = (&'f Name, String)>) -> Option<String> {
    let entries: Vec<String> = entries
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    (!entries.is_empty()).then(|| format!("{key}: {{ {} }}", entries.join(", ")))
}

/// A text as a YAML scalar that is read as that text, in quotes only where it needs them.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@+* ".contains(c);
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_plain {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            c if c.is_control() => quoted.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
