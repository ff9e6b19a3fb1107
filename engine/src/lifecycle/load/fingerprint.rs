//! The fingerprint of a transition: what an attempt is bound to.
//!
//! It covers what the transition says and everything it refers to, so that an attempt opened under
//! one definition cannot be confirmed under another. Comments, order of keys, `about:` and
//! `grants:` are not part of it: what is for readers and for analysis changes no decision.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::freezes;
use super::messages::notices;
use super::transitions::Reader;
use crate::lifecycle::syntax::{
    AttributeForm, CallerForm, CodesForm, FreezeForm, Length, Period, QuotaForm, Short,
    TransitionForm, VerificationForm,
};
use crate::name::{Name, TransitionName};

/// Changes whenever the text below changes its meaning.
const FORMAT: &str = "stateward transition 1";

/// Everything that is hashed. Fields are written in this order, maps by key, so equal definitions
/// have equal text.
#[derive(Serialize)]
struct Canonical<'a> {
    format: &'static str,
    name: &'a TransitionName,
    transition: TransitionForm,
    callers: BTreeMap<&'a Name, CallerForm>,
    verifications: BTreeMap<&'a Name, VerificationForm>,
    codes: Option<&'a CodesForm>,
    quotas: BTreeMap<&'a Name, QuotaForm>,
    messages: BTreeMap<&'a Name, &'a str>,
    attributes: BTreeMap<&'a Name, Short<AttributeForm>>,
    reads: BTreeMap<&'a str, String>,
    zone: Option<&'a str>,
    functions: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    freezes: Vec<(&'a Name, &'a Name, &'a FreezeForm)>,
}

pub(super) fn of(reader: &Reader<'_, '_>) -> [u8; 32] {
    // Forms have only string keys and plain values, which JSON can always say.
    let text = serde_json::to_vec(&canonical(reader)).unwrap_or_default();
    Sha256::digest(&text).into()
}

fn canonical<'a>(reader: &'a Reader<'_, '_>) -> Canonical<'a> {
    let account = reader.context.scope.account.form;
    let compilers = reader.context.compilers;
    let form = reader.source.form;
    let demanded: BTreeSet<&Name> = form.verify.iter().flat_map(|step| &step.0.any).collect();
    let verifications: BTreeMap<&Name, VerificationForm> = pick(&account.verifications, demanded);
    let approvals = verifications
        .values()
        .filter_map(|form| form.approval.as_ref());
    let callers: BTreeSet<&Name> = account
        .callers
        .keys()
        .filter(|name| {
            form.caller.as_ref() == Some(name) || approvals.clone().any(|by| by == *name)
        })
        .collect();
    let own_quotas = verifications
        .values()
        .filter_map(|form| form.quota.as_ref());
    let shared_quotas = account.codes.as_ref().map(|codes| &codes.quota);
    let spent: Vec<&Name> = own_quotas
        .chain(shared_quotas)
        .flat_map(|names| &names.0)
        .chain(&form.quota.0)
        .collect();
    let quotas = account
        .quotas
        .keys()
        .filter(|name| spent.contains(name))
        .collect();
    let messages: BTreeSet<&Name> = notices(form).map(|notice| &notice.message).collect();
    let read = reader.reads.iter().map(|slot| compilers.path(*slot));
    let read: BTreeSet<&str> = read.collect();
    let attributes = account.attributes.keys().filter(|name| {
        form.set.contains_key(*name) || read.contains(format!("account.{name}").as_str())
    });
    Canonical {
        format: FORMAT,
        name: reader.name,
        transition: wordless_transition(reader),
        callers: pick(&account.callers, callers),
        quotas: pick(&account.quotas, quotas),
        messages: account
            .messages
            .iter()
            .filter(|(name, _)| messages.contains(name))
            .map(|(name, text)| (name, text.as_str()))
            .collect(),
        attributes: pick(&account.attributes, attributes.collect()),
        reads: read
            .iter()
            .map(|path| (*path, compilers.type_of(path)))
            .collect(),
        codes: account.codes.as_ref().filter(|_| !verifications.is_empty()),
        verifications,
        zone: account.zone.as_deref(),
        functions: compilers.functions_text(),
        freezes: freezes::of(reader.context.scope, &reader.name.workflow, form),
    }
}

/// A form without the words that are only for readers.
trait Wordless: Clone {
    fn wordless(&self) -> Self;
}

macro_rules! wordless {
    ($($form:ident),*) => {
        $(impl Wordless for $form {
            fn wordless(&self) -> Self {
                Self { about: None, ..self.clone() }
            }
        })*
    };
}

wordless!(CallerForm, VerificationForm, QuotaForm, AttributeForm);

impl<T: Wordless> Wordless for Short<T> {
    fn wordless(&self) -> Self {
        Self(self.0.wordless())
    }
}

/// Lengths are written out, so that one that a parameter gives is the same as one that is written.
fn wordless_transition(reader: &Reader<'_, '_>) -> TransitionForm {
    let scope = reader.context.scope;
    let written = |length: &Option<Length>| {
        let length = scope.length_of(length.as_ref()?)?;
        Some(Length::Period(Period(length)))
    };
    let form = reader.source.form;
    let mut form = TransitionForm {
        about: None,
        grants: None,
        after: written(&form.after),
        within: written(&form.within),
        ..form.clone()
    };
    for input in form.input.values_mut() {
        input.0.about = None;
    }
    form
}

fn pick<'a, T: Wordless>(
    all: &'a BTreeMap<Name, T>,
    names: BTreeSet<&Name>,
) -> BTreeMap<&'a Name, T> {
    all.iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(name, form)| (name, form.wordless()))
        .collect()
}
