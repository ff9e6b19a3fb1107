//! One request as the bench makes it up: who asks for what, about which account, with what, when.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::case;
use super::names::effect_word;
use crate::account::Account;
use crate::bundle::Bundle;
use crate::expr::{EvalError, Expression, Facts, Slot};
use crate::lifecycle::model::{Access, Lifecycle, Trigger};
use crate::name::{Name, TransitionName};
use crate::policy::{Effect, Policy, Principal, Ruling, RulingError, Statement};
use crate::situation::{Asked, Situation};
use crate::time::Timestamp;
use crate::value::Value;
use crate::workbench::trace::{Question, Suppose};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// The permission of a transition, over its resources.
    Transition(TransitionName),
    /// An action, over resources that are named.
    Action {
        /// The action.
        action: Arc<str>,
        /// The resources.
        resources: Vec<String>,
    },
}

/// A request, made up.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// Whether the principal has to be described, being none that is known by its name.
    pub described: bool,
    /// The account that is asked about, with the attributes that anything looks at.
    pub account: Option<Account>,
    /// What for.
    pub wanted: Wanted,
    /// What is known of the session.
    pub context: BTreeMap<Name, Value>,
    /// What the request brings.
    pub inputs: BTreeMap<Name, Value>,
    /// When.
    pub now: Timestamp,
}

/// How policies answer a request.
#[derive(Debug)]
pub struct Answered {
    /// The permission that was asked for.
    pub permission: Arc<str>,
    /// The resources that it was asked for.
    pub resources: Vec<String>,
    /// The same, as expressions see them.
    pub(super) shared: Vec<Arc<str>>,
    /// The answer.
    pub ruling: Ruling,
}

impl Request {
    /// The situation that policies look at.
    pub fn situation(&self) -> Situation<'_> {
        Situation {
            account: self.account.as_ref(),
            asked: Asked {
                principal: Some(&self.principal),
                context: &self.context,
                inputs: &self.inputs,
            },
            now: self.now,
        }
    }

    /// The case that asks this and expects an answer, as an item of `cases:`.
    pub fn to_case(&self, name: &str, expected: Effect) -> String {
        case::case(name, self, effect_word(expected))
    }

    /// The permission that is asked for, and its resources.
    ///
    /// # Errors
    /// When the name of a resource has no value.
    pub fn asks(
        &self,
        bundle: &Bundle,
        facts: &Facts<'_>,
    ) -> Result<(Arc<str>, Vec<String>), EvalError> {
        match &self.wanted {
            Wanted::Action { action, resources } => Ok((action.clone(), resources.clone())),
            Wanted::Transition(name) => match access_of(&bundle.lifecycle, name) {
                Some(access) => {
                    let resources = bundle.resources(access, facts)?;
                    Ok((access.permission.clone(), resources))
                }
                None => Err(EvalError {
                    message: format!("nobody can ask for `{name}`"),
                }),
            },
        }
    }

    /// What the policies of a bundle say.
    ///
    /// # Errors
    /// As [`asks`](Self::asks).
    pub fn answer(&self, bundle: &Bundle) -> Result<Answered, EvalError> {
        let situation = self.situation();
        let mut facts = situation.facts(&bundle.lifecycle);
        let (permission, resources) = self.asks(bundle, &facts)?;
        let names: Vec<&str> = resources.iter().map(String::as_str).collect();
        let ruling = bundle.rule(&self.principal, &permission, &names, &mut facts);
        Ok(Answered {
            shared: resources.iter().map(|name| name.as_str().into()).collect(),
            permission,
            resources,
            ruling,
        })
    }
}

impl Request {
    /// Whether it says everything that the conditions of its statements read: those that have a say
    /// in it. What was not said is not unset, so that its answer would be one of chance.
    pub(super) fn is_said(&self, bundle: &Bundle, answered: &Answered) -> bool {
        if matches!(answered.ruling.error, Some(RulingError::UnknownPlace)) {
            return false;
        }
        let policies = self.policies(bundle);
        let is_about = |statement: &&Arc<Statement>| {
            let mut resources = answered.resources.iter();
            resources.any(|resource| statement.is_about(&answered.permission, resource))
        };
        let covering = policies.flat_map(Policy::statements).filter(is_about);
        let conditions = covering.flat_map(|it| [it.when(), it.unless()]).flatten();
        let mut read = conditions.flat_map(Expression::reads);
        read.all(|slot| self.says(&bundle.lifecycle, *slot)) && self.is_placed(bundle, answered)
    }

    /// Whether control policies would say the same wherever the account lies, if it is not said where.
    fn is_placed(&self, bundle: &Bundle, answered: &Answered) -> bool {
        let says = |slot: Slot| self.says(&bundle.lifecycle, slot);
        let control = bundle.principals.attachments().control();
        if control.is_none_or(|control| says(control.place())) {
            return true;
        }
        let question = Question {
            bundle,
            principal: &self.principal,
            action: &answered.permission,
            facts: &self.situation().facts(&bundle.lifecycle),
            known: &says,
            hidden: &|_| false,
            suppose: Suppose::NOTHING,
        };
        let resources: Vec<&str> = answered.resources.iter().map(String::as_str).collect();
        question.possible(&resources).certain().is_some()
    }

    /// Every policy that may have a say in it, at any stage.
    fn policies<'b>(&'b self, bundle: &'b Bundle) -> impl Iterator<Item = &'b Policy> {
        let principal = &self.principal;
        let grouped = principal.resource_groups.values().flatten();
        let held = principal.policies.iter().chain(grouped);
        let held = held.chain(principal.session.iter().flatten());
        let held = held.filter_map(|name| bundle.policies.get(name));
        let attachments = bundle.principals.attachments();
        let control = attachments.control().into_iter().flat_map(|control| {
            let nodes = control.attached().map(|(_, attached)| attached);
            nodes.chain([control.default_policies()])
        });
        let resources = attachments.resource_policies().iter();
        let attached = control.chain(resources.map(|it| &it.policies));
        held.chain(attached.flatten().map(Arc::as_ref))
    }

    fn says(&self, lifecycle: &Lifecycle, slot: Slot) -> bool {
        let path = lifecycle
            .vocabulary
            .fact(slot)
            .map_or("", |fact| &fact.path);
        let (group, name) = path.split_once('.').unwrap_or((path, ""));
        match (group, &self.account) {
            ("now", _) => self.now != case::UNSAID,
            ("account" | "state", None) => false,
            ("account", Some(account)) if name == "created_at" => {
                account.created_at != case::UNSAID
            }
            ("account", Some(account)) => lifecycle
                .attributes
                .get(name)
                .is_none_or(|it| it.optional || account.attributes.contains_key(name)),
            _ => true,
        }
    }
}

/// What policies are asked for a transition, where somebody can ask for it.
pub(super) fn access_of<'l>(lifecycle: &'l Lifecycle, name: &TransitionName) -> Option<&'l Access> {
    match &lifecycle.transitions.get(name)?.trigger {
        Trigger::Request { access, .. } => Some(access),
        Trigger::TriggeredBy(_) | Trigger::After(_) => None,
    }
}

impl fmt::Debug for Request {
    /// As the case that asks it: nothing else shows a request so briefly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&case::request_lines(self).join("\n"))
    }
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transition(name) => write!(f, "{name}"),
            Self::Action { action, resources } => write!(f, "{action} on {resources:?}"),
        }
    }
}
