//! The functions that scripts have on lists. To rhai a call is one operation whatever it does; so
//! each of these takes time in proportion to its lists, and is charged for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rhai::{Array, Dynamic, Engine, EvalAltResult, INT, ImmutableString, Position};

/// Most elements of lists that the functions may go through, over one run of a script.
pub(super) const ELEMENTS_MAX: usize = 10_000_000;

/// Each with what it does.
pub(in crate::policy) const FUNCTIONS: [(&str, &str); 6] = [
    ("len(list)", "How many elements it has."),
    ("is_empty(list)", "Whether it has none."),
    (
        "push(list, value)",
        "Adds an element to a list; also `list.push(value)`.",
    ),
    (
        "contains(list, value)",
        "Whether an element is this; also `value in list`.",
    ),
    ("list + list", "The elements of both."),
    (
        "list == list",
        "Whether the elements are the same, in the same order; `!=` if not.",
    ),
];

/// How many elements the running script has had gone through.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter(Arc<AtomicUsize>);

impl Meter {
    /// Begins another run.
    pub(super) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Begins another run as if so many had been gone through.
    #[cfg(test)]
    pub(super) fn begin_at(&self, elements: usize) {
        self.0.store(elements, Ordering::Relaxed);
    }

    /// How many have been gone through.
    #[cfg(test)]
    pub(super) fn spent(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn charge(&self, elements: usize) -> Result<(), Box<EvalAltResult>> {
        let before = self.0.fetch_add(elements, Ordering::Relaxed);
        if before.saturating_add(elements) > ELEMENTS_MAX {
            return Err(EvalAltResult::ErrorTooManyOperations(Position::NONE).into());
        }
        Ok(())
    }

    /// Teaches an engine the functions.
    pub(super) fn register(&self, engine: &mut Engine) {
        let length = |list: &mut Array| INT::try_from(list.len()).unwrap_or(INT::MAX);
        engine
            .register_iterator::<Array>()
            .register_fn("len", length)
            .register_get("len", length)
            .register_fn("is_empty", |list: &mut Array| list.is_empty())
            .register_fn("push", |list: &mut Array, element: Dynamic| {
                list.push(element);
            });
        let meter = self.clone();
        engine.register_fn("+", move |mut list: Array, other: Array| {
            meter.charge(list.len() + other.len())?;
            list.extend(other);
            Ok::<_, Box<EvalAltResult>>(list)
        });
        let meter = self.clone();
        // `x in list`, too.
        engine.register_fn("contains", move |list: &mut Array, wanted: Dynamic| {
            meter.charge(list.len())?;
            Ok::<_, Box<EvalAltResult>>(list.iter().any(|element| equal(element, &wanted)))
        });
        for (operator, expected) in [("==", true), ("!=", false)] {
            let meter = self.clone();
            engine.register_fn(operator, move |list: &mut Array, other: Array| {
                meter.charge(list.len())?;
                let same =
                    list.len() == other.len() && list.iter().zip(&other).all(|(a, b)| equal(a, b));
                Ok::<_, Box<EvalAltResult>>(same == expected)
            });
        }
    }
}

/// Whether two plain values are the same; lists in lists are never.
fn equal(one: &Dynamic, other: &Dynamic) -> bool {
    let text = |value: &Dynamic| {
        value
            .read_lock::<ImmutableString>()
            .map(|text| text.clone())
    };
    match (text(one), text(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => {
            one.type_id() == other.type_id()
                && (one.as_int().ok(), one.as_bool().ok())
                    == (other.as_int().ok(), other.as_bool().ok())
                && !one.is_array()
        }
        _ => false,
    }
}
