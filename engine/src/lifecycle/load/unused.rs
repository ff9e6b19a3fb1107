//! What is declared and never used.

use std::collections::BTreeSet;

use super::compile::Compilers;
use super::messages::notices;
use super::scope::{Findings, Scope};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::codes;
use crate::lifecycle::syntax::{Length, TransitionForm};
use crate::name::Name;

pub(super) fn check(scope: &Scope<'_>, compilers: &Compilers<'_>, out: &mut Findings) {
    // A broken transition may be the one that uses what seems unused.
    if out.has_errors() {
        return;
    }
    let form = scope.account.form;
    let transitions = || scope.transitions.values().map(|source| source.form);
    let verifications = || form.verifications.values();
    let approvals = verifications().filter_map(|verification| verification.approval.as_ref());
    let code_quotas = form.codes.iter().flat_map(|codes| &codes.quota.0);
    let own_quotas = verifications().filter_map(|verification| verification.quota.as_ref());

    let callers = transitions().filter_map(|transition| transition.caller.as_ref());
    report(
        scope,
        "callers",
        form.callers.keys(),
        callers.chain(approvals),
        out,
    );
    let demanded = transitions().flat_map(demanded);
    report(
        scope,
        "verifications",
        form.verifications.keys(),
        demanded,
        out,
    );
    let spent = transitions().flat_map(|transition| &transition.quota.0);
    let quotas = code_quotas.chain(own_quotas.flat_map(|quotas| &quotas.0));
    let quotas = quotas.chain(spent);
    report(scope, "quotas", form.quotas.keys(), quotas, out);
    let throttles = transitions().filter_map(|transition| transition.throttle.as_ref());
    let throttles = throttles.flat_map(|names| &names.0);
    report(scope, "throttles", form.throttles.keys(), throttles, out);
    let lengths = transitions().flat_map(|transition| [&transition.after, &transition.within]);
    let parameters = lengths.flatten().filter_map(|length| match length {
        Length::Parameter(name) => Some(name),
        Length::Period(_) => None,
    });
    report(scope, "parameters", form.parameters.keys(), parameters, out);
    let messages = transitions()
        .flat_map(notices)
        .map(|notice| &notice.message);
    report(scope, "messages", form.messages.keys(), messages, out);
    attributes(scope, compilers, out);
}

fn demanded(transition: &TransitionForm) -> impl Iterator<Item = &Name> {
    transition.verify.iter().flat_map(|step| &step.0.any)
}

fn report<'n>(
    scope: &Scope<'_>,
    key: &str,
    declared: impl Iterator<Item = &'n Name>,
    used: impl Iterator<Item = &'n Name>,
    out: &mut Findings,
) {
    let used: BTreeSet<&Name> = used.collect();
    for name in declared.filter(|name| !used.contains(name)) {
        let place = scope.account.place.key(key).key(name.as_str());
        let message = format!("nothing uses `{name}`");
        out.push(
            Diagnostic::warning(codes::UNUSED, place.head(), message)
                .label(format!("declared under `{key}:` and never used")),
        );
    }
}

/// Policies may read an attribute that the lifecycle does not: that is worth knowing, no more.
fn attributes(scope: &Scope<'_>, compilers: &Compilers<'_>, out: &mut Findings) {
    let read: BTreeSet<&str> = compilers
        .read()
        .into_iter()
        .filter_map(|slot| compilers.path(slot).strip_prefix("account."))
        .collect();
    let set: BTreeSet<&Name> = scope
        .transitions
        .values()
        .flat_map(|source| source.form.set.keys())
        .collect();
    for (name, form) in &scope.account.form.attributes {
        let is_limited = form.0.unique || form.0.shared_by_at_most.is_some();
        if is_limited || read.contains(name.as_str()) || set.contains(name) {
            continue;
        }
        let place = scope.account.place.key("attributes").key(name.as_str());
        let message = format!("no workflow reads or sets `{name}`");
        let finding = Diagnostic::warning(codes::UNUSED_ATTRIBUTE, place.head(), message);
        out.push(Diagnostic {
            severity: Severity::Info,
            ..finding.help("policies can still read it")
        });
    }
}
