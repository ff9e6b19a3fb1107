//! Loading: from files to a checked lifecycle, or to everything that is wrong with them.
//!
//! Broken input is normal here. Every step reports what it finds, leaves out what is broken, and
//! the next one goes on with the rest, without reporting what follows from an earlier finding.

mod access;
mod attributes;
mod begins;
mod callers;
mod code_rules;
mod compile;
mod context;
mod cycles;
mod files;
mod fingerprint;
mod freezes;
mod graph;
mod messages;
mod migration;
mod names;
mod quotas;
mod restore;
mod scope;
mod shared;
#[cfg(test)]
mod tests;
mod transitions;
mod triggers;
mod unused;
mod verifications;
mod verify;

use std::collections::BTreeMap;

use self::attributes::Types;
use self::compile::Compilers;
use self::files::Files;
use self::scope::{Findings, Scope, text};
use self::shared::Shared;
use self::transitions::Context;
use super::edition::Named;
use super::model::Lifecycle;
use crate::diagnostic::Diagnostic;
use crate::name::Name;
use crate::source::SourceMap;

/// What loading a lifecycle gave.
#[derive(Debug)]
pub struct Loaded {
    /// The lifecycle, if nothing is wrong with it.
    pub lifecycle: Option<Lifecycle>,
    /// Every finding, by file and place; warnings also where the lifecycle loads.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a lifecycle, or [one of its editions](super::edition), from `workflows/<lifecycle>/`:
/// `account.yaml`, every other YAML file as a workflow (except `properties.yaml`), and
/// `functions.rhai`.
pub fn load(sources: &SourceMap, name: &str) -> Loaded {
    let mut findings = Findings::default();
    let lifecycle = load_into(sources, Named::read(name), &mut findings);
    let failed = findings.has_errors();
    Loaded {
        lifecycle: lifecycle.filter(|_| !failed),
        diagnostics: findings.sorted(),
    }
}

fn load_into(sources: &SourceMap, named: Named<'_>, out: &mut Findings) -> Option<Lifecycle> {
    let files = Files::read(sources, named, out)?;
    let scope = Scope::new(&files);
    let form = scope.account.form;

    let zone = scope.account_zone(out);
    let types = Types::read(&scope, out);
    let compilers = Compilers::new(&files, &scope, &types, out);
    let attributes = attributes::attributes(&scope, &types, &compilers, out);
    let context = context::context(&scope, &types, &compilers);
    let principal_kinds = callers::principal_kinds(&scope);
    let callers = callers::callers(&scope, &compilers, out);
    quotas::parameters(&scope, out);
    let quotas = quotas::quotas(&scope, &compilers, &zone, out);
    let throttles = quotas::throttles(&scope, &compilers, out);
    let messages = messages::messages(&scope, &compilers, out);
    let verifications = verifications::verifications(&scope, &compilers, out);
    let read = access::read(&scope, &compilers, out);
    let transitions = transitions::transitions(
        Context {
            scope: &scope,
            types: &types,
            compilers: &compilers,
            verifications: &verifications,
            messages: &messages,
            quotas: &quotas,
        },
        out,
    );
    restore::check(&scope, out);
    freezes::check(&scope, out);
    cycles::check(&scope, out);
    let begins = begins::begins(&scope, out);
    let workflows = graph::workflows(&scope, &compilers, out);
    unused::check(&scope, &compilers, out);
    let edition = migration::edition(&files, named, &workflows, out);

    Some(Lifecycle {
        name: form.lifecycle.clone(),
        edition: edition.name,
        about: text(form.about.as_deref()),
        begins,
        migration: edition.migration,
        functions: files.functions.as_ref().map(|(_, id)| *id),
        attributes,
        context,
        principal_kinds,
        callers,
        verifications: items(verifications),
        wrong_code: text(
            form.codes
                .as_ref()
                .and_then(|codes| codes.deny_code.as_deref()),
        ),
        quotas,
        throttles,
        messages: items(messages),
        read,
        workflows,
        transitions,
        slots: compilers.common_slots(),
        vocabulary: compilers.into_vocabulary(),
        zone,
    })
}

/// Shared things without what only loading has to know of them.
fn items<T>(shared: BTreeMap<Name, Shared<'_, T>>) -> BTreeMap<Name, T> {
    let items = shared.into_iter().map(|(name, shared)| (name, shared.item));
    items.collect()
}
