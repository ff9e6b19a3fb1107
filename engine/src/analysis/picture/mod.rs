//! Pictures of state machines: what is drawn, apart from how.
//!
//! A [`Picture`] says what there is: [clusters](Cluster) of [nodes](Node), [edges](Edge) between the
//! nodes of a cluster, and [links](Link) from what happens in one cluster to what it sets off in
//! another. Three renderers draw it: [`mermaid::render`] for Markdown, [`dot::render`] for Graphviz,
//! and, with the feature `svg`, `svg::render` for everything else. None of them knows anything of
//! lifecycles, and the same picture always gives the same bytes.
//!
//! [`Picture::of_lifecycle`] and [`Picture::of_workflow`] draw what is declared, [`Picture::at`] where an
//! account stands in it. Anything else that consists of steps is drawn in the same
//! words. Of an attack, say, the nodes are factors, the edges are the steps by which one gives the
//! next, those in hand at the start are [current](Node::current), what must not fall is
//! [privileged](Node::privileged), the steps of the path are [strong](Emphasis::Strong), and the
//! legend says so in the picture's own [words](Meanings):
//!
//! ```
//! use stateward::analysis::picture::{
//!     Cluster, Edge, Emphasis, Kind, Meanings, Node, Picture, mermaid,
//! };
//!
//! let mut cluster = Cluster::new("factors");
//! cluster.nodes.push(Node { current: true, ..Node::new("mailbox") });
//! cluster.nodes.push(Node { privileged: true, ..Node::new("root_user") });
//! cluster.edges.push(Edge {
//!     who: Some("visitor".to_owned()),
//!     proofs: vec![vec!["old_phone".to_owned(), "old_email".to_owned()]],
//!     emphasis: Emphasis::Strong,
//!     ..Edge::new("mailbox", "root_user", "retrieve_password", Kind::Requested)
//! });
//! let picture = Picture {
//!     clusters: vec![cluster],
//!     meanings: Meanings {
//!         current: "in hand".to_owned(),
//!         strong: "a step of the attack".to_owned(),
//!         ..Meanings::default()
//!     },
//!     ..Picture::new("From the mailbox alone")
//! };
//! assert!(mermaid::render(&picture).contains("mailbox --> root_user"));
//! ```

pub mod dot;
mod lifecycle;
pub mod mermaid;
#[cfg(test)]
mod sample;
mod strand;
#[cfg(feature = "svg")]
pub mod svg;

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it shows.
    pub title: String,
    /// The same in a sentence.
    pub about: Option<String>,
    /// The state machines in it.
    pub clusters: Vec<Cluster>,
    /// What happens in one of them because of another.
    pub links: Vec<Link>,
    /// What a legend says of its marks.
    pub meanings: Meanings,
}

/// What marks mean that do not mean the same in all pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meanings {
    /// Of a [current](Node::current) node.
    pub current: String,
    /// Of a [privileged](Node::privileged) node.
    pub privileged: String,
    /// Of a [strong](Emphasis::Strong) edge.
    pub strong: String,
}

/// One state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// What links and renderers call it; unique within the picture.
    pub id: String,
    /// What it is about.
    pub about: Option<String>,
    /// Its states, the initial one first.
    pub nodes: Vec<Node>,
    /// Its transitions; those that name no node of the cluster are not drawn.
    pub edges: Vec<Edge>,
}

/// One state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name, which is also its label; unique within the cluster.
    pub name: String,
    /// What it means.
    pub about: Option<String>,
    /// Whether it is where everything begins.
    pub initial: bool,
    /// Who else begins here, if it is not.
    pub begins: Vec<String>,
    /// Whether it is meant to be an end.
    pub last: bool,
    /// Whether being in it is a privilege.
    pub privileged: bool,
    /// Whether it is where things stand.
    pub current: bool,
}

/// One transition from one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The node that it leaves.
    pub from: String,
    /// The node that it leads to; the same one, if nothing but attributes change.
    pub to: String,
    /// Its name.
    pub name: String,
    /// What makes it happen.
    pub kind: Kind,
    /// Who may ask for it.
    pub who: Option<String>,
    /// What has to be proved, step by step: any one proof of each.
    pub proofs: Vec<Vec<String>>,
    /// After what time it happens by itself.
    pub wait: Option<String>,
    /// What makes it happen in the same instant.
    pub causes: Vec<String>,
    /// How much it matters here.
    pub emphasis: Emphasis,
}

/// What makes a transition happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody asks for it.
    Requested,
    /// Another transition.
    Triggered,
    /// Time.
    Timed,
}

/// How much something matters in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Emphasis {
    /// It is what the picture is about.
    Strong,
    /// As much as everything else.
    Plain,
    /// It is there for completeness.
    Faint,
}

/// What happens in one cluster because of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The cluster of the cause.
    pub from: String,
    /// The other cluster.
    pub to: String,
    /// The edge that is the cause.
    pub cause: String,
    /// The edges that it sets off, whichever can.
    pub effects: Vec<String>,
}

impl Picture {
    /// An empty picture.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            about: None,
            clusters: Vec::new(),
            links: Vec::new(),
            meanings: Meanings::default(),
        }
    }
}

/// As they are of a lifecycle.
impl Default for Meanings {
    fn default() -> Self {
        Self {
            current: "where the account is".to_owned(),
            privileged: "a privilege".to_owned(),
            strong: "may be asked for next".to_owned(),
        }
    }
}

impl Cluster {
    /// An empty state machine.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            about: None,
            nodes: Vec::new(),
            edges: Vec::new(),
        }
    }
}

impl Node {
    /// A state without any mark.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            about: None,
            initial: false,
            begins: Vec::new(),
            last: false,
            privileged: false,
            current: false,
        }
    }
}

impl Edge {
    /// A transition that asks for nothing.
    pub fn new(
        from: impl Into<String>,
        to: impl Into<String>,
        name: impl Into<String>,
        kind: Kind,
    ) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            name: name.into(),
            kind,
            who: None,
            proofs: Vec::new(),
            wait: None,
            causes: Vec::new(),
            emphasis: Emphasis::Plain,
        }
    }

    /// What there is to say of it besides its name, a line each: who may ask, what has to be proved,
    /// when it happens by itself.
    pub fn notes(&self) -> Vec<String> {
        let steps: Vec<String> = self.proofs.iter().map(|any| any.join(" | ")).collect();
        let proofs = (!steps.is_empty()).then(|| format!("✓ {}", steps.join(", ")));
        let wait = self.wait.as_ref().map(|wait| format!("after {wait}"));
        let causes = (!self.causes.is_empty()).then(|| format!("on {}", self.causes.join(", ")));
        let who = self.who.clone();
        [who, proofs, wait, causes].into_iter().flatten().collect()
    }
}

impl Link {
    /// What it says: `switch_to_cloud → enable, resume`.
    pub fn text(&self) -> String {
        format!("{} → {}", self.cause, self.effects.join(", "))
    }
}
