//! What is wrong with the shape of a lifecycle: states and transitions that are never reached, choices
//! that are open, attributes that nothing sets or reads, states that end too early or never.

mod attributes;
mod choices;
mod codes;
mod reach;
mod rest;
mod table;
mod waits;

use super::found::Found;
use super::product::Product;
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;

/// What can be told from the definition alone.
pub(super) fn of_definition(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    attributes::check(bundle, out);
    waits::check(&bundle.lifecycle, out);
}

/// What some way through the product shows.
pub(super) fn of_ways(product: &Product<'_>, out: &mut Vec<Found>) {
    choices::check(product, out);
}

/// What no way through the product leads to: told only where all ways are known.
pub(super) fn of_no_way(product: &Product<'_>, out: &mut Vec<Found>) {
    reach::check(product, out);
    rest::check(product, out);
}
