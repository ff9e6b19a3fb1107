//! What is wrong with the shape of a lifecycle: attributes that nothing sets or reads, states that
//! end too early or wait for ever.

mod attributes;
mod codes;
mod waits;

use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;

/// What can be told from the definition alone.
pub(super) fn check(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    attributes::check(bundle, out);
    waits::check(&bundle.lifecycle, out);
}
