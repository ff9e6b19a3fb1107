//! Pictures of a lifecycle: what is declared, and where an account stands in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cluster, Edge, Emphasis, Kind, Link, Node, Picture};
use crate::account::Account;
use crate::lifecycle::model::{Lifecycle, Transition, Trigger, Workflow};
use crate::name::{Name, TransitionName};
use crate::time::format_duration;

impl Picture {
    /// All workflows of a lifecycle, and how they set each other off.
    pub fn of_lifecycle(lifecycle: &Lifecycle) -> Self {
        let workflows = lifecycle.workflows.values();
        Self {
            about: lifecycle.about.as_deref().map(str::to_owned),
            clusters: workflows.map(|it| cluster(lifecycle, it)).collect(),
            links: links(lifecycle),
            ..Self::new(format!("{} {}", lifecycle.name, lifecycle.edition))
        }
    }

    /// One workflow, where there is one of this name.
    pub fn of_workflow(lifecycle: &Lifecycle, name: &Name) -> Option<Self> {
        let workflow = lifecycle.workflows.get(name)?;
        Some(Self {
            about: workflow.about.as_deref().map(str::to_owned),
            clusters: vec![cluster(lifecycle, workflow)],
            ..Self::new(format!("{} · {name}", lifecycle.name))
        })
    }

    /// The same with an account in it: where it stands and, where `next` says what could come, the
    /// transitions of `next` from there, beside which all others are faint.
    #[must_use]
    pub fn at(mut self, account: &Account, next: Option<&BTreeSet<TransitionName>>) -> Self {
        self.title = format!("{} · {}", self.title, account.id);
        for cluster in &mut self.clusters {
            let state = cluster.id.parse().ok();
            let state = state.and_then(|name: Name| account.state(&name).map(Name::to_string));
            // An account from before there was this workflow is where a new one would be.
            let initial = || Some(cluster.nodes.iter().find(|it| it.initial)?.name.clone());
            let current = state.or_else(initial);
            let is_current = |name: &str| current.as_deref() == Some(name);
            for node in &mut cluster.nodes {
                node.current = is_current(&node.name);
            }
            for edge in &mut cluster.edges {
                let name: Option<TransitionName> =
                    format!("{}.{}", cluster.id, edge.name).parse().ok();
                let is_next = next.map(|next| {
                    name.is_some_and(|name| next.contains(&name)) && is_current(&edge.from)
                });
                edge.emphasis = match is_next {
                    Some(true) => Emphasis::Strong,
                    Some(false) => Emphasis::Faint,
                    None => Emphasis::Plain,
                };
            }
        }
        self
    }
}

fn cluster(lifecycle: &Lifecycle, workflow: &Workflow) -> Cluster {
    let mut names: Vec<&Name> = workflow.states.keys().collect();
    // As they are declared, but for the initial one: that is how the author thinks of them.
    names.sort_by_key(|name| {
        let state = workflow.states.get(*name);
        (**name != workflow.initial, state.map(|state| state.span))
    });
    let node = |name: &Name| {
        let state = workflow.states.get(name)?;
        let begins = lifecycle.begins.iter().filter(|(_, begin)| {
            let states = begin.states.get(&workflow.name);
            *name != workflow.initial && states.is_some_and(|states| states.contains(name))
        });
        Some(Node {
            about: state.about.as_deref().map(str::to_owned),
            initial: *name == workflow.initial,
            begins: begins.map(|(name, _)| name.to_string()).collect(),
            last: state.is_final,
            privileged: state.privileged,
            ..Node::new(name.as_str())
        })
    };
    let mut own: Vec<&Transition> = lifecycle
        .transitions
        .values()
        .map(AsRef::as_ref)
        .filter(|it| it.name.workflow == workflow.name)
        .collect();
    own.sort_by_key(|it| it.span);
    Cluster {
        about: workflow.about.as_deref().map(str::to_owned),
        nodes: names.into_iter().filter_map(node).collect(),
        edges: own.into_iter().flat_map(edges).collect(),
        ..Cluster::new(workflow.name.as_str())
    }
}

