//! Values to try for each type, the simplest first.

use std::time::Duration;

use super::patterns;
use crate::expr::Val;
use crate::time::Timestamp;
use crate::value::{Value, ValueType};

/// Values of a type: some of its own, and those around the constants it is compared with.
pub(super) fn values(ty: &ValueType, constants: &[Val<'_>]) -> Vec<Value> {
    let mut values: Vec<Value> = plain(ty);
    for constant in constants {
        for value in around(constant) {
            let value = typed(ty, value);
            values.extend(value.filter(|value| !values.contains(value)));
        }
    }
    values
}

/// The values at which conditions are most likely to be met: the constants themselves, and truth.
pub(super) fn meant(ty: &ValueType, constants: &[Val<'_>]) -> Vec<Value> {
    let exact = constants
        .iter()
        .flat_map(|constant| around(constant).into_iter().next());
    let exact = exact.filter_map(|value| typed(ty, value));
    let truth = (*ty == ValueType::Bool).then_some(Value::Bool(true));
    exact.chain(truth).collect()
}

/// A constant's value as one of a type. A text may be a phone, a country, a network's address: its
/// type says what it is here.
fn typed(ty: &ValueType, value: Value) -> Option<Value> {
    match &value {
        Value::Text(text) => ty.parse(text).ok(),
        _ => Some(value).filter(|value| is_of(ty, value)),
    }
}

fn plain(ty: &ValueType) -> Vec<Value> {
    let parsed = |texts: &[&str]| {
        texts
            .iter()
            .filter_map(|text| ty.parse(text).ok())
            .collect()
    };
    match ty {
        ValueType::Text => parsed(&["a", "b", ""]),
        ValueType::Int => parsed(&["0", "1", "-1", "1000"]),
        ValueType::Bool => parsed(&["false", "true"]),
        ValueType::Time => parsed(&["2026-01-05T00:00:00Z", "1999-12-31T23:59:59Z"]),
        ValueType::Duration => parsed(&["0s", "1m", "24h"]),
        ValueType::Phone => parsed(&[
            "+6591234567",
            "+447400123456",
            "+8613812345678",
            "+80012345678",
        ]),
        ValueType::Email => parsed(&["a@example.com", "b@example.org"]),
        ValueType::Country => parsed(&["SG", "CN", "GB"]),
        ValueType::AccountId => parsed(&["1"]),
        ValueType::OneOf(words) => words.iter().cloned().map(Value::OneOf).collect(),
        ValueType::Ip => parsed(&["192.0.2.1", "2001:db8::1"]),
        // Only its digest is ever known.
        ValueType::Secret => ty.sealed(&"0".into()).into_iter().collect(),
    }
}

/// A constant, and the values just below and above it.
fn around(constant: &Val<'_>) -> Vec<Value> {
    match constant {
        Val::Bool(truth) => vec![Value::Bool(*truth)],
        Val::Int(number) => vec![
            Value::Int(*number),
            Value::Int(number.saturating_sub(1)),
            Value::Int(number.saturating_add(1)),
        ],
        Val::Text(text) => patterns::instances(text)
            .chain(text.split_once('/').map(|(address, _)| address.to_owned()))
            .map(|text| Value::Text(text.into()))
            .collect(),
        Val::Time(at) => {
            let step = Duration::from_millis(1);
            [*at, at.before(step), at.after(step)]
                .map(Value::Time)
                .into()
        }
        Val::Duration(duration) => vec![Value::Duration(*duration)],
        Val::Ip(address) => vec![Value::Ip(*address)],
        Val::Unset | Val::Texts(_) => Vec::new(),
    }
}

fn is_of(ty: &ValueType, value: &Value) -> bool {
    matches!(
        (ty, value),
        (ValueType::Bool, Value::Bool(_))
            | (ValueType::Int, Value::Int(_))
            | (ValueType::Time, Value::Time(_))
            | (ValueType::Duration, Value::Duration(_))
            | (ValueType::Ip, Value::Ip(_))
    )
}

/// The beginning, in UTC, of the Monday whose hours are asked at.
pub(super) const MONDAY: Timestamp = Timestamp::from_ms(1_767_571_200_000);
