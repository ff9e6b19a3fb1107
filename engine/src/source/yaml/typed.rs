//! Reading a document into types: each mistake is reported at its place, what is mistaken is left
//! out, and the rest is read again, so that one run reports them all.

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use serde_yaml::Value;

use super::document::{Content, Document, Node};
use super::scalar::{self, Plain};
use super::{YamlError, YamlProblem};
use crate::name::closest;
use crate::source::{FileId, Span};

/// Most rounds of leaving something out; each costs one reading of the document.
const ROUNDS_MAX: usize = 64;

impl Document {
    /// Reads the document into a type, with every mistake of form. The value is there unless so
    /// much is mistaken that nothing is left of it; it lacks what was mistaken.
    pub fn read<T: DeserializeOwned>(&mut self) -> (Option<T>, Vec<YamlError>) {
        let mut errors = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let value = value(&self.root);
            let error = match serde_path_to_error::deserialize(value) {
                Ok(read) => {
                    unwritten(self.file, &self.root, &mut errors);
                    return (Some(read), errors);
                }
                Err(error) => error,
            };
            let steps = steps(error.path());
            let message = error.inner().to_string();
            let mistake = Mistake::of(&message);
            errors.extend(report(self.file, &self.root, &steps, &mistake));
            if !leave_out(&mut self.root, &steps, &mistake) {
                return (None, errors);
            }
        }
        (None, errors)
    }
}

/// Keys with nothing behind them. Types take them as if they were not there, which is not what
/// somebody meant who wrote them: a bound that is begun and not filled in would be none.
fn unwritten(file: FileId, node: &Node, errors: &mut Vec<YamlError>) {
    if let Content::Mapping(entries) = &node.content {
        let written = entries.iter().filter(|(_, entry)| !entry.pruned);
        for (key, entry) in written.filter(|(_, entry)| entry.is_null()) {
            let message = format!("nothing is written behind `{key}`");
            let span = Span::new(file, entry.head());
            errors.push(
                YamlError::new(YamlProblem::Form, span, message)
                    .label("ends here")
                    .help("remove the key, or write its value: `[]` and `{}` are empty ones"),
            );
        }
    }
    for child in node.children() {
        unwritten(file, child, errors);
    }
}

/// What the typed reader sees of a node: only what no mistake was reported in.
fn value(node: &Node) -> Value {
    match &node.content {
        Content::Scalar(scalar) if scalar.plain => match scalar::plain(&scalar.value) {
            Ok(Plain::Null) => Value::Null,
            Ok(Plain::Bool(truth)) => Value::Bool(truth),
            Ok(Plain::Int(number)) => Value::Number(number.into()),
            Ok(Plain::Text) | Err(_) => Value::String(scalar.value.clone()),
        },
        Content::Scalar(scalar) => Value::String(scalar.value.clone()),
        Content::Sequence(_) => Value::Sequence(node.items().map(value).collect()),
        Content::Mapping(entries) => Value::Mapping(
            entries
                .iter()
                .filter(|(_, entry)| !entry.pruned)
                .map(|(key, entry)| (Value::String(key.clone()), value(entry)))
                .collect(),
        ),
    }
}

/// One step of a path into a document.
enum Step {
    Key(String),
    Index(usize),
}

