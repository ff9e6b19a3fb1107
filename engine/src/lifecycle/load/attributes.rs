//! Attributes and inputs: their types and what is declared of them.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::Compilers;
use super::context::{self, Session};
use super::names::{check_not_empty, check_repeats};
use super::scope::{Findings, Scope, text};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::yaml::MISSING_KEY;
use crate::lifecycle::codes;
use crate::lifecycle::model::Attribute;
use crate::lifecycle::syntax::{AttributeForm, InputForm};
use crate::name::Name;
use crate::source::Place;
use crate::value::{Value, ValueType};

/// The types that have a name of their own.
const TYPES: [ValueType; 11] = [
    ValueType::Text,
    ValueType::Int,
    ValueType::Bool,
    ValueType::Time,
    ValueType::Duration,
    ValueType::Phone,
    ValueType::Email,
    ValueType::Country,
    ValueType::AccountId,
    ValueType::Ip,
    ValueType::Secret,
];

/// The types of everything that has a declared one.
pub(super) struct Types {
    pub(super) attributes: BTreeMap<Name, ValueType>,
    pub(super) context: BTreeMap<Name, Session>,
    /// One type per input name, over the whole lifecycle.
    pub(super) inputs: BTreeMap<Name, ValueType>,
}

impl Types {
    pub(super) fn read(scope: &Scope<'_>, out: &mut Findings) -> Self {
        let form = scope.account.form;
        let attributes = form.attributes.iter().filter_map(|(name, attribute)| {
            let place = scope.account.place.key("attributes").key(name.as_str());
            let form = &attribute.0;
            let ty = value_type(form.ty.as_deref(), form.one_of.as_deref(), place, out)?;
            Some((name.clone(), ty))
        });
        let attributes = attributes.collect();
        Self {
            attributes,
            context: context::read(scope, out),
            inputs: inputs(scope, out),
        }
    }
}

/// The type that `type:` (or the short form) or `one_of:` declares at a place.
pub(super) fn value_type(
    ty: Option<&str>,
    one_of: Option<&[Name]>,
    place: Place<'_>,
    out: &mut Findings,
) -> Option<ValueType> {
    match (ty, one_of) {
        (Some(ty), None) => named_type(ty, place.key("type"), out),
        (None, Some(words)) => {
            let place = place.key("one_of");
            check_not_empty(words, "`one_of`", place, out);
            check_repeats(words, place, out);
            Some(ValueType::OneOf(words.into()))
        }
        (Some(_), Some(_)) => {
            let message = "`type` and `one_of` both declare a type";
            let error =
                Diagnostic::error(codes::CONTRADICTION, place.key("one_of").head(), message);
            out.push(
                error
                    .also(place.key("type").head(), "declared here")
                    .help("keep one of them"),
            );
            None
        }
        (None, None) if place.explains("type") || place.explains("one_of") => None,
        (None, None) => {
            let error = Diagnostic::error(MISSING_KEY, place.head(), "the type is missing");
            out.push(error.label("needs `type:` or `one_of:`"));
            None
        }
    }
}

fn named_type(name: &str, place: Place<'_>, out: &mut Findings) -> Option<ValueType> {
    let known = TYPES.into_iter().find(|ty| ty.name() == name);
    if known.is_none() {
        let names: Vec<&str> = TYPES.iter().map(ValueType::name).collect();
        out.push(
            Diagnostic::error(
                codes::UNKNOWN_TYPE,
                place.text(),
                format!("unknown type `{name}`"),
            )
            .help(format!(
                "the types are {} and `one_of: [..]`",
                names.join(", ")
            ))
            .did_you_mean(name, names.iter().copied()),
        );
    }
    known
}

