//! Three-valued truth: what a condition comes to when only some facts are known.

use super::eval::{Read, eval, truth};
use super::node::Node;
use super::{Facts, Slot, Val};

/// A three-valued truth, for reasoning over facts that are only partly known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// True whatever the unknown facts are.
    True,
    /// False whatever the unknown facts are.
    False,
    /// It depends, or it cannot be analysed.
    Unknown,
}

/// Facts of which some are not known.
struct Partly<'p, 'f> {
    facts: &'p Facts<'f>,
    known: &'p dyn Fn(Slot) -> bool,
}

impl<'a, 'f: 'a> Read<'a> for Partly<'_, 'f> {
    fn read(&self, slot: Slot) -> Option<Val<'a>> {
        (self.known)(slot).then(|| self.facts.get(slot))
    }
}

/// The truth of a condition. One that fails is neither true nor false. Unknown names that are not
/// optional are taken to be set.
pub(super) fn partly(node: &Node, facts: &Facts<'_>, known: &dyn Fn(Slot) -> bool) -> Truth {
    let facts = Partly { facts, known };
    let found = eval(node, &facts).and_then(|got| got.map(|got| truth(&got, node)).transpose());
    match found {
        Ok(Some(true)) => Truth::True,
        Ok(Some(false)) => Truth::False,
        Ok(None) | Err(_) => Truth::Unknown,
    }
}
