//! What becomes of a property: it holds, or there is a way on which it does not.

use std::rc::Rc;

use super::stated::Property;
use crate::analysis::{AskerId, Path, Product};
use crate::name::Name;

/// A property with what became of it.
pub struct Checked<'b, 'p> {
    /// The property.
    pub property: &'p Property,
    /// What became of it.
    pub verdict: Verdict,
    /// What it was looked at in; nothing, where there is no model.
    pub product: Option<Rc<Product<'b>>>,
}

/// What became of a property.
#[derive(Debug)]
pub enum Verdict {
    /// It holds, provided that requesters can bring what these conditions ask for; without any, it
    /// holds in any case.
    Holds(Vec<String>),
    /// It does not hold: the way can be gone.
    Fails(Counterexample),
    /// It may not hold: the way can be gone if what is open turns out so.
    MayFail(Counterexample),
    /// It is about nothing that happens.
    Idle,
    /// It was not decided, for this reason.
    Undecided(String),
}

/// A way on which a property does not hold.
#[derive(Debug)]
pub struct Counterexample {
    /// The way, from where an account begins.
    pub path: Path,
    /// Who makes its last step, where it matters.
    pub by: Option<AskerId>,
    /// What is wrong at its end.
    pub wrong: Wrong,
}

/// What is wrong at the end of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The condition does not come to what is claimed.
    State,
    /// What the condition comes to is not known.
    StatePerhaps,
    /// The last step is one that must not be made, or not so.
    Step,
    /// The last step does not demand these proofs, or not in their place.
    Unproved(Vec<Name>),
    /// No way leads on from there.
    Stuck,
    /// A way on from there depends on what is not known.
    StuckPerhaps,
}
