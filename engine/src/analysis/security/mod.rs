//! What a lifecycle lets the wrong people do or learn: privileges raised in silence, addresses that
//! are changed without their holders, codes that run out, permissions that nobody has.

mod addresses;
mod codes;
mod guards;
mod permissions;
mod privileges;
mod quotas;
mod strangers;

use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;

/// What can be told from the definition alone.
pub(super) fn check(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    privileges::check(&bundle.lifecycle, out);
    addresses::check(&bundle.lifecycle, out);
    quotas::check(&bundle.lifecycle, out);
    permissions::check(bundle, out);
    strangers::check(bundle, out);
    guards::check(bundle, out);
}
