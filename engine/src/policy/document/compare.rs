//! Tests of `when` clauses: what an operator says of a key and its values, also where the key is
//! missing.

use std::collections::BTreeSet;
use std::iter;

use super::Key;
use super::grammar::Reader;
use super::operator::{Base, Operator, Order};

/// How many values stand in a list of their own, which has a name.
const NAMED_LIST_MIN: usize = 16;
/// How many values one list of a condition can have.
const LIST_LENGTH_MAX: usize = 256;

/// One test of a `when` clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    /// What must hold first, so that the test can be asked: `has(…)`.
    pub(super) guard: Option<String>,
    /// The expression.
    pub(super) text: String,
    /// Whether it is a choice (`… || …`), which needs parentheses beside others.
    pub(super) choice: bool,
    /// What must not hold, where that says the same and is easier to read.
    pub(super) unless: Option<String>,
}

impl Test {
    pub(super) fn plain(text: String) -> Self {
        Self {
            guard: None,
            text,
            choice: false,
            unless: None,
        }
    }

    /// A test that something does not hold.
    pub(super) fn not(text: String, holds: String) -> Self {
        Self {
            unless: Some(holds),
            ..Self::plain(text)
        }
    }

    /// The expression as it stands beside others.
    pub(super) fn beside(&self) -> String {
        match self.choice {
            true => format!("({})", self.text),
            false => self.text.clone(),
        }
    }

    /// Whichever of these.
    pub(super) fn any(texts: &[String]) -> Self {
        Self {
            choice: texts.len() > 1,
            ..Self::plain(texts.join(" || "))
        }
    }
}

/// The values of a test, as literals.
pub(super) struct Literals {
    each: Vec<String>,
    /// The single one, all of them in a list, or the names of lists.
    lists: Vec<String>,
}

/// A list of literals that has a name.
#[derive(Debug)]
pub(super) struct NamedList {
    pub(super) name: String,
    pub(super) list: String,
}

impl Reader<'_> {
    /// The values to compare a name with. Many of them would bury the condition, and a condition is
    /// only so long: they get names before the statements.
    pub(super) fn literals(&mut self, base: Base, of: &str, mut each: Vec<String>) -> Literals {
        // Any of them will do, so that one that is written again says nothing.
        let mut seen = BTreeSet::new();
        each.retain(|literal| seen.insert(literal.clone()));
        let named = each.len() >= NAMED_LIST_MIN && base.takes_named_list();
        let lists = match named {
            false => vec![listed(&each)],
            true => each
                .chunks(LIST_LENGTH_MAX)
                .map(|chunk| self.named_list(of, listed(chunk)))
                .collect(),
        };
        Literals { each, lists }
    }

    /// The name of a list, the same for the same list.
    fn named_list(&mut self, of: &str, list: String) -> String {
        if let Some(same) = self.lists.iter().find(|known| known.list == list) {
            return same.name.clone();
        }
        let own = of.rsplit('.').next().unwrap_or(of);
        let taken = |name: &String| self.lists.iter().any(|list| list.name == *name);
        let numbered = (2_usize..).map(|number| format!("{own}_values_{number}"));
        let mut names = iter::once(format!("{own}_values")).chain(numbered);
        let name = names.find(|name| !taken(name)).unwrap_or_default();
        self.lists.push(NamedList {
            name: name.clone(),
            list,
        });
        name
    }
}

/// A test that a name, which is never missing, is none of these.
pub(super) fn none_of(base: Base, name: &str, values: &Literals) -> Test {
    Test::not(
        negated(base, name, values),
        compared(base, name, values).text,
    )
}

/// A test with what it says of a missing key: only a negated one matches.
pub(super) fn guarded(operator: Operator, key: &Key, values: &Literals) -> Test {
    let name = &key.name;
    let positive = compared(operator.base, name, values);
    if operator.negated {
        let negative = negated(operator.base, name, values);
        return match key.optional {
            true => Test {
                choice: true,
                ..Test::not(
                    format!("!has({name}) || {negative}"),
                    format!("has({name}) && {}", positive.beside()),
                )
            },
            false => none_of(operator.base, name, values),
        };
    }
    match (key.optional, operator.if_exists) {
        (false, _) => positive,
        (true, false) => Test {
            guard: Some(format!("has({name})")),
            ..positive
        },
        (true, true) => Test {
            choice: true,
            ..Test::plain(format!("!has({name}) || {}", positive.text))
        },
    }
}

/// Whether a value that is there equals any of these, or however else the operator compares.
fn compared(base: Base, name: &str, values: &Literals) -> Test {
    let each = |sign: &str| -> Vec<String> {
        let literals = values.each.iter();
        literals.map(|it| format!("{name} {sign} {it}")).collect()
    };
    let of_lists = |question: &dyn Fn(&str) -> String| -> Vec<String> {
        values.lists.iter().map(|list| question(list)).collect()
    };
    let texts = match (function(base), base) {
        (Some(function), _) => of_lists(&|list| format!("{function}({name}, {list})")),
        (None, Base::Bool) => each("=="),
        (None, Base::Number(order) | Base::Date(order)) if order != Order::Equal => {
            each(order.sign())
        }
        _ if values.each.len() == 1 => each("=="),
        _ => of_lists(&|list| format!("{name} in {list}")),
    };
    Test::any(&texts)
}

/// The opposite: none of these.
fn negated(base: Base, name: &str, values: &Literals) -> String {
    if let (None, [single]) = (function(base), values.each.as_slice()) {
        return format!("{name} != {single}");
    }
    let lists = values.lists.iter();
    let texts: Vec<_> = lists
        .map(|list| match function(base) {
            Some(function) => format!("!{function}({name}, {list})"),
            None => format!("!({name} in {list})"),
        })
        .collect();
    texts.join(" && ")
}

/// The function of our language that compares as the operator does.
fn function(base: Base) -> Option<&'static str> {
    match base {
        Base::AnyCase => Some("same_text"),
        Base::Like | Base::Arn => Some("like"),
        Base::Ip => Some("ip_in"),
        Base::Text | Base::Number(_) | Base::Date(_) | Base::Bool | Base::Null => None,
    }
}

/// A literal, or a list of them.
pub(super) fn listed(literals: &[String]) -> String {
    match literals {
        [single] => single.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}
