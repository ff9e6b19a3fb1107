//! What single conditions are about, so that some requests are drawn for each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bundle::Bundle;
use crate::expr::{Expression, Slot, Val};
use crate::lifecycle::model::Lifecycle;
use crate::policy::Principal;

/// What the conditions of one property are about.
#[derive(Debug, Clone)]
pub(super) struct Focus {
    /// Listed principals that they name, in one way or another.
    pub(super) principals: Vec<Principal>,
    pub(super) actions: Vec<Arc<str>>,
    /// Resource patterns.
    pub(super) resources: Vec<Arc<str>>,
}

impl Focus {
    pub(super) fn of(bundle: &Bundle, looked_at: &LookedAt<'_>, by: Option<Slot>) -> Self {
        let slots = &bundle.lifecycle.slots;
        let names = |slot: Slot, text: &str| looked_at.texts(slot).any(|it| it == text);
        let is_named = |it: &Principal| {
            names(slots.principal_name, it.name.as_str())
                || names(slots.principal_kind, it.kind.as_str())
                || it
                    .groups
                    .iter()
                    .any(|group| names(slots.principal_groups, group))
                || by.is_some_and(|by| it.policies.iter().any(|policy| names(by, policy)))
        };
        let listed = bundle.principals.listed().map(|it| &it.principal);
        let resources = looked_at.texts(slots.resource).map(Arc::from);
        Self {
            principals: listed.filter(|it| is_named(it)).cloned().collect(),
            actions: actions(looked_at, &bundle.lifecycle),
            resources: sorted(resources),
        }
    }
}

/// The names that conditions look at, with the constants they meet.
#[derive(Debug, Default)]
pub(super) struct LookedAt<'b>(pub(super) BTreeMap<Slot, Vec<Val<'b>>>);

impl<'b> LookedAt<'b> {
    pub(super) fn add(&mut self, condition: &'b Expression) {
        for slot in condition.reads() {
            self.0.entry(*slot).or_default();
        }
        for (slot, constant) in condition.compared() {
            self.0.entry(slot).or_default().push(constant);
        }
    }

    /// What control policies look at; the first name is compared with the nodes of the directory.
    pub(super) fn add_control(
        &mut self,
        mut reads: impl Iterator<Item = Slot>,
        nodes: impl Iterator<Item = &'b str>,
    ) {
        if let Some(place) = reads.next() {
            self.0
                .entry(place)
                .or_default()
                .extend(nodes.map(Val::Text));
        }
        for slot in reads {
            self.0.entry(slot).or_default();
        }
    }

    pub(super) fn at(&self, slot: Slot) -> Option<&[Val<'b>]> {
        self.0.get(&slot).map(Vec::as_slice)
    }

    pub(super) fn texts(&self, slot: Slot) -> impl Iterator<Item = &'b str> {
        let constants = self.at(slot).unwrap_or_default().iter();
        constants.filter_map(|constant| match constant {
            Val::Text(text) => Some(*text),
            _ => None,
        })
    }

    pub(super) fn numbers(&self, slot: Slot) -> impl Iterator<Item = i64> {
        let constants = self.at(slot).unwrap_or_default().iter();
        constants.filter_map(|constant| match constant {
            Val::Int(number) => Some(*number),
            _ => None,
        })
    }
}

/// The actions that conditions name.
pub(super) fn actions(looked_at: &LookedAt<'_>, lifecycle: &Lifecycle) -> Vec<Arc<str>> {
    let compared = looked_at.texts(lifecycle.slots.permission);
    let actions = compared.map(|text| match text.strip_suffix(':') {
        // A service stands for its actions.
        Some(service) => format!("{service}:A").into(),
        None => Arc::from(text.replace('*', "A")),
    });
    sorted(actions.filter(|action| is_action(action)))
}

/// Whether a text is the name of one action.
pub(super) fn is_action(text: &str) -> bool {
    let name = text.split_once(':').map(|(_, name)| name);
    name.is_some_and(|name| !name.is_empty()) && !text.contains(['*', '?'])
}

/// Texts, each once, the shortest first.
pub(super) fn sorted(texts: impl Iterator<Item = Arc<str>>) -> Vec<Arc<str>> {
    let distinct: BTreeSet<Arc<str>> = texts.collect();
    let mut texts: Vec<Arc<str>> = distinct.into_iter().collect();
    texts.sort_by_key(|text| text.len());
    texts
}
