//! The verification steps of a transition.

use super::names::{check_not_empty, check_repeats};
use super::scope::{Findings, Source};
use super::shared::check_inputs;
use super::transitions::Reader;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::model::{Method, VerifyStep};
use crate::name::Name;
use crate::source::Place;
use crate::time::format_duration;

pub(super) fn steps(reader: &mut Reader<'_, '_>, out: &mut Findings) -> Vec<VerifyStep> {
    let Source { form, place } = reader.source;
    let list = place.key("verify");
    let mut steps = Vec::new();
    for (index, step) in form.verify.iter().enumerate() {
        let at = list.item(index).key("any");
        let names = &step.0.any;
        check_not_empty(names, "`any`", at, out);
        check_repeats(names, at, out);
        for (index, name) in names.iter().enumerate() {
            verification(reader, name, at.item(index), out);
        }
        steps.push(VerifyStep {
            any: names.clone(),
            span: list.item(index).span(),
        });
    }
    let singles = form.verify.iter().filter(|step| step.0.any.len() == 1);
    let singles: Vec<Name> = singles.flat_map(|step| step.0.any.clone()).collect();
    if singles.len() == form.verify.len() {
        check_repeats(&singles, list, out);
    }
    steps
}

fn verification(reader: &mut Reader<'_, '_>, name: &Name, at: Place<'_>, out: &mut Findings) {
    let context = reader.context;
    if !context.scope.verifications().resolve(name, at, out) {
        return;
    }
    let Some(verification) = context.verifications.get(name) else {
        return;
    };
    let (reads, read_at) = (&verification.reads, verification.place);
    check_inputs(
        reads,
        read_at,
        at,
        reader.site.inputs,
        context.compilers,
        out,
    );
    reader.reads.extend(reads);
    check_within(reader, &verification.item.method, at, out);
}

/// An attempt that ends before its code makes people type codes that no longer help.
fn check_within(reader: &Reader<'_, '_>, method: &Method, at: Place<'_>, out: &mut Findings) {
    let (Some(within), Method::Code { rules, .. }) = (&reader.source.form.within, method) else {
        return;
    };
    let Some(within) = reader.context.scope.length_of(within) else {
        return;
    };
    if within < rules.valid_for && !within.is_zero() {
        let (within, life) = (format_duration(within), format_duration(rules.valid_for));
        let message = format!("the attempt ends after {within}, its code lives for {life}");
        let place = reader.source.place.key("within").span();
        out.push(
            Diagnostic::warning(codes::SHORT_WITHIN, place, message)
                .also(at.span(), format!("a code that lives for {life}"))
                .help("lengthen `within`, or shorten the code's `valid_for`"),
        );
    }
}
