//! One principal and one permission, under both definitions.

use super::cells::{Cell, cells, situations};
use super::domain::{Dimension, Told, covering, dimensions};
use super::{Difference, OWNER, Shift, Side, statements};
use crate::expr::{Facts, Slot, Truth, Val};
use crate::lifecycle::model::Access;
use crate::workbench::trace::{Question, Suppose, UNKNOWN};
use crate::workbench::who_can::Who;

/// What is compared.
pub(super) struct Pair<'p> {
    /// Whether functions, names and kinds of principals are the same, too.
    pub(super) same_language: bool,
    pub(super) sides: [Side<'p>; 2],
    pub(super) accesses: [Option<&'p Access>; 2],
    pub(super) who: &'p Who,
    pub(super) permission: &'p str,
    pub(super) asked_by: Option<&'p str>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Becomes {
    Gained { certain: bool },
    Lost { certain: bool },
    Same,
}

impl Pair<'_> {
    /// Adds what is gained and lost.
    pub(super) fn compare(&self, to: &mut Difference) {
        let [old, new] = self.sides;
        let [one, other] = self.accesses;
        if self.same_language && self.says(&old, one) == self.says(&new, other) {
            return;
        }
        let dimensions = dimensions([&old, &new], self.permission, self.accesses);
        let cells = cells(&dimensions);
        let all: Vec<(Cell, Becomes)> = cells
            .into_iter()
            .map(|cell| {
                let becomes = self.becomes(&dimensions, &cell);
                (cell, becomes)
            })
            .collect();
        for certain in [true, false] {
            let of = |becomes: Becomes| self.shift(&dimensions, &all, becomes, certain);
            to.gains.extend(of(Becomes::Gained { certain }));
            to.losses.extend(of(Becomes::Lost { certain }));
        }
    }

    /// Everything on one side that may decide: where it is the same, so is the answer.
    fn says(&self, side: &Side<'_>, access: Option<&Access>) -> Vec<String> {
        let bundle = side.bundle;
        let mut says: Vec<String> = covering(side, self.permission)
            .into_iter()
            .map(|it| format!("{} {}", it.policy(), statements::text(it)))
            .collect();
        says.push(format!("{:?}", side.principal));
        let attachments = bundle.principals.attachments();
        let names = |policies: &crate::policy::Attached| -> Vec<String> {
            policies.iter().map(|it| it.name().to_string()).collect()
        };
        if let Some(control) = attachments.control() {
            let nodes = control
                .attached()
                .map(|(node, of)| format!("{node} {:?}", names(of)));
            says.extend(nodes);
            let place = bundle.lifecycle.vocabulary.fact(control.place());
            let place = place.map(|fact| fact.path.clone());
            let default = names(control.default_policies());
            says.push(format!("{} {place:?} {default:?}", control.root()));
        }
        for of in attachments.resource_policies() {
            let on: Vec<&str> = of.resources.iter().map(|it| it.text()).collect();
            says.push(format!("{on:?} {:?}", names(&of.policies)));
        }
        for (name, group) in attachments.resource_groups() {
            let on: Vec<&str> = group.resources.iter().map(|it| it.text()).collect();
            says.push(format!("{name} {on:?}"));
        }
        let templates = access.map(|access| access.resources.iter().map(|it| it.text()));
        says.push(format!("{:?}", templates.map(Vec::from_iter)));
        says
    }

    fn becomes(&self, dimensions: &[Dimension], cell: &Cell) -> Becomes {
        let [old, new] = self.sides;
        let [one, other] = self.accesses;
        let before = self.allows(&old, one, dimensions, cell);
        let after = self.allows(&new, other, dimensions, cell);
        match (before, after) {
            (Truth::True, Truth::True) | (Truth::False, Truth::False) => Becomes::Same,
            (Truth::False, Truth::True) => Becomes::Gained { certain: true },
            (Truth::True, Truth::False) => Becomes::Lost { certain: true },
            (Truth::True, Truth::Unknown) | (Truth::Unknown, Truth::False) => {
                Becomes::Lost { certain: false }
            }
            // What may be gained and may be lost is told as what is worse.
            (Truth::False | Truth::Unknown, _) => Becomes::Gained { certain: false },
        }
    }

    /// Whether one side allows the request in a cell.
    fn allows(
        &self,
        side: &Side<'_>,
        access: Option<&Access>,
        dimensions: &[Dimension],
        cell: &Cell,
    ) -> Truth {
        let Some(principal) = side.principal else {
            return Truth::False;
        };
        let lifecycle = &side.bundle.lifecycle;
        let slots = &lifecycle.slots;
        let mut facts = Facts::new(&lifecycle.vocabulary);
        let mut known: Vec<bool> = vec![false; lifecycle.vocabulary.len()];
        let mut set = |slot: Slot, value| {
            facts.set(slot, value);
            if let Some(place) = known.get_mut(slot.index()) {
                *place = true;
            }
        };
        for (slot, fact) in lifecycle.vocabulary.facts() {
            let told = dimensions
                .iter()
                .zip(cell)
                .find(|(it, _)| it.path == fact.path);
            let told = told.and_then(|(it, place)| it.values.get(*place));
            if let Some(value) = told.and_then(Told::val) {
                set(slot, value);
            }
        }
        set(slots.principal_kind, Val::Text(principal.kind.as_str()));
        set(
            slots.principal_account,
            Val::Text(principal.account.as_str()),
        );
        set(slots.principal_name, Val::Text(principal.name.as_str()));
        set(slots.principal_groups, Val::Texts(&principal.groups));
        if matches!(self.who, Who::Owner { .. }) {
            set(slots.account_id, Val::Text(OWNER));
        }
        let is_known = |slot: Slot| known.get(slot.index()).copied().unwrap_or_default();
        for (slot, _) in lifecycle.vocabulary.facts() {
            if !is_known(slot) {
                facts.set(slot, Val::Text(UNKNOWN));
            }
        }
        let question = Question {
            bundle: side.bundle,
            principal,
            action: self.permission,
            facts: &facts,
            known: &is_known,
            hidden: &|_| false,
            suppose: Suppose::NOTHING,
        };
        let resources = match access {
            Some(access) => side.bundle.resources(access, &facts).ok(),
            None => Some(vec![UNKNOWN.to_owned()]),
        };
        let Some(resources) = resources else {
            return Truth::Unknown;
        };
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        question.possible(&resources).allows()
    }

    /// The situations in which something becomes of the request.
    fn shift(
        &self,
        dimensions: &[Dimension],
        all: &[(Cell, Becomes)],
        becomes: Becomes,
        certain: bool,
    ) -> Option<Shift> {
        let cells: Vec<&Cell> = all
            .iter()
            .filter(|(_, is)| *is == becomes)
            .map(|(cell, _)| cell)
            .collect();
        if cells.is_empty() {
            return None;
        }
        Some(Shift {
            who: self.who.clone(),
            permission: self.permission.to_owned(),
            asked_by: self.asked_by.map(str::to_owned),
            certain,
            when: situations(dimensions, &cells),
        })
    }
}
