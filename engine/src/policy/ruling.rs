//! What policies are asked, and what they answer.

use std::fmt;
use std::sync::Arc;

use super::attachments::{Attachments, ControlPolicies};
use super::principal::Principal;
use super::statement::Statement;
use crate::expr::EvalError;

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
    /// Who asks.
    pub principal: &'q Principal,
    /// Whether its kind owns its account: then it needs no policy on the resources there.
    pub owns_account: bool,
    /// The control policies, where they are enabled.
    pub control: Option<&'q ControlPolicies>,
    /// The policies that are attached to what the request is about.
    pub attachments: &'q Attachments,
    /// The action, in any case.
    pub action: &'q str,
    /// The resources. All must be allowed, and there must be one.
    pub resources: &'q [&'q str],
}

/// Where on the way a request was decided, in the order in which the stages are passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The control policies of a node of the directory: each level must allow.
    ControlPolicy {
        /// The account's own place, a folder, or the root.
        node: Arc<str>,
    },
    /// The policies that bound the session: they must allow.
    Session,
    /// The principal owns the account that the resource belongs to.
    Ownership,
    /// The principal's own policies and those of its groups. What nothing allows is denied here.
    Identity,
    /// The policies that the principal has in a resource group.
    ResourceGroup {
        /// The group.
        group: Arc<str>,
    },
    /// The policies of the resource itself.
    ResourceBased,
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
    /// The principal has policies in a resource group that is not loaded: they could deny anything.
    #[error("resource group `{0}` is not loaded")]
    UnknownResourceGroup(Arc<str>),
    /// Control policies are enabled, and where the account lies is not known.
    #[error("the account's place in the directory is not known")]
    UnknownPlace,
}

impl RulingError {
    /// Whether policies could not be asked at all, so that no other policy's allow counts.
    pub(super) fn is_blind(&self) -> bool {
        !matches!(self, Self::Condition { .. })
    }
}

/// The answer to a [`Query`], with what decided it.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// The answer.
    pub effect: Effect,
    /// What decided it.
    pub by: DecidedBy,
    /// Where on the way.
    pub stage: Stage,
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

    /// Why, in one lower-case sentence; `permission` is the action that was asked for. Resources
    /// are left out, and what went wrong is: see [`error`](Self::error).
    pub fn reason(&self, permission: &str) -> String {
        let (policy, at) = self.stage.words();
        match (&self.by, self.effect) {
            (DecidedBy::Ownership, _) => "owns the account".to_owned(),
            (DecidedBy::Nothing, _) if self.stage == Stage::Ownership => {
                format!("an account's owner cannot ask for `{permission}`")
            }
            (DecidedBy::Nothing, _) if self.stage == Stage::Identity => {
                format!("no policy allows `{permission}` here")
            }
            (DecidedBy::Nothing, _) => format!("no {policy} allows `{permission}`{at}"),
            (DecidedBy::Statement(by), effect) => {
                let verb = match effect {
                    Effect::Allow => "allowed",
                    _ => "denied",
                };
                let name = match policy {
                    "policy" => format!("`{}`", by.policy()),
                    special => format!("{special} `{}`", by.policy()),
                };
                let because = by.because().filter(|_| effect != Effect::Allow);
                let because = because.map_or_else(String::new, |why| format!(": {why}"));
                format!("{verb} by {name}{at}{because}")
            }
        }
    }
}

impl Stage {
    /// What its policies are called, and where they are.
    fn words(&self) -> (&'static str, String) {
        match self {
            Self::ControlPolicy { node } => ("control policy", format!(" at {node}")),
            Self::Session => ("session policy", String::new()),
            Self::Ownership | Self::Identity => ("policy", String::new()),
            Self::ResourceGroup { group } => ("policy", format!(" in resource group {group}")),
            Self::ResourceBased => ("resource policy", String::new()),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlPolicy { node } => write!(f, "control policies at {node}"),
            Self::Session => f.pad("session policies"),
            Self::Ownership => f.pad("ownership"),
            Self::Identity => f.pad("identity policies"),
            Self::ResourceGroup { group } => write!(f, "policies in resource group {group}"),
            Self::ResourceBased => f.pad("resource policies"),
        }
    }
}
