//! Verifications: how something is proved.

use std::collections::{BTreeMap, BTreeSet};

use super::code_rules;
use super::compile::{Compilers, REQUEST, Site};
use super::scope::{Findings, Scope, Source, text};
use super::shared::{Shared, inputs_of};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::yaml::MISSING_KEY;
use crate::expr::{Slot, Type};
use crate::lifecycle::codes;
use crate::lifecycle::model::{Channel, CodeRules, Method, Verification};
use crate::lifecycle::syntax::{ExpressionText, TransitionForm, VerificationForm};
use crate::name::Name;
use crate::source::{Place, Span};

pub(super) type Verifications<'a> = BTreeMap<Name, Shared<'a, Verification>>;

pub(super) fn verifications<'a>(
    scope: &Scope<'a>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> Verifications<'a> {
    let section = scope.account.place.key("verifications");
    let shared = code_rules::shared(scope, out);
    let mut verifications = BTreeMap::new();
    for (name, form) in &scope.account.form.verifications {
        let place = section.key(name.as_str());
        let inputs = inputs_of(scope, |transition| demands(transition, name));
        let mut reader = Reader {
            name,
            source: Source { form, place },
            site: Site {
                what: "a verification",
                reads: REQUEST,
                inputs: &inputs,
            },
            scope,
            compilers,
            reads: BTreeSet::new(),
        };
        let available = form.available.as_ref().and_then(|available| {
            reader.expression(available, "available", (Type::Bool, false), out)
        });
        let Some(method) = reader.method(&shared, out) else {
            continue;
        };
        let item = Verification {
            method,
            available,
            deny_code: text(form.deny_code.as_deref()),
            about: text(form.about.as_deref()),
            span: place.head(),
        };
        let (reads, place) = (reader.reads, place.key("to"));
        verifications.insert(name.clone(), Shared { item, reads, place });
    }
    verifications
}

/// Whether a transition demands a verification in any step.
pub(super) fn demands(transition: &TransitionForm, name: &Name) -> bool {
    transition
        .verify
        .iter()
        .any(|step| step.0.any.contains(name))
}

struct Reader<'r, 'a> {
    name: &'r Name,
    source: Source<'a, VerificationForm>,
    site: Site<'r>,
    scope: &'r Scope<'a>,
    compilers: &'r Compilers<'r>,
    reads: BTreeSet<Slot>,
}

impl Reader<'_, '_> {
    fn expression(
        &mut self,
        text: &ExpressionText,
        key: &str,
        (ty, optional): (Type, bool),
        out: &mut Findings,
    ) -> Option<crate::expr::Expression> {
        let place = self.source.place.key(key);
        let expected = (Some(ty), optional);
        let compiled = self
            .compilers
            .expression(&self.site, &text.0, place, expected, out)?;
        self.reads.extend(compiled.reads);
        Some(compiled.item)
    }

    fn method(&mut self, shared: &CodeRules, out: &mut Findings) -> Option<Method> {
        let Source { form, place } = self.source;
        if !has_one_method(form, place, out) {
            return None;
        }
        if form.enrol && form.totp.is_none() {
            let message = "`enrol` has no meaning here";
            let error = Diagnostic::error(codes::KEY_NOT_HERE, place.key("enrol").head(), message);
            out.push(error.help("it goes with `totp:`"));
        }
        if let Some(channel) = form.code {
            return self.code(channel, shared, out);
        }
        check_no_code_keys(form, place, out);
        if let Some(authenticator) = &form.totp {
            let known = self.scope.authenticators();
            if !known.resolve(authenticator, place.key("totp"), out) {
                return None;
            }
            return Some(Method::Totp {
                authenticator: authenticator.clone(),
                enrol: form.enrol,
                attempts: shared.attempts,
            });
        }
        if let Some(risk) = &form.acknowledge {
            let text = risk.as_str().into();
            return Some(Method::Acknowledge { text });
        }
        let caller = form.approval.as_ref()?;
        let is_known = self
            .scope
            .callers()
            .resolve(caller, place.key("approval"), out);
        is_known.then(|| Method::Approval { by: caller.clone() })
    }

