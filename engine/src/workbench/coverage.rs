//! Coverage: what of the policies the cases have put to the test.
//!
//! A statement has one branch for deciding its stage of a request, and two for each clause of its conditions that
//! is not made of others: having been true and having been false, where evaluation came to it. Of a
//! chain of `&&` and `||` that is enough for the whole to have been both. Coverage is the share of
//! branches that were taken.
//!
//! Every statement that covers a request is looked at, also where another one decides: at each level
//! of control policies, of the session, of the principal and of the resource. A statement that never
//! decides although it applies is one that others make superfluous.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::Case;
use super::trace::{Condition, Considered, Lack, Role};
use crate::bundle::Bundle;
use crate::expr::{Clause, Expression, Facts, Joint, Outcome};
use crate::policy::{Statement, StatementId};
use crate::source::Span;

/// What was seen of every statement so far.
#[derive(Debug)]
pub struct Coverage<'b> {
    bundle: &'b Bundle,
    seen: BTreeMap<StatementId, Seen>,
}

/// What was seen of one statement.
#[derive(Debug)]
struct Seen {
    statement: Arc<Statement>,
    was_asked: bool,
    has_decided: bool,
    when: Vec<Branch>,
    unless: Vec<Branch>,
}

/// What was seen of one clause.
#[derive(Debug)]
struct Branch {
    text: String,
    span: Span,
    was_true: bool,
    was_false: bool,
}

impl<'b> Coverage<'b> {
    /// Nothing was seen yet.
    pub fn new(bundle: &'b Bundle) -> Self {
        let statements = bundle.policies.iter().flat_map(|it| it.statements());
        let blank = Facts::new(&bundle.lifecycle.vocabulary);
        let unseen = |statement: &Arc<Statement>| {
            let branches = |condition: Option<&Expression>| {
                condition.map_or_else(Vec::new, |it| branches(it, &blank))
            };
            let seen = Seen {
                was_asked: false,
                has_decided: false,
                when: branches(statement.when()),
                unless: branches(statement.unless()),
                statement: statement.clone(),
            };
            (statement.id().clone(), seen)
        };
        Self {
            bundle,
            seen: statements.map(unseen).collect(),
        }
    }

    /// Sees what a case asks of the statements.
    pub fn observe(&mut self, case: &Case) {
        let facts = case.situation().facts(&self.bundle.lifecycle);
        let trace = case.trace(self.bundle, &facts, &|_| true);
        for stage in trace.resources.iter().flat_map(|on| &on.stages) {
            for it in stage.statements.iter().filter(|it| covers(it)) {
                if let Some(seen) = self.seen.get_mut(it.statement.id()) {
                    seen.was_asked = true;
                    seen.has_decided |= stage.reached && it.role == Role::Decides;
                    seen.conditions(&it.conditions);
                }
            }
        }
    }

    /// What was seen, policy by policy.
    pub fn report(&self) -> CoverageReport {
        let of = |policy: &crate::policy::Policy| {
            let seen = policy.statements().filter_map(|it| self.seen.get(it.id()));
            let mut total = PolicyCoverage {
                policy: policy.name().clone(),
                branches: 0,
                taken: 0,
                gaps: Vec::new(),
            };
            seen.for_each(|seen| seen.add_to(&mut total));
            total
        };
        CoverageReport {
            policies: self.bundle.policies.iter().map(of).collect(),
        }
    }
}