fn steps(path: &Path) -> Vec<Step> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// What the typed reader found wrong, taken from serde's wording, which is part of its interface.
#[derive(Debug, PartialEq, Eq)]
enum Mistake<'a> {
    Unknown { what: &'a str, known: Vec<&'a str> },
    Missing { key: &'a str },
    Form { found: &'a str, expected: &'a str },
    Other { message: &'a str },
}

impl<'a> Mistake<'a> {
    fn of(message: &'a str) -> Self {
        let other = Self::Other { message };
        if let Some(rest) = message.strip_prefix("unknown field `") {
            return rest.split_once('`').map_or(other, |(what, rest)| {
                let known = rest.split('`').skip(1).step_by(2).collect();
                Self::Unknown { what, known }
            });
        }
        if let Some(rest) = message.strip_prefix("missing field `") {
            return rest
                .split_once('`')
                .map_or(other, |(key, _)| Self::Missing { key });
        }
        let found = ["invalid type: ", "invalid value: "]
            .iter()
            .find_map(|prefix| message.strip_prefix(prefix));
        found
            .and_then(|rest| rest.rsplit_once(", expected "))
            .map_or(other, |(found, expected)| Self::Form { found, expected })
    }
}

/// The innermost node that a path leads to.
fn find<'n>(root: &'n Node, steps: &[Step]) -> &'n Node {
    let mut node = root;
    for step in steps {
        let next = match step {
            Step::Key(key) => node.entry(key),
            Step::Index(index) => node.items().nth(*index),
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// The error to show for a mistake; none where an earlier one explains it.
fn report(file: FileId, root: &Node, steps: &[Step], mistake: &Mistake<'_>) -> Option<YamlError> {
    let node = find(root, steps);
    let at = |range| Span::new(file, range);
    let whole = if node.span.is_empty() || matches!(node.content, Content::Mapping(_)) {
        at(node.head())
    } else {
        at(node.span.clone())
    };
    Some(match mistake {
        Mistake::Unknown { what, known } => {
            let place = node.entry(what).unwrap_or(node);
            let message = format!("unknown key `{what}`");
            let error = YamlError::new(YamlProblem::UnknownKey, at(place.head()), message);
            suggest(error, what, known)
        }
        Mistake::Missing { key } if node.explains(key) => return None,
        Mistake::Missing { key } => {
            let message = format!("the key `{key}` is missing");
            YamlError::new(YamlProblem::MissingKey, at(node.head()), message)
                .label(format!("needs `{key}:`"))
        }
        Mistake::Form { found, expected } => form_error(node, whole, found, expected),
        Mistake::Other { message } if message.contains("is not a valid") => {
            let (what, rule) = message.split_once(": ").unwrap_or((message, ""));
            YamlError::new(YamlProblem::Name, whole, what).help(rule)
        }
        Mistake::Other { message } => other_error(whole, message),
    })
}

fn suggest(error: YamlError, wanted: &str, known: &[&str]) -> YamlError {
    if let Some(name) = closest(wanted, known.iter().copied()) {
        return error
            .help(format!("did you mean `{name}`?"))
            .replacement(name);
    }
    if known.is_empty() {
        return error.help("no keys are known here");
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    error.help(format!("known here: {}", names.join(", ")))
}

fn form_error(node: &Node, span: Span, found: &str, expected: &str) -> YamlError {
    let expected = expected_form(expected);
    let message = format!("expected {expected}, found {}", found_form(found));
    let error = YamlError::new(YamlProblem::Form, span, message).label(format!("not {expected}"));
    match &node.content {
        Content::Scalar(scalar) if expected == "text" && !scalar.value.is_empty() => error
            .help("quote it")
            .replacement(format!("\"{}\"", scalar.value)),
        Content::Scalar(scalar) if expected == "a mapping" && scalar.value.is_empty() => {
            error.help("write `{}` for one without keys")
        }
        _ => error,
    }
}

/// An error that a type's own reader worded, perhaps with the words it knows.
fn other_error(span: Span, message: &str) -> YamlError {
    let Some(rest) = message.strip_prefix("unknown variant `") else {
        let (what, help) = message.split_once("; ").unwrap_or((message, ""));
        let error = YamlError::new(YamlProblem::Form, span, what);
        return if help.is_empty() {
            error
        } else {
            error.help(help)
        };
    };
    let mut parts = rest.split('`').step_by(2);
    let wanted = parts.next().unwrap_or_default();
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    let message = format!("`{wanted}` is not one of the words known here");
    suggest(
        YamlError::new(YamlProblem::Form, span, message),
        wanted,
        &known,
    )
}

fn expected_form(expected: &str) -> &str {
    match expected {
        "a string" | "string" => "text",
        "a sequence" => "a list",
        "a boolean" => "`true` or `false`",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "a map" => "a mapping",
        other if other.starts_with("struct ") => "a mapping",
        other => other,
    }
}

fn found_form(found: &str) -> String {
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    match kind {
        "integer" => format!("the number {}", value.trim_matches('`')),
        "boolean" => format!("the truth value {}", value.trim_matches('`')),
        "string" => format!("the text {value}"),
        "map" => "a mapping".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit" | "null" | "Option" => "nothing".to_owned(),
        _ => found.to_owned(),
    }
}

/// Marks what is mistaken as absent. `false` if nothing would be left.
fn leave_out(root: &mut Node, steps: &[Step], mistake: &Mistake<'_>) -> bool {
    let mut node = root;
    let mut depth = 0_usize;
    for step in steps {
        let has_next = match step {
            Step::Key(key) => node.entry(key).is_some_and(|entry| !entry.pruned),
            Step::Index(index) => node.items().nth(*index).is_some(),
        };
        if !has_next {
            break;
        }
        let Some(next) = child_mut(node, step) else {
            return false;
        };
        node = next;
        depth += 1;
    }
    if let Mistake::Unknown { what, .. } = mistake
        && let Some(entry) = child_mut(node, &Step::Key((*what).to_owned()))
    {
        entry.pruned = true;
        return true;
    }
    node.pruned = true;
    depth > 0
}

fn child_mut<'n>(node: &'n mut Node, step: &Step) -> Option<&'n mut Node> {
    match (&mut node.content, step) {
        (Content::Mapping(entries), Step::Key(key)) => entries.get_mut(key),
        (Content::Sequence(items), Step::Index(index)) => {
            items.iter_mut().filter(|item| !item.pruned).nth(*index)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wording_of_serde_is_understood() {
        assert_eq!(
            Mistake::of("unknown field `a`, expected `b` or `c`"),
            Mistake::Unknown {
                what: "a",
                known: vec!["b", "c"]
            }
        );
        assert_eq!(
            Mistake::of("unknown field `a`, expected one of `b`, `c`, `d`"),
            Mistake::Unknown {
                what: "a",
                known: vec!["b", "c", "d"]
            }
        );
        assert_eq!(
            Mistake::of("missing field `a`"),
            Mistake::Missing { key: "a" }
        );
        assert_eq!(
            Mistake::of("invalid type: integer `5`, expected a string"),
            Mistake::Form {
                found: "integer `5`",
                expected: "a string"
            }
        );
    }
}
