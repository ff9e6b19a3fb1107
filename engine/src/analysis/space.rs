//! The space of product states: a few variables with few values each, packed into one number.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use crate::expr::Slot;
use crate::name::Name;
use crate::value::Value;

/// The bits that a packed state has.
pub const BITS: u32 = u128::BITS;

/// A product state: the value of every [`Variable`], packed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Packed(pub(super) u128);

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// What is known by product state, or by some bits of one.
pub(super) type ByState<V> = HashMap<u128, V, BuildHasherDefault<StateHasher>>;

/// Hashes packed states by one multiplication: exploring asks for little else, and nobody chooses
/// them so that they collide.
#[derive(Clone, Default)]
pub(super) struct StateHasher(u64);

/// Bits without a pattern: those of the golden ratio.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for StateHasher {
    fn write_u128(&mut self, state: u128) {
        let (high, low) = halves(state);
        let (high, low) = halves(u128::from(self.0 ^ low ^ high.rotate_left(32)) * SPREAD);
        self.0 = high ^ low;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u128(u128::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn halves(number: u128) -> (u64, u64) {
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default();
    (half(number >> 64), half(number))
}

/// What a variable stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// The state of a workflow.
    Workflow(Name),
    /// An attribute of the account.
    Attribute(Name),
}

/// A value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// This state.
    State(Name),
    /// This value.
    Value(Value),
    /// None.
    Unset,
    /// The one that it had at the start or, where changes are not tracked, any.
    Given,
    /// One that a transition gave it since.
    New,
}

/// One of the things that tell product states apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// What it stands for.
    pub of: Of,
    /// The name that expressions read it by.
    pub slot: Slot,
    /// The values that it can have.
    pub values: Vec<Held>,
    shift: u32,
    mask: u128,
}

impl Variable {
    /// The place of a value among its values.
    pub fn index_of(&self, held: &Held) -> Option<usize> {
        self.values.iter().position(|value| value == held)
    }

    /// The bits of a packed state that hold it.
    pub(super) fn mask(&self) -> u128 {
        self.mask
    }

    /// Those bits for one of its values; `None` if it has not that value.
    pub(super) fn bits(&self, held: &Held) -> Option<u128> {
        let index = u128::try_from(self.index_of(held)?).ok()?;
        index.checked_shl(self.shift)
    }
}

/// All variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Space {
    variables: Vec<Variable>,
    used: u32,
}

impl Space {
    /// Adds a variable; `false` if there is no room left for it.
    pub(super) fn add(&mut self, of: Of, slot: Slot, values: Vec<Held>) -> bool {
        let most = values.len().saturating_sub(1);
        let width = usize::BITS - most.leading_zeros();
        let Some(used) = self.used.checked_add(width).filter(|used| *used <= BITS) else {
            return false;
        };
        let mask = (1_u128 << width.min(BITS - 1)) - 1;
        self.variables.push(Variable {
            of,
            slot,
            values,
            // A variable of one value at the very end has no bits, and none are read.
            mask: mask.checked_shl(self.used).unwrap_or_default(),
            shift: self.used,
        });
        self.used = used;
        true
    }

    /// The variables, in a fixed order.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable of a workflow or an attribute.
    pub fn variable(&self, of: &Of) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.of == *of)
    }

    /// The variable that a name reads.
    pub fn of_slot(&self, slot: Slot) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.slot == slot)
    }

    /// What a variable is in a state.
    pub fn held<'s>(&self, variable: &'s Variable, state: Packed) -> Option<&'s Held> {
        let index = (state.0 & variable.mask).checked_shr(variable.shift)?;
        variable.values.get(usize::try_from(index).ok()?)
    }

    /// The state of a workflow in a product state.
    pub fn state(&self, workflow: &Name, state: Packed) -> Option<&Name> {
        let is_its =
            |variable: &&Variable| matches!(&variable.of, Of::Workflow(name) if name == workflow);
        let variable = self.variables.iter().find(is_its)?;
        match self.held(variable, state)? {
            Held::State(name) => Some(name),
            Held::Value(_) | Held::Unset | Held::Given | Held::New => None,
        }
    }

    /// Everything that holds in a state, in the order of the variables.
    pub fn unpack(&self, state: Packed) -> impl Iterator<Item = (&Variable, &Held)> {
        let held = move |variable| Some((variable, self.held(variable, state)?));
        self.variables.iter().filter_map(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Type, Vocabulary};

    #[test]
    fn what_is_packed_is_unpacked() {
        let mut vocabulary = Vocabulary::default();
        let mut space = Space::default();
        for count in [1, 2, 3, 5, 9, 1] {
            let name: Name = format!("w{}", space.variables().len()).parse().unwrap();
            let slot = vocabulary.declare(&format!("state.{name}"), Type::Text, false);
            let state = |index| Held::State(format!("s{index}").parse().unwrap());
            let values = (0..count).map(state).collect();
            assert!(space.add(Of::Workflow(name), slot, values));
        }
        let mut packed = Packed::default();
        let mut expected = Vec::new();
        for variable in space.variables() {
            let last = variable.values.last().unwrap();
            packed.0 |= variable.bits(last).unwrap();
            expected.push(last.clone());
        }
        let found: Vec<Held> = space.unpack(packed).map(|(_, held)| held.clone()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_has_no_room_is_not_added() {
        let mut vocabulary = Vocabulary::default();
        let slot = vocabulary.declare("state.w", Type::Text, false);
        let mut space = Space::default();
        let of = || Of::Workflow("w".parse().unwrap());
        let values = |count: usize| vec![Held::Unset; count];
        for _ in 0..BITS / 8 {
            assert!(space.add(of(), slot, values(256)));
        }
        assert!(space.add(of(), slot, values(1)), "one value needs no bit");
        assert!(!space.add(of(), slot, values(2)));
    }
}
