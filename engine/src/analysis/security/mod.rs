//! What a lifecycle lets the wrong people do or learn: privileges raised in silence, addresses that
//! are changed without their holders, codes that run out, permissions that nobody has.

mod addresses;
mod codes;
mod exits;
mod guards;
pub(super) mod permissions;
mod privileges;
mod proofs;
mod quotas;
mod strangers;

use super::found::Found;
use super::product::Product;
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;

/// What can be told from the definition alone.
pub(super) fn of_definition(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    privileges::check(&bundle.lifecycle, out);
    addresses::check(&bundle.lifecycle, out);
    quotas::check(&bundle.lifecycle, out);
    permissions::check(bundle, out);
    strangers::check(bundle, out);
    guards::check(bundle, out);
}

/// What some way through the product shows.
pub(super) fn of_ways(product: &Product<'_>, out: &mut Vec<Found>) {
    proofs::check(product, out);
}

/// What no way through the product leads to: told only where all ways are known.
pub(super) fn of_no_way(product: &Product<'_>, out: &mut Vec<Found>) {
    exits::check(product, out);
}
