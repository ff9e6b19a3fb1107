//! Who asks: principals that exist, and principals that a case describes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::{unknown, unknown_key, value};
use super::load::Loading;
use super::syntax::{CaseForm, PrincipalForm};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::syntax::{OneOrMany, Short};
use crate::name::Name;
use crate::policy::{Principal, PrincipalName};
use crate::source::Place;
use crate::value::{Value, ValueType};
use crate::workbench::codes;

impl Loading<'_> {
    pub(super) fn principals(&mut self, form: &CaseForm, place: Place<'_>) -> Vec<Principal> {
        let own = !form.principal.0.is_empty();
        if !own && self.given.principal.0.is_empty() {
            if !place.explains("principal") {
                let says = "this case does not say who asks";
                let finding = Diagnostic::error(codes::QUESTION, place.key("name").text(), says);
                self.findings.push(finding.help("write `principal:`"));
            }
            return Vec::new();
        }
        if own {
            return self.principals_at(&form.principal, place.key("principal"));
        }
        let given = self.given.principal.clone();
        self.principals_at(&given, self.given_place.key("principal"))
    }

    fn principals_at(
        &mut self,
        forms: &OneOrMany<Short<PrincipalForm>>,
        place: Place<'_>,
    ) -> Vec<Principal> {
        let mut found = Vec::with_capacity(forms.0.len());
        for (index, Short(form)) in forms.0.iter().enumerate() {
            let place = place.item(index);
            let principal = match &form.account {
                Some(account) => self.described(form, account, place),
                None => self.existing(form, place),
            };
            found.extend(principal);
        }
        found
    }

    /// A principal of `principals.yaml`, or an account's owner; perhaps in a bounded session.
    fn existing(&mut self, form: &PrincipalForm, place: Place<'_>) -> Option<Principal> {
        let at = place.key("name");
        let is_named = form.policies.is_empty() && form.groups.is_empty();
        if !is_named || !form.resource_groups.is_empty() || form.service_linked {
            let says = "this principal is described without an account";
            let finding = Diagnostic::error(codes::UNKNOWN_PRINCIPAL, at.text(), says);
            self.findings.push(finding.help("write `account:`"));
            return None;
        }
        match self.bundle.principals.resolve(&form.name) {
            Ok(principal) => Some(Principal {
                session: self.session(form, place).or(principal.session),
                ..principal
            }),
            Err(error) => {
                let says = error.to_string();
                let finding = Diagnostic::error(codes::UNKNOWN_PRINCIPAL, at.text(), says);
                let describe = "describe it: `{ name: kind/name, account: …, policies: […] }`";
                self.findings.push(match error.closest.as_deref() {
                    Some(close) => finding.did_you_mean(close, [close]),
                    None => finding.help(describe),
                });
                None
            }
        }
    }

    fn session(&mut self, form: &PrincipalForm, place: Place<'_>) -> Option<Vec<Arc<str>>> {
        let names = form.session.as_ref()?;
        Some(self.policies(names, place.key("session")))
    }

    /// A principal that is described in place.
    fn described(
        &mut self,
        form: &PrincipalForm,
        account: &str,
        place: Place<'_>,
    ) -> Option<Principal> {
        let name = self.described_name(form, place);
        let at = place.key("account");
        let account = value(&ValueType::AccountId, account, at, self.findings);
        let policies = self.policies(&form.policies, place.key("policies"));
        let groups = self.groups(form, place.key("groups"));
        let resource_groups = self.resource_groups(form, place.key("resource_groups"));
        let session = self.session(form, place);
        let (Some(name), Some(Value::AccountId(account))) = (name, account) else {
            return None;
        };
        let mut principal = Principal::new(name, account);
        let of_groups = groups.iter().flat_map(|(_, policies)| policies);
        for policy in policies.iter().chain(of_groups) {
            if !principal.policies.contains(policy) {
                principal.policies.push(policy.clone());
            }
        }
        principal.groups = groups.into_iter().map(|(name, _)| name).collect();
        principal.resource_groups = resource_groups;
        principal.session = session;
        principal.service_linked = form.service_linked;
        Some(principal)
    }

    fn described_name(&mut self, form: &PrincipalForm, place: Place<'_>) -> Option<PrincipalName> {
        let at = place.key("name");
        let name = match form.name.parse::<PrincipalName>() {
            Ok(name) => name,
            Err(error) => {
                self.error(codes::UNKNOWN_PRINCIPAL, at.text(), error.to_string());
                return None;
            }
        };
        let kinds = &self.bundle.lifecycle.principal_kinds;
        if kinds.contains_key(name.kind()) {
            return Some(name);
        }
        let known = kinds.keys().map(Name::as_str);
        let finding = unknown("kind of principal", name.kind().as_str(), at, known);
        // The name is more than the kind: there is no edit for the whole.
        self.findings.push(Diagnostic {
            suggestion: None,
            ..finding
        });
        None
    }

    fn policies(&mut self, names: &[String], place: Place<'_>) -> Vec<Arc<str>> {
        let mut found = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match self.bundle.policies.get(name) {
                Some(policy) => found.push(policy.name().clone()),
                None => {
                    let known = self.bundle.policies.names();
                    self.findings
                        .push(unknown("policy", name, place.item(index), known));
                }
            }
        }
        found
    }

    fn resource_groups(
        &mut self,
        form: &PrincipalForm,
        place: Place<'_>,
    ) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
        let attachments = self.bundle.principals.attachments();
        let known = || attachments.resource_groups().map(|(name, _)| name);
        let mut found = BTreeMap::new();
        for (wanted, policies) in &form.resource_groups {
            let place = place.key(wanted);
            let policies = self.policies(policies, place);
            if let Some(name) = known().find(|name| ***name == **wanted) {
                found.insert(name.clone(), policies);
                continue;
            }
            let known = known().map(|name| &**name);
            self.findings
                .push(unknown_key("resource group", wanted, place, known));
        }
        found
    }

    fn groups(&mut self, form: &PrincipalForm, place: Place<'_>) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
        let groups = || self.bundle.principals.groups();
        let mut found = Vec::with_capacity(form.groups.len());
        for (index, wanted) in form.groups.iter().enumerate() {
            match groups().find(|(name, _)| ***name == **wanted) {
                Some((name, group)) => found.push((name.clone(), group.policies.clone())),
                None => {
                    let known = groups().map(|(name, _)| &**name);
                    let finding = unknown("group", wanted, place.item(index), known);
                    self.findings.push(finding);
                }
            }
        }
        found
    }
}
