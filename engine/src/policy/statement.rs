//! Statements as data: what a policy says once its script has run.

use std::fmt;
use std::sync::Arc;

use super::pattern::Pattern;
use super::requested::{Requested, canonical_resource, fold};
use crate::expr::{EvalError, Expression, Facts, Predicate};
use crate::source::{Location, Span};

/// What a statement does with the requests it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Allows them, unless a statement denies them.
    Allow,
    /// Denies them, whatever allows them.
    Deny,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        })
    }
}

/// Which actions a statement covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actions {
    /// Those that a pattern covers.
    Of(Box<[Pattern]>),
    /// All but those that a pattern covers (RAM's `NotAction`); all, without patterns.
    AllExcept(Box<[Pattern]>),
}

impl Actions {
    /// Whether a folded action is covered.
    pub(super) fn cover(&self, action: &str) -> bool {
        let matches = |patterns: &[Pattern]| patterns.iter().any(|p| p.matches(action));
        match self {
            Self::Of(patterns) => matches(patterns),
            Self::AllExcept(patterns) => !matches(patterns),
        }
    }
}

/// Names a statement: where it is written, and which of the statements made there it is, since a
/// loop makes several in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementId {
    /// Where its verb is written.
    pub location: Location,
    /// From 1, in the order in which the script made them.
    pub ordinal: u32,
}

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.location, self.ordinal)
    }
}

/// What statements are about: actions on resources. Those of a policy that are about the same share
/// its lists.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) actions: Arc<Actions>,
    /// All, if empty.
    pub(super) resources: Arc<[Pattern]>,
}

impl Scope {
    /// Where its lists lie in memory.
    pub(super) fn addresses(&self) -> (usize, usize) {
        let actions = Arc::as_ptr(&self.actions).addr();
        (actions, self.resources.as_ptr().addr())
    }

    /// Whether what is asked for lies within.
    pub(super) fn covers(&self, request: &Requested<'_>) -> bool {
        self.actions.cover(request.action) && {
            let resources = self.resources.as_ptr().cast();
            let any = || self.resources.iter().any(|of| of.covers(request));
            request
                .last_resources
                .or_look(resources, || self.resources.is_empty() || any())
        }
    }
}

/// When statements apply.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) when: Option<Predicate>,
    pub(super) unless: Option<Predicate>,
}

impl Condition {
    /// Whether it holds. `unless` is looked at only where `when` holds.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Result<bool, EvalError> {
        let holds = |condition: &Predicate| condition.truth(facts);
        if !self.when.as_ref().map_or(Ok(true), holds)? {
            return Ok(false);
        }
        Ok(!self.unless.as_ref().map_or(Ok(false), holds)?)
    }

    /// Where what it consists of lies in memory.
    pub(super) fn addresses(&self) -> (usize, usize) {
        let address = |part: &Option<Predicate>| part.as_ref().map_or(0, Predicate::address);
        (address(&self.when), address(&self.unless))
    }
}

/// One `allow` or `deny`.
#[derive(Debug)]
pub struct Statement {
    pub(super) policy: Arc<str>,
    pub(super) id: StatementId,
    pub(super) span: Span,
    pub(super) verb: Verb,
    pub(super) scope: Scope,
    pub(super) when: Option<Expression>,
    pub(super) unless: Option<Expression>,
    pub(super) because: Option<Arc<str>>,
}

impl Statement {
    /// The policy it belongs to.
    pub fn policy(&self) -> &Arc<str> {
        &self.policy
    }

    /// Its name.
    pub fn id(&self) -> &StatementId {
        &self.id
    }

    /// Where it is written, from its verb to before its semicolon.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What it does.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// Which actions it covers.
    pub fn actions(&self) -> &Actions {
        &self.scope.actions
    }

    /// Which resources it covers; all, if empty.
    pub fn resources(&self) -> &[Pattern] {
        &self.scope.resources
    }

    /// What must hold for it to apply.
    pub fn when(&self) -> Option<&Expression> {
        self.when.as_ref()
    }

    /// What must not hold for it to apply.
    pub fn unless(&self) -> Option<&Expression> {
        self.unless.as_ref()
    }

    /// Why it is there.
    pub fn because(&self) -> Option<&str> {
        self.because.as_deref()
    }

    /// When it applies.
    pub(super) fn condition(&self) -> Condition {
        Condition {
            when: self.when.as_ref().map(Expression::predicate),
            unless: self.unless.as_ref().map(Expression::predicate),
        }
    }

    /// Whether it covers an action on some resource.
    pub fn names(&self, action: &str) -> bool {
        self.scope.actions.cover(&fold(action, &mut [0; 64]))
    }

    /// Whether it covers an action on a resource, whatever its condition says.
    pub fn is_about(&self, action: &str, resource: &str) -> bool {
        let (mut buffer, resource) = ([0; 64], canonical_resource(resource));
        let action = fold(action, &mut buffer);
        let asked = Requested::new(&action, &resource);
        self.scope.covers(&asked)
    }
}
