//! What expressions see of a product state, and what of it is known.

use super::asker::Asker;
use super::model::Model;
use super::space::{Held, Packed};
use crate::expr::{Expression, Facts, Knowledge, Partial, Slot, Truth, Val};
use crate::lifecycle::model::Transition;
use crate::situation::fill_time;
use crate::workbench::trace::UNKNOWN;

/// The facts of a product state and, where somebody asks, of who does.
pub(super) struct View<'v> {
    facts: Facts<'v>,
    /// By slot.
    known: Vec<Knowledge>,
}

impl<'v> View<'v> {
    /// A product state by itself.
    pub(super) fn of_state(model: &'v Model<'_>, state: Packed) -> Self {
        let mut view = Self::empty(model);
        view.fill_account(model, state);
        view
    }

    /// A request for a transition, by somebody who is not known.
    pub(super) fn of_request(model: &'v Model<'_>, state: Packed, transition: &Transition) -> Self {
        let mut view = Self::of_state(model, state);
        view.fill_request(model, transition);
        view
    }

    /// A request by somebody.
    pub(super) fn of_asker(
        model: &'v Model<'_>,
        state: Packed,
        transition: &Transition,
        asker: &'v Asker,
    ) -> Self {
        let mut view = Self::of_request(model, state, transition);
        let slots = &model.bundle().lifecycle.slots;
        let principal = &asker.principal;
        view.set(slots.principal_kind, Val::Text(principal.kind.as_str()));
        view.set(
            slots.principal_account,
            Val::Text(principal.account.as_str()),
        );
        view.set(slots.principal_name, Val::Text(principal.name.as_str()));
        view.set(slots.principal_groups, Val::Texts(&principal.groups));
        if let Some(account) = &asker.account {
            view.set(slots.account_id, Val::Text(account.as_str()));
        }
        view
    }

    /// A transition that nobody asks for.
    pub(super) fn of_nobody(model: &'v Model<'_>, state: Packed) -> Self {
        let mut view = Self::of_state(model, state);
        for (slot, fact) in model.bundle().lifecycle.vocabulary.facts() {
            let brought = ["principal.", "context.", "input."];
            if brought.iter().any(|group| fact.path.starts_with(group)) {
                view.set(slot, Val::Unset);
            }
        }
        view
    }

    fn empty(model: &Model<'_>) -> Self {
        let vocabulary = &model.bundle().lifecycle.vocabulary;
        let mut facts = Facts::new(vocabulary);
        let mut known = Vec::with_capacity(vocabulary.len());
        for (slot, fact) in vocabulary.facts() {
            // Names of resources say what is not known of them.
            facts.set(slot, Val::Text(UNKNOWN));
            known.push(match fact.optional {
                true => Knowledge::Nothing,
                false => Knowledge::Set,
            });
        }
        Self { facts, known }
    }

    fn fill_account(&mut self, model: &'v Model<'_>, state: Packed) {
        let lifecycle = &model.bundle().lifecycle;
        let profile = model.profile();
        if let Some(id) = &profile.id {
            self.set(lifecycle.slots.account_id, Val::Text(id.as_str()));
        }
        for (name, value) in model.known() {
            if let Some(attribute) = lifecycle.attributes.get(name) {
                self.set(attribute.slot, value.as_ref().map_or(Val::Unset, Val::from));
            }
        }
        for (variable, held) in model.space().unpack(state) {
            match held {
                Held::State(name) => self.set(variable.slot, Val::Text(name.as_str())),
                Held::Value(value) => self.set(variable.slot, Val::from(value)),
                Held::Unset => self.set(variable.slot, Val::Unset),
                // Where its value at the start is known, it was filled in above.
                Held::Given if self.known(variable.slot) == Knowledge::Value => {}
                Held::Given | Held::New => self.set_to_something(variable.slot),
            }
        }
        if let Some(now) = profile.now {
            fill_time(&mut self.facts, lifecycle, now);
            let slots = &lifecycle.slots;
            for slot in [
                slots.now,
                slots.now_hour,
                slots.now_minute,
                slots.now_weekday,
            ] {
                self.learn(slot, Knowledge::Value);
            }
        }
    }

    /// Inputs of one name share a slot: what the transition does not take is not there.
    fn fill_request(&mut self, model: &'v Model<'_>, transition: &Transition) {
        let lifecycle = &model.bundle().lifecycle;
        for (slot, fact) in lifecycle.vocabulary.facts() {
            if fact.path.starts_with("input.") {
                self.set(slot, Val::Unset);
            }
        }
        for input in transition.inputs.values() {
            self.set_to_something(input.slot);
            if input.optional {
                self.learn(input.slot, Knowledge::Nothing);
            }
        }
        for (name, value) in &model.profile().inputs {
            if let Some(input) = transition.inputs.get(name) {
                self.set(input.slot, Val::from(value));
            }
        }
        for (name, value) in &model.profile().context {
            if let Some(declared) = lifecycle.context.get(name) {
                self.set(declared.slot, Val::from(value));
            }
        }
    }

    fn set(&mut self, slot: Slot, value: Val<'v>) {
        self.facts.set(slot, value);
        self.learn(slot, Knowledge::Value);
    }

    fn set_to_something(&mut self, slot: Slot) {
        self.facts.set(slot, Val::Text(UNKNOWN));
        self.learn(slot, Knowledge::Set);
    }

    fn learn(&mut self, slot: Slot, knowledge: Knowledge) {
        if let Some(known) = self.known.get_mut(slot.index()) {
            *known = knowledge;
        }
    }

    /// The facts; what is not known reads [`UNKNOWN`].
    pub(super) fn facts(&self) -> &Facts<'v> {
        &self.facts
    }

    /// What is known of a name.
    pub(super) fn known(&self, slot: Slot) -> Knowledge {
        let known = self.known.get(slot.index()).copied();
        known.unwrap_or(Knowledge::Nothing)
    }

    /// The truth of a condition.
    pub(super) fn truth(&self, condition: &Expression) -> Truth {
        condition.truth_of(&self.facts, &|slot| self.known(slot))
    }

    /// The value of an expression.
    pub(super) fn value(&self, expression: &Expression) -> Partial {
        expression.value_of(&self.facts, &|slot| self.known(slot))
    }
}
