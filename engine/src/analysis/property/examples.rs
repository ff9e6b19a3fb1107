//! Accounts to look for certain counterexamples in.
//!
//! Of an account of which nothing is known, little is certain: who its manager is, whose its owner.
//! Where a property may break, it is looked at again for accounts of which all that every account has
//! is known, and that belong to the principals there are. What breaks there does break.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::analysis::Profile;
use crate::bundle::Bundle;
use crate::name::AccountId;
use crate::value::{Value, ValueType};

/// The most accounts that are looked at.
const EXAMPLES_MAX: usize = 64;

/// Accounts of which what is given holds.
pub(super) fn examples(bundle: &Bundle, given: &Profile) -> Vec<Profile> {
    // Where most principals are at home, they look after others.
    let managers = homes(bundle);
    let mut members = managers.clone();
    members.reverse();
    let mut examples = vec![given.clone()];
    if given.id.is_none() {
        vary(&mut examples, &members, |example, id| {
            example.id = Some(id.clone());
        });
    }
    for (name, attribute) in &bundle.lifecycle.attributes {
        let is_left_open = attribute.optional || attribute.default.is_some();
        if is_left_open || given.attributes.contains_key(name) {
            continue;
        }
        if attribute.ty == ValueType::AccountId {
            vary(&mut examples, &managers, |example, id| {
                let value = Value::AccountId(id.clone());
                example.attributes.insert(name.clone(), Some(value));
            });
        } else if let Some(value) = sample(&attribute.ty) {
            for example in &mut examples {
                example.attributes.insert(name.clone(), Some(value.clone()));
            }
        }
    }
    examples
}

/// The accounts that principals belong to, those of many first.
fn homes(bundle: &Bundle) -> Vec<&AccountId> {
    let mut many: BTreeMap<&AccountId, usize> = BTreeMap::new();
    for listed in bundle.principals.listed() {
        *many.entry(&listed.principal.account).or_default() += 1;
    }
    let mut homes: Vec<_> = many.into_iter().collect();
    homes.sort_by_key(|(_, many)| Reverse(*many));
    homes.into_iter().map(|(home, _)| home).collect()
}

/// Each example with each home, as many as may be looked at.
fn vary(examples: &mut Vec<Profile>, homes: &[&AccountId], set: impl Fn(&mut Profile, &AccountId)) {
    let with = |example: &Profile, home: &AccountId| {
        let mut example = example.clone();
        set(&mut example, home);
        example
    };
    let each = examples.iter();
    let varied = each.flat_map(|example| homes.iter().map(|home| with(example, home)));
    let varied: Vec<Profile> = varied.take(EXAMPLES_MAX).collect();
    if !varied.is_empty() {
        *examples = varied;
    }
}

/// Some value of a type of which not all values are told apart.
fn sample(ty: &ValueType) -> Option<Value> {
    let text = match ty {
        ValueType::Text => "example",
        ValueType::Int => "1",
        ValueType::Phone => "65-91234567",
        ValueType::Email => "somebody@example.com",
        ValueType::Country => "SG",
        ValueType::Ip => "192.0.2.1",
        ValueType::Time
        | ValueType::Duration
        | ValueType::AccountId
        | ValueType::Bool
        | ValueType::OneOf(_)
        | ValueType::Secret => return None,
    };
    ty.parse(text).ok()
}
