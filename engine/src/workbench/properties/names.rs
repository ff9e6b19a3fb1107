//! What a property can ask of a request: the names of policies, and how policies answer.

use super::request::{Answered, Request};
use crate::bundle::Bundle;
use crate::expr::{Facts, Slot, Type, Val, Vocabulary};
use crate::lifecycle::model::Lifecycle;
use crate::name::Name;
use crate::policy::{DecidedBy, Effect, Stage};

/// The beginnings of action names that only look.
const READING: [&str; 7] = [
    "Check", "Describe", "Get", "List", "Query", "Read", "Search",
];

/// A name that properties have besides those of policies.
#[derive(Debug)]
pub struct Extra {
    /// How it is written, after `r.`.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
}

/// The names that properties have besides those of policies, in the order of their slots.
pub static EXTRAS: [Extra; 7] = [
    Extra {
        name: "allowed",
        about: "Whether the policies allow it.",
    },
    Extra {
        name: "effect",
        about: "Their answer: `allow`, `explicit_deny` or `implicit_deny`.",
    },
    Extra {
        name: "by",
        about: "The policy that decided; empty, where none did.",
    },
    Extra {
        name: "stage",
        about: "Where it was decided: `control_policy`, `session`, `ownership`, `identity`, \
                `resource_group` or `resource_based`.",
    },
    Extra {
        name: "owned",
        about: "Whether it is allowed because the principal owns the resource's account.",
    },
    Extra {
        name: "reads",
        about: "Whether the action only looks: its name begins with Check, Describe, Get, List, \
                Query, Read or Search.",
    },
    Extra {
        name: "resources",
        about: "All resources of the request; `resource` is each of them in turn.",
    },
];

/// The names of properties over one lifecycle.
#[derive(Debug, Clone)]
pub struct Names {
    vocabulary: Vocabulary,
    permission: Slot,
    resource: Slot,
    extras: [Slot; 7],
}

impl Names {
    /// The names of a lifecycle's properties.
    pub fn of(lifecycle: &Lifecycle) -> Self {
        let mut vocabulary = lifecycle.vocabulary.with_optional("input");
        let words = |words: &[&str]| {
            let words = words.iter().filter_map(|word| word.parse().ok());
            Type::OneOf(words.collect::<Vec<Name>>().into())
        };
        let extras = [
            ("allowed", Type::Bool),
            (
                "effect",
                words(&["allow", "explicit_deny", "implicit_deny"]),
            ),
            ("by", Type::Text),
            ("stage", words(&STAGES)),
            ("owned", Type::Bool),
            ("reads", Type::Bool),
            ("resources", Type::Texts),
        ];
        let extras = extras.map(|(name, ty)| vocabulary.declare(name, ty, false));
        Self {
            vocabulary,
            permission: lifecycle.slots.permission,
            resource: lifecycle.slots.resource,
            extras,
        }
    }

    /// The names, with their types and slots.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Why a property may not read a name, if it may not.
    pub(super) fn may_read(&self, slot: Slot) -> Result<(), String> {
        match self.vocabulary.fact(slot) {
            Some(fact) if &*fact.path == "address" => {
                Err("an address is known only where a code is being sent".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The slot of `by`.
    pub(super) fn by(&self) -> Slot {
        let [_allowed, _effect, by, ..] = self.extras;
        by
    }

    /// What a property sees of a request that was answered: once for each of its resources.
    pub(super) fn all<'f>(
        &self,
        bundle: &'f Bundle,
        request: &'f Request,
        answered: &'f Answered,
    ) -> Vec<Facts<'f>> {
        let situation = request.situation();
        let seen = situation.facts(&bundle.lifecycle);
        let resources = answered.resources.iter();
        resources
            .map(|resource| self.facts(&seen, answered, resource))
            .collect()
    }

    /// What it sees of one resource. `seen` are the facts that the policies saw.
    fn facts<'f>(&self, seen: &Facts<'f>, answered: &'f Answered, resource: &'f str) -> Facts<'f> {
        let mut facts = Facts::new(&self.vocabulary);
        for (slot, _) in self.vocabulary.facts() {
            facts.set(slot, seen.get(slot));
        }
        facts.set(self.permission, Val::Text(&answered.permission));
        facts.set(self.resource, Val::Text(resource));
        let ruling = &answered.ruling;
        let by = ruling
            .statement()
            .map_or("", |statement| statement.policy());
        let values = [
            Val::Bool(ruling.is_allowed()),
            Val::Text(effect_word(ruling.effect)),
            Val::Text(by),
            Val::Text(stage_word(&ruling.stage)),
            Val::Bool(ruling.is_allowed() && matches!(ruling.by, DecidedBy::Ownership)),
            Val::Bool(only_looks(&answered.permission)),
            Val::Texts(&answered.shared),
        ];
        for (slot, value) in self.extras.iter().zip(values) {
            facts.set(*slot, value);
        }
        facts
    }
}

/// An answer as properties and cases write it.
pub(super) fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::ExplicitDeny => "explicit_deny",
        Effect::ImplicitDeny => "implicit_deny",
    }
}

/// Every stage, as properties write it.
const STAGES: [&str; 6] = [
    "control_policy",
    "session",
    "ownership",
    "identity",
    "resource_group",
    "resource_based",
];

fn stage_word(stage: &Stage) -> &'static str {
    let [control, session, ownership, identity, group, resource] = STAGES;
    match stage {
        Stage::ControlPolicy { .. } => control,
        Stage::Session => session,
        Stage::Ownership => ownership,
        Stage::Identity => identity,
        Stage::ResourceGroup { .. } => group,
        Stage::ResourceBased => resource,
    }
}

/// Whether an action's name says that it changes nothing.
fn only_looks(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let begins = |verb: &&str| {
        let head = name.get(..verb.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(verb))
    };
    READING.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_that_is_told_of_is_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sources = crate::bundle::read_sources(&root, "newsletter").unwrap();
        let bundle = Bundle::load(sources, "newsletter").unwrap();
        let names = Names::of(&bundle.lifecycle);
        let told: Vec<_> = EXTRAS
            .iter()
            .map(|it| names.vocabulary().slot(it.name))
            .collect();
        assert_eq!(told, names.extras.map(Some));
    }

    #[test]
    fn an_action_that_looks_is_told_by_its_name() {
        for looks in ["rd:GetAccount", "rd:listaccounts", "rd:Get", "Describe"] {
            assert!(only_looks(looks), "{looks}");
        }
        for acts in ["rd:UpdateAccount", "Get:Set", "rd:ReList", "rd:Ge", ""] {
            assert!(!only_looks(acts), "{acts}");
        }
    }
}
