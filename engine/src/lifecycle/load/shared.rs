//! What several transitions share, and the inputs it reads from each of them.

use std::collections::BTreeSet;

use super::compile::{Compilers, Inputs};
use super::scope::{Findings, Scope};
use crate::diagnostic::Diagnostic;
use crate::expr::Slot;
use crate::lifecycle::codes;
use crate::lifecycle::syntax::TransitionForm;
use crate::source::Place;

/// Something shared, with the names it reads and where it reads them.
pub(super) struct Shared<'a, T> {
    pub(super) item: T,
    pub(super) reads: BTreeSet<Slot>,
    pub(super) place: Place<'a>,
}

/// Every input of the lifecycle, as the transitions that use something know it: an input is
/// optional, if one of them lets it be left out.
pub(super) fn inputs_of(scope: &Scope<'_>, uses: impl Fn(&TransitionForm) -> bool) -> Inputs {
    let mut inputs = Inputs::new();
    for source in scope.transitions.values() {
        let is_user = uses(source.form);
        for (name, form) in &source.form.input {
            let optional = inputs.entry(name.clone()).or_default();
            *optional |= is_user && form.0.optional;
        }
    }
    inputs
}

/// Reports, where a transition uses something shared, each input it reads that the transition does
/// not declare.
pub(super) fn check_inputs(
    reads: &BTreeSet<Slot>,
    read_at: Place<'_>,
    used_at: Place<'_>,
    declared: &Inputs,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) {
    for slot in reads {
        let path = compilers.path(*slot);
        let Some(input) = path.strip_prefix("input.") else {
            continue;
        };
        if !declared.contains_key(input) {
            let message = format!("this reads `{path}`, which is not an input of this transition");
            out.push(
                Diagnostic::error(codes::INPUT_NOT_DECLARED, used_at.text(), message)
                    .label(format!("needs the input `{input}`"))
                    .also(read_at.text(), "read here")
                    .help(format!("declare it: `input: {{ {input}: … }}`")),
            );
        }
    }
}
