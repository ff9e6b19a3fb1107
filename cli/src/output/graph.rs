//! Pictures, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::analysis::picture::{Cluster, Edge, Emphasis, Kind, Link, Node, Picture};

use super::Document;

/// `stateward/graph/v1`: what a picture shows, apart from how.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphDocument {
    /// What it shows.
    pub title: String,
    /// The same in a sentence.
    pub about: Option<String>,
    /// The workflows.
    pub workflows: Vec<WorkflowShape>,
    /// What happens in one workflow because of another.
    pub links: Vec<LinkShape>,
    /// The language of the drawing.
    pub language: String,
    /// The drawing, unless it was written to a file.
    pub drawing: Option<String>,
    /// The file that it was written to.
    pub path: Option<String>,
}

/// A workflow.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkflowShape {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub about: Option<String>,
    /// Its states.
    pub states: Vec<StateShape>,
    /// Its transitions: one for each state that they leave from.
    pub transitions: Vec<TransitionShape>,
}

/// A state.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StateShape {
    /// Its name.
    pub name: String,
    /// What it means.
    pub about: Option<String>,
    /// Whether new accounts are in it.
    pub initial: bool,
    /// The ways of coming in by which accounts begin in it, if it is not the initial one.
    pub begins: Vec<String>,
    /// Whether it is meant to be an end.
    pub r#final: bool,
    /// Whether being in it is a privilege.
    pub privileged: bool,
    /// Whether the account is in it.
    pub current: bool,
}

/// A transition from one state.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TransitionShape {
    /// Its name.
    pub name: String,
    /// The state that it leaves.
    pub from: String,
    /// The state that it leads to.
    pub to: String,
    /// What makes it happen: `requested`, `triggered` or `timed`.
    pub kind: &'static str,
    /// The caller rule.
    pub caller: Option<String>,
    /// What has to be proved, step by step: any one of each.
    pub verify: Vec<Vec<String>>,
    /// The transitions that trigger it.
    pub triggered_by: Vec<String>,
    /// After what time it happens by itself.
    pub after: Option<String>,
    /// Whether it could be asked for next; absent where nobody is said to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<bool>,
}

/// What happens in one workflow because of another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkShape {
    /// The workflow of the cause.
    pub from: String,
    /// The other workflow.
    pub to: String,
    /// The transition that is the cause.
    pub cause: String,
    /// The transitions that it sets off.
    pub effects: Vec<String>,
}

impl Document for GraphDocument {
    const SCHEMA: &'static str = "stateward/graph/v1";
}

impl GraphDocument {
    pub fn new(picture: &Picture, language: String) -> Self {
        Self {
            title: picture.title.clone(),
            about: picture.about.clone(),
            workflows: picture.clusters.iter().map(WorkflowShape::new).collect(),
            links: picture.links.iter().map(LinkShape::new).collect(),
            language,
            drawing: None,
            path: None,
        }
    }
}

impl WorkflowShape {
    fn new(cluster: &Cluster) -> Self {
        Self {
            name: cluster.id.clone(),
            about: cluster.about.clone(),
            states: cluster.nodes.iter().map(StateShape::new).collect(),
            transitions: cluster.edges.iter().map(TransitionShape::new).collect(),
        }
    }
}

impl StateShape {
    fn new(node: &Node) -> Self {
        Self {
            name: node.name.clone(),
            about: node.about.clone(),
            initial: node.initial,
            begins: node.begins.clone(),
            r#final: node.last,
            privileged: node.privileged,
            current: node.current,
        }
    }
}

impl TransitionShape {
    fn new(edge: &Edge) -> Self {
        Self {
            name: edge.name.clone(),
            from: edge.from.clone(),
            to: edge.to.clone(),
            kind: match edge.kind {
                Kind::Requested => "requested",
                Kind::Triggered => "triggered",
                Kind::Timed => "timed",
            },
            caller: edge.who.clone(),
            verify: edge.proofs.clone(),
            triggered_by: edge.causes.clone(),
            after: edge.wait.clone(),
            next: match edge.emphasis {
                Emphasis::Strong => Some(true),
                Emphasis::Plain => None,
                Emphasis::Faint => Some(false),
            },
        }
    }
}

impl LinkShape {
    fn new(link: &Link) -> Self {
        Self {
            from: link.from.clone(),
            to: link.to.clone(),
            cause: link.cause.clone(),
            effects: link.effects.clone(),
        }
    }
}
