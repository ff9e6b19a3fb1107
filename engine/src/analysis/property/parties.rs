//! Who makes steps, and what proves them: the names of both in a file of properties.

use std::collections::BTreeSet;

use super::codes;
use super::load::Loading;
use super::stated::Proof;
use super::syntax::{ProofForm, WhoForm};
use super::who::Who;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Method, Verification};
use crate::lifecycle::syntax::Short;
use crate::name::Name;
use crate::policy::PrincipalName;
use crate::source::{Place, Span};

/// What stands for the passing of time among those who make steps.
const TIME: &str = "time";

impl Loading<'_> {
    /// Those who are named, unless nobody is.
    pub(super) fn who_if_any(&mut self, forms: &[Short<WhoForm>], place: Place<'_>) -> Option<Who> {
        (!forms.is_empty()).then(|| self.who(forms, place))
    }

    pub(super) fn who(&mut self, forms: &[Short<WhoForm>], place: Place<'_>) -> Who {
        let mut who = Who::default();
        for (index, Short(form)) in forms.iter().enumerate() {
            let place = place.item(index);
            let at = place.key("principal");
            for (index, text) in form.principal.0.iter().enumerate() {
                if text == TIME {
                    who.time = true;
                } else {
                    let principal = self.principal(text, at.item(index).text());
                    who.principals.extend(principal);
                }
            }
            let lifecycle = &self.bundle.lifecycle;
            let kinds: Vec<&Name> = lifecycle.principal_kinds.keys().collect();
            let callers: Vec<&Name> = lifecycle.callers.keys().collect();
            let kind = self.names("kind of principal", &form.kind.0, &kinds, place.key("kind"));
            let caller = self.names("caller", &form.caller.0, &callers, place.key("caller"));
            who.kinds.extend(kind);
            who.callers.extend(caller);
        }
        who
    }

    fn principal(&mut self, text: &str, span: Span) -> Option<PrincipalName> {
        let unknown = match self.bundle.principals.resolve(text) {
            Ok(principal) => return Some(principal.name),
            Err(unknown) => unknown,
        };
        let lifecycle = &self.bundle.lifecycle;
        let says = format!("there is no principal `{text}`");
        let mut finding = Diagnostic::error(codes::UNKNOWN_NAME, span, says);
        finding = if lifecycle.callers.contains_key(text) {
            finding.help(format!("the caller rule is written `{{ caller: {text} }}`"))
        } else if lifecycle.principal_kinds.contains_key(text) {
            finding.help(format!("the kind is written `{{ kind: {text} }}`"))
        } else if let Some(near) = &unknown.closest {
            finding.did_you_mean(near, [near.as_str()])
        } else {
            finding
        };
        self.findings.push(finding);
        None
    }

    /// Those of the names that are known.
    fn names(
        &mut self,
        what: &str,
        names: &[Name],
        known: &[&Name],
        place: Place<'_>,
    ) -> BTreeSet<Name> {
        for (index, name) in names.iter().enumerate() {
            if !known.contains(&name) {
                let known = known.iter().map(|name| name.as_str());
                self.unknown(what, name.as_str(), place.item(index).text(), known);
            }
        }
        names.iter().cloned().collect()
    }

    pub(super) fn proofs(&mut self, forms: &[Short<ProofForm>], place: Place<'_>) -> Vec<Proof> {
        let forms = forms.iter().enumerate();
        forms
            .map(|(index, Short(form))| self.proof(form, place.item(index)))
            .collect()
    }

    fn proof(&mut self, form: &ProofForm, place: Place<'_>) -> Proof {
        let lifecycle = &self.bundle.lifecycle;
        let known: Vec<&Name> = lifecycle.verifications.keys().collect();
        let mut any = self.names("verification", &form.any.0, &known, place.key("any"));
        let at = place.key("code_to");
        for (index, path) in form.code_to.0.iter().enumerate() {
            any.extend(self.code_to(path, at.item(index).text()));
        }
        if any.is_empty() && form.code_to.0.is_empty() {
            self.error(codes::NO_PROOF, place.span(), "no verification is named");
        }
        Proof {
            any,
            span: place.span(),
        }
    }

    /// The verifications whose codes go to an address.
    fn code_to(&mut self, path: &str, span: Span) -> Vec<Name> {
        let lifecycle = &self.bundle.lifecycle;
        if lifecycle.vocabulary.slot(path).is_none() {
            let known = lifecycle.vocabulary.facts().map(|(_, fact)| &*fact.path);
            let known: Vec<&str> = known.collect();
            self.unknown("name", path, span, known);
            return Vec::new();
        }
        let goes_there = |it: &Verification| match &it.method {
            Method::Code { to, .. } => to.text().trim() == path,
            Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => false,
        };
        let all = lifecycle.verifications.iter();
        let found: Vec<Name> = all
            .filter(|(_, it)| goes_there(it))
            .map(|(name, _)| name.clone())
            .collect();
        if found.is_empty() {
            let says = format!("no verification sends a code to `{path}`");
            self.error(codes::NO_PROOF, span, says);
        }
        found
    }
}