impl Seen {
    /// Sees what the conditions come to: `unless` only where `when` holds, as in a decision.
    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            if condition.negated {
                see(&mut self.unless, &condition.clause);
            } else {
                see(&mut self.when, &condition.clause);
                if !condition.clause.holds() {
                    return;
                }
            }
        }
    }

    fn add_to(&self, total: &mut PolicyCoverage) {
        let clauses = || self.when.iter().chain(&self.unless);
        total.branches += 1 + 2 * clauses().count();
        let place = self.statement.span();
        let mut gap = |span, missing| {
            total.gaps.push(Gap {
                statement: self.statement.clone(),
                span,
                missing,
            });
        };
        if !self.was_asked {
            return gap(place, Missing::Asked);
        }
        if !self.has_decided {
            gap(place, Missing::Decided);
        }
        for clause in clauses() {
            if !clause.was_true {
                gap(clause.span, Missing::True(clause.text.clone()));
            }
            if !clause.was_false {
                gap(clause.span, Missing::False(clause.text.clone()));
            }
        }
        let taken = clauses().flat_map(|clause| [clause.was_true, clause.was_false]);
        let taken = taken.chain([self.has_decided]);
        total.taken += taken.filter(|taken| *taken).count();
    }
}

/// Whether a statement covers the request, whatever its conditions say.
fn covers(it: &Considered) -> bool {
    let is_covered = |lack: &Lack| matches!(lack, Lack::Clause { .. });
    it.lacks.iter().all(is_covered)
}

/// The clauses of a condition that have branches.
fn branches(condition: &Expression, blank: &Facts<'_>) -> Vec<Branch> {
    let clause = condition.clauses(blank, &|_| true);
    let branch = |leaf: &Clause| {
        // A clause is told as it could be written; where it is written so, its place is known.
        let whole = condition.span();
        let at = condition.text().find(&leaf.text);
        Branch {
            span: at.map_or(whole, |at| whole.within(at..at + leaf.text.len())),
            text: leaf.text.clone(),
            was_true: false,
            was_false: false,
        }
    };
    leaves(&clause).map(branch).collect()
}

fn see(branches: &mut [Branch], clause: &Clause) {
    for (branch, leaf) in branches.iter_mut().zip(leaves(clause)) {
        branch.was_true |= leaf.reached && leaf.outcome == Outcome::True;
        branch.was_false |= leaf.reached && leaf.outcome == Outcome::False;
    }
}

/// The clauses that are not made of others, but for those that say the same always.
fn leaves(clause: &Clause) -> impl Iterator<Item = &Clause> {
    let is_leaf = |clause: &&Clause| {
        clause.joint == Joint::Leaf && !matches!(clause.text.as_str(), "true" | "false")
    };
    clause.preorder().into_iter().filter(is_leaf)
}

/// What cases have put to the test.
#[derive(Debug, Clone)]
pub struct CoverageReport {
    /// Every policy, by name.
    pub policies: Vec<PolicyCoverage>,
}

/// What cases have put to the test of one policy.
#[derive(Debug, Clone)]
pub struct PolicyCoverage {
    /// The policy.
    pub policy: Arc<str>,
    /// How many branches it has.
    pub branches: usize,
    /// How many of them were taken.
    pub taken: usize,
    /// What was not, in the order of its statements.
    pub gaps: Vec<Gap>,
}

/// Something that no case has put to the test.
#[derive(Debug, Clone)]
pub struct Gap {
    /// The statement.
    pub statement: Arc<Statement>,
    /// Where it is written: the statement or the clause.
    pub span: Span,
    /// What is missing.
    pub missing: Missing,
}

/// What no case has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Asked for what the statement covers.
    Asked,
    /// Been decided by the statement.
    Decided,
    /// Made this clause true.
    True(String),
    /// Made this clause false.
    False(String),
}

impl CoverageReport {
    /// How many branches there are.
    pub fn branches(&self) -> usize {
        self.policies.iter().map(|policy| policy.branches).sum()
    }

    /// How many of them were taken.
    pub fn taken(&self) -> usize {
        self.policies.iter().map(|policy| policy.taken).sum()
    }

    /// Whether at least so much of a hundred was taken; always, where there is nothing to take.
    pub fn reaches(&self, percent: u8) -> bool {
        self.taken() * 100 >= self.branches() * usize::from(percent)
    }
}

#[cfg(test)]
mod tests;
