//! One statement against one request: whether it applies, and what it lacks.

use std::sync::Arc;

use super::cover::{self, Missed};
use crate::expr::{Clause, Expression, Facts, Joint, Outcome, Slot, Truth};
use crate::policy::{Statement, Verb};

/// How a statement stands to a request. The order is that in which people want to see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It decided its stage.
    Decides,
    /// It applies.
    Applies,
    /// Whether it applies depends on what is not known here.
    Depends,
    /// It does not apply, but for one or two things.
    Nearly,
    /// It is about something else.
    Apart,
}

/// What keeps a statement from applying, or leaves open whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// It does not cover the action.
    Action(Missed),
    /// It does not cover the resource, or for what is not known of its name may not.
    Resource(Truth),
    /// A clause of its condition.
    Clause {
        /// The clause.
        clause: Clause,
        /// What it would have to come to.
        wanted: bool,
    },
}

/// A condition with its clauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it must not hold: `unless`.
    pub negated: bool,
    /// Its clauses.
    pub clause: Clause,
}

/// A statement that was considered.
#[derive(Debug, Clone)]
pub struct Considered {
    /// The statement.
    pub statement: Arc<Statement>,
    /// How it stands to the request.
    pub role: Role,
    /// Whether it applies. A condition that fails applies a `deny` and no `allow`.
    pub applies: Truth,
    /// Whether it covers the resource.
    pub on_resource: Truth,
    /// What it lacks.
    pub lacks: Vec<Lack>,
    /// Its conditions, where it covers the action.
    pub conditions: Vec<Condition>,
}

impl Considered {
    /// How far it is from applying: the fewer and the smaller the things it lacks, the nearer.
    pub fn distance(&self) -> u32 {
        let far = |lack: &Lack| match lack {
            Lack::Clause { .. } => 1,
            Lack::Resource(_) => 4,
            Lack::Action(Missed::Close(_)) => 16,
            Lack::Action(Missed::Excepted(_)) => 32,
            Lack::Action(Missed::SameService) => 64,
            Lack::Action(Missed::Unlike) => 1 << 16,
        };
        self.lacks.iter().map(far).sum()
    }

    /// Whether it is about something close, though it does not nearly apply.
    pub(super) fn is_close(&self) -> bool {
        let missed = self.lacks.iter().find_map(|lack| match lack {
            Lack::Action(missed) => Some(missed),
            _ => None,
        });
        match missed {
            Some(Missed::Unlike) => false,
            Some(Missed::SameService) => self.on_resource != Truth::False,
            Some(Missed::Close(_) | Missed::Excepted(_)) | None => true,
        }
    }
}

/// What a condition comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Is(Truth),
    Fails,
}

/// The facts of a request, and which of them are known and shown.
#[derive(Clone, Copy)]
pub(super) struct Sight<'s> {
    pub(super) facts: &'s Facts<'s>,
    pub(super) known: &'s dyn Fn(Slot) -> bool,
    pub(super) hidden: &'s dyn Fn(Slot) -> bool,
}