    fn code(&mut self, channel: Channel, shared: &CodeRules, out: &mut Findings) -> Option<Method> {
        let Source { form, place } = self.source;
        let rules = code_rules::of(form, place, shared, self.scope, out);
        if rules.quotas.is_empty() && !names_quotas(form, self.scope) {
            let message = "nothing limits how many of these codes are sent";
            let mut finding = Diagnostic::warning(codes::CODE_WITHOUT_QUOTA, place.head(), message)
                .label("spends no quota");
            for throttle in throttles(self.name, self.scope) {
                let says = "a throttle is no quota: it holds off bursts, and forgets at a restart";
                finding = finding.also(throttle, says);
            }
            out.push(finding.help("name a quota here, or for all codes under `codes:`"));
        }
        let Some(to) = &form.to else {
            if place.explains("to") {
                return None;
            }
            let error = Diagnostic::error(MISSING_KEY, place.head(), "the key `to` is missing");
            out.push(error.label("needs `to:`, the address the code is sent to"));
            return None;
        };
        let ty = match channel {
            Channel::Sms => Type::Phone,
            Channel::Email => Type::Email,
        };
        // Where the address is unset, the verification is not available.
        let to = self.expression(to, "to", (ty, true), out)?;
        Some(Method::Code { channel, to, rules })
    }
}

/// Where transitions that demand a verification are throttled.
fn throttles(name: &Name, scope: &Scope<'_>) -> Vec<Span> {
    let transitions = scope.transitions.values();
    let throttled = transitions.filter(|it| it.form.throttle.is_some() && demands(it.form, name));
    let places = throttled.map(|it| it.place.key("throttle").head());
    places.collect()
}

/// Whether quotas are named at all, if only mistaken ones.
fn names_quotas(form: &VerificationForm, scope: &Scope<'_>) -> bool {
    let own = form.quota.as_ref();
    let shared = scope.account.form.codes.as_ref().map(|codes| &codes.quota);
    own.or(shared).is_some_and(|quotas| !quotas.0.is_empty())
}

fn has_one_method(form: &VerificationForm, place: Place<'_>, out: &mut Findings) -> bool {
    let methods = [
        ("code", form.code.is_some()),
        ("acknowledge", form.acknowledge.is_some()),
        ("approval", form.approval.is_some()),
        ("totp", form.totp.is_some()),
    ];
    let mut given = methods
        .iter()
        .filter(|(_, given)| *given)
        .map(|(key, _)| *key);
    match (given.next(), given.next()) {
        (Some(_), None) => return true,
        (None, _) if methods.iter().any(|(key, _)| place.explains(key)) => {}
        (None, _) => {
            let message = "a verification has to say how it is proved";
            let error = Diagnostic::error(codes::NO_METHOD, place.head(), message);
            out.push(error.label("needs one of `code:`, `acknowledge:`, `approval:`, `totp:`"));
        }
        (Some(first), Some(second)) => {
            let message = "a verification is proved in one way";
            let error = Diagnostic::error(codes::NO_METHOD, place.key(second).head(), message);
            let error = error.also(place.key(first).head(), "another one here");
            out.push(error.help("declare two verifications, and demand both or `any:` of them"));
        }
    }
    false
}

fn check_no_code_keys(form: &VerificationForm, place: Place<'_>, out: &mut Findings) {
    let keys = [
        ("to", form.to.is_some()),
        ("digits", form.digits.is_some()),
        ("valid_for", form.valid_for.is_some()),
        ("attempts", form.attempts.is_some()),
        ("resend_after", form.resend_after.is_some()),
        ("sends", form.sends.is_some()),
        ("quota", form.quota.is_some()),
    ];
    for (key, _) in keys.iter().filter(|(_, given)| *given) {
        let message = format!("`{key}` has no meaning here");
        let error = Diagnostic::error(codes::KEY_NOT_HERE, place.key(key).head(), message);
        out.push(error.help("it goes with `code: sms` or `code: email`"));
    }
}
