//! Session facts: their types, and the keys by which policy documents name them.

use std::collections::BTreeMap;

use super::attributes::{Types, value_type};
use super::compile::Compilers;
use super::scope::{Findings, Scope, text};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::model::ContextFact;
use crate::name::{ConditionKey, Name};
use crate::source::{Place, Span};
use crate::value::ValueType;

/// The key of the time in documents; it is `now` in every lifecycle.
pub(super) const CURRENT_TIME: &str = "acs:CurrentTime";

/// What is declared of a session fact.
pub(super) struct Session {
    pub(super) ty: ValueType,
    pub(super) keys: Vec<ConditionKey>,
}

pub(super) fn read(scope: &Scope<'_>, out: &mut Findings) -> BTreeMap<Name, Session> {
    let section = scope.account.place.key("context");
    let mut known = BTreeMap::from([(CURRENT_TIME.to_ascii_lowercase(), None)]);
    let facts = scope
        .account
        .form
        .context
        .iter()
        .filter_map(|(name, fact)| {
            let place = section.key(name.as_str());
            let form = &fact.0;
            let ty = value_type(form.ty.as_deref(), form.one_of.as_deref(), place, out);
            let keys = keys(&form.key.0, place.key("key"), &mut known, out);
            Some((name.clone(), Session { ty: ty?, keys }))
        });
    facts.collect()
}

/// The keys that no other fact has; `known` tells where the others are declared.
fn keys(
    keys: &[ConditionKey],
    place: Place<'_>,
    known: &mut BTreeMap<String, Option<Span>>,
    out: &mut Findings,
) -> Vec<ConditionKey> {
    let mut own = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let span = place.item(index).text();
        let folded = key.folded();
        let Some(first) = known.get(&folded) else {
            known.insert(folded, Some(span));
            own.push(key.clone());
            continue;
        };
        let error = |message| Diagnostic::error(codes::KEY_TAKEN, span, message);
        out.push(match first {
            Some(first) => error(format!("the key `{key}` is declared twice"))
                .also(*first, "first declared here")
                .help("keys are the same whatever the case of their letters before `/`"),
            None => error(format!("the key `{key}` is that of `now`"))
                .help("leave it out: `now` is known in every lifecycle"),
        });
    }
    own
}

pub(super) fn context(
    scope: &Scope<'_>,
    types: &Types,
    compilers: &Compilers<'_>,
) -> BTreeMap<Name, ContextFact> {
    let section = scope.account.place.key("context");
    let facts = types.context.iter().filter_map(|(name, session)| {
        let form = scope.account.form.context.get(name)?;
        let fact = ContextFact {
            ty: session.ty.clone(),
            keys: session.keys.clone(),
            about: text(form.0.about.as_deref()),
            slot: compilers.slot(&format!("context.{name}"))?,
            span: section.key(name.as_str()).head(),
        };
        Some((name.clone(), fact))
    });
    facts.collect()
}
