//! Properties: what must hold of every account that follows a lifecycle.
//!
//! They are claims about the product of all workflows, policies and principals, stated in
//! `workflows/<lifecycle>/checks/properties.yaml`:
//!
//! - `always: E`, `never: E`: E holds in every state that an account can come to, or in none.
//! - `never: STEP`: nobody makes such a step, or not those `by` whom it is said not to be.
//! - `only: { who, STEP }`: those alone make it.
//! - `requires: { STEP, proof }`: it demands one verification of each set, whichever is chosen.
//! - `leads_to: { from, to }`: from every state that an account can come to and in which `from` holds,
//!   there is a lawful way to one in which `to` holds (`AG (from -> EF to)`).
//!
//! A step is one commit: a transition with all that it triggers.

mod check;
pub mod codes;
mod examples;
mod leads_to;
mod load;
mod parties;
mod stated;
mod steps;
mod syntax;
mod tell;
mod truths;
mod verdict;
mod ways;
mod who;

pub use check::check;
pub use load::load;
pub use stated::{Claim, LeadsTo, Proof, Properties, Property, Step};
pub use syntax::{PropertiesFile, schema};
pub use verdict::{Checked, Counterexample, Verdict, Wrong};
pub use who::Who;

use std::ops::ControlFlow;

use super::found::Found;
use super::{Limits, folder};
use crate::bundle::Bundle;
use crate::source::SourceMap;

#[cfg(test)]
mod tests;

/// The file of properties, below the project's root.
pub fn path(bundle: &Bundle) -> String {
    format!("{}/properties.yaml", folder(bundle))
}

/// What the properties of a bundle show; nothing, where it states none.
pub(super) fn found(bundle: &Bundle, sources: &SourceMap, found: &mut Vec<Found>) {
    let Some(file) = sources.id(&path(bundle)) else {
        return;
    };
    let mut wrong = Vec::new();
    let properties = load(bundle, sources, file, &mut wrong);
    found.extend(wrong.into_iter().map(Found::from));
    let Some(properties) = properties else { return };
    let go_on = &mut |_| ControlFlow::Continue(());
    let checked = check(bundle, &properties, &Limits::default(), go_on);
    found.extend(checked.iter().filter_map(|checked| {
        let (diagnostic, way) = (checked.finding()?, checked.way());
        Some(Found { diagnostic, way })
    }));
}
