//! Attributes that are read and never set, or set and never read.

use crate::analysis::expressions::read_names;
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Assignment, Attribute, Lifecycle};
use crate::name::Name;

use super::codes;

pub(super) fn check(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    let read = read_names(bundle);
    for (name, attribute) in &bundle.lifecycle.attributes {
        let set = || assignments(&bundle.lifecycle, name);
        match (read.get(&attribute.slot), set().next()) {
            (Some(at), _) if has_no_source(attribute) && !set().any(gives) => {
                let says = format!("`{name}` is read, and nothing gives it a value");
                let finding = Diagnostic::warning(codes::READ_AND_NEVER_SET, attribute.span, says);
                let finding = finding.label("no transition sets it, and it has no default");
                let finding = match at {
                    Some(at) => finding.also(*at, "read here"),
                    None => finding,
                };
                out.push(finding.help(
                    "set it in a transition; if accounts are created with it and keep it, say so: \
                     `immutable: true`",
                ));
            }
            (None, Some(first)) if attribute.shared_by_at_most.is_none() => {
                let says = format!("`{name}` is set and never read");
                out.push(
                    Diagnostic::warning(codes::SET_AND_NEVER_READ, attribute.span, says)
                        .also(first.value.span(), "set here")
                        .help("if only programs read it, accept this finding and say so"),
                );
            }
            _ => {}
        }
    }
}

/// Whether an account can be without a value, and nothing but a transition could change that.
fn has_no_source(attribute: &Attribute) -> bool {
    attribute.optional && !attribute.immutable && attribute.default.is_none()
}

fn assignments<'l>(
    lifecycle: &'l Lifecycle,
    name: &'l Name,
) -> impl Iterator<Item = &'l Assignment> {
    let transitions = lifecycle.transitions.values();
    transitions.filter_map(move |transition| transition.set.get(name))
}

/// Whether it does more than clear.
fn gives(assignment: &Assignment) -> bool {
    assignment.value.text() != "unset"
}
