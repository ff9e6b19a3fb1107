//! What would have to change for a request that policies refuse to pass.
//!
//! Nothing is said that was not tried: each remedy is a set of changes under which the request was
//! evaluated again. It is certain where policies then allow it whatever is not known, and may help
//! where they then allow it for some values of what is not.

mod atoms;
mod change;
#[cfg(test)]
mod tests;

pub use change::Change;
use change::is_part;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::trace::{Considered, Lack, OnResource, Question, Role, Suppose, Told, Trace};
use crate::bundle::Bundle;
use crate::expr::{Expression, Facts, Slot, Truth, Val};
use crate::policy::{Effect, Principal, Stage, Statement, Verb};
use crate::situation::{Situation, fill_time};
use crate::time::Timestamp;

/// Most evaluations that one question is worth.
const TRIES_MAX: u32 = 4_000;
/// Most remedies that are told.
const REMEDIES_MAX: usize = 6;
/// How far ahead an instant is sought, and how finely: no zone's hours are finer.
const AHEAD: Duration = Duration::from_secs(8 * 24 * 3600);
const STEP: Duration = Duration::from_secs(1800);

/// Changes that help together, and none of which can be left out.
#[derive(Debug, Clone)]
pub struct Remedy {
    /// What would have to change.
    pub changes: Vec<Change>,
    /// Whether policies then allow the request for sure.
    pub certain: bool,
}

impl Remedy {
    /// Whether it is to ask for another resource.
    pub fn is_elsewhere(&self) -> bool {
        self.changes.iter().any(Change::is_resource)
    }
}

/// What would make policies allow a request that they refuse, cheapest first; nothing, where they
/// allow it, where nobody asks, or where nothing was found.
pub fn remedies(told: &Told<'_>, action: &str, resources: &[&str]) -> Vec<Remedy> {
    let known = |slot| told.knows(slot);
    let Some(principal) = told.situation().asked.principal else {
        return Vec::new();
    };
    let search = Search {
        bundle: told.bundle(),
        situation: told.situation(),
        principal,
        action,
        resources,
        facts: told.facts().clone(),
        known: &known,
        tries: Cell::new(0),
    };
    let Some(trace) = told.trace(action, resources, &|_| false) else {
        return Vec::new();
    };
    if trace.possible.allows() == Truth::True {
        return Vec::new();
    }
    search.remedies(&trace)
}

struct Search<'s> {
    bundle: &'s Bundle,
    situation: &'s Situation<'s>,
    principal: &'s Principal,
    action: &'s str,
    resources: &'s [&'s str],
    facts: Facts<'s>,
    known: &'s dyn Fn(Slot) -> bool,
    tries: Cell<u32>,
}

