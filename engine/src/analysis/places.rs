//! What a place of a definition belongs to, by name: the word after `at:` in accepted.yaml.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bundle::Bundle;
use crate::source::{FileId, Span};

/// The things of a definition that have names, by where each begins.
#[derive(Debug)]
pub(super) struct Places {
    begins: BTreeMap<(FileId, u32), Arc<str>>,
}

impl Places {
    /// Attributes, callers, verifications and so on by their names, states and transitions as
    /// `workflow.state` and `workflow.transition`, principals and policies as they are called.
    pub(super) fn of(bundle: &Bundle) -> Self {
        let mut places = Self {
            begins: BTreeMap::new(),
        };
        places.add_shared(bundle);
        for (name, workflow) in &bundle.lifecycle.workflows {
            places.add(workflow.span, name);
            for (state, declared) in &workflow.states {
                places.add(declared.span, format!("{name}.{state}"));
            }
        }
        for (name, transition) in &bundle.lifecycle.transitions {
            places.add(transition.span, name);
        }
        for policy in bundle.policies.iter() {
            places.add(Span::new(policy.file(), 0..0), policy.name());
        }
        for listed in bundle.principals.listed() {
            places.add(listed.span, &listed.principal.name);
        }
        for (name, group) in bundle.principals.groups() {
            places.add(group.span, name);
        }
        places
    }

    fn add_shared(&mut self, bundle: &Bundle) {
        let lifecycle = &bundle.lifecycle;
        for (name, it) in &lifecycle.attributes {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.context {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.principal_kinds {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.callers {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.verifications {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.quotas {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.throttles {
            self.add(it.span, name);
        }
        for (name, it) in &lifecycle.messages {
            self.add(it.span, name);
        }
        if let Some(read) = &lifecycle.read {
            self.add(read.span, "read");
        }
    }

    fn add(&mut self, span: Span, name: impl ToString) {
        let name = name.to_string().into();
        self.begins.insert((span.file, span.start), name);
    }

    /// The thing that a place belongs to: the last that begins before it in the same file.
    pub(super) fn at(&self, span: Span) -> Option<&Arc<str>> {
        let within = (span.file, 0)..=(span.file, span.start);
        self.begins.range(within).next_back().map(|(_, name)| name)
    }

    /// Every name there is.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.begins.values().map(|name| &**name)
    }
}
