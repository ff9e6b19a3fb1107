//! What fires a transition: a request, another transition, or time.

use super::access::access;
use super::names::check_repeats;
use super::scope::{Findings, Source};
use super::transitions::Reader;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::model::Trigger;
use crate::lifecycle::syntax::TransitionForm;
use crate::name::TransitionName;
use crate::source::Place;

/// The keys that fire a transition.
const KEYS: [&str; 3] = ["permission", "triggered_by", "after"];

pub(super) fn trigger(reader: &mut Reader<'_, '_>, out: &mut Findings) -> Option<Trigger> {
    let Source { form, place } = reader.source;
    if !has_one(form, place, out) {
        return None;
    }
    if let Some(permission) = &form.permission {
        return request(reader, permission, out);
    }
    check_no_request_keys(form, place, out);
    if let Some(causes) = &form.triggered_by {
        let at = place.key("triggered_by");
        check_repeats(&causes.0, at, out);
        let mut known: Vec<TransitionName> = Vec::new();
        for (index, cause) in causes.0.iter().enumerate() {
            if reader
                .context
                .scope
                .resolve_transition(cause, at.item(index), out)
            {
                known.push(cause.clone());
            }
        }
        return Some(Trigger::TriggeredBy(known));
    }
    let scope = reader.context.scope;
    let after = scope.length(form.after.as_ref()?, place.key("after"), out)?;
    Some(Trigger::After(after))
}

fn has_one(form: &TransitionForm, place: Place<'_>, out: &mut Findings) -> bool {
    let given = [
        form.permission.is_some(),
        form.triggered_by.is_some(),
        form.after.is_some(),
    ];
    let mut given = KEYS
        .iter()
        .zip(given)
        .filter(|(_, given)| *given)
        .map(|(key, _)| *key);
    match (given.next(), given.next()) {
        (Some(_), None) => return true,
        (Some(first), Some(second)) => {
            let message = format!("a transition is fired by one thing, here also by `{second}`");
            out.push(
                Diagnostic::error(codes::TRIGGER, place.key(second).head(), message)
                    .also(place.key(first).head(), "fired by this")
                    .help("write one transition for each trigger"),
            );
        }
        // A mistaken trigger was reported already.
        (None, _) if KEYS.iter().any(|key| place.explains(key)) => {}
        (None, _) => {
            let error = Diagnostic::error(
                codes::TRIGGER,
                place.head(),
                "nothing fires this transition",
            );
            out.push(error.label("needs `permission:`, `triggered_by:` or `after:`"));
        }
    }
    false
}

fn request(reader: &mut Reader<'_, '_>, permission: &str, out: &mut Findings) -> Option<Trigger> {
    let Source { form, place } = reader.source;
    let scope = reader.context.scope;
    let caller = form.caller.as_ref();
    if let Some(caller) = caller {
        scope.callers().resolve(caller, place.key("caller"), out);
    }
    let throttles = form.throttle.as_ref().map_or(&[][..], |names| &names.0);
    let throttles = scope
        .throttles()
        .resolve_all(throttles, place.key("throttle"), out);
    let Some(resources) = &form.resource else {
        if !place.explains("resource") {
            let message = "a permission is asked over resources";
            let error =
                Diagnostic::error(codes::NO_RESOURCE, place.key("permission").head(), message);
            out.push(error.label("needs `resource:`").help(
                "name what is acted on, for example `resource: acs:demo:*:${account.id}:account`",
            ));
        }
        return None;
    };
    let site = reader.site;
    let compilers = reader.context.compilers;
    let (access, reads) = access(permission, &resources.0, place, &site, compilers, out);
    reader.reads.extend(reads);
    Some(Trigger::Request {
        access,
        caller: caller.cloned(),
        throttles,
    })
}

/// Nobody asks for a triggered or timed transition, so nobody can be asked anything.
fn check_no_request_keys(form: &TransitionForm, place: Place<'_>, out: &mut Findings) {
    let keys = [
        ("resource", form.resource.is_some()),
        ("caller", form.caller.is_some()),
        ("throttle", form.throttle.is_some()),
        ("quota", !form.quota.is_empty()),
        ("input", !form.input.is_empty()),
        ("verify", !form.verify.is_empty()),
        ("grants", form.grants.is_some()),
        ("within", form.within.is_some()),
        ("deny_code", !form.deny_code.is_empty()),
    ];
    let trigger = if form.after.is_some() {
        "after"
    } else {
        "triggered_by"
    };
    for (key, _) in keys.iter().filter(|(_, given)| *given) {
        let message = format!("`{key}` has no meaning where nobody asks for the transition");
        out.push(
            Diagnostic::error(codes::KEY_NOT_HERE, place.key(key).head(), message)
                .also(place.key(trigger).head(), "fired by this")
                .help("it goes with `permission:`"),
        );
    }
}
