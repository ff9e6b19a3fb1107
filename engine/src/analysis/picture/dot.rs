//! Graphviz's language.

use std::fmt::Write as _;

use super::strand::{Strand, strands};
use super::{Cluster, Emphasis, Kind, Node, Picture};

/// Draws a picture as a `digraph`.
pub fn render(picture: &Picture) -> String {
    let mut out = String::new();
    for line in lines(picture) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{line}");
    }
    out
}

const HEAD: &[&str] = &[
    "  graph [fontname=\"Helvetica\", labelloc=t, compound=true, nodesep=0.4, ranksep=0.5]",
    "  node [fontname=\"Helvetica\", fontsize=12, shape=box, style=rounded]",
    "  edge [fontname=\"Helvetica\", fontsize=10, arrowsize=0.7]",
];

fn lines(picture: &Picture) -> Vec<String> {
    let mut lines = vec![format!("digraph {} {{", quoted(&picture.title))];
    lines.extend(HEAD.iter().map(|&line| line.to_owned()));
    lines.push(format!("  label={}", quoted(&picture.title)));
    let framed = picture.clusters.len() > 1;
    for cluster in &picture.clusters {
        if framed {
            let name = quoted(&format!("cluster_{}", cluster.id));
            lines.push(format!("  subgraph {name} {{"));
            lines.push(format!("    label={}", quoted(&cluster.id)));
        }
        let indent = if framed { "    " } else { "  " };
        lines.extend(body(cluster).iter().map(|line| format!("{indent}{line}")));
        if framed {
            lines.push("  }".to_owned());
        }
    }
    lines.extend(picture.links.iter().filter_map(|link| {
        let end = |id: &str| {
            let cluster = picture.clusters.iter().find(|it| it.id == id)?;
            Some(id_of(cluster, cluster.nodes.first()?))
        };
        let (from, to) = (end(&link.from)?, end(&link.to)?);
        let frame = |id: &str| quoted(&format!("cluster_{id}"));
        Some(format!(
            "  {from} -> {to} [label={}, style=dashed, ltail={}, lhead={}]",
            quoted(&link.text()),
            frame(&link.from),
            frame(&link.to),
        ))
    }));
    lines.push("}".to_owned());
    lines
}

fn body(cluster: &Cluster) -> Vec<String> {
    let mut lines = Vec::new();
    for node in &cluster.nodes {
        let id = id_of(cluster, node);
        lines.push(format!("{id} [{}]", attributes(node)));
        if node.initial || !node.begins.is_empty() {
            let start = quoted(&format!("{}.{} (start)", cluster.id, node.name));
            lines.push(format!("{start} [shape=point, label=\"\"]"));
            lines.push(match node.begins.as_slice() {
                [] => format!("{start} -> {id}"),
                who => format!("{start} -> {id} [label={}]", quoted(&who.join(", "))),
            });
        }
    }
    for strand in strands(cluster) {
        let ends = (cluster.nodes.get(strand.from), cluster.nodes.get(strand.to));
        if let (Some(from), Some(to)) = ends {
            let (from, to) = (id_of(cluster, from), id_of(cluster, to));
            lines.push(format!("{from} -> {to} [{}]", line(&strand)));
        }
    }
    lines
}

fn attributes(node: &Node) -> String {
    let label = match node.privileged {
        true => format!("{} ⚠", node.name),
        false => node.name.clone(),
    };
    let mut parts = vec![format!("label={}", quoted(&label))];
    parts.extend(
        node.about
            .iter()
            .map(|it| format!("tooltip={}", quoted(it))),
    );
    if node.last {
        parts.push("peripheries=2".to_owned());
    }
    if node.privileged {
        parts.push("color=\"#b45309\", penwidth=2".to_owned());
    }
    if node.current {
        let fill = "style=\"rounded,filled\", fillcolor=\"#2563eb\", fontcolor=white";
        parts.push(fill.to_owned());
    }
    parts.join(", ")
}

fn line(strand: &Strand<'_>) -> String {
    let lines = strand.entries.iter().flat_map(|entry| {
        let names = entry.names.iter().map(|name| (*name).to_owned());
        names.chain(entry.notes.iter().cloned())
    });
    let label = lines.collect::<Vec<_>>().join("\n");
    let mut parts = vec![format!("label={}", quoted(&label))];
    match strand.kind() {
        Kind::Requested => {}
        Kind::Triggered => parts.push("style=dashed".to_owned()),
        Kind::Timed => parts.push("style=dotted".to_owned()),
    }
    match strand.emphasis() {
        Emphasis::Strong => {
            parts.push("color=\"#2563eb\", fontcolor=\"#2563eb\", penwidth=2".to_owned());
        }
        Emphasis::Plain => {}
        Emphasis::Faint => parts.push("color=gray, fontcolor=gray".to_owned()),
    }
    parts.join(", ")
}

fn id_of(cluster: &Cluster, node: &Node) -> String {
    quoted(&format!("{}.{}", cluster.id, node.name))
}

/// A quoted string. A backslash stands for itself, a new line begins one.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::picture::sample;

    #[test]
    fn clusters_are_subgraphs_and_links_join_them() {
        insta::assert_snapshot!(render(&sample::small()));
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(quoted("a\"b\\n\nc\u{7}"), r#""a\"b\\n\nc ""#);
    }

    /// By the reader of another engine that draws this language.
    #[test]
    fn graphviz_reads_it() {
        let mut picture = sample::small();
        picture.title = "a \"b\" \\".to_owned();
        for picture in [picture, sample::large(), Picture::new("")] {
            let drawn = render(&picture);
            let mut reader = layout::gv::DotParser::new(&drawn);
            if let Err(error) = reader.process() {
                panic!("{error}\n{drawn}");
            }
        }
    }
}
