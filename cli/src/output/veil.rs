//! Masking: what is personal is shown only as far as it takes to recognise it, unless asked for.

use std::collections::BTreeMap;

use stateward::expr::{Slot, Type};
use stateward::lifecycle::model::{Channel, Lifecycle};
use stateward::name::{Name, TransitionName};
use stateward::value::{Value, ValueType};

/// Decides how much of each value is shown.
#[derive(Clone, Copy)]
pub struct Veil<'a> {
    lifecycle: &'a Lifecycle,
    reveal: bool,
}

impl<'a> Veil<'a> {
    /// Masks by what the lifecycle declares, or not at all.
    pub fn new(lifecycle: &'a Lifecycle, reveal: bool) -> Self {
        Self { lifecycle, reveal }
    }

    /// The value of an attribute. One that the lifecycle no longer declares counts as personal.
    pub fn attribute(self, name: &Name, value: &Value) -> String {
        let declared = self.lifecycle.attributes.get(name);
        self.show(value, declared.is_none_or(|attribute| attribute.personal))
    }

    /// Attributes by name.
    pub fn attributes(self, values: &BTreeMap<Name, Value>) -> BTreeMap<String, String> {
        values
            .iter()
            .map(|(name, value)| (name.to_string(), self.attribute(name, value)))
            .collect()
    }

    /// Inputs of a transition, by name.
    pub fn inputs(
        self,
        transition: &TransitionName,
        values: &BTreeMap<Name, Value>,
    ) -> BTreeMap<String, String> {
        let declared = self.lifecycle.transitions.get(transition);
        let personal = |name| {
            declared
                .and_then(|transition| transition.inputs.get(name))
                .is_none_or(|i| i.personal)
        };
        let show = |(name, value)| (Name::to_string(name), self.show(value, personal(name)));
        values.iter().map(show).collect()
    }

    /// An input of a transition as it was written. What cannot be read may be personal, too.
    pub fn input_text(self, transition: &TransitionName, name: &str, text: &str) -> String {
        let declared = self.lifecycle.transitions.get(transition);
        let input = declared.and_then(|transition| transition.inputs.get(name));
        let value = input.and_then(|input| input.ty.parse(text).ok());
        let value = value.unwrap_or_else(|| Value::Text(text.into()));
        let is_secret = input.is_some_and(|input| input.ty == ValueType::Secret);
        if is_secret {
            return Value::Secret(text.into()).text();
        }
        self.show(&value, input.is_none_or(|input| input.personal))
    }

    /// Whether the value of a name in conditions is not shown: secrets never are, what is personal
    /// only on request.
    pub fn hides(self, slot: Slot) -> bool {
        let lifecycle = self.lifecycle;
        let attributes = lifecycle
            .attributes
            .values()
            .map(|it| (it.slot, it.personal));
        let inputs = lifecycle
            .transitions
            .values()
            .flat_map(|it| it.inputs.values());
        let mut personal = attributes.chain(inputs.map(|it| (it.slot, it.personal)));
        let fact = lifecycle.vocabulary.fact(slot);
        fact.is_some_and(|fact| fact.ty == Type::Secret)
            || (!self.reveal && personal.any(|(of, personal)| of == slot && personal))
    }

    /// An address that a message goes to.
    pub fn address(self, by: Channel, address: &str) -> String {
        let value = match by {
            Channel::Sms => Value::Phone(address.into()),
            Channel::Email => Value::Email(address.into()),
        };
        self.show(&value, true)
    }

    /// What a quota is counted by: an account's id, or an address.
    pub fn quota_key(self, key: &str) -> String {
        match key {
            phone if phone.starts_with('+') => self.address(Channel::Sms, phone),
            mail if mail.contains('@') => self.address(Channel::Email, mail),
            id => id.to_owned(),
        }
    }

    fn show(self, value: &Value, personal: bool) -> String {
        match value {
            Value::Secret(_) => value.text(),
            _ if self.reveal || !personal => value.text(),
            _ => value.masked(),
        }
    }
}
