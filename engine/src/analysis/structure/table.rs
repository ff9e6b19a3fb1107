//! Conditions as a truth table: whether two can hold at once, or none of several, whatever the facts.
//!
//! Comparisons are taken apart only as far as needed: `a != b` is the opposite of `a == b`, `a >= b`
//! of `a < b`, and of several comparisons of one name with different constants one holds at most. What
//! is proved so holds; what is not may be proved otherwise.

use std::collections::BTreeMap;

use crate::expr::{Clause, Facts, Joint, Type};
use crate::lifecycle::model::{Lifecycle, Transition};

/// Most different comparisons: their combinations are all looked at.
const ATOMS_MAX: usize = 12;

/// The conditions of several transitions over what they compare.
pub(super) struct Table<'l> {
    lifecycle: &'l Lifecycle,
    atoms: Vec<Atom>,
    formulas: Vec<Formula>,
}

/// Something that holds or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Atom {
    /// As it is written.
    text: String,
    /// The name and the text that it is compared with, where it is such a comparison.
    compared: Option<(String, String)>,
}

/// A condition over atoms, by number.
#[derive(Debug)]
enum Formula {
    Is(usize),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    If(Box<[Formula; 3]>),
}

impl<'l> Table<'l> {
    /// The table of these transitions' conditions, each as a whole.
    pub(super) fn of(lifecycle: &'l Lifecycle, transitions: &[&Transition]) -> Self {
        let mut table = Self {
            lifecycle,
            atoms: Vec::new(),
            formulas: Vec::new(),
        };
        let facts = Facts::new(&lifecycle.vocabulary);
        for transition in transitions {
            let guards = transition.guards.iter().map(|guard| {
                let clause = guard
                    .condition
                    .clauses_of_known(&facts, &|_| false, &|_| false);
                table.formula(&clause)
            });
            let all = Formula::All(guards.collect());
            table.formulas.push(all);
        }
        table
    }

    /// Whether no two of them hold at once.
    pub(super) fn excludes(&self) -> bool {
        self.always(|holding| holding <= 1)
    }

    /// Whether one of them holds in any case.
    pub(super) fn exhausts(&self) -> bool {
        self.always(|holding| holding >= 1)
    }

    /// Whether so many of them hold, whatever is true.
    fn always(&self, is_right: impl Fn(usize) -> bool) -> bool {
        if self.atoms.len() > ATOMS_MAX {
            return false;
        }
        let rows = 0..1_u32 << self.atoms.len();
        rows.filter(|row| self.is_possible(*row)).all(|row| {
            let holding = self.formulas.iter().filter(|formula| formula.holds(row));
            is_right(holding.count())
        })
    }

    /// Whether what is compared with constants can be so: of the values of one name it has one.
    fn is_possible(&self, row: u32) -> bool {
        let mut by_name: BTreeMap<&str, Vec<(&str, bool)>> = BTreeMap::new();
        for (index, atom) in self.atoms.iter().enumerate() {
            if let Some((name, value)) = &atom.compared {
                by_name
                    .entry(name)
                    .or_default()
                    .push((value, is_set(row, index)));
            }
        }
        by_name.into_iter().all(|(name, values)| {
            let held = values.iter().filter(|(_, holds)| *holds).count();
            held == 1 || (held == 0 && !self.are_all(name, values.len()))
        })
    }

    /// Whether a name has no more values than so many.
    fn are_all(&self, name: &str, many: usize) -> bool {
        let vocabulary = &self.lifecycle.vocabulary;
        let fact = vocabulary.slot(name).and_then(|slot| vocabulary.fact(slot));
        fact.is_some_and(
            |fact| matches!(&fact.ty, Type::OneOf(words) if !fact.optional && words.len() <= many),
        )
    }

    fn formula(&mut self, clause: &Clause) -> Formula {
        let mut parts = || {
            clause
                .parts
                .iter()
                .map(|part| self.formula(part))
                .collect::<Vec<_>>()
        };
        match clause.joint {
            Joint::All => Formula::All(parts()),
            Joint::Any => Formula::Any(parts()),
            Joint::Not => Formula::Not(Box::new(Formula::All(parts()))),
            Joint::If => match <[Formula; 3]>::try_from(parts()) {
                Ok(three) => Formula::If(Box::new(three)),
                Err(_) => self.leaf(&clause.text),
            },
            Joint::Leaf => self.leaf(&clause.text),
        }
    }

    fn leaf(&mut self, text: &str) -> Formula {
        match text {
            "true" => return Formula::All(Vec::new()),
            "false" => return Formula::Any(Vec::new()),
            _ => {}
        }
        for (negative, positive) in [(" != ", " == "), (" >= ", " < "), (" > ", " <= ")] {
            let mut sides = text.split(negative);
            if let (Some(left), Some(right), None) = (sides.next(), sides.next(), sides.next()) {
                let opposite = self.atom(format!("{left}{positive}{right}"));
                return Formula::Not(Box::new(Formula::Is(opposite)));
            }
        }
        Formula::Is(self.atom(text.to_owned()))
    }

    fn atom(&mut self, text: String) -> usize {
        if let Some(known) = self.atoms.iter().position(|atom| atom.text == text) {
            return known;
        }
        let is_name = |side: &str| {
            side.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
        };
        let is_text = |side: &str| side.len() > 1 && side.starts_with('"') && side.ends_with('"');
        let sides = text.split_once(" == ");
        let compared = sides.filter(|(name, value)| is_name(name) && is_text(value));
        let compared = compared.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.atoms.push(Atom { text, compared });
        self.atoms.len() - 1
    }
}

fn is_set(row: u32, index: usize) -> bool {
    u32::try_from(index).is_ok_and(|index| row.checked_shr(index).unwrap_or_default() & 1 == 1)
}

impl Formula {
    fn holds(&self, row: u32) -> bool {
        match self {
            Self::Is(index) => is_set(row, *index),
            Self::Not(part) => !part.holds(row),
            Self::All(parts) => parts.iter().all(|part| part.holds(row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Self::If(three) => {
                let [condition, then, otherwise] = three.as_ref();
                if condition.holds(row) {
                    then.holds(row)
                } else {
                    otherwise.holds(row)
                }
            }
        }
    }
}
