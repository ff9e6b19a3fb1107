//! Fills the facts that expressions read.

use std::collections::BTreeMap;

use crate::account::{Account, Attempt};
use crate::expr::{Facts, Val};
use crate::lifecycle::model::Lifecycle;
use crate::name::Name;
use crate::policy::Principal;
use crate::time::Timestamp;
use crate::value::Value;

/// Who asks, with which session and which inputs: what expressions see besides the account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'f> {
    /// Nobody, for triggered and timed transitions.
    pub(super) principal: Option<&'f Principal>,
    pub(super) context: &'f BTreeMap<Name, Value>,
    pub(super) inputs: &'f BTreeMap<Name, Value>,
}

static NOTHING: BTreeMap<Name, Value> = BTreeMap::new();

impl Asked<'_> {
    /// What expressions see of a transition that nobody asks for.
    pub(super) const NOBODY: Asked<'static> = Asked {
        principal: None,
        context: &NOTHING,
        inputs: &NOTHING,
    };
}

/// Who asked for an attempt, kept apart from it, so that the attempt can change meanwhile.
pub(super) struct Asker {
    principal: Principal,
    context: BTreeMap<Name, Value>,
    inputs: BTreeMap<Name, Value>,
}

impl Asker {
    /// The requester of an attempt.
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self {
            principal: attempt.requester.clone(),
            context: attempt.context.clone(),
            inputs: attempt.inputs.clone(),
        }
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            principal: Some(&self.principal),
            context: &self.context,
            inputs: &self.inputs,
        }
    }
}

/// The facts of one decision. Without an account its names and states read `*`, so that a resource
/// name still stands for "any account here", and conditions turn out as for one that they do not fit.
pub(super) fn facts<'f>(
    lifecycle: &'f Lifecycle,
    account: Option<&'f Account>,
    asked: Asked<'f>,
    now: Timestamp,
) -> Facts<'f> {
    let mut facts = Facts::new(&lifecycle.vocabulary);
    match account {
        Some(account) => fill_account(&mut facts, lifecycle, account),
        None => {
            for (slot, fact) in lifecycle.vocabulary.facts() {
                let is_of_account = ["account.", "state."];
                if is_of_account.iter().any(|of| fact.path.starts_with(of)) {
                    facts.set(slot, Val::Text("*"));
                }
            }
        }
    }
    let slots = &lifecycle.slots;
    if let Some(principal) = asked.principal {
        facts.set(slots.principal_kind, Val::Text(principal.kind.as_str()));
        facts.set(
            slots.principal_account,
            Val::Text(principal.account.as_str()),
        );
        facts.set(slots.principal_name, Val::Text(principal.name.as_str()));
        facts.set(slots.principal_groups, Val::Texts(&principal.groups));
    }
    for (name, value) in asked.context {
        if let Some(declared) = lifecycle.context.get(name) {
            facts.set(declared.slot, Val::from(value));
        }
    }
    for (name, value) in asked.inputs {
        if let Some(slot) = lifecycle.vocabulary.slot(&format!("input.{name}")) {
            facts.set(slot, Val::from(value));
        }
    }
    let (hour, minute, weekday) = lifecycle.zone.wall_clock(now);
    facts.set(slots.now, Val::Time(now));
    facts.set(slots.now_hour, Val::Int(hour));
    facts.set(slots.now_minute, Val::Int(minute));
    facts.set(slots.now_weekday, Val::Int(weekday));
    facts
}

fn fill_account<'f>(facts: &mut Facts<'f>, lifecycle: &'f Lifecycle, account: &'f Account) {
    facts.set(lifecycle.slots.account_id, Val::Text(account.id.as_str()));
    facts.set(
        lifecycle.slots.account_created_at,
        Val::Time(account.created_at),
    );
    for (name, attribute) in &lifecycle.attributes {
        if let Some(value) = account.attributes.get(name) {
            facts.set(attribute.slot, Val::from(value));
        }
    }
    for (name, workflow) in &lifecycle.workflows {
        // An account older than the workflow is where a new account would be.
        let state = account.state(name).unwrap_or(&workflow.initial);
        facts.set(workflow.slot, Val::Text(state.as_str()));
    }
}
