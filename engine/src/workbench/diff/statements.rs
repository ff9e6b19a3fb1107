//! The statements that came and went between two definitions.

use std::collections::BTreeMap;

use crate::bundle::Bundle;
use crate::policy::{Actions, Statement};

/// What happened to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edit {
    /// It went.
    Removed,
    /// It came.
    Added,
}

/// A statement that came or went.
#[derive(Debug, Clone)]
pub struct StatementChange {
    /// Which.
    pub edit: Edit,
    /// Its policy.
    pub policy: String,
    /// What it says, in one line.
    pub text: String,
    /// `file:line:column` of where it is, or was.
    pub place: String,
}

/// The changes, by policy, what went first.
pub(super) fn changes(old: &Bundle, new: &Bundle) -> Vec<StatementChange> {
    let (before, after) = (said(old), said(new));
    let mut changes = only_in(&before, &after, Edit::Removed);
    changes.extend(only_in(&after, &before, Edit::Added));
    changes.sort_by(|a, b| (&a.policy, a.edit, &a.place).cmp(&(&b.policy, b.edit, &b.place)));
    changes
}

/// The places of every statement, by policy and what it says.
type Said = BTreeMap<(String, String), Vec<String>>;

fn said(bundle: &Bundle) -> Said {
    let mut said = Said::new();
    for statement in bundle
        .policies
        .iter()
        .flat_map(|policy| policy.statements())
    {
        let key = (statement.policy().as_ref().to_owned(), text(statement));
        let place = bundle.locate(statement.span()).unwrap_or_default();
        said.entry(key).or_default().push(place);
    }
    said
}

fn only_in(one: &Said, other: &Said, edit: Edit) -> Vec<StatementChange> {
    let mut changes = Vec::new();
    for ((policy, text), places) in one {
        let kept = other
            .get(&(policy.clone(), text.clone()))
            .map_or(0, Vec::len);
        changes.extend(places.iter().skip(kept).map(|place| StatementChange {
            edit,
            policy: policy.clone(),
            text: text.clone(),
            place: place.clone(),
        }));
    }
    changes
}

/// What a statement says, in one line and whatever its layout.
pub(super) fn text(statement: &Statement) -> String {
    let list = |items: &[crate::policy::Pattern]| {
        let items: Vec<&str> = items.iter().map(|it| it.text()).collect();
        items.join(", ")
    };
    let actions = match statement.actions() {
        Actions::Of(these) => list(these),
        Actions::AllExcept(these) if these.is_empty() => "all".to_owned(),
        Actions::AllExcept(these) => format!("all except {}", list(these)),
    };
    let mut text = format!("{} {actions}", statement.verb());
    if !statement.resources().is_empty() {
        text.push_str(&format!(" on {}", list(statement.resources())));
    }
    for (word, condition) in [("when", statement.when()), ("unless", statement.unless())] {
        if let Some(condition) = condition {
            text.push_str(&format!(" {word} {}", condition.text()));
        }
    }
    text
}
