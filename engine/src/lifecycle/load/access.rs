//! What policies are asked: a permission over resources.

use std::collections::BTreeSet;

use super::compile::{Compilers, Inputs, Site};
use super::names::{check_not_empty, check_repeats};
use super::scope::{Findings, Scope};
use crate::diagnostic::Diagnostic;
use crate::expr::Slot;
use crate::lifecycle::codes;
use crate::lifecycle::model::Access;
use crate::source::Place;

/// What reading an account asks.
pub(super) fn read(
    scope: &Scope<'_>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> Option<Access> {
    let form = scope.account.form.read.as_ref()?;
    let place = scope.account.place.key("read");
    let inputs = Inputs::new();
    let site = Site {
        what: "reading an account",
        reads: &["account", "state", "principal"],
        inputs: &inputs,
    };
    let (access, _) = access(
        &form.permission,
        &form.resource.0,
        place,
        &site,
        compilers,
        out,
    );
    Some(access)
}

/// The access that `permission:` and `resource:` at a place declare, and the names it reads.
pub(super) fn access(
    permission: &str,
    resources: &[String],
    place: Place<'_>,
    site: &Site<'_>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> (Access, BTreeSet<Slot>) {
    let at = place.key("permission");
    if !is_permission(permission) {
        let message = format!("`{permission}` is not a permission");
        let help = "write `service:Action`; patterns belong into policies";
        out.push(Diagnostic::error(codes::BAD_PERMISSION, at.text(), message).help(help));
    }
    let list = place.key("resource");
    check_not_empty(resources, "`resource`", list, out);
    check_repeats(resources, list, out);
    let mut reads = BTreeSet::new();
    let resources = resources
        .iter()
        .enumerate()
        .filter_map(|(index, resource)| {
            let compiled = compilers.template(site, resource, list.item(index), out)?;
            reads.extend(compiled.reads);
            Some(compiled.item)
        });
    let access = Access {
        resources: resources.collect(),
        permission: permission.into(),
        span: at.text(),
    };
    (access, reads)
}

/// A service and an action, each of letters, digits, `-`, `_` and `.`.
fn is_permission(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    text.split_once(':')
        .is_some_and(|(service, action)| is_word(service) && is_word(action))
}
