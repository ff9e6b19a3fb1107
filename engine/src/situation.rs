//! One request's situation, as expressions and policies see it.

use std::collections::BTreeMap;

use crate::account::Account;
use crate::bundle::Bundle;
use crate::expr::{EvalError, Facts, Val};
use crate::lifecycle::model::{Access, Lifecycle};
use crate::name::Name;
use crate::policy::{Judge, Principal, Query, Ruling};
use crate::time::Timestamp;
use crate::value::Value;

/// Who asks, with which session and which inputs: what expressions see besides the account.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'f> {
    /// Nobody, for triggered and timed transitions.
    pub principal: Option<&'f Principal>,
    /// What is known of the session.
    pub context: &'f BTreeMap<Name, Value>,
    /// What the request brings.
    pub inputs: &'f BTreeMap<Name, Value>,
}

static NOTHING: BTreeMap<Name, Value> = BTreeMap::new();

impl Asked<'_> {
    /// What expressions see of a transition that nobody asks for.
    pub const NOBODY: Asked<'static> = Asked {
        principal: None,
        context: &NOTHING,
        inputs: &NOTHING,
    };
}

/// What there is when somebody asks: the account, who asks for what, and the time.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'f> {
    /// The account; `None` where there is none.
    pub account: Option<&'f Account>,
    /// Who asks, and what comes with the request.
    pub asked: Asked<'f>,
    /// When.
    pub now: Timestamp,
}

impl<'f> Situation<'f> {
    /// The facts that expressions read. Without an account its names and states read `*`, so that a
    /// resource name still stands for "any account here", and conditions turn out as for one that
    /// they do not fit.
    pub fn facts(&self, lifecycle: &'f Lifecycle) -> Facts<'f> {
        let mut facts = Facts::new(&lifecycle.vocabulary);
        match self.account {
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
        if let Some(principal) = self.asked.principal {
            facts.set(slots.principal_kind, Val::Text(principal.kind.as_str()));
            facts.set(
                slots.principal_account,
                Val::Text(principal.account.as_str()),
            );
            facts.set(slots.principal_name, Val::Text(principal.name.as_str()));
            facts.set(slots.principal_groups, Val::Texts(&principal.groups));
        }
        for (name, value) in self.asked.context {
            if let Some(declared) = lifecycle.context.get(name) {
                facts.set(declared.slot, Val::from(value));
            }
        }
        for (name, value) in self.asked.inputs {
            if let Some(slot) = lifecycle.vocabulary.slot(&format!("input.{name}")) {
                facts.set(slot, Val::from(value));
            }
        }
        fill_time(&mut facts, lifecycle, self.now);
        facts
    }
}

/// Sets an instant, and what clocks in the lifecycle's zone show then.
pub(crate) fn fill_time(facts: &mut Facts<'_>, lifecycle: &Lifecycle, now: Timestamp) {
    let slots = &lifecycle.slots;
    let (hour, minute, weekday) = lifecycle.zone.wall_clock(now);
    facts.set(slots.now, Val::Time(now));
    facts.set(slots.now_hour, Val::Int(hour));
    facts.set(slots.now_minute, Val::Int(minute));
    facts.set(slots.now_weekday, Val::Int(weekday));
}

impl Bundle {
    /// The names of the resources that an access is about.
    ///
    /// # Errors
    /// When a name in a template has no value.
    pub fn resources(&self, access: &Access, facts: &Facts<'_>) -> Result<Vec<String>, EvalError> {
        let render = |resource: &crate::expr::Template| resource.render(facts);
        access.resources.iter().map(render).collect()
    }

    /// What the policies say to a principal who asks for an action on all of these resources, over
    /// the [facts](Situation::facts) of its request.
    pub fn rule<'q>(
        &'q self,
        principal: &'q Principal,
        action: &'q str,
        resources: &'q [&'q str],
        facts: &mut Facts<'q>,
    ) -> Ruling {
        let query = self.query(principal, action, resources);
        self.policies.rule(&query, facts)
    }

    /// As [`rule`](Self::rule), with a judgement of one's own on which statements apply.
    pub fn rule_assuming<'q>(
        &'q self,
        principal: &'q Principal,
        action: &'q str,
        resources: &'q [&'q str],
        facts: &mut Facts<'q>,
        judge: &Judge<'_>,
    ) -> Ruling {
        let query = self.query(principal, action, resources);
        self.policies.rule_assuming(&query, facts, judge)
    }

    fn query<'q>(
        &'q self,
        principal: &'q Principal,
        action: &'q str,
        resources: &'q [&'q str],
    ) -> Query<'q> {
        let kind = self.lifecycle.principal_kinds.get(&principal.kind);
        let attachments = self.principals.attachments();
        Query {
            principal,
            owns_account: kind.is_some_and(|kind| kind.owns_account),
            control: attachments.control(),
            attachments,
            action,
            resources,
        }
    }
}

fn fill_account<'f>(facts: &mut Facts<'f>, lifecycle: &'f Lifecycle, account: &'f Account) {
    facts.set(lifecycle.slots.account_id, Val::Text(account.id.as_str()));
    facts.set(
        lifecycle.slots.account_created_at,
        Val::Time(account.created_at),
    );
    for (attribute, value) in beside(&lifecycle.attributes, &account.attributes) {
        if let Some(value) = value {
            facts.set(attribute.slot, Val::from(value));
        }
    }
    for (workflow, occupied) in beside(&lifecycle.workflows, &account.states) {
        // An account older than the workflow is where a new account would be.
        let state = occupied.map_or(&workflow.initial, |occupied| &occupied.state);
        facts.set(workflow.slot, Val::Text(state.as_str()));
    }
}

/// What is declared, each with what an account has of that name: both are in the order of their names,
/// so that nothing is searched for.
fn beside<'m, D, V>(
    declared: &'m BTreeMap<Name, D>,
    had: &'m BTreeMap<Name, V>,
) -> impl Iterator<Item = (&'m D, Option<&'m V>)> {
    let mut had = had.iter().peekable();
    declared.iter().map(move |(name, declared)| {
        while had.next_if(|(other, _)| *other < name).is_some() {}
        let same = had.next_if(|(other, _)| *other == name);
        (declared, same.map(|(_, value)| value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_had_lies_beside_what_is_declared_of_that_name() {
        let map = |names: &[&str]| -> BTreeMap<Name, String> {
            let named = |name: &&str| (name.parse().unwrap(), (*name).to_owned());
            names.iter().map(named).collect()
        };
        let (declared, had) = (map(&["b", "c", "e"]), map(&["a", "b", "d", "e", "f"]));
        let found: Vec<_> = beside(&declared, &had)
            .map(|(declared, had)| (declared.as_str(), had.map(String::as_str)))
            .collect();
        assert_eq!(found, [("b", Some("b")), ("c", None), ("e", Some("e"))]);
    }
}
