//! What a change of conditions lets through: both sides in every situation that either tells apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Weight;
use super::pair::Pair;
use crate::bundle::Bundle;
use crate::expr::{Expression, Facts, Slot, Truth, Type, Val};
use crate::workbench::diff::cells::{Cell, cells, situations};
use crate::workbench::diff::domain::{Dimension, merged, told_apart};
use crate::workbench::diff::{Situated, Told};
use crate::workbench::trace::UNKNOWN;

/// What came of a change of conditions.
pub(super) struct Verdict {
    pub(super) weight: Weight,
    /// Situations that show it.
    pub(super) when: Vec<Situated>,
    /// What was demanded and is no longer, and what is demanded now, as written.
    pub(super) edits: Vec<String>,
}

/// Compares what is demanded on both sides: all conditions of a side together.
///
/// `None`, where they are the same.
pub(super) fn compare(
    pair: &Pair<'_>,
    old: &[&Expression],
    new: &[&Expression],
) -> Option<Verdict> {
    let has = |all: &[&Expression], one: &Expression| all.iter().any(|it| pair.same(it, one));
    let gone: Vec<&Expression> = old.iter().copied().filter(|it| !has(new, it)).collect();
    let come: Vec<&Expression> = new.iter().copied().filter(|it| !has(old, it)).collect();
    if gone.is_empty() && come.is_empty() {
        return None;
    }
    let kept: Vec<&Expression> = new.iter().copied().filter(|it| has(old, it)).collect();
    let edits = gone.iter().map(|it| format!("- {}", one_line(it.text())));
    let edits = edits.chain(come.iter().map(|it| format!("+ {}", one_line(it.text()))));
    let edits = edits.collect();
    let sides = [(pair.old, &gone), (pair.new, &come)];
    let told = sides.iter().map(|(bundle, own)| {
        let all: Vec<&Expression> = own.iter().copied().chain(kept.iter().copied()).collect();
        told(bundle, &all)
    });
    let dimensions = merged(told);
    let mut sorted = Sorted::default();
    for cell in cells(&dimensions) {
        // What stays is taken to hold wherever it can.
        if truth(pair.new, &kept, &dimensions, &cell) != Truth::False {
            let before = truth(pair.old, &gone, &dimensions, &cell);
            let after = truth(pair.new, &come, &dimensions, &cell);
            sorted.put(before, after, cell);
        }
    }
    let (weight, cells) = sorted.weigh(gone.is_empty(), come.is_empty());
    let cells: Vec<&Cell> = cells.iter().collect();
    Some(Verdict {
        weight,
        when: match cells.as_slice() {
            [] => Vec::new(),
            cells => situations(&dimensions, cells),
        },
        edits,
    })
}

/// Situations, by what becomes of a request in them.
#[derive(Default)]
struct Sorted {
    gained: Vec<Cell>,
    perhaps: Vec<Cell>,
    lost: Vec<Cell>,
}

impl Sorted {
    fn put(&mut self, before: Truth, after: Truth, cell: Cell) {
        match (before, after) {
            (Truth::False, Truth::True) => self.gained.push(cell),
            (Truth::True, Truth::False | Truth::Unknown) => self.lost.push(cell),
            (Truth::False | Truth::Unknown, Truth::Unknown) | (Truth::Unknown, Truth::True) => {
                self.perhaps.push(cell);
            }
            (Truth::Unknown, Truth::False) => self.lost.push(cell),
            (Truth::True, Truth::True) | (Truth::False, Truth::False) => {}
        }
    }

    /// The weight, with the situations that show it. A condition that is only taken away weakens,
    /// and one that only comes strengthens, also where no situation can be named.
    fn weigh(self, none_gone: bool, none_come: bool) -> (Weight, Vec<Cell>) {
        match () {
            () if none_come => (Weight::Weakening, self.gained),
            () if none_gone => (Weight::Strengthening, self.lost),
            () if !self.gained.is_empty() => (Weight::Weakening, self.gained),
            () if !self.perhaps.is_empty() => (Weight::MayWeaken, self.perhaps),
            () if !self.lost.is_empty() => (Weight::Strengthening, self.lost),
            () => (Weight::Neutral, Vec::new()),
        }
    }
}

/// The values that conditions tell apart, by name.
fn told(bundle: &Bundle, conditions: &[&Expression]) -> BTreeMap<Arc<str>, Vec<Told>> {
    let vocabulary = &bundle.lifecycle.vocabulary;
    let slots: BTreeSet<Slot> = conditions
        .iter()
        .flat_map(|it| it.reads().iter().copied())
        .collect();
    let mut told = BTreeMap::new();
    for slot in slots {
        let Some(fact) = vocabulary.fact(slot) else {
            continue;
        };
        let values = match fact.ty {
            Type::Texts | Type::Secret => vec![Told::Open],
            _ => told_apart(slot, fact, conditions.iter().copied()),
        };
        told.insert(fact.path.clone(), values);
    }
    told
}

/// Whether all conditions hold in a situation.
fn truth(
    bundle: &Bundle,
    conditions: &[&Expression],
    dimensions: &[Dimension],
    cell: &Cell,
) -> Truth {
    let vocabulary = &bundle.lifecycle.vocabulary;
    let mut facts = Facts::new(vocabulary);
    let mut known = vec![false; vocabulary.len()];
    for (slot, fact) in vocabulary.facts() {
        let mut named = dimensions.iter().zip(cell);
        let told = named.find(|(dimension, _)| dimension.path == fact.path);
        let told = told.and_then(|(dimension, place)| dimension.values.get(*place));
        match told.and_then(Told::val) {
            Some(value) => {
                facts.set(slot, value);
                if let Some(known) = known.get_mut(slot.index()) {
                    *known = true;
                }
            }
            None => facts.set(slot, Val::Text(UNKNOWN)),
        }
    }
    let is_known = |slot: Slot| known.get(slot.index()).copied().unwrap_or_default();
    let mut all = Truth::True;
    for condition in conditions {
        match condition.truth3(&facts, &is_known) {
            Truth::False => return Truth::False,
            Truth::Unknown => all = Truth::Unknown,
            Truth::True => {}
        }
    }
    all
}

/// An expression as one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
