//! Mermaid's state diagrams, which Markdown shows on many sites.

use std::fmt::Write as _;

use super::strand::{Strand, strands};
use super::{Cluster, Emphasis, Kind, Node, Picture};

/// Draws a picture as a `stateDiagram-v2`.
pub fn render(picture: &Picture) -> String {
    let mut out = Out::default();
    out.line(0, "---");
    out.line(0, &format!("title: {}", quoted(&picture.title)));
    out.line(0, "---");
    out.line(0, "stateDiagram-v2");
    match picture.clusters.as_slice() {
        [only] => out.body(1, only, &Ids::of(&[only], false)),
        clusters => {
            let clusters: Vec<_> = clusters.iter().collect();
            let ids = Ids::of(&clusters, true);
            for cluster in clusters {
                let id = ids.of_cluster(&cluster.id);
                out.line(1, &format!("state \"{}\" as {id} {{", escape(&cluster.id)));
                out.body(2, cluster, &ids);
                out.line(1, "}");
            }
            for link in &picture.links {
                let (from, to) = (ids.of_cluster(&link.from), ids.of_cluster(&link.to));
                out.line(1, &format!("{from} --> {to} : {}", escape(&link.text())));
            }
        }
    }
    out.classes();
    out.text
}

#[derive(Default)]
struct Out {
    text: String,
    classes: Vec<(&'static str, String)>,
}

impl Out {
    fn line(&mut self, depth: usize, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 4);
    }

    fn body(&mut self, depth: usize, cluster: &Cluster, ids: &Ids) {
        for node in &cluster.nodes {
            let id = ids.of_node(cluster, node);
            if id != node.name || node.privileged {
                let mark = if node.privileged { " ⚠" } else { "" };
                let label = escape(&node.name);
                self.line(depth, &format!("state \"{label}{mark}\" as {id}"));
            }
            if node.initial {
                self.line(depth, &format!("[*] --> {id}"));
            }
            if !node.begins.is_empty() {
                let who = escape(&node.begins.join(", "));
                self.line(depth, &format!("[*] --> {id} : {who}"));
            }
            let class = class_of(node);
            self.classes.extend(class.map(|class| (class, id)));
        }
        for strand in strands(cluster) {
            let ends = (cluster.nodes.get(strand.from), cluster.nodes.get(strand.to));
            if let (Some(from), Some(to)) = ends {
                let (from, to) = (ids.of_node(cluster, from), ids.of_node(cluster, to));
                self.line(depth, &format!("{from} --> {to} : {}", label(&strand)));
            }
        }
        for node in cluster.nodes.iter().filter(|node| node.last) {
            self.line(depth, &format!("{} --> [*]", ids.of_node(cluster, node)));
        }
    }

    /// The colours are Mermaid's own; what is filled reads on light and on dark.
    fn classes(&mut self) {
        let classes = std::mem::take(&mut self.classes);
        for (name, style) in STYLES {
            let ids: Vec<_> = classes.iter().filter(|(class, _)| class == name).collect();
            if ids.is_empty() {
                continue;
            }
            self.line(1, &format!("classDef {name} {style}"));
            for (class, id) in ids {
                self.line(1, &format!("class {id} {class}"));
            }
        }
    }
}

const STYLES: &[(&str, &str)] = &[
    ("current", "fill:#2563eb,stroke:#1d4ed8,color:#fff"),
    (
        "current_privileged",
        "fill:#2563eb,stroke:#d97706,stroke-width:3px,color:#fff",
    ),
    ("privileged", "stroke:#d97706,stroke-width:3px"),
];

fn class_of(node: &Node) -> Option<&'static str> {
    match (node.current, node.privileged) {
        (true, true) => Some("current_privileged"),
        (true, false) => Some("current"),
        (false, true) => Some("privileged"),
        (false, false) => None,
    }
}