impl Sight<'_> {
    fn holds(&self, condition: &Expression) -> Holds {
        if condition.reads().iter().all(|slot| (self.known)(*slot)) {
            return match condition.truth(self.facts) {
                Ok(true) => Holds::Is(Truth::True),
                Ok(false) => Holds::Is(Truth::False),
                Err(_) => Holds::Fails,
            };
        }
        Holds::Is(condition.truth3(self.facts, self.known))
    }

    /// Whether the condition of a statement lets it apply.
    fn admits(&self, statement: &Statement) -> Truth {
        let holds = |condition| self.holds(condition);
        let when = statement.when().map_or(Holds::Is(Truth::True), holds);
        let unless = || statement.unless().map_or(Holds::Is(Truth::False), holds);
        let failing = match statement.verb() {
            Verb::Allow => Truth::False,
            Verb::Deny => Truth::True,
        };
        match when {
            Holds::Fails => failing,
            Holds::Is(Truth::False) => Truth::False,
            Holds::Is(Truth::True) => match unless() {
                Holds::Fails => failing,
                Holds::Is(truth) => not(truth),
            },
            // What is not known may also fail, which applies a deny whatever `unless` says.
            Holds::Is(Truth::Unknown) => match (statement.verb(), unless()) {
                (Verb::Allow, Holds::Is(Truth::True) | Holds::Fails) => Truth::False,
                _ => Truth::Unknown,
            },
        }
    }

    /// Whether a statement applies to a folded action on a resource.
    pub(super) fn applies(&self, statement: &Statement, action: &str, resource: &str) -> Truth {
        if !cover::on_action(statement.actions(), action) {
            return Truth::False;
        }
        match cover::on_resource(statement.resources(), resource) {
            Truth::False => Truth::False,
            covered => and(covered, self.admits(statement)),
        }
    }

    /// The same with what it lacks.
    pub(super) fn consider(
        &self,
        statement: &Arc<Statement>,
        action: &str,
        resource: &str,
    ) -> Considered {
        let missed = cover::missed(statement.actions(), action);
        let on_resource = cover::on_resource(statement.resources(), resource);
        let conditions = match &missed {
            Some(Missed::Unlike | Missed::SameService) => Vec::new(),
            _ => self.conditions(statement),
        };
        let applies = match missed {
            Some(_) => Truth::False,
            None => and(on_resource, self.admits(statement)),
        };
        let mut lacks: Vec<Lack> = missed.clone().map(Lack::Action).into_iter().collect();
        if on_resource != Truth::True {
            lacks.push(Lack::Resource(on_resource));
        }
        if applies != Truth::True {
            for condition in &conditions {
                blockers(&condition.clause, !condition.negated, &mut lacks);
            }
        }
        let role = match (applies, &missed, on_resource) {
            (Truth::True, ..) => Role::Applies,
            (Truth::Unknown, ..) => Role::Depends,
            (_, None, _) => Role::Nearly,
            (_, Some(Missed::Close(_) | Missed::Excepted(_)), Truth::True | Truth::Unknown) => {
                Role::Nearly
            }
            _ => Role::Apart,
        };
        Considered {
            statement: statement.clone(),
            role,
            applies,
            on_resource,
            lacks,
            conditions,
        }
    }

    fn conditions(&self, statement: &Statement) -> Vec<Condition> {
        let told = |negated: bool, condition: &Expression| Condition {
            negated,
            clause: condition.clauses_of_known(self.facts, self.known, self.hidden),
        };
        let when = statement.when().map(|when| told(false, when));
        let unless = statement.unless().map(|unless| told(true, unless));
        when.into_iter().chain(unless).collect()
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown => Truth::Unknown,
    }
}

fn and(one: Truth, other: Truth) -> Truth {
    match (one, other) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Unknown,
    }
}

/// Adds the fewest clauses that would have to come out otherwise for a condition to be as wanted.
fn blockers(clause: &Clause, wanted: bool, to: &mut Vec<Lack>) {
    let is_so = match clause.outcome {
        Outcome::True => wanted,
        Outcome::False => !wanted,
        Outcome::Failed(_) | Outcome::Unknown => false,
    };
    if is_so {
        return;
    }
    let all_of = |to: &mut Vec<Lack>| {
        for part in &clause.parts {
            blockers(part, wanted, to);
        }
    };
    let one_of = |to: &mut Vec<Lack>| {
        let each = clause.parts.iter().map(|part| {
            let mut these = Vec::new();
            blockers(part, wanted, &mut these);
            these
        });
        to.extend(each.min_by_key(Vec::len).unwrap_or_default());
    };
    match (clause.joint, wanted) {
        (Joint::All, true) | (Joint::Any, false) => all_of(to),
        (Joint::All, false) | (Joint::Any, true) => one_of(to),
        (Joint::Not, _) => clause
            .parts
            .iter()
            .for_each(|part| blockers(part, !wanted, to)),
        (Joint::Leaf | Joint::If, _) => to.push(Lack::Clause {
            clause: clause.clone(),
            wanted,
        }),
    }
}
