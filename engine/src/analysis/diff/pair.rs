//! The two definitions, what counts as the same in them, and the changes found so far.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Weight};
use crate::bundle::Bundle;
use crate::diagnostic::Code;
use crate::expr::{Expression, Template};
use crate::source::Span;

/// Two definitions that are compared.
pub(super) struct Pair<'b> {
    pub(super) old: &'b Bundle,
    pub(super) new: &'b Bundle,
    /// Functions of expressions, where they are not the same on both sides.
    changed_functions: Vec<String>,
    pub(super) changes: Vec<Change>,
}

impl<'b> Pair<'b> {
    pub(super) fn new(old: &'b Bundle, new: &'b Bundle) -> Self {
        let (one, other) = (functions(old), functions(new));
        let changed_functions = match one == other {
            true => Vec::new(),
            false => [names(one), names(other)].concat(),
        };
        Self {
            old,
            new,
            changed_functions,
            changes: Vec::new(),
        }
    }

    /// Whether the functions that expressions call may have changed.
    pub(super) fn has_other_functions(&self) -> bool {
        !self.changed_functions.is_empty()
    }

    /// Whether two expressions say the same. The text alone does not tell, where a function that it
    /// calls has changed.
    pub(super) fn same(&self, one: &Expression, other: &Expression) -> bool {
        let text = one.text();
        let calls = |name: &String| text.contains(&format!("{name}("));
        text == other.text() && !self.changed_functions.iter().any(calls)
    }

    pub(super) fn same_option(&self, one: Option<&Expression>, other: Option<&Expression>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => self.same(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    pub(super) fn same_template(&self, one: &Template, other: &Template) -> bool {
        let calls = |template: &Template| {
            let mut parts = template.expressions();
            parts.any(|part| !self.same(part, part))
        };
        one.text() == other.text() && !calls(one)
    }

    /// Notes a change.
    pub(super) fn note(&mut self, change: Change) {
        self.changes.push(change);
    }
}

fn functions(bundle: &Bundle) -> &str {
    let file = bundle.lifecycle.functions;
    let file = file.and_then(|id| bundle.sources.file(id));
    file.map_or("", |file| &file.text)
}

fn names(text: &str) -> Vec<String> {
    let declared = text.split("fn ").skip(1);
    let names = declared.filter_map(|rest| rest.split_once('('));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}

/// A change of something that is declared on one or both sides.
pub(super) fn change(
    code: Code,
    subject: impl Into<String>,
    weight: Weight,
    message: impl Into<String>,
    places: (Option<Span>, Option<Span>),
) -> Change {
    Change {
        code,
        weight,
        subject: subject.into(),
        message: message.into(),
        details: Vec::new(),
        when: Vec::new(),
        old: places.0,
        new: places.1,
    }
}

impl Change {
    /// More of it.
    pub(super) fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }
}

/// The weight of a number of which more is weaker.
pub(super) fn more_is_weaker<T: Ord>(old: &T, new: &T) -> Weight {
    match new.cmp(old) {
        Ordering::Greater => Weight::Weakening,
        Ordering::Less => Weight::Strengthening,
        Ordering::Equal => Weight::Neutral,
    }
}

/// The weight of a number of which less is weaker.
pub(super) fn less_is_weaker<T: Ord>(old: &T, new: &T) -> Weight {
    more_is_weaker(new, old)
}

/// The weight of a set of which more is weaker.
pub(super) fn wider_is_weaker<T: Ord>(old: &[T], new: &[T]) -> Weight {
    let (old, new): (BTreeSet<&T>, BTreeSet<&T>) = (old.iter().collect(), new.iter().collect());
    match (new.is_subset(&old), old.is_subset(&new)) {
        (true, true) => Weight::Neutral,
        (true, false) => Weight::Strengthening,
        (false, _) => Weight::Weakening,
    }
}

/// A thing by its name on both sides, or on one.
pub(super) type Both<'b, K, V> = (&'b K, Option<&'b V>, Option<&'b V>);

/// Everything that either side names.
pub(super) fn both<'b, K: Ord, V>(
    old: &'b BTreeMap<K, V>,
    new: &'b BTreeMap<K, V>,
) -> Vec<Both<'b, K, V>> {
    let names: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let each = names.into_iter();
    each.map(|name| (name, old.get(name), new.get(name)))
        .collect()
}

/// Names as they are listed in a sentence: `a, b`.
pub(super) fn listed<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    names.join(", ")
}
