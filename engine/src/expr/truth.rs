//! Three-valued truth: what a condition comes to when only some facts are known.

use super::eval::{Read, eval, truth};
use super::node::Node;
use super::{Facts, Slot, Val};
use crate::value::Value;

/// A three-valued truth, for reasoning over facts that are only partly known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// True whatever the unknown facts are.
    True,
    /// False whatever the unknown facts are.
    False,
    /// It depends, or it cannot be analysed.
    Unknown,
}

impl Truth {
    /// Both are true.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// One of them is true.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge {
    /// Nothing, not even whether it has a value.
    Nothing,
    /// That it has a value.
    Set,
    /// Its value, or that it has none.
    Value,
}

impl Knowledge {
    /// Of a name whose value is known, or of which nothing is.
    pub(super) fn of(known: bool) -> Self {
        if known { Self::Value } else { Self::Nothing }
    }
}

/// What an expression comes to when only some facts are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partial {
    /// This value, or none.
    Value(Option<Value>),
    /// Some value.
    Set,
    /// Some value or none.
    Open,
}

/// Facts of which some are not known.
pub(super) struct Partly<'p, 'f> {
    pub(super) facts: &'p Facts<'f>,
    pub(super) known: &'p dyn Fn(Slot) -> Knowledge,
}

impl<'a, 'f: 'a> Read<'a> for Partly<'_, 'f> {
    fn read(&self, slot: Slot) -> Option<Val<'a>> {
        ((self.known)(slot) == Knowledge::Value).then(|| self.facts.get(slot))
    }

    fn is_set(&self, slot: Slot) -> Option<bool> {
        match (self.known)(slot) {
            Knowledge::Nothing => None,
            Knowledge::Set => Some(true),
            Knowledge::Value => Some(self.facts.get(slot) != Val::Unset),
        }
    }
}

/// The truth of a condition. One that fails is neither true nor false. Unknown names that are not
/// optional are taken to be set.
pub(super) fn partly(node: &Node, facts: &Facts<'_>, known: &dyn Fn(Slot) -> Knowledge) -> Truth {
    let facts = Partly { facts, known };
    let found = eval(node, &facts).and_then(|got| got.map(|got| truth(&got, node)).transpose());
    match found {
        Ok(Some(true)) => Truth::True,
        Ok(Some(false)) => Truth::False,
        Ok(None) | Err(_) => Truth::Unknown,
    }
}
