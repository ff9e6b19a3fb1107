//! Goals: what a plan is to lead to.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::account::Account;
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::expr::{Expected, Expression, Slot, Type, Val};
use crate::lifecycle::model::{Lifecycle, Transition};
use crate::name::Name;
use crate::source::{FileId, SourceMap, Span};
use crate::value::{Value, ValueType};

/// What a goal is called in diagnostics.
const FILE: &str = "--goal";

/// A condition over an account's states and attributes.
#[derive(Debug, Clone)]
pub struct Goal {
    text: String,
    /// What has to hold all at once.
    parts: Vec<Expression>,
}

/// What is wrong with a goal.
#[derive(Debug, thiserror::Error)]
#[error("the goal is not a condition over `state.*` and `account.*`")]
pub struct GoalError {
    /// The goal, as a file.
    pub sources: SourceMap,
    /// Every finding.
    pub diagnostics: Vec<Diagnostic>,
}

impl Goal {
    /// Reads a goal: a condition in the language of guards, over `state.*` and `account.*`.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(bundle: &Bundle, text: &str) -> Result<Self, GoalError> {
        let mut sources = SourceMap::default();
        let file = sources.add(FILE, text);
        let whole = || compile(bundle, text, Span::new(file, 0..text.len()));
        match whole() {
            Ok(whole) => {
                let parts = parts(bundle, text, file).unwrap_or_else(|| vec![whole]);
                let text = text.to_owned();
                Ok(Self { text, parts })
            }
            Err(diagnostics) => Err(GoalError {
                sources,
                diagnostics,
            }),
        }
    }

    /// What a transition would have made of an account, without a privilege that it has not now.
    ///
    /// # Errors
    /// As [`read`](Self::read); not for values of their types.
    pub fn of_transition(
        bundle: &Bundle,
        transition: &Transition,
        inputs: &BTreeMap<Name, Value>,
        account: &Account,
    ) -> Result<Self, GoalError> {
        let lifecycle = &bundle.lifecycle;
        let own = &transition.name.workflow;
        let mut parts = vec![format!("state.{own} == \"{}\"", transition.to)];
        for (attribute, input) in assigned(transition) {
            let declared = lifecycle.attributes.get(&attribute);
            let is_optional = declared.is_some_and(|attribute| attribute.optional);
            if let Some(value) = inputs.get(&input).and_then(literal) {
                if is_optional {
                    parts.push(format!("has(account.{attribute})"));
                }
                parts.push(format!("account.{attribute} == {value}"));
            }
        }
        for (workflow, declared) in lifecycle.workflows.iter().filter(|(name, _)| *name != own) {
            let now = account.state(workflow).unwrap_or(&declared.initial);
            let privileged = declared.states.iter().filter(|(_, state)| state.privileged);
            let others = privileged.filter(|(state, _)| *state != now);
            parts.extend(others.map(|(state, _)| format!("state.{workflow} != \"{state}\"")));
        }
        Self::read(bundle, &parts.join(" && "))
    }

    /// The goal as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What has to hold all at once.
    pub fn parts(&self) -> &[Expression] {
        &self.parts
    }

    /// The values that it asks of attributes of which there are too many to tell all apart.
    pub fn wanted(&self, lifecycle: &Lifecycle) -> Vec<(Name, Value)> {
        let compared = self.parts.iter().flat_map(|part| part.compared());
        let wanted = compared.filter_map(|(slot, val)| {
            let (name, ty) = attribute(lifecycle, slot)?;
            let Val::Text(text) = val else { return None };
            let is_few = matches!(Type::from(ty), Type::Bool | Type::OneOf(_));
            let value = ty.parse(text).ok().filter(|_| !is_few)?;
            Some((name.clone(), value))
        });
        let mut wanted: Vec<_> = wanted.collect();
        wanted.dedup();
        wanted
    }

    /// What requesters have to supply for that: the inputs that the attributes are set to, where they
    /// agree.
    pub fn inputs(&self, lifecycle: &Lifecycle) -> BTreeMap<Name, Value> {
        let wanted = self.wanted(lifecycle);
        let mut inputs: BTreeMap<Name, Option<Value>> = BTreeMap::new();
        for transition in lifecycle.transitions.values() {
            for (set, input) in assigned(transition) {
                let mut values = wanted.iter().filter(|(name, _)| *name == set);
                if let (Some((_, value)), None) = (values.next(), values.next()) {
                    let known = inputs.entry(input).or_insert_with(|| Some(value.clone()));
                    *known = known.take().filter(|known| known == value);
                }
            }
        }
        let known = |(name, value): (Name, Option<Value>)| Some((name, value?));
        inputs.into_iter().filter_map(known).collect()
    }
}

