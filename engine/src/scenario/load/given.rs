//! What there is before the first step: accounts and principals.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Loading;
use crate::diagnostic::Diagnostic;
use crate::engine::Create;
use crate::lifecycle::syntax::ScalarText;
use crate::name::{AccountId, Name};
use crate::policy::{Principal, PrincipalName};
use crate::scenario::syntax::{AccountForm, PrincipalForm};
use crate::scenario::{Said, codes};
use crate::source::{Place, Span};
use crate::value::{Value, ValueType};

impl Loading<'_> {
    pub(super) fn given_accounts(
        &mut self,
        forms: &BTreeMap<AccountId, AccountForm>,
        place: Place<'_>,
    ) -> Vec<Said<Create>> {
        let mut accounts = Vec::with_capacity(forms.len());
        for (id, form) in forms {
            let place = place.key(id.as_str());
            let (attributes, states) = (&form.attributes, &form.states);
            self.lacking(id, attributes, place.head());
            let value = self.create((id, attributes, states), place);
            let span = place.head();
            accounts.push(Said { value, span });
        }
        accounts
    }

    /// The creation of an account.
    pub(super) fn create(
        &mut self,
        (id, attributes, states): (
            &AccountId,
            &BTreeMap<Name, ScalarText>,
            &BTreeMap<Name, Name>,
        ),
        place: Place<'_>,
    ) -> Create {
        self.states(states, place.key("states"));
        let attributes = self.attributes(attributes, place.key("attributes"));
        Create {
            states: states.clone(),
            ..Create::new(id.clone(), attributes)
        }
    }

    /// Reports attributes that every account has and this one lacks.
    fn lacking(&mut self, id: &AccountId, attributes: &BTreeMap<Name, ScalarText>, span: Span) {
        let declared = self.lifecycle().attributes.iter();
        let lacks = declared.filter(|(name, attribute)| {
            !attribute.optional
                && attribute.default.is_none()
                && !attributes.contains_key(name.as_str())
        });
        let lacks: Vec<String> = lacks
            .map(|(name, attribute)| format!("`{name}` ({})", attribute.ty.name()))
            .collect();
        if !lacks.is_empty() {
            let says = format!("account `{id}` lacks {}", lacks.join(", "));
            let finding = Diagnostic::error(codes::LACKING, span, says);
            self.findings
                .push(finding.help("every account has them: write them under `attributes:`"));
        }
    }

    pub(super) fn read_principals(
        &mut self,
        forms: &BTreeMap<String, PrincipalForm>,
        place: Place<'_>,
    ) {
        for (text, form) in forms {
            let place = place.key(text);
            let principal = self.described(text, form, place);
            self.principals.insert(text.clone(), principal);
        }
    }

    /// A principal that the scenario brings.
    fn described(
        &mut self,
        text: &str,
        form: &PrincipalForm,
        place: Place<'_>,
    ) -> Option<Principal> {
        let name = self.full_name(text, place.head());
        let at = place.key("account");
        let account = self.value(&ValueType::AccountId, &form.account, at);
        let own = self.policies(&form.policies, place.key("policies"));
        let groups = self.groups(&form.groups, place.key("groups"));
        let bounds = place.key("session");
        let session = form.session.as_ref();
        let session = session.map(|names| self.policies(names, bounds));
        let (Some(name), Some(Value::AccountId(account))) = (name, account) else {
            return None;
        };
        let mut principal = Principal::new(name, account);
        let of_groups = groups.iter().flat_map(|(_, policies)| policies.clone());
        for policy in own.into_iter().chain(of_groups) {
            if !principal.policies.contains(&policy) {
                principal.policies.push(policy);
            }
        }
        principal.groups = groups.into_iter().map(|(name, _)| name).collect();
        principal.session = session;
        Some(principal)
    }

    fn full_name(&mut self, text: &str, span: Span) -> Option<PrincipalName> {
        let name: PrincipalName = match text.parse() {
            Ok(name) => name,
            Err(error) => {
                self.error(codes::UNKNOWN_PRINCIPAL, span, format!("{error}"));
                return None;
            }
        };
        let kinds = &self.lifecycle().principal_kinds;
        if kinds.contains_key(name.kind()) {
            return Some(name);
        }
        let known: Vec<&str> = kinds.keys().map(Name::as_str).collect();
        let says = format!("there is no kind of principal `{}`", name.kind());
        let finding = Diagnostic::error(codes::UNKNOWN_PRINCIPAL, span, says);
        self.findings
            .push(finding.help(format!("there are {}", known.join(", "))));
        None
    }

    fn policies(&mut self, names: &[String], place: Place<'_>) -> Vec<Arc<str>> {
        let policies = &self.bundle.policies;
        let mut found = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match policies.get(name) {
                Some(policy) => found.push(policy.name().clone()),
                None => self.unknown("policy", name, place.item(index).text(), policies.names()),
            }
        }
        found
    }

    fn groups(&mut self, names: &[String], place: Place<'_>) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
        let principals = &self.bundle.principals;
        let mut found = Vec::with_capacity(names.len());
        for (index, wanted) in names.iter().enumerate() {
            match principals.groups().find(|(name, _)| ***name == **wanted) {
                Some((name, group)) => found.push((name.clone(), group.policies.clone())),
                None => {
                    let known = principals.groups().map(|(name, _)| &**name);
                    self.unknown("group", wanted, place.item(index).text(), known);
                }
            }
        }
        found
    }

    /// Who does something: one of the scenario's own principals, a listed one or an owner.
    pub(super) fn principal(&mut self, text: &str, place: Place<'_>) -> Option<Principal> {
        if let Some(own) = self.principals.get(text) {
            return own.clone();
        }
        match self.bundle.principals.resolve(text) {
            Ok(principal) => Some(principal),
            Err(error) => {
                let own = self.principals.keys().map(String::as_str);
                let near = crate::name::closest(text, own).map(str::to_owned);
                let span = place.text();
                let finding = Diagnostic::error(codes::UNKNOWN_PRINCIPAL, span, error.to_string());
                self.findings.push(match near.or(error.closest) {
                    Some(near) => finding.did_you_mean(&near, [near.as_str()]),
                    None => finding.help("describe it under `given:`, `principals:`"),
                });
                None
            }
        }
    }
}
