//! From a question to a ruling: the stages that a request passes, as RAM orders them.
//!
//! 1. *Control policies*, level by level from the account's place up to the directory's root: each
//!    must allow. They do not bind the account's owner, principals of the account that manages it,
//!    and what is linked to a service.
//! 2. *Session policies*, where there are any, must allow.
//! 3. *Identity*: the policies of the principal and its groups. What these neither allow nor deny
//!    falls through to those that the principal has in the resource's groups. An owner needs none on
//!    the resources of its own account.
//! 4. *Resource policies* are asked beside the identity's. An explicit deny of either wins, else an
//!    allow of either. Assuming a role takes an allow of both, and owners cannot assume one.
//!
//! Sources: RAM, "Policy evaluation process" (2026-06-02); "AssumeRole"; "Languages of access
//! control policies" (2025-10-20).

use std::sync::Arc;

use super::attachments::{Attached, ControlPolicies, Level, Standing};
use super::requested::{Requested, fold};
use super::ruling::{DecidedBy, Effect, Query, Ruling, RulingError, Stage};
use super::set::{Decisive, Policy, PolicySet};
use super::statement::{Condition, Statement};
use crate::expr::{EvalError, Facts, Val};

/// Tells whether a statement applies to a request.
pub type Judge<'j> = dyn Fn(&Statement, &Facts<'_>) -> Result<bool, EvalError> + 'j;

/// The one action that both the principal's policies and the resource's must allow.
const ASSUME_ROLE: &str = "sts:assumerole";

impl PolicySet {
    /// Answers a query over the facts of a request.
    ///
    /// Every resource passes [the stages](Stage) on its own, and all must be allowed: the first
    /// that is denied explicitly decides, else the first that is denied, else the first. The
    /// `permission` and `resource` facts are set here, and left at the last resource looked at.
    ///
    /// Nothing is allocated, unless a condition fails or is interpreted, a resource leaves its
    /// region or account empty, or control policies deny at a node without a line of its own.
    pub fn rule<'q>(&self, query: &Query<'q>, facts: &mut Facts<'q>) -> Ruling {
        self.rule_judged(query, facts, None)
    }

    /// As [`rule`](Self::rule), with somebody else's judgement on which of the statements that cover
    /// the request apply to it: what would be, if facts that are not known were so or so.
    pub fn rule_assuming<'q>(
        &self,
        query: &Query<'q>,
        facts: &mut Facts<'q>,
        judge: &Judge<'_>,
    ) -> Ruling {
        self.rule_judged(query, facts, Some(judge))
    }

    fn rule_judged<'q>(
        &self,
        query: &Query<'q>,
        facts: &mut Facts<'q>,
        judge: Option<&Judge<'_>>,
    ) -> Ruling {
        if let Some(slot) = self.permission {
            facts.set(slot, Val::Text(query.action));
        }
        let mut buffer = [0; 64];
        let action = fold(query.action, &mut buffer);
        let mut rule_on = |resource: &'q str| {
            if let Some(slot) = self.resource {
                facts.set(slot, Val::Text(resource));
            }
            let canonical;
            let mut asked = Requested::new(&action, resource);
            if let Some(joined) = asked.fields.as_ref().and_then(|it| it.join_with('*')) {
                canonical = joined;
                asked = Requested::new(&action, &canonical);
            }
            let request = Request {
                asked: &asked,
                facts,
                judge,
            };
            self.rule_on(query, &request)
        };
        let Some((first, others)) = query.resources.split_first() else {
            return Answer::denied(Stage::Identity, None).ruling(0);
        };
        let (mut decisive, mut place) = (rule_on(first), 0);
        for (other, resource) in (1..).zip(others) {
            let answer = rule_on(resource);
            if stronger(&answer, &decisive) {
                (decisive, place) = (answer, other);
            }
        }
        decisive.ruling(place)
    }

    fn rule_on<'p, 'q: 'p>(&'p self, query: &Query<'q>, request: &Request<'_, 'q>) -> Answer<'p> {
        let assumes_role = request.asked.action == ASSUME_ROLE;
        if assumes_role && query.owns_account {
            return Answer::denied(Stage::Ownership, None);
        }
        if let Some(control) = query.control
            && !control.exempt(query.principal, query.owns_account, request.facts)
            && let Some(refused) = request.refused_by_control(control)
        {
            return refused;
        }
        if let Some(session) = &query.principal.session {
            let verdict = self.ask(session, request);
            if verdict.effect != Effect::Allow {
                return verdict.at(Stage::Session);
            }
        }
        let own = self.identity(query, request);
        if own.verdict.is_blind() {
            return own;
        }
        let attached = &query.attachments.resource_policies;
        if attached.is_empty() && !assumes_role {
            return own;
        }
        let covering = attached.iter();
        let covering = covering.filter(|of| of.are_of(request.asked));
        let of_resource = request.ask(covering.flat_map(|of| &of.policies).map(Ok));
        combine(own, of_resource.at(Stage::ResourceBased), assumes_role)
    }

    /// What the principal's own policies say, or its ownership.
    fn identity<'p, 'q: 'p>(&'p self, query: &Query<'q>, request: &Request<'_, 'q>) -> Answer<'p> {
        let principal = query.principal;
        let account = request.asked.fields.as_ref().map(|fields| fields.account);
        if query.owns_account && account == Some(principal.account.as_str()) {
            return Verdict::of(Effect::Allow, None, None).at(Stage::Ownership);
        }
        let own = self.ask(&principal.policies, request);
        // An allow of the account class beats even a deny of the resource-group class.
        if own.is_final() || principal.resource_groups.is_empty() {
            return own.at(Stage::Identity);
        }
        let mut answer = own.at(Stage::Identity);
        for (name, policies) in &principal.resource_groups {
            let stage = Stage::ResourceGroup {
                group: name.clone(),
            };
            let Some(group) = query.attachments.resource_group(name) else {
                let error = RulingError::UnknownResourceGroup(name.clone());
                return Answer::denied(stage, Some(error));
            };
            if !group.has(request.asked) {
                continue;
            }
            let there = self.ask(policies, request);
            if there.is_denied_for_good() {
                return there.at(stage);
            }
            if there.effect == Effect::Allow && answer.verdict.effect != Effect::Allow {
                answer = there.at(stage);
            } else {
                answer.verdict.error = answer.verdict.error.or(there.error);
            }
        }
        answer
    }

    /// What policies say that are attached by name.
    fn ask(&self, names: &[Arc<str>], request: &Request<'_, '_>) -> Verdict<'_> {
        request.ask(names.iter().map(|name| {
            let policy = self.shared(name);
            policy.ok_or_else(|| RulingError::UnknownPolicy(name.clone()))
        }))
    }
}