/// The attributes that a transition sets to an input as it is, each with the input.
fn assigned(transition: &Transition) -> impl Iterator<Item = (Name, Name)> {
    transition.set.iter().filter_map(|(attribute, assignment)| {
        let input = assignment.value.text().trim().strip_prefix("input.")?;
        Some((attribute.clone(), input.parse().ok()?))
    })
}

fn attribute(lifecycle: &Lifecycle, slot: Slot) -> Option<(&Name, &ValueType)> {
    let mut attributes = lifecycle.attributes.iter();
    let (name, attribute) = attributes.find(|(_, attribute)| attribute.slot == slot)?;
    Some((name, &attribute.ty))
}

/// A value as expressions write it, where they can.
fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) | Value::Phone(text) | Value::Email(text) | Value::Country(text) => {
            quoted(text)
        }
        Value::AccountId(id) => quoted(id.as_str()),
        Value::OneOf(word) => quoted(word.as_str()),
        Value::Time(_) | Value::Duration(_) | Value::Ip(_) | Value::Secret(_) => return None,
    })
}

fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}

fn compile(bundle: &Bundle, text: &str, span: Span) -> Result<Expression, Vec<Diagnostic>> {
    let vocabulary = &bundle.lifecycle.vocabulary;
    let may_read = |slot| {
        let path = vocabulary.fact(slot).map_or("", |fact| &fact.path);
        match path.starts_with("account.") || path.starts_with("state.") {
            true => Ok(()),
            false => Err("a goal is about the account: `state.*` and `account.*`".to_owned()),
        }
    };
    let expected = Expected {
        ty: Some(Type::Bool),
        optional: false,
        may_read: &may_read,
    };
    bundle.compiler()?.expression(text, span, &expected)
}

/// The parts of a conjunction that mean something each by itself; `None` where it is none of such.
fn parts(bundle: &Bundle, text: &str, file: FileId) -> Option<Vec<Expression>> {
    let mut parts: Vec<(Range<usize>, Expression)> = Vec::new();
    for range in conjuncts(text)? {
        let read = |range: &Range<usize>| {
            let part = text.get(range.clone())?;
            compile(bundle, part, Span::new(file, range.clone())).ok()
        };
        if let Some(part) = read(&range) {
            parts.push((range, part));
            continue;
        }
        // `account.phone == …` is read only behind `has(account.phone)`.
        let (before, _) = parts.pop()?;
        let both = before.start..range.end;
        let part = read(&both)?;
        parts.push((both, part));
    }
    Some(parts.into_iter().map(|(_, part)| part).collect())
}

/// The ranges between `&&`s that are in no brackets and texts; `None` where there is another operator
/// that binds less.
fn conjuncts(text: &str) -> Option<Vec<Range<usize>>> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let (mut start, mut ranges) = (0, Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            b'|' | b'?' => return None,
            b'&' if at >= start && text.get(at..at + 2) == Some("&&") => {
                ranges.push(start..at);
                start = at + 2;
            }
            _ => {}
        }
    }
    ranges.push(start..text.len());
    Some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_split_where_all_of_it_has_to_hold() {
        let split = |text: &str| -> Option<Vec<String>> {
            let ranges = conjuncts(text)?.into_iter();
            Some(ranges.map(|range| text[range].trim().to_owned()).collect())
        };
        assert_eq!(split("a").unwrap(), ["a"]);
        assert_eq!(split("a && (b && c) && d").unwrap(), ["a", "(b && c)", "d"]);
        assert_eq!(
            split(r#"a == "x && \" y" && b"#).unwrap(),
            [r#"a == "x && \" y""#, "b"]
        );
        assert_eq!(split("a && b || c"), None);
    }
}
