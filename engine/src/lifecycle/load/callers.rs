//! Kinds of principals, and caller rules.

use std::collections::BTreeMap;

use super::compile::{Compilers, Inputs, Site};
use super::names::check_not_empty;
use super::scope::{Findings, Scope, text};
use crate::expr::Type;
use crate::lifecycle::model::{Caller, PrincipalKind};
use crate::name::Name;

pub(super) fn principal_kinds(scope: &Scope<'_>) -> BTreeMap<Name, PrincipalKind> {
    let section = scope.account.place.key("principal_kinds");
    let kinds = scope.account.form.principal_kinds.iter();
    kinds
        .map(|(name, form)| {
            let kind = PrincipalKind {
                owns_account: form.owns_account,
                anyone: form.anyone,
                span: section.key(name.as_str()).head(),
            };
            (name.clone(), kind)
        })
        .collect()
}

pub(super) fn callers(
    scope: &Scope<'_>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> BTreeMap<Name, Caller> {
    let section = scope.account.place.key("callers");
    // A rule stands for itself: it is the same for every transition that demands it.
    let inputs = Inputs::new();
    let site = Site {
        what: "a caller rule",
        reads: super::compile::REQUEST,
        inputs: &inputs,
    };
    let mut callers = BTreeMap::new();
    for (name, form) in &scope.account.form.callers {
        let place = section.key(name.as_str());
        check_not_empty(&form.kinds, "`kinds`", place.key("kinds"), out);
        let kinds = scope
            .kinds()
            .resolve_all(&form.kinds, place.key("kinds"), out);
        let mut compile = |text: &Option<_>, key: &str, ty: Type| {
            let text: &crate::lifecycle::syntax::ExpressionText = text.as_ref()?;
            let expected = (Some(ty), false);
            let compiled = compilers.expression(&site, &text.0, place.key(key), expected, out)?;
            Some(compiled.item)
        };
        let caller = Caller {
            kinds,
            of: compile(&form.of, "of", Type::AccountId),
            when: compile(&form.when, "when", Type::Bool),
            deny_code: text(form.deny_code.as_deref()),
            about: text(form.about.as_deref()),
            span: place.head(),
        };
        callers.insert(name.clone(), caller);
    }
    callers
}