/// Inputs of one name are one name in expressions, so they have one type.
fn inputs(scope: &Scope<'_>, out: &mut Findings) -> BTreeMap<Name, ValueType> {
    let mut first: BTreeMap<Name, (ValueType, Place<'_>)> = BTreeMap::new();
    let mut disagreeing = BTreeSet::new();
    for source in scope.transitions.values() {
        for (name, input) in &source.form.input {
            let place = source.place.key("input").key(name.as_str());
            let InputForm { ty, one_of, .. } = &input.0;
            let Some(ty) = value_type(ty.as_deref(), one_of.as_deref(), place, out) else {
                continue;
            };
            match first.get(name) {
                None => {
                    first.insert(name.clone(), (ty, place));
                }
                Some((known, _)) if *known == ty => {}
                Some((known, other)) => {
                    disagreeing.insert(name);
                    let message = format!("the input `{name}` has another type elsewhere");
                    out.push(
                        Diagnostic::error(codes::INPUT_TYPES, place.head(), message)
                            .label(format!("{} here", ty.name()))
                            .also(other.head(), format!("{} here", known.name()))
                            .help("inputs of one name have one type; rename one of them"),
                    );
                }
            }
        }
    }
    // Whichever type such an input had, it would be wrong for somebody.
    first.retain(|name, _| !disagreeing.contains(name));
    let types = first.into_iter().map(|(name, (ty, _))| (name, ty));
    types.collect()
}

pub(super) fn attributes(
    scope: &Scope<'_>,
    types: &Types,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> BTreeMap<Name, Attribute> {
    let section = scope.account.place.key("attributes");
    let mut attributes = BTreeMap::new();
    for (name, form) in &scope.account.form.attributes {
        let form = &form.0;
        let place = section.key(name.as_str());
        let (Some(ty), Some(slot)) = (
            types.attributes.get(name),
            compilers.slot(&format!("account.{name}")),
        ) else {
            continue;
        };
        check_sharing(form, place, out);
        check_set_only(form, place, out);
        let attribute = Attribute {
            ty: ty.clone(),
            optional: form.optional,
            immutable: form.immutable,
            set_only: form.set_only,
            personal: form.personal,
            shared_by_at_most: form.shared_by_at_most.or(form.unique.then_some(1)),
            default: default(form, ty, place, out),
            deny_code: text(form.deny_code.as_deref()),
            about: text(form.about.as_deref()),
            slot,
            span: place.head(),
        };
        attributes.insert(name.clone(), attribute);
    }
    attributes
}

fn check_sharing(form: &AttributeForm, place: Place<'_>, out: &mut Findings) {
    let mut contradiction = |key: &str, other: &str, message: &str, help: &str| {
        let error = Diagnostic::error(codes::CONTRADICTION, place.key(key).head(), message);
        let error = if other.is_empty() {
            error
        } else {
            error.also(place.key(other).head(), "against this")
        };
        out.push(error.help(help));
    };
    if form.shared_by_at_most == Some(0) {
        let message = "a value that no account may hold cannot be set";
        contradiction(
            "shared_by_at_most",
            "",
            message,
            "write 1 or more, or leave it out",
        );
    }
    if form.unique && form.shared_by_at_most.is_some() {
        let message =
            "`unique` and `shared_by_at_most` both say how many accounts may share a value";
        contradiction(
            "shared_by_at_most",
            "unique",
            message,
            "`unique` is `shared_by_at_most: 1`",
        );
    }
    let is_limited = form.unique || form.shared_by_at_most.is_some();
    if is_limited && form.default.is_some() {
        let limit = if form.unique {
            "unique"
        } else {
            "shared_by_at_most"
        };
        let message = "a default would be shared by every account that is created without a value";
        contradiction("default", limit, message, "leave the default out");
    }
    if !is_limited && form.deny_code.is_some() {
        let message = "nothing here is denied that could have this code";
        let error = Diagnostic::error(codes::KEY_NOT_HERE, place.key("deny_code").head(), message);
        out.push(error.help("it goes with `unique` or `shared_by_at_most`"));
    }
}

/// What only transitions give is missing at first, and comes later.
fn check_set_only(form: &AttributeForm, place: Place<'_>, out: &mut Findings) {
    if !form.set_only {
        return;
    }
    let contradicts = [
        (
            "immutable",
            form.immutable,
            "never changes after the account is created",
        ),
        (
            "default",
            form.default.is_some(),
            "is there from the beginning",
        ),
    ];
    let at = place.key("set_only").head();
    for (key, _, what) in contradicts.iter().filter(|(_, given, _)| *given) {
        let message = format!("what only transitions give is not what {what}");
        let error = Diagnostic::error(codes::CONTRADICTION, at, message);
        out.push(
            error
                .also(place.key(key).head(), "against this")
                .help("leave one of them out"),
        );
    }
    if !form.optional {
        let message = "no account could be created: only transitions give this, and it is needed";
        let error = Diagnostic::error(codes::CONTRADICTION, at, message);
        out.push(error.help("add `optional: true`"));
    }
}

fn default(
    form: &AttributeForm,
    ty: &ValueType,
    place: Place<'_>,
    out: &mut Findings,
) -> Option<Value> {
    let text = form.default.as_ref()?;
    ty.parse(&text.0)
        .map_err(|error| {
            let message = format!("the default is not a value of the type {}", ty.name());
            out.push(
                Diagnostic::error(codes::BAD_DEFAULT, place.key("default").text(), message)
                    .label(error.to_string()),
            );
        })
        .ok()
}
