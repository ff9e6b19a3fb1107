//! The values that expressions are evaluated over.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Slot, Vocabulary};
use crate::time::Timestamp;
use crate::value::Value;

/// A borrowed value during evaluation. Static types tell phones, e-mails and words apart; here they
/// are all text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Val<'a> {
    /// Nothing: an optional name without a value, or one that does not apply here.
    Unset,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any kind of text.
    Text(&'a str),
    /// An instant.
    Time(Timestamp),
    /// A length of time.
    Duration(Duration),
    /// An IP address.
    Ip(IpAddr),
    /// Several texts.
    Texts(&'a [Arc<str>]),
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text)
            | Value::Phone(text)
            | Value::Email(text)
            | Value::Country(text)
            | Value::Secret(text) => Self::Text(text),
            Value::Int(number) => Self::Int(*number),
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Time(at) => Self::Time(*at),
            Value::Duration(duration) => Self::Duration(*duration),
            Value::AccountId(id) => Self::Text(id.as_str()),
            Value::OneOf(word) => Self::Text(word.as_str()),
            Value::Ip(address) => Self::Ip(*address),
        }
    }
}

/// One value per slot of a [`Vocabulary`], filled once per decision and then only read.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    values: Vec<Val<'a>>,
}

impl<'a> Facts<'a> {
    /// Facts in which every name is unset.
    pub fn new(vocabulary: &Vocabulary) -> Self {
        Self {
            values: vec![Val::Unset; vocabulary.len()],
        }
    }

    /// Facts in which the names up to this one can have values; those after it stay unset.
    pub fn up_to(last: Slot) -> Self {
        Self {
            values: vec![Val::Unset; last.index().saturating_add(1)],
        }
    }

    /// Facts of no vocabulary.
    pub(super) fn none() -> Self {
        Self { values: Vec::new() }
    }

    /// Gives a name its value. A slot of another vocabulary is ignored.
    pub fn set(&mut self, slot: Slot, value: Val<'a>) {
        if let Some(place) = self.values.get_mut(slot.index()) {
            *place = value;
        }
    }

    /// The value of a name.
    pub fn get(&self, slot: Slot) -> Val<'a> {
        *self.at(slot)
    }

    /// The value of a name where it lies.
    pub(super) fn at(&self, slot: Slot) -> &Val<'a> {
        self.values.get(slot.index()).unwrap_or(&Val::Unset)
    }
}
