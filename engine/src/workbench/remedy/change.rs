//! What could be otherwise, and how much that asks.

use std::sync::Arc;

use crate::name::Name;
use crate::policy::{Stage, Statement};
use crate::time::Timestamp;
use crate::value::Value;

/// Something that could be otherwise.
#[derive(Debug, Clone)]
pub enum Change {
    /// The session has this fact.
    Context {
        /// The fact.
        name: Name,
        /// Its value.
        value: Value,
    },
    /// The request is made at this instant: the first that was found.
    At(Timestamp),
    /// The account is in this state.
    State {
        /// The workflow.
        workflow: Name,
        /// The state.
        state: Name,
    },
    /// The request is about a resource that this pattern of a statement covers.
    Resource {
        /// The pattern.
        pattern: String,
        /// The resource that was tried.
        example: String,
    },
    /// Something else about this name: which value, only whoever knows the condition can tell.
    Fact {
        /// The name.
        path: Arc<str>,
    },
    /// The principal is in this group.
    Group(Arc<str>),
    /// The principal has this policy.
    Policy(Arc<str>),
    /// The policies of this stage allow it.
    Stage(Stage),
    /// This statement does not deny it.
    Without(Arc<Statement>),
}

impl Change {
    /// How much is asked: of the requester little, of an administrator more, of whoever set a bound
    /// most.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Context { .. } => 1,
            Self::At(_) => 2,
            Self::Resource { .. } => 3,
            Self::State { .. } => 4,
            Self::Fact { .. } => 5,
            Self::Group(_) => 8,
            Self::Policy(_) => 9,
            Self::Stage(_) => 16,
            Self::Without(_) => 17,
        }
    }

    /// Whether it is about another resource.
    pub(super) fn is_resource(&self) -> bool {
        matches!(self, Self::Resource { .. })
    }

    /// Whether it gives the principal more than it has; no remedy needs two such.
    pub(super) fn grants(&self) -> bool {
        matches!(self, Self::Group(_) | Self::Policy(_))
    }

    /// Whether this and another say two things of one.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Context { name: one, .. }, Self::Context { name: two, .. }) => one == two,
            (Self::State { workflow: one, .. }, Self::State { workflow: two, .. }) => one == two,
            (Self::Resource { .. }, Self::Resource { .. }) => true,
            (one, two) => one.grants() && two.grants(),
        }
    }
}

/// Whether all changes of one set are among those of another.
pub(super) fn is_part(part: &[Change], whole: &[Change]) -> bool {
    let same = |one: &Change, two: &Change| match (one, two) {
        // Another instant is not another remedy.
        (Change::At(_), Change::At(_)) => true,
        (Change::Context { name: a, value: v }, Change::Context { name: b, value: w }) => {
            a == b && v == w
        }
        (
            Change::State {
                workflow: a,
                state: s,
            },
            Change::State {
                workflow: b,
                state: t,
            },
        ) => a == b && s == t,
        (Change::Resource { pattern: a, .. }, Change::Resource { pattern: b, .. }) => a == b,
        (Change::Group(a), Change::Group(b)) | (Change::Policy(a), Change::Policy(b)) => a == b,
        (Change::Stage(a), Change::Stage(b)) => a == b,
        (Change::Without(a), Change::Without(b)) => Arc::ptr_eq(a, b),
        _ => false,
    };
    part.iter()
        .all(|one| whole.iter().any(|two| same(one, two)))
}