/// The answer of the principal's policies and of the resource's together.
fn combine<'p>(own: Answer<'p>, of_resource: Answer<'p>, needs_both: bool) -> Answer<'p> {
    match (own.verdict.effect, of_resource.verdict.effect) {
        (Effect::ExplicitDeny, _) | (Effect::Allow, Effect::Allow) => own,
        (_, Effect::ExplicitDeny) => of_resource,
        (Effect::Allow, Effect::ImplicitDeny) if needs_both => of_resource,
        (Effect::ImplicitDeny, Effect::Allow) if !needs_both => of_resource,
        _ => Answer {
            verdict: Verdict {
                error: own.verdict.error.or(of_resource.verdict.error),
                ..own.verdict
            },
            ..own
        },
    }
}

/// Whether the answer for one resource outweighs that for the ones before.
fn stronger(this: &Answer<'_>, so_far: &Answer<'_>) -> bool {
    let weight = |answer: &Answer<'_>| match answer.verdict.effect {
        Effect::Allow => 0,
        Effect::ImplicitDeny => 1,
        Effect::ExplicitDeny => 2,
    };
    weight(this) > weight(so_far)
}

/// What some policies say together.
struct Verdict<'p> {
    effect: Effect,
    by: Option<&'p Arc<Statement>>,
    /// In a box: there hardly ever is one, and verdicts are moved about.
    error: Option<Box<RulingError>>,
}

impl<'p> Verdict<'p> {
    fn of(effect: Effect, by: Option<&'p Arc<Statement>>, error: Option<RulingError>) -> Self {
        let error = error.map(Box::new);
        Self { effect, by, error }
    }

