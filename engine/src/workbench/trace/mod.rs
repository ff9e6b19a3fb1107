//! Why policies answer as they do: every stage, every statement, and what each lacked.
//!
//! A trace is worked out apart from [`Bundle::rule`]: by looking at every statement, without the
//! index, and over facts of which some may not be known. Nothing of it runs in a decision.

mod cover;
mod possible;
mod stages;
mod statement;
#[cfg(test)]
mod tests;

pub use cover::Missed;
pub(crate) use cover::{UNKNOWN, kind_of};
pub use possible::Possible;
pub use statement::{Condition, Considered, Lack, Role};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::bundle::Bundle;
use crate::expr::{Clause, EvalError, Expression, Facts, Slot, Val};
use crate::lifecycle::model::Access;
use crate::policy::{DecidedBy, Effect, Principal, Stage, Statement, Verb};
use crate::situation::Situation;
use possible::both;

/// Why policies answer a request as they do.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The action.
    pub action: String,
    /// What they say together: all resources must be allowed.
    pub possible: Possible,
    /// Which of the resources decides, by its place: as in [`Ruling`](crate::policy::Ruling).
    pub decisive: usize,
    /// Each resource on its own.
    pub resources: Vec<OnResource>,
}

/// Why policies answer about one resource as they do.
#[derive(Debug, Clone)]
pub struct OnResource {
    /// The resource; `*` stands for what is not known of its name.
    pub resource: String,
    /// What they say.
    pub possible: Possible,
    /// The stage that decides, by its place in `stages`.
    pub decisive: usize,
    /// The stages, in the order in which they are passed.
    pub stages: Vec<Passed>,
}

/// What one stage says.
#[derive(Debug, Clone)]
pub struct Passed {
    /// The stage.
    pub stage: Stage,
    /// What it says.
    pub possible: Possible,
    /// Whether an earlier stage leaves it a say.
    pub reached: bool,
    /// What decides it, as far as that is certain.
    pub by: DecidedBy,
    /// Why it could not be asked.
    pub blind: Option<String>,
    /// Its statements, in the order in which they are asked.
    pub statements: Vec<Considered>,
}

impl Trace {
    /// The resource that decides.
    pub fn decided(&self) -> Option<&OnResource> {
        self.resources.get(self.decisive)
    }

    /// The statements that are nearest to allowing what nothing allows, nearest first: those of the
    /// stage that decides.
    pub fn nearest(&self) -> Vec<&Considered> {
        let stage = self.decided().and_then(OnResource::decided);
        stage.map(Passed::nearest).unwrap_or_default()
    }
}

impl OnResource {
    /// The stage that decides.
    pub fn decided(&self) -> Option<&Passed> {
        self.stages.get(self.decisive)
    }
}

impl Passed {
    /// The statement that decides.
    pub fn statement(&self) -> Option<&Arc<Statement>> {
        match &self.by {
            DecidedBy::Statement(statement) => Some(statement),
            DecidedBy::Ownership | DecidedBy::Nothing => None,
        }
    }

    /// The statements that are nearest to allowing what it does not, nearest first. Where none nearly
    /// applies, it is the one that is about something close: the same action by another name or on
    /// another resource, or another action of the service on the resource.
    pub fn nearest(&self) -> Vec<&Considered> {
        if !self.possible.has(Effect::ImplicitDeny) {
            return Vec::new();
        }
        let allows = self.statements.iter();
        let allows = allows.filter(|it| it.statement.verb() == Verb::Allow);
        let (mut near, apart): (Vec<&Considered>, Vec<_>) =
            allows.partition(|it| matches!(it.role, Role::Nearly | Role::Depends));
        near.sort_by_key(|it| it.distance());
        if near.is_empty() {
            let close = apart.into_iter().filter(|it| it.is_close());
            // One that names the resource is nearer than one that covers all.
            near.extend(
                close.min_by_key(|it| (it.distance(), it.statement.resources().is_empty())),
            );
        }
        near
    }

    /// Whether ownership decides.
    pub fn is_ownership(&self) -> bool {
        matches!(self.by, DecidedBy::Ownership)
    }
}

/// A request to policies, and what is known of what it depends on.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The definition.
    pub bundle: &'q Bundle,
    /// Who asks.
    pub principal: &'q Principal,
    /// For what.
    pub action: &'q str,
    /// The facts of the request.
    pub facts: &'q Facts<'q>,
    /// Which of them are known.
    pub known: &'q dyn Fn(Slot) -> bool,
    /// Which of them are not to be shown.
    pub hidden: &'q dyn Fn(Slot) -> bool,
    /// What is supposed to be otherwise than the definition says.
    pub suppose: &'q Suppose,
}

