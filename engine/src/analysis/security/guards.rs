//! Conditions that only the interpreter can run, of which analysis knows nothing.

use std::collections::BTreeSet;

use crate::analysis::expressions;
use crate::bundle::Bundle;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Type;

use super::codes;

pub(super) fn check(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    let all = expressions::all(bundle).into_iter();
    let conditions = all.filter(|it| *it.ty() == Type::Bool && !it.is_lowered());
    for condition in conditions {
        if seen.insert(condition.span()) {
            let says = "this condition cannot be analysed";
            let finding = Diagnostic::warning(codes::NOT_ANALYSED, condition.span(), says);
            let finding = finding
                .label("a function of several statements has a part in it")
                .help("checks take it to hold or not; write the function as one expression");
            out.push(Diagnostic {
                severity: Severity::Info,
                ..finding
            });
        }
    }
}
