//! Who may do something: every listed principal and the owners of accounts, each with what decides.
//!
//! What nobody has said stays open: session facts and inputs that are not given, the instant unless
//! it is, and the account unless there is one. Whoever may then do it under some of them may do it
//! under a condition.

use std::collections::BTreeMap;

use super::sketch::Described;
use super::trace::{Question, Suppose, Trace, UNKNOWN};
use crate::bundle::Bundle;
use crate::expr::{EvalError, Facts, Slot, Truth, Val};
use crate::lifecycle::model::Access;
use crate::name::{AccountId, Name};
use crate::policy::{Principal, PrincipalName};
use crate::situation::{Asked, Situation};
use crate::time::Timestamp;
use crate::value::Value;

/// What is asked, and what is known.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The definition.
    pub bundle: &'a Bundle,
    /// The action.
    pub action: &'a str,
    /// On which resources.
    pub on: On<'a>,
    /// The account, if it is about one, as far as it is known.
    pub account: Option<&'a Described>,
    /// The session facts that are known.
    pub context: &'a BTreeMap<Name, Value>,
    /// The inputs that are known.
    pub inputs: &'a BTreeMap<Name, Value>,
    /// The instant, if it matters.
    pub at: Option<Timestamp>,
}

/// What an action is about.
#[derive(Debug, Clone, Copy)]
pub enum On<'a> {
    /// The resources of an access.
    Access(&'a Access),
    /// These.
    Named(&'a [String]),
}

/// Somebody who may or may not.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Who.
    pub who: Who,
    /// Why.
    pub trace: Trace,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A principal that is listed.
    Listed(PrincipalName),
    /// The owner of the account, of a kind that owns accounts.
    Owner {
        /// The kind.
        kind: Name,
        /// The account, where it is known.
        account: Option<AccountId>,
    },
}

impl Candidate {
    /// Whether they may: for sure, under a condition, or not.
    pub fn may(&self) -> Truth {
        self.trace.possible.allows()
    }
}

/// Everybody who is known by name, and the owners: those who may first, then those who may under a
/// condition, then the others; each by name.
///
/// # Errors
/// When a resource has no name for want of a value.
pub fn who_can(asking: &Asking<'_>) -> Result<Vec<Candidate>, EvalError> {
    let principals = &asking.bundle.principals;
    let mut found = Vec::new();
    for listed in principals.listed() {
        let who = Who::Listed(listed.principal.name.clone());
        let trace = asking.of(&listed.principal, None)?;
        found.push(Candidate { who, trace });
    }
    for kind in asking.bundle.lifecycle.principal_kinds.keys() {
        if !principals.owns_account(kind) {
            continue;
        }
        let lifecycle = &asking.bundle.lifecycle;
        let account = asking.account.and_then(|account| account.id(lifecycle));
        let account = account.cloned();
        // Any id will do for an account of which nothing is known but that it is the owner's.
        let id = account.clone().or_else(|| "account".parse().ok());
        let owner = id.and_then(|id| {
            let name = PrincipalName::new(kind, id.as_str()).ok()?;
            Some(Principal::new(name, id))
        });
        if let Some(owner) = owner {
            let trace = asking.of(&owner, Some(&owner.account))?;
            let kind = kind.clone();
            let who = Who::Owner { kind, account };
            found.push(Candidate { who, trace });
        }
    }
    found.sort_by_key(|candidate| match candidate.may() {
        Truth::True => 0,
        Truth::Unknown => 1,
        Truth::False => 2,
    });
    Ok(found)
}

impl Asking<'_> {
    /// What policies say to a principal; `own` is its account, where that is the one in question.
    fn of(&self, principal: &Principal, own: Option<&AccountId>) -> Result<Trace, EvalError> {
        let lifecycle = &self.bundle.lifecycle;
        let situation = Situation {
            account: self.account.map(|described| &described.account),
            asked: Asked {
                principal: Some(principal),
                context: self.context,
                inputs: self.inputs,
            },
            now: self.at.unwrap_or(Timestamp::from_ms(0)),
        };
        let mut facts = situation.facts(lifecycle);
        if let Some(own) = own {
            facts.set(lifecycle.slots.account_id, Val::Text(own.as_str()));
        }
        let known = |slot| self.knows(slot, own.is_some());
        blank(&mut facts, self.bundle, &known);
        let question = Question {
            bundle: self.bundle,
            principal,
            action: self.action,
            facts: &facts,
            known: &known,
            hidden: &|_| false,
            suppose: Suppose::NOTHING,
        };
        let rendered;
        let resources = match self.on {
            On::Named(named) => named,
            On::Access(access) => {
                rendered = self.bundle.resources(access, &facts)?;
                &rendered
            }
        };
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        Ok(question.trace(&resources))
    }

    fn knows(&self, slot: Slot, is_own: bool) -> bool {
        let lifecycle = &self.bundle.lifecycle;
        let Some(fact) = lifecycle.vocabulary.fact(slot) else {
            return false;
        };
        let given = |values: &BTreeMap<Name, Value>, name: &str| values.contains_key(name);
        match fact.path.split_once('.') {
            Some(("account", "id")) if is_own => true,
            Some(("account" | "state", _)) => {
                self.account.is_some_and(|it| !it.open.contains(&slot))
            }
            Some(("context", name)) => given(self.context, name),
            Some(("input", name)) => given(self.inputs, name),
            Some(("now", _)) => self.at.is_some(),
            None if &*fact.path == "now" => self.at.is_some(),
            _ => true,
        }
    }
}

