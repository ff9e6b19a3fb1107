//! What policies are asked, and what they answer.

use std::fmt;
use std::sync::Arc;

use super::requested::{Fields, canonical_resource, fold};
use super::set::{Policy, PolicySet};
use super::statement::{Statement, Verb};
use crate::expr::{EvalError, Facts, Val};
use crate::name::AccountId;

/// The answer, in the words of RAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Something allows it and nothing denies it.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Allow => "Allow",
            Self::ExplicitDeny => "ExplicitDeny",
            Self::ImplicitDeny => "ImplicitDeny",
        })
    }
}

/// A question: may this principal do this to all of these?
#[derive(Debug, Clone, Copy)]
pub struct Query<'q> {
    /// The names of the policies in effect for the principal.
    pub policies: &'q [Arc<str>],
    /// The account that the principal owns, where its kind owns accounts: it needs no policy on the
    /// resources of that account.
    pub owner_of: Option<&'q AccountId>,
    /// The action, in any case.
    pub action: &'q str,
    /// The resources. All must be allowed, and there must be one.
    pub resources: &'q [&'q str],
}

/// What decided.
#[derive(Debug, Clone)]
pub enum DecidedBy {
    /// A statement that covers the request.
    Statement(Arc<Statement>),
    /// The principal owns the account that the resource belongs to.
    Ownership,
    /// No statement covers the request.
    Nothing,
}

/// What went wrong on the way to a ruling. It never helps a request: an `allow` that fails does not
/// allow, a `deny` that fails denies.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RulingError {
    /// The condition of a statement has no value for the facts at hand.
    #[error("the condition of {} in policy `{}` failed: {error}", .statement.id, .statement.policy)]
    Condition {
        /// The statement.
        statement: Arc<Statement>,
        /// Why it has none.
        error: EvalError,
    },
    /// A policy is in effect that is not loaded: it could deny anything.
    #[error("policy `{0}` is attached but not loaded")]
    UnknownPolicy(Arc<str>),
}

/// The answer to a [`Query`], with what decided it.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// The answer.
    pub effect: Effect,
    /// What decided it.
    pub by: DecidedBy,
    /// Which of the resources decided it, by its place in the query: the first that is denied,
    /// explicitly if any is; the first one, where all are allowed.
    pub resource: usize,
    /// What went wrong on the way, if something did.
    pub error: Option<RulingError>,
}

impl Ruling {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allow
    }

    /// The statement that decided, if one did.
    pub fn statement(&self) -> Option<&Arc<Statement>> {
        match &self.by {
            DecidedBy::Statement(statement) => Some(statement),
            DecidedBy::Ownership | DecidedBy::Nothing => None,
        }
    }

    fn denied(error: Option<RulingError>) -> Self {
        Self {
            effect: Effect::ImplicitDeny,
            by: DecidedBy::Nothing,
            resource: 0,
            error,
        }
    }
}

impl PolicySet {
    /// Answers a query over the facts of a request.
    ///
    /// For each resource an explicit deny of any policy wins, else an allow of any policy, else it
    /// is denied implicitly; the owner of the resource's account is allowed before that. The
    /// `permission` and `resource` facts are set here, and left at the last resource looked at.
    /// Nothing is allocated, unless a condition fails or is interpreted, or a resource leaves its
    /// region or account empty.
    pub fn rule<'q>(&self, query: &Query<'q>, facts: &mut Facts<'q>) -> Ruling {
        let missing = query.policies.iter().find(|name| self.get(name).is_none());
        if let Some(name) = missing {
            return Ruling::denied(Some(RulingError::UnknownPolicy(name.clone())));
        }
        if let Some(slot) = self.permission {
            facts.set(slot, Val::Text(query.action));
        }
        let action = fold(query.action);
        let mut ruling: Option<Ruling> = None;
        for (index, resource) in query.resources.iter().enumerate() {
            if let Some(slot) = self.resource {
                facts.set(slot, Val::Text(resource));
            }
            let this = Ruling {
                resource: index,
                ..self.rule_on(query, action.as_str(), resource, facts)
            };
            let replaces = ruling.as_ref().is_none_or(|so_far| stronger(&this, so_far));
            if replaces {
                ruling = Some(this);
            }
        }
        ruling.unwrap_or_else(|| Ruling::denied(None))
    }

    fn rule_on(
        &self,
        query: &Query<'_>,
        action: &str,
        resource: &str,
        facts: &Facts<'_>,
    ) -> Ruling {
        let resource = canonical_resource(resource);
        let request = Request {
            action,
            resource: &resource,
            facts,
        };
        let account = Fields::of(&resource).map(|fields| fields.account);
        if query
            .owner_of
            .is_some_and(|owner| Some(owner.as_str()) == account)
        {
            return Ruling {
                effect: Effect::Allow,
                by: DecidedBy::Ownership,
                ..Ruling::denied(None)
            };
        }
        let policies = || query.policies.iter().filter_map(|name| self.get(name));
        let mut error = None;
        for (verb, effect) in [
            (Verb::Deny, Effect::ExplicitDeny),
            (Verb::Allow, Effect::Allow),
        ] {
            let decisive = policies().find_map(|policy| request.first(policy, verb, &mut error));
            if let Some(statement) = decisive {
                return Ruling {
                    effect,
                    by: DecidedBy::Statement(statement.clone()),
                    ..Ruling::denied(error)
                };
            }
        }
        Ruling::denied(error)
    }
}

/// Whether a ruling on one resource outweighs that on the ones before.
fn stronger(this: &Ruling, so_far: &Ruling) -> bool {
    let weight = |effect| match effect {
        Effect::Allow => 0,
        Effect::ImplicitDeny => 1,
        Effect::ExplicitDeny => 2,
    };
    weight(this.effect) > weight(so_far.effect)
}

/// One action on one resource.
struct Request<'r> {
    action: &'r str,
    resource: &'r str,
    facts: &'r Facts<'r>,
}

impl Request<'_> {
    /// The first statement of a policy that decides this request.
    fn first<'p>(
        &self,
        policy: &'p Policy,
        verb: Verb,
        error: &mut Option<RulingError>,
    ) -> Option<&'p Arc<Statement>> {
        let mut best: Option<(u32, &'p Arc<Statement>, Option<EvalError>)> = None;
        let mut consider = |number: u32| {
            if best.as_ref().is_some_and(|(first, ..)| *first <= number) {
                return;
            }
            let Some(statement) = policy.statement(number) else {
                return;
            };
            if !statement.covers(self.action, self.resource) {
                return;
            }
            match (statement.applies(self.facts), verb) {
                (Ok(true), _) => best = Some((number, statement, None)),
                (Ok(false), _) => {}
                (Err(failed), Verb::Deny) => best = Some((number, statement, Some(failed))),
                (Err(failed), Verb::Allow) => {
                    error.get_or_insert_with(|| condition_failed(statement, failed));
                }
            }
        };
        let index = policy.index(verb);
        index.candidates(self.action, self.resource, &mut consider);
        let (_, statement, failed) = best?;
        if let Some(failed) = failed {
            *error = Some(condition_failed(statement, failed));
        }
        Some(statement)
    }
}

fn condition_failed(statement: &Arc<Statement>, error: EvalError) -> RulingError {
    RulingError::Condition {
        statement: statement.clone(),
        error,
    }
}