/// A transition, from each of the states that it leaves.
fn edges(transition: &Transition) -> Vec<Edge> {
    let name = transition.name.transition.as_str();
    let texts = |names: &[Name]| names.iter().map(Name::to_string).collect();
    let edge = |from: &Name, kind| Edge::new(from.as_str(), transition.to.as_str(), name, kind);
    let one = |from: &Name| match &transition.trigger {
        Trigger::Request { caller, .. } => Edge {
            who: caller.as_ref().map(Name::to_string),
            proofs: transition.verify.iter().map(|it| texts(&it.any)).collect(),
            ..edge(from, Kind::Requested)
        },
        Trigger::TriggeredBy(causes) => Edge {
            causes: causes.iter().map(TransitionName::to_string).collect(),
            ..edge(from, Kind::Triggered)
        },
        Trigger::After(wait) => Edge {
            wait: Some(format_duration(*wait)),
            ..edge(from, Kind::Timed)
        },
    };
    transition.from.iter().map(one).collect()
}

/// Each cause with what it sets off in one other workflow.
fn links(lifecycle: &Lifecycle) -> Vec<Link> {
    let mut effects: BTreeMap<(&Name, &Name, &Name), Vec<String>> = BTreeMap::new();
    for effect in lifecycle.transitions.values() {
        let Trigger::TriggeredBy(causes) = &effect.trigger else {
            continue;
        };
        let elsewhere = |cause: &&TransitionName| cause.workflow != effect.name.workflow;
        for cause in causes.iter().filter(elsewhere) {
            let key = (&cause.workflow, &effect.name.workflow, &cause.transition);
            let all = effects.entry(key).or_default();
            all.push(effect.name.transition.to_string());
        }
    }
    let link = |((from, to, cause), effects): ((&Name, &Name, &Name), _)| Link {
        from: from.to_string(),
        to: to.to_string(),
        cause: cause.to_string(),
        effects,
    };
    effects.into_iter().map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{Bundle, read_sources};

    fn shipped(lifecycle: &str) -> Bundle {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Bundle::load(read_sources(&root, lifecycle).unwrap(), lifecycle).unwrap()
    }

    #[test]
    fn a_lifecycle_is_its_workflows_and_what_they_set_off() {
        let bundle = shipped("resource_account");
        let picture = Picture::of_lifecycle(&bundle.lifecycle);
        assert_eq!(picture.title, "resource_account 2024-05");
        let names: Vec<&str> = picture.clusters.iter().map(|it| it.id.as_str()).collect();
        let declared: Vec<&Name> = bundle.lifecycle.workflows.keys().collect();
        assert_eq!(
            names,
            declared.iter().map(|it| it.as_str()).collect::<Vec<_>>()
        );
        let links: Vec<String> = picture.links.iter().map(Link::text).collect();
        assert_eq!(
            links,
            [
                "check → withdraw",
                "finish → delete",
                "confirm → confirm",
                "switch_to_cloud → enable, resume",
                "switch_to_resource → disable, suspend",
                "remove → withdraw"
            ]
        );
    }

    #[test]
    fn states_say_who_else_begins_there() {
        let bundle = shipped("resource_account");
        let name = "member_type".parse().unwrap();
        let picture = Picture::of_workflow(&bundle.lifecycle, &name).unwrap();
        let begins = |name: &str| {
            let node = picture.clusters[0].nodes.iter().find(|it| it.name == name);
            node.unwrap().begins.clone()
        };
        assert_eq!(begins("cloud"), ["invited", "outside"]);
        assert!(begins("resource").is_empty());
    }

    #[test]
    fn every_transition_is_there_from_every_state_that_it_leaves() {
        let bundle = shipped("resource_account");
        let picture = Picture::of_lifecycle(&bundle.lifecycle);
        let drawn: usize = picture.clusters.iter().map(|it| it.edges.len()).sum();
        let declared = bundle.lifecycle.transitions.values();
        assert_eq!(drawn, declared.map(|it| it.from.len()).sum::<usize>());
    }

    #[test]
    fn states_come_as_they_are_declared_and_begin_with_the_first() {
        let bundle = shipped("newsletter");
        let name = "subscription".parse().unwrap();
        let picture = Picture::of_workflow(&bundle.lifecycle, &name).unwrap();
        let cluster = &picture.clusters[0];
        let names: Vec<&str> = cluster.nodes.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["left", "reading", "paused"]);
        assert!(cluster.nodes[0].initial);
        let notes: Vec<_> = cluster
            .edges
            .iter()
            .map(|it| (it.name.as_str(), it.notes()))
            .collect();
        assert_eq!(
            notes[0],
            ("join", vec!["reader".to_owned(), "✓ address".to_owned()])
        );
        assert_eq!(notes[2], ("resume", vec!["after 30d".to_owned()]));
        assert!(Picture::of_workflow(&bundle.lifecycle, &"other".parse().unwrap()).is_none());
    }
}
