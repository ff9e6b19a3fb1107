//! A picture in words, for whoever does not see it.

use crate::analysis::picture::{Cluster, Edge, Picture};

/// What is in a picture.
pub(super) fn describe(picture: &Picture) -> String {
    let mut said: Vec<String> = picture.about.iter().cloned().collect();
    said.extend(picture.clusters.iter().map(of_cluster));
    let link = |from: &str, text: String| format!("In {from}: {text}.");
    said.extend(picture.links.iter().map(|it| link(&it.from, it.text())));
    said.join(" ")
}

fn of_cluster(cluster: &Cluster) -> String {
    let states = cluster.nodes.iter().map(|node| {
        let marks = [
            (node.initial, "initial"),
            (node.last, "final"),
            (node.privileged, "privileged"),
            (node.current, "current"),
        ];
        let marks = marks.iter().filter(|it| it.0).map(|it| it.1.to_owned());
        let begins = node.begins.iter().map(|who| format!("begins: {who}"));
        let marks: Vec<String> = marks.chain(begins).collect();
        match marks.as_slice() {
            [] => node.name.clone(),
            marks => format!("{} ({})", node.name, marks.join(", ")),
        }
    });
    let states: Vec<String> = states.collect();
    let edges: Vec<String> = cluster.edges.iter().map(of_edge).collect();
    format!("{}: {}. {}", cluster.id, states.join(", "), edges.join(" "))
}

fn of_edge(edge: &Edge) -> String {
    let notes = edge.notes().join("; ");
    let notes = if notes.is_empty() {
        notes
    } else {
        format!(" ({notes})")
    };
    format!("{} from {} to {}{notes}.", edge.name, edge.from, edge.to)
}
