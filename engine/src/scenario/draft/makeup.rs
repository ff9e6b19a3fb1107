//! Making up what is not known of an account at the beginning.

use std::collections::BTreeMap;

use super::{Rehearsal, Start};
use crate::lifecycle::syntax::ScalarText;
use crate::name::Name;
use crate::scenario::sample;
use crate::scenario::syntax::AccountForm;
use crate::value::{Value, ValueType};

/// How what is not known of an account is made up. One may come further than another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Makeup {
    /// Whether it has also what accounts may lack.
    full: bool,
    /// Whether accounts that it names are itself.
    itself: bool,
}

impl Makeup {
    /// As little as there must be.
    pub(super) const PLAIN: Self = Self::new(false, false);
    /// What is tried where that does not come to its end.
    pub(super) const OTHERS: [Self; 3] = [
        Self::new(true, false),
        Self::new(false, true),
        Self::new(true, true),
    ];

    const fn new(full: bool, itself: bool) -> Self {
        Self { full, itself }
    }
}

impl Rehearsal<'_> {
    /// The account, with something in the place of what it must have and nobody said.
    pub(super) fn start(&self, start: &Start, makeup: Makeup) -> AccountForm {
        let mut attributes = BTreeMap::new();
        let mut countries = Vec::new();
        let declared = &self.bundle.lifecycle.attributes;
        // Countries first: numbers are of one.
        let given = declared.iter().filter(|(_, attribute)| !attribute.set_only);
        let mut in_order: Vec<_> = given.collect();
        in_order.sort_by_key(|(_, attribute)| attribute.ty != ValueType::Country);
        for (name, attribute) in in_order {
            let wanted = makeup.full || !attribute.optional || start.has.contains(name);
            let value = match start.attributes.get(name) {
                Some(known) => known.clone(),
                None if wanted && attribute.default.is_none() => {
                    self.made_up((name, &attribute.ty), &countries, makeup)
                }
                None => None,
            };
            if let Some(Value::Country(code)) = &value {
                countries.push(code.to_string());
            }
            if let Some(value) = value {
                attributes.insert(name.clone(), ScalarText(value.text()));
            }
        }
        AccountForm {
            attributes,
            states: start.states.clone(),
        }
    }

    fn made_up(
        &self,
        (name, ty): (&Name, &ValueType),
        countries: &[String],
        makeup: Makeup,
    ) -> Option<Value> {
        if *ty == ValueType::AccountId {
            if makeup.itself {
                return Some(Value::AccountId(self.account.clone()));
            }
            let principals = self.bundle.principals.listed();
            let mut homes = principals.map(|listed| listed.principal.account.clone());
            return homes.next().map(Value::AccountId);
        }
        sample::values(ty, name.as_str(), countries)
            .into_iter()
            .next()
    }
}
