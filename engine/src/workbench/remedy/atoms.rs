//! Single changes that are worth trying.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Change, Search, conditions};
use crate::expr::Val;
use crate::lifecycle::model::Trigger;
use crate::policy::{Actions, Pattern, Verb, canonical_resource};
use crate::value::Value;
use crate::workbench::trace::{Considered, Lack, UNKNOWN, kind_of};

impl Search<'_> {
    /// Values of session facts and states that the conditions tell apart.
    pub(super) fn facts_to_change(&self, relevant: &[&Considered]) -> Vec<Change> {
        let lifecycle = &self.bundle.lifecycle;
        let mut atoms: Vec<Change> = Vec::new();
        for (name, fact) in &lifecycle.context {
            let ty = lifecycle.vocabulary.fact(fact.slot).map(|fact| &fact.ty);
            let reading = conditions(relevant).filter(|it| it.reads().contains(&fact.slot));
            let values: Vec<Value> = reading
                .zip(std::iter::repeat(ty))
                .filter_map(|(condition, ty)| Some(condition.cases(fact.slot, ty?).values))
                .flatten()
                .collect();
            for value in values {
                let is_so = self.facts.get(fact.slot) == Val::from(&value);
                let has = |it: &Change| matches!(it, Change::Context { name: n, value: v } if n == name && *v == value);
                if !is_so && !atoms.iter().any(has) {
                    let name = name.clone();
                    atoms.push(Change::Context { name, value });
                }
            }
        }
        for (name, workflow) in &lifecycle.workflows {
            let is_read = conditions(relevant).any(|it| it.reads().contains(&workflow.slot));
            if !is_read || !(self.known)(workflow.slot) {
                continue;
            }
            for state in workflow.states.keys() {
                if self.facts.get(workflow.slot) != Val::Text(state.as_str()) {
                    atoms.push(Change::State {
                        workflow: name.clone(),
                        state: state.clone(),
                    });
                }
            }
        }
        atoms
    }

    /// A resource for each pattern that covers others than the one that was asked for.
    pub(super) fn resources_to_change(&self, relevant: &[&Considered]) -> Vec<Change> {
        let [resource] = self.resources else {
            return Vec::new();
        };
        let lacking = relevant.iter().filter(|it| {
            let resource = |lack: &Lack| matches!(lack, Lack::Resource(_));
            it.statement.verb() == Verb::Allow && it.lacks.iter().any(resource)
        });
        let patterns = lacking.flat_map(|it| it.statement.resources());
        let like = |pattern: &&Pattern| kind_of(pattern.text()) == kind_of(resource);
        let mut atoms = Vec::new();
        for pattern in patterns.filter(like) {
            let example = example(pattern.text(), resource);
            if pattern.matches(&canonical_resource(&example)) {
                let pattern = pattern.text().to_owned();
                atoms.push(Change::Resource { pattern, example });
            }
        }
        atoms
    }

    /// Groups and policies that the principal has not, narrowest first.
    pub(super) fn grants(&self) -> Vec<Change> {
        let principal = self.principal;
        let owns = self.bundle.principals.owns_account(&principal.kind);
        if owns {
            // Owners have no policies.
            return Vec::new();
        }
        let lifecycle = &self.bundle.lifecycle;
        let asked = lifecycle
            .transitions
            .values()
            .filter_map(|it| match &it.trigger {
                Trigger::Request { access, .. } => Some(access.permission.to_ascii_lowercase()),
                Trigger::TriggeredBy(_) | Trigger::After(_) => None,
            });
        let permissions: BTreeSet<String> = asked.collect();
        let breadth = |name: &Arc<str>| {
            let policy = self.bundle.policies.get(name);
            let statements = policy.into_iter().flat_map(|policy| policy.statements());
            let allows: Vec<_> = statements.filter(|it| it.verb() == Verb::Allow).collect();
            let any = allows.iter().any(|it| match it.actions() {
                Actions::AllExcept(_) => true,
                Actions::Of(patterns) => patterns.iter().any(Pattern::is_any),
            });
            let covers = |permission: &&String| {
                allows.iter().any(|it| match it.actions() {
                    Actions::AllExcept(but) => !but.iter().any(|p| p.matches(permission)),
                    Actions::Of(these) => these.iter().any(|p| p.matches(permission)),
                })
            };
            (any, permissions.iter().filter(covers).count())
        };
        let bounds = |name: &Arc<str>| {
            let attachments = self.bundle.principals.attachments();
            let control = attachments.control().into_iter();
            let attached = control.flat_map(|it| it.attached().flat_map(|(_, of)| of));
            let default = attachments
                .control()
                .into_iter()
                .flat_map(|it| it.default_policies());
            let mut all = attached.chain(default);
            all.any(|policy| policy.name() == name)
        };
        let names = self
            .bundle
            .policies
            .iter()
            .map(|policy| policy.name().clone());
        let mut policies: Vec<Arc<str>> = names
            // A control policy that allows everything bounds nothing; it is nobody's to have.
            .filter(|name| !principal.policies.contains(name) && !bounds(name))
            .collect();
        policies.sort_by_key(breadth);
        let groups = self.bundle.principals.groups();
        let groups = groups.filter(|(name, _)| !principal.groups.contains(name));
        let groups = groups.map(|(name, _)| Change::Group(name.clone()));
        groups
            .chain(policies.into_iter().map(Change::Policy))
            .collect()
    }
}

/// A resource that a pattern covers, otherwise like the one at hand.
fn example(pattern: &str, like: &str) -> String {
    let fields = |text: &str| -> Vec<String> { text.splitn(5, ':').map(str::to_owned).collect() };
    // What is not known of the one at hand could be anything.
    let like = like.replace(UNKNOWN, "x");
    let last = like.rsplit('/').next().unwrap_or_default();
    let (own, theirs) = (fields(pattern), fields(&like));
    let filled = own
        .iter()
        .enumerate()
        .map(|(index, field)| match field.as_str() {
            "*" => theirs.get(index).cloned().unwrap_or_default(),
            field if index == 4 => field.replace('*', last).replace('?', "x"),
            field => field.replace('*', "").replace('?', "x"),
        });
    filled.collect::<Vec<_>>().join(":")
}
