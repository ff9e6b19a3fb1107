//! The names an expression can use, each with its type and its slot.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::name::{ConditionKey, Name};
use crate::value::ValueType;

/// The static type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// Free text.
    Text,
    /// An instant.
    Time,
    /// A length of time.
    Duration,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A country code.
    Country,
    /// An account id.
    AccountId,
    /// An IP address.
    Ip,
    /// One of the listed words: a state of a workflow, or a `one_of` value.
    OneOf(Arc<[Name]>),
    /// A sealed secret: it can be passed on, not looked into.
    Secret,
    /// Several texts: the groups or policies of a principal.
    Texts,
}

impl From<&ValueType> for Type {
    fn from(value: &ValueType) -> Self {
        match value {
            ValueType::Text => Self::Text,
            ValueType::Int => Self::Int,
            ValueType::Bool => Self::Bool,
            ValueType::Time => Self::Time,
            ValueType::Duration => Self::Duration,
            ValueType::Phone => Self::Phone,
            ValueType::Email => Self::Email,
            ValueType::Country => Self::Country,
            ValueType::AccountId => Self::AccountId,
            ValueType::Ip => Self::Ip,
            ValueType::OneOf(words) => Self::OneOf(words.clone()),
            ValueType::Secret => Self::Secret,
        }
    }
}

/// The place of a name's value in [`Facts`](super::Facts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u16);

impl Slot {
    /// The slot's index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A name and what is known of it before anything runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The full path as it is written: `account.phone`, `state.member_type`, `now.hour`,
    /// `resource`.
    pub path: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Whether it can be unset; reading such a name needs `has(…)` or `… ?? …`.
    pub optional: bool,
    /// What policy documents call it: `context["acs:SourceIp"]` is `context.source_ip`.
    pub keys: Vec<ConditionKey>,
}

/// Every name that expressions of one lifecycle can use.
///
/// Paths have one or two parts. The first parts are `account`, `state`, `input`, `principal`,
/// `context`, `now`, `resource`, `permission` and `address`.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    facts: Vec<Fact>,
    slots: BTreeMap<Arc<str>, Slot>,
}

impl Vocabulary {
    /// Declares a name; declaring it again returns the first slot and changes nothing.
    pub fn declare(&mut self, path: &str, ty: Type, optional: bool) -> Slot {
        if let Some(slot) = self.slots.get(path) {
            return *slot;
        }
        let slot = Slot(u16::try_from(self.facts.len()).unwrap_or(u16::MAX));
        let path: Arc<str> = path.into();
        self.slots.insert(path.clone(), slot);
        self.facts.push(Fact {
            path,
            ty,
            optional,
            keys: Vec::new(),
        });
        slot
    }

    /// Lets a name be known by a condition key as well.
    pub fn add_key(&mut self, slot: Slot, key: ConditionKey) {
        if let Some(fact) = self.facts.get_mut(slot.index()) {
            fact.keys.push(key);
        }
    }

    /// The slot of a condition key, in any case up to a `/`.
    pub fn slot_of_key(&self, key: &str) -> Option<Slot> {
        self.facts()
            .find(|(_, fact)| fact.keys.iter().any(|known| known.is(key)))
            .map(|(slot, _)| slot)
    }

    /// The same names in the same slots, with all those of one group (`input`) optional.
    #[must_use]
    pub fn with_optional(&self, group: &str) -> Self {
        let mut vocabulary = self.clone();
        for fact in &mut vocabulary.facts {
            let first = fact.path.split('.').next();
            fact.optional |= first == Some(group);
        }
        vocabulary
    }

    /// The slot of a path.
    pub fn slot(&self, path: &str) -> Option<Slot> {
        self.slots.get(path).copied()
    }

    /// What is known of a slot.
    pub fn fact(&self, slot: Slot) -> Option<&Fact> {
        self.facts.get(slot.index())
    }

    /// Every name, in slot order.
    pub fn facts(&self) -> impl Iterator<Item = (Slot, &Fact)> {
        (0_u16..).map(Slot).zip(&self.facts)
    }

    /// How many slots there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }
}
