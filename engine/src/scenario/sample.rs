//! Values to put where a scenario needs one and nobody said which, the plainest first.

use crate::account::Account;
use crate::expr::Type;
use crate::lifecycle::model::{Lifecycle, Transition};
use crate::name::Name;
use crate::value::{Value, ValueType, phone};

/// Countries whose numbers are tried where no country is known.
const COUNTRIES: [&str; 4] = ["SG", "CN", "GB", "US"];

/// Values of a type for an account; `purpose` sets texts of several names apart.
pub(super) fn values(ty: &ValueType, purpose: &str, countries: &[String]) -> Vec<Value> {
    let read = |texts: &[&str]| -> Vec<Value> {
        let texts = texts.iter();
        texts.filter_map(|text| ty.parse(text).ok()).collect()
    };
    match ty {
        // The same for all names: conditions compare texts with one another.
        ValueType::Text => read(&["sample", purpose]),
        ValueType::Int => read(&["1", "0", "10", "100", "-1"]),
        ValueType::Bool => read(&["true", "false"]),
        ValueType::Time => read(&["2026-01-05T08:00:00Z", "2027-01-05T08:00:00Z"]),
        ValueType::Duration => read(&["1h", "1d", "1m"]),
        ValueType::Phone => {
            let countries = countries.iter().map(String::as_str).chain(COUNTRIES);
            let numbers = countries.flat_map(|country| {
                let few = phone::examples(country).into_iter().take(3);
                few.map(|number| Value::Phone(number.into()))
            });
            each_once(numbers)
        }
        ValueType::Email => read(&[
            &format!("{purpose}@example.com"),
            "second@example.com",
            "third@example.org",
        ]),
        ValueType::Country => read(&COUNTRIES),
        ValueType::AccountId => read(&["1000", "2000"]),
        ValueType::Ip => read(&["192.0.2.1", "2001:db8::1"]),
        ValueType::OneOf(words) => words.iter().cloned().map(Value::OneOf).collect(),
        ValueType::Secret => vec![Value::Secret("sample".into())],
    }
}

/// Values that the conditions of a transition tell apart, for one of its inputs.
pub(super) fn told_apart(
    lifecycle: &Lifecycle,
    transition: &Transition,
    input: &Name,
) -> Vec<Value> {
    let Some(input) = transition.inputs.get(input) else {
        return Vec::new();
    };
    let Some(fact) = lifecycle.vocabulary.fact(input.slot) else {
        return Vec::new();
    };
    let ty: &Type = &fact.ty;
    let conditions = transition.guards.iter().map(|guard| &guard.condition);
    each_once(conditions.flat_map(|condition| condition.cases(input.slot, ty).values))
}

/// Values to try for an input: those that the account does not have already come first.
pub(super) fn for_input(
    lifecycle: &Lifecycle,
    account: &Account,
    transition: &Transition,
    name: &Name,
) -> Vec<Value> {
    let Some(input) = transition.inputs.get(name) else {
        return Vec::new();
    };
    let countries = countries_of(account);
    let own = values(&input.ty, name.as_str(), &countries);
    let all = told_apart(lifecycle, transition, name)
        .into_iter()
        .chain(own);
    let mut all = each_once(all);
    let held = |value: &Value| account.attributes.values().any(|held| held == value);
    all.sort_by_key(held);
    all
}

/// The countries that an account says it is of.
fn countries_of(account: &Account) -> Vec<String> {
    let countries = account.attributes.values().filter_map(|value| match value {
        Value::Country(code) => Some(code.to_string()),
        _ => None,
    });
    countries.collect()
}

/// The values, each once, in their order.
fn each_once(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut found = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}