/// What could be otherwise in a definition, to be tried without changing it.
#[derive(Debug, Clone, Default)]
pub struct Suppose {
    /// Stages that allow whatever is asked.
    pub granted: Vec<Stage>,
    /// Statements that are not there.
    pub without: Vec<Arc<Statement>>,
}

impl Suppose {
    /// The definition as it is.
    pub const NOTHING: &'static Self = &Self {
        granted: Vec::new(),
        without: Vec::new(),
    };
}

impl Question<'_> {
    /// Why policies answer about these resources as they do.
    pub fn trace(&self, resources: &[&str]) -> Trace {
        let on = |resource: &&str| self.on(resource, true);
        self.together(resources.iter().map(on).collect())
    }

    /// What they answer, without why.
    pub fn possible(&self, resources: &[&str]) -> Possible {
        let on = |resource: &&str| self.on(resource, false).possible;
        let all = resources.iter().map(on);
        all.reduce(|one, other| one.with(other, both))
            .unwrap_or(Possible::only(Effect::ImplicitDeny))
    }

    fn together(&self, resources: Vec<OnResource>) -> Trace {
        let all = resources.iter().map(|it| it.possible);
        let possible = all.reduce(|one, other| one.with(other, both));
        let weight = |of: Possible| match of.certain() {
            Some(Effect::Allow) => 0,
            None => 1,
            Some(Effect::ImplicitDeny) => 2,
            Some(Effect::ExplicitDeny) => 3,
        };
        let mut decisive = 0;
        let mut heaviest = 0;
        for (index, it) in resources.iter().enumerate() {
            if weight(it.possible) > heaviest {
                (decisive, heaviest) = (index, weight(it.possible));
            }
        }
        Trace {
            action: self.action.to_owned(),
            possible: possible.unwrap_or(Possible::only(Effect::ImplicitDeny)),
            decisive,
            resources,
        }
    }
}

/// A situation, as far as whoever is told of it may know it: without an account, what depends on
/// one stays open, and nothing in an answer depends on any account there is.
pub struct Told<'t> {
    bundle: &'t Bundle,
    situation: &'t Situation<'t>,
    facts: Facts<'t>,
    open: BTreeSet<Slot>,
}

impl<'t> Told<'t> {
    /// A situation in which everything is known of its account, if there is one.
    pub fn of(bundle: &'t Bundle, situation: &'t Situation<'t>) -> Self {
        Self::but(bundle, situation, &BTreeSet::new())
    }

    /// A situation in which names of its account are open, besides.
    pub fn but(bundle: &'t Bundle, situation: &'t Situation<'t>, open: &BTreeSet<Slot>) -> Self {
        let mut open = open.clone();
        if situation.account.is_none() {
            let facts = bundle.lifecycle.vocabulary.facts();
            let of_account = facts.filter(|(_, fact)| is_of_account(&fact.path));
            open.extend(of_account.map(|(slot, _)| slot));
        }
        // The names of resources say what is not known of them.
        let mut facts = situation.facts(&bundle.lifecycle);
        for slot in &open {
            facts.set(*slot, Val::Text(UNKNOWN));
        }
        Self {
            bundle,
            situation,
            facts,
            open,
        }
    }

    /// Why policies answer a request as they do; `None` where nobody asks. Values for which `hidden`
    /// is true are not shown.
    pub fn trace(
        &self,
        action: &str,
        resources: &[&str],
        hidden: &dyn Fn(Slot) -> bool,
    ) -> Option<Trace> {
        let known = |slot| self.knows(slot);
        let question = Question {
            bundle: self.bundle,
            principal: self.situation.asked.principal?,
            action,
            facts: &self.facts,
            known: &known,
            hidden,
            suppose: Suppose::NOTHING,
        };
        Some(question.trace(resources))
    }

    /// The resources that an access is about: what is not known of their names stays open.
    ///
    /// # Errors
    /// When a name in a template has no value.
    pub fn resources(&self, access: &Access) -> Result<Vec<String>, EvalError> {
        self.bundle.resources(access, &self.facts)
    }

    /// The clauses of a condition.
    pub fn condition(&self, condition: &Expression, hidden: &dyn Fn(Slot) -> bool) -> Clause {
        condition.clauses_of_known(&self.facts, &|slot| self.knows(slot), hidden)
    }

    /// Whether a fact is known.
    pub(crate) fn knows(&self, slot: Slot) -> bool {
        !self.open.contains(&slot)
    }

    pub(crate) fn facts(&self) -> &Facts<'t> {
        &self.facts
    }

    pub(crate) fn bundle(&self) -> &'t Bundle {
        self.bundle
    }

    pub(crate) fn situation(&self) -> &'t Situation<'t> {
        self.situation
    }
}

fn is_of_account(path: &str) -> bool {
    ["account.", "state."].iter().any(|of| path.starts_with(of))
}