/// Makes facts that are not known tell nothing, also where names are made of them.
fn blank(facts: &mut Facts<'_>, bundle: &Bundle, known: &dyn Fn(Slot) -> bool) {
    for (slot, _) in bundle.lifecycle.vocabulary.facts() {
        if !known(slot) {
            facts.set(slot, Val::Text(UNKNOWN));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::source::SourceMap;

    const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { path: text }
context: { mfa: bool }
principal_kinds: { root: { owns_account: true }, user: {} }
read: { permission: "s:Read", resource: "acs:s:*:${account.id}:thing/${account.path}" }
"#;
    const WORKFLOW: &str = r#"
workflow: phone
initial: unbound
states: { unbound: {}, bound: {} }
transitions:
  bind: { from: unbound, to: bound, permission: "s:Bind", resource: "acs:s:*:1:x" }
"#;
    const PRINCIPALS: &str = r#"
principals:
  user/all: { account: "9", policies: [All] }
  user/folder: { account: "9", policies: [Folder] }
  user/mfa: { account: "9", policies: [All, Factor] }
  user/none: { account: "9" }
"#;

    fn bundle() -> Bundle {
        let mut sources = SourceMap::default();
        sources.add("workflows/demo/account.yaml", ACCOUNT);
        sources.add("workflows/demo/phone.yaml", WORKFLOW);
        for (name, script) in [
            ("All", "allow all;"),
            ("Folder", "allow \"s:*\" on \"acs:s:*:*:thing/a/*\";"),
            ("Factor", "deny all unless context.mfa ?? false;"),
        ] {
            sources.add(&format!("policies/{name}.rhai"), script);
        }
        sources.add("policies/principals.yaml", PRINCIPALS);
        Bundle::load(sources, "demo").unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
    }

    fn answers(path: Option<&str>, context: &[(&str, Value)]) -> Vec<String> {
        let bundle = bundle();
        let account = path.map(|path| {
            let path = [("path".parse().unwrap(), Value::Text(path.into()))];
            let now = Timestamp::from_ms(0);
            Described::whole(Account::new("77".parse().unwrap(), now, path.into(), []))
        });
        let set = |(name, value): &(&str, Value)| (name.parse().unwrap(), value.clone());
        let asking = Asking {
            bundle: &bundle,
            action: "s:Read",
            on: On::Access(bundle.lifecycle.read.as_ref().unwrap()),
            account: account.as_ref(),
            context: &context.iter().map(set).collect(),
            inputs: &BTreeMap::new(),
            at: None,
        };
        let said = |candidate: &Candidate| {
            let who = match &candidate.who {
                Who::Listed(name) => name.to_string(),
                Who::Owner { kind, .. } => format!("owner {kind}"),
            };
            format!("{who} {:?}", candidate.may())
        };
        who_can(&asking).unwrap().iter().map(said).collect()
    }

    #[test]
    fn without_an_account_what_depends_on_one_is_a_condition() {
        assert_eq!(
            answers(None, &[]),
            [
                "user/all True",
                "owner root True",
                "user/folder Unknown",
                "user/mfa Unknown",
                "user/none False",
            ]
        );
    }

    #[test]
    fn with_an_account_only_the_session_is_open() {
        assert_eq!(
            answers(Some("b/1"), &[("mfa", Value::Bool(true))]),
            [
                "user/all True",
                "user/mfa True",
                "owner root True",
                "user/folder False",
                "user/none False",
            ]
        );
        let inside = answers(Some("a/1"), &[("mfa", Value::Bool(false))]);
        assert!(inside.contains(&"user/folder True".to_owned()));
        assert!(inside.contains(&"user/mfa False".to_owned()));
    }
}