/// The transitions of a line, and what there is to say of them.
fn label(strand: &Strand<'_>) -> String {
    let lines = strand.entries.iter().flat_map(|entry| {
        let sign = match (entry.emphasis, entry.kind) {
            (Emphasis::Strong, _) => "➤ ",
            (_, Kind::Requested) => "",
            (_, Kind::Triggered) => "⚡ ",
            (_, Kind::Timed) => "⏱ ",
        };
        let names = entry.names.iter().map(move |name| format!("{sign}{name}"));
        names.chain(entry.notes.iter().cloned())
    });
    let lines: Vec<String> = lines.map(|line| escape(&line)).collect();
    lines.join("<br/>")
}

/// Text as Mermaid takes it: what would end a label, or begin something else, as an entity.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | ';' | ':' | '<' | '>' | '{' | '}' | '`' | '%' | '\\' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A scalar of YAML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What Mermaid knows clusters and nodes by: words that it has no other use for, all different.
struct Ids {
    known: Vec<(String, Option<String>, String)>,
}

impl Ids {
    fn of(clusters: &[&Cluster], qualified: bool) -> Self {
        let mut ids = Self { known: Vec::new() };
        for cluster in clusters {
            ids.add(&cluster.id, None, &cluster.id);
        }
        for cluster in clusters {
            for node in &cluster.nodes {
                let wish = match qualified {
                    true => format!("{}_{}", cluster.id, node.name),
                    false => node.name.clone(),
                };
                ids.add(&cluster.id, Some(&node.name), &wish);
            }
        }
        ids
    }

    fn add(&mut self, cluster: &str, node: Option<&str>, wish: &str) {
        let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let mut id: String = wish.chars().map(word).collect();
        let is_reserved = RESERVED.contains(&id.to_ascii_lowercase().as_str());
        if is_reserved || !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
            id.insert_str(0, "s_");
        }
        while self.known.iter().any(|(_, _, taken)| *taken == id) {
            id.push('_');
        }
        let node = node.map(str::to_owned);
        self.known.push((cluster.to_owned(), node, id));
    }

    fn find(&self, cluster: &str, node: Option<&str>) -> String {
        let found = self
            .known
            .iter()
            .find(|(of, it, _)| of == cluster && it.as_deref() == node);
        found.map(|(_, _, id)| id.clone()).unwrap_or_default()
    }

    fn of_cluster(&self, cluster: &str) -> String {
        self.find(cluster, None)
    }

    fn of_node(&self, cluster: &Cluster, node: &Node) -> String {
        self.find(&cluster.id, Some(&node.name))
    }
}

const RESERVED: &[&str] = &[
    "as",
    "class",
    "classdef",
    "default",
    "direction",
    "end",
    "fork",
    "hide",
    "join",
    "note",
    "state",
    "style",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::picture::{Edge, sample};

    #[test]
    fn clusters_are_composite_states_and_links_join_them() {
        insta::assert_snapshot!(render(&sample::small()));
    }

    #[test]
    fn the_only_cluster_needs_no_frame() {
        let mut picture = sample::small();
        picture.links.clear();
        picture.clusters.truncate(1);
        let drawn = render(&picture);
        assert!(
            drawn.contains("    closed --> open : unlock<br/>keeper"),
            "{drawn}"
        );
    }

    #[test]
    fn what_mermaid_would_read_as_its_own_is_written_as_text() {
        let mut cluster = Cluster::new("c");
        cluster.nodes = vec![
            Node::new("end"),
            Node::new("a-b"),
            Node::new("a_b"),
            Node::new("7"),
        ];
        cluster.edges = vec![Edge::new(
            "end",
            "a-b",
            "x: y; \"z\" %% <b>\n#35;",
            Kind::Requested,
        )];
        let picture = Picture {
            clusters: vec![cluster],
            ..Picture::new("a \"b\"\n---")
        };
        assert_eq!(
            render(&picture),
            "---\ntitle: \"a \\\"b\\\" ---\"\n---\nstateDiagram-v2\n    \
             state \"end\" as s_end\n    state \"a-b\" as a_b\n    state \"a_b\" as a_b_\n    \
             state \"7\" as s_7\n    s_end --> a_b : \
             x#58; y#59; #34;z#34; #37;#37; #60;b#62; #35;35#59;\n"
        );
    }
}