impl Search<'_> {
    fn remedies(&self, trace: &Trace) -> Vec<Remedy> {
        let relevant = relevant(trace);
        let atoms = self.atoms(trace, &relevant);
        let timed = self.reads_time(&relevant);
        let mut found: Vec<Vec<Change>> = Vec::new();
        for size in 1..=3 {
            // Three things at once are sought only where two do not help.
            if size == 3 && !found.is_empty() {
                break;
            }
            self.sets(size, &atoms, timed, &mut Vec::new(), 0, &mut found);
        }
        let cost = |changes: &Vec<Change>| changes.iter().map(Change::cost).sum::<u32>();
        found.sort_by_key(cost);
        // What others bound is of interest where the principal cannot help itself.
        let cheapest = found.first().map(cost).unwrap_or_default();
        if cheapest < Change::Stage(Stage::Identity).cost() {
            found.retain(|changes| cost(changes) < Change::Stage(Stage::Identity).cost() + 2);
        }
        found.truncate(REMEDIES_MAX);
        let certain = |changes| Remedy {
            changes,
            certain: true,
        };
        let mut remedies: Vec<Remedy> = found.into_iter().map(certain).collect();
        let helped = |path: &str| {
            let mut changes = remedies.iter().flat_map(|remedy| &remedy.changes);
            changes.any(|change| self.is_about(change, path))
        };
        let perhaps: Vec<Remedy> = self
            .open_facts(&relevant, trace)
            .into_iter()
            .filter(|path| !helped(path))
            .map(|path| Remedy {
                changes: vec![Change::Fact { path }],
                certain: false,
            })
            .collect();
        remedies.extend(perhaps);
        remedies
    }

    /// Adds every set of `left` more changes that helps, and of which no part does.
    fn sets(
        &self,
        left: usize,
        atoms: &[Change],
        timed: bool,
        chosen: &mut Vec<Change>,
        from: usize,
        found: &mut Vec<Vec<Change>>,
    ) {
        if left == 0 {
            let is_new = !found.iter().any(|other| is_part(other, chosen));
            if is_new && self.allows(chosen) == Truth::True {
                found.push(chosen.clone());
            }
            return;
        }
        for (index, atom) in atoms.iter().enumerate().skip(from) {
            if chosen.iter().any(|other| other.excludes(atom)) {
                continue;
            }
            chosen.push(atom.clone());
            self.sets(left - 1, atoms, timed, chosen, index + 1, found);
            chosen.pop();
        }
        // An instant is sought last, for what else is chosen.
        let is_grant = chosen.iter().any(Change::grants);
        let at_last =
            left == 1 && timed && !is_grant && !found.iter().any(|other| is_part(other, chosen));
        if at_last && let Some(at) = self.first_instant(chosen) {
            let mut changes = chosen.clone();
            changes.push(Change::At(at));
            let is_new = !found.iter().any(|other| is_part(other, &changes));
            if is_new {
                found.push(changes);
            }
        }
    }

    /// The first instant at which policies allow the request under some changes.
    fn first_instant(&self, changes: &[Change]) -> Option<Timestamp> {
        let now = self.situation.now;
        let step = i64::try_from(STEP.as_millis()).ok()?;
        let begin = now.as_ms() - now.as_ms().rem_euclid(step) + step;
        let steps = AHEAD.as_secs() / STEP.as_secs();
        let mut changes = changes.to_vec();
        for number in 0..i64::try_from(steps).ok()? {
            let at = Timestamp::from_ms(begin + number * step);
            changes.push(Change::At(at));
            if self.allows(&changes) == Truth::True {
                return Some(at);
            }
            changes.pop();
        }
        None
    }

    /// Whether policies allow the request under some changes. What is worth no more tries is taken
    /// not to help.
    fn allows(&self, changes: &[Change]) -> Truth {
        self.tries.set(self.tries.get() + 1);
        if self.tries.get() > TRIES_MAX {
            return Truth::False;
        }
        let mut facts = self.facts.clone();
        let mut principal = Cow::Borrowed(self.principal);
        let mut resources: Vec<&str> = self.resources.to_vec();
        let mut suppose = Suppose::default();
        let mut open = Vec::new();
        let lifecycle = &self.bundle.lifecycle;
        for change in changes {
            match change {
                Change::Context { name, value } => {
                    if let Some(fact) = lifecycle.context.get(name) {
                        facts.set(fact.slot, Val::from(value));
                    }
                }
                Change::At(at) => fill_time(&mut facts, lifecycle, *at),
                Change::State { workflow, state } => {
                    if let Some(workflow) = lifecycle.workflows.get(workflow) {
                        facts.set(workflow.slot, Val::Text(state.as_str()));
                    }
                }
                Change::Resource { example, .. } => resources = vec![example],
                Change::Fact { path } => open.extend(lifecycle.vocabulary.slot(path)),
                Change::Group(group) => {
                    let groups = self.bundle.principals.groups();
                    let joined = groups.filter(|(name, _)| *name == group);
                    let policies = joined.flat_map(|(_, group)| &group.policies).cloned();
                    principal.to_mut().policies.extend(policies);
                    principal.to_mut().groups.push(group.clone());
                }
                Change::Policy(policy) => principal.to_mut().policies.push(policy.clone()),
                Change::Stage(stage) => suppose.granted.push(stage.clone()),
                Change::Without(statement) => suppose.without.push(statement.clone()),
            }
        }
        facts.set(
            lifecycle.slots.principal_groups,
            Val::Texts(&principal.groups),
        );
        let known = |slot| (self.known)(slot) && !open.contains(&slot);
        let question = Question {
            bundle: self.bundle,
            principal: &principal,
            action: self.action,
            facts: &facts,
            known: &known,
            hidden: &|_| false,
            suppose: &suppose,
        };
        question.possible(&resources).allows()
    }

    /// Single changes that may matter.
    fn atoms(&self, trace: &Trace, relevant: &[&Considered]) -> Vec<Change> {
        let mut atoms = self.facts_to_change(relevant);
        atoms.extend(self.resources_to_change(relevant));
        atoms.extend(self.grants());
        for stage in trace.resources.iter().flat_map(|on| &on.stages) {
            let bounds = matches!(stage.stage, Stage::ControlPolicy { .. } | Stage::Session);
            if bounds && stage.possible.certain() == Some(Effect::ImplicitDeny) {
                atoms.push(Change::Stage(stage.stage.clone()));
            }
        }
        let denies = relevant
            .iter()
            .filter(|it| it.statement.verb() == Verb::Deny);
        let applying = denies.filter(|it| it.applies != Truth::False);
        let mut seen: Vec<&Arc<Statement>> = Vec::new();
        for it in applying {
            if !seen.iter().any(|other| Arc::ptr_eq(other, &it.statement)) {
                seen.push(&it.statement);
                atoms.push(Change::Without(it.statement.clone()));
            }
        }
        atoms
    }

    /// Names on whose value it may depend, beyond what could be tried.
    fn open_facts(&self, relevant: &[&Considered], trace: &Trace) -> Vec<Arc<str>> {
        if trace.possible.allows() != Truth::False {
            return Vec::new();
        }
        let vocabulary = &self.bundle.lifecycle.vocabulary;
        let reads = conditions(relevant).flat_map(|condition| condition.reads());
        let slots: BTreeSet<Slot> = reads.copied().collect();
        let paths = slots.into_iter().filter_map(|slot| {
            let path = vocabulary.fact(slot)?.path.clone();
            let settled = path.starts_with("now") || path.starts_with("principal");
            let change = Change::Fact { path: path.clone() };
            (!settled && self.allows(&[change]) != Truth::False).then_some(path)
        });
        paths.collect()
    }

    fn is_about(&self, change: &Change, path: &str) -> bool {
        match change {
            Change::Context { name, .. } => path == format!("context.{name}"),
            Change::State { workflow, .. } => path == format!("state.{workflow}"),
            _ => false,
        }
    }

    fn reads_time(&self, relevant: &[&Considered]) -> bool {
        let slots = &self.bundle.lifecycle.slots;
        let time = [
            slots.now,
            slots.now_hour,
            slots.now_minute,
            slots.now_weekday,
        ];
        conditions(relevant).any(|it| it.reads().iter().any(|slot| time.contains(slot)))
    }
}

/// The statements that have to do with a request.
fn relevant(trace: &Trace) -> Vec<&Considered> {
    let stages = trace
        .resources
        .iter()
        .flat_map(|on: &OnResource| &on.stages);
    let statements = stages.flat_map(|stage| &stage.statements);
    let covers = |it: &&Considered| {
        let other_action = |lack: &Lack| matches!(lack, Lack::Action(_));
        it.role != Role::Apart && !it.lacks.iter().any(other_action)
    };
    statements.filter(covers).collect()
}

fn conditions<'r>(relevant: &'r [&Considered]) -> impl Iterator<Item = &'r Expression> {
    relevant
        .iter()
        .flat_map(|it| it.statement.when().into_iter().chain(it.statement.unless()))
}
