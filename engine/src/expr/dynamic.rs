//! Our values as rhai's, and back.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rhai::Dynamic;

use super::Val;
use super::fault::Fault;
use super::functions::Got;
use crate::time::Timestamp;

/// Several texts, shared: rhai's own arrays would be copied and can hold anything.
#[derive(Debug, Clone)]
struct TextList(Arc<[Arc<str>]>);

/// rhai's form of a value.
pub(super) fn to_dynamic(val: Val<'_>) -> Dynamic {
    match val {
        Val::Unset => Dynamic::UNIT,
        Val::Bool(truth) => truth.into(),
        Val::Int(number) => number.into(),
        Val::Text(text) => text.into(),
        Val::Time(at) => Dynamic::from(at),
        Val::Duration(duration) => Dynamic::from(duration),
        Val::Ip(address) => Dynamic::from(address),
        Val::Texts(texts) => Dynamic::from(TextList(texts.into())),
    }
}

/// Looks at one of rhai's values as one of ours.
pub(super) fn view<R>(
    value: &Dynamic,
    see: impl FnOnce(Val<'_>) -> Result<R, Fault>,
) -> Result<R, Fault> {
    if value.is_unit() {
        see(Val::Unset)
    } else if let Ok(truth) = value.as_bool() {
        see(Val::Bool(truth))
    } else if let Ok(number) = value.as_int() {
        see(Val::Int(number))
    } else if let Ok(text) = value.as_immutable_string_ref() {
        see(Val::Text(text.as_str()))
    } else if let Some(at) = value.read_lock::<Timestamp>() {
        see(Val::Time(*at))
    } else if let Some(duration) = value.read_lock::<Duration>() {
        see(Val::Duration(*duration))
    } else if let Some(address) = value.read_lock::<IpAddr>() {
        see(Val::Ip(*address))
    } else if let Some(texts) = value.read_lock::<TextList>() {
        see(Val::Texts(&texts.0))
    } else if let Some(own) = own_value(value) {
        see(own)
    } else {
        Err(Fault::UNEXPECTED_KIND)
    }
}

/// A result of rhai's as ours.
pub(super) fn to_got(value: &Dynamic) -> Result<Got<'static>, Fault> {
    view(value, |val| Got::Val(val).detach())
}

#[cfg(any(test, feature = "properties"))]
fn own_value(value: &Dynamic) -> Option<Val<'static>> {
    super::interpret::own_value(value)
}

/// Only the whole-expression interpreter, a test instrument, has names that are groups and values
/// at once (`now`, `now.hour`).
#[cfg(not(any(test, feature = "properties")))]
fn own_value(_value: &Dynamic) -> Option<Val<'static>> {
    None
}