    /// Whether policies could not be asked at all.
    fn is_blind(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.is_blind())
    }

    fn is_denied_for_good(&self) -> bool {
        self.is_blind() || self.effect == Effect::ExplicitDeny
    }

    fn is_final(&self) -> bool {
        self.is_denied_for_good() || self.effect == Effect::Allow
    }

    fn at(self, stage: Stage) -> Answer<'p> {
        Answer {
            verdict: self,
            stage,
        }
    }
}

/// A verdict and the stage that it was reached at: a [`Ruling`] on one resource, still without
/// anything that is counted or that takes much room.
struct Answer<'p> {
    verdict: Verdict<'p>,
    stage: Stage,
}

impl Answer<'_> {
    /// A denial for want of anything that allows.
    fn denied(stage: Stage, error: Option<RulingError>) -> Self {
        Verdict::of(Effect::ImplicitDeny, None, error).at(stage)
    }

    /// The ruling, on the resource of this place in the query.
    fn ruling(self, resource: usize) -> Ruling {
        let Verdict { effect, by, error } = self.verdict;
        Ruling {
            effect,
            by: match by {
                Some(statement) => DecidedBy::Statement(statement.clone()),
                // Only an owner is allowed something without a statement.
                None if effect == Effect::Allow => DecidedBy::Ownership,
                None => DecidedBy::Nothing,
            },
            stage: self.stage,
            resource,
            error: error.map(|error| *error),
        }
    }
}

/// One action on one resource.
struct Request<'r, 'q> {
    asked: &'r Requested<'r>,
    facts: &'r Facts<'q>,
    judge: Option<&'r Judge<'r>>,
}

impl<'q> Request<'_, 'q> {
    /// Whether a statement that covers the request applies to it.
    fn applies(&self, statement: &Statement, condition: &Condition) -> Result<bool, EvalError> {
        match self.judge {
            None => condition.holds(self.facts),
            Some(judge) => judge(statement, self.facts),
        }
    }

    /// What control policies refuse this request with, if one of the levels does.
    fn refused_by_control(&self, control: &'q ControlPolicies) -> Option<Answer<'q>> {
        let place = match control.standing(self.facts) {
            Standing::Member(place) => place,
            Standing::Outside => return None,
            Standing::Unknown => {
                let node = control.root.clone();
                let error = Some(RulingError::UnknownPlace);
                return Some(Answer::denied(Stage::ControlPolicy { node }, error));
            }
        };
        // What the default policies say, they say at every node that has no others.
        let mut default_allows = false;
        for Level {
            node,
            policies,
            is_default,
        } in control.levels(place)
        {
            if is_default && default_allows {
                continue;
            }
            let verdict = self.ask_attached(policies);
            if verdict.effect != Effect::Allow {
                let node = control.name_of(node);
                return Some(verdict.at(Stage::ControlPolicy { node }));
            }
            default_allows |= is_default;
        }
        None
    }

    fn ask_attached<'p>(&self, policies: &'p Attached) -> Verdict<'p> {
        self.ask(policies.iter().map(Ok))
    }

    /// What some policies say: an explicit deny of any wins, else an allow of any.
    fn ask<'p>(
        &self,
        policies: impl Iterator<Item = Result<&'p Arc<Policy>, RulingError>>,
    ) -> Verdict<'p> {
        let mut allowed = None;
        let mut error = None;
        for policy in policies {
            let policy = match policy {
                Ok(policy) => policy,
                Err(unknown) => return Verdict::of(Effect::ImplicitDeny, None, Some(unknown)),
            };
            let applies = |statement: &_, condition: &_| self.applies(statement, condition);
            let decided = policy.decide(self.asked, allowed.is_none(), applies);
            if let Some(deny) = decided.deny {
                let (by, error) = (deny.statement, condition_failed(deny));
                return Verdict::of(Effect::ExplicitDeny, Some(by), error);
            }
            allowed = allowed.or(decided.allow.map(|allow| allow.statement));
            error = error.or(decided.failed.and_then(condition_failed));
        }
        let effect = match allowed {
            Some(_) => Effect::Allow,
            None => Effect::ImplicitDeny,
        };
        Verdict::of(effect, allowed, error)
    }
}

fn condition_failed(decisive: Decisive<'_>) -> Option<RulingError> {
    let error = decisive.error?;
    Some(RulingError::Condition {
        statement: decisive.statement.clone(),
        error: *error,
    })
}
