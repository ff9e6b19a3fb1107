//! What shares one line: edges of one kind between the same two nodes.
//!
//! A reader follows lines, not transitions. Two transitions that differ only in their names are one
//! line with two names; those that ask for the same things say it once. All that leads from a node to
//! itself is one loop.

use super::{Cluster, Edge, Emphasis, Kind};

/// Edges that are drawn as one line.
#[derive(Debug)]
pub(super) struct Strand<'p> {
    /// The place of the node that it leaves.
    pub(super) from: usize,
    /// The place of the node that it leads to.
    pub(super) to: usize,
    pub(super) entries: Vec<Entry<'p>>,
}

/// Edges of a strand that ask for the same things.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'p> {
    pub(super) names: Vec<&'p str>,
    pub(super) notes: Vec<String>,
    pub(super) kind: Kind,
    pub(super) emphasis: Emphasis,
}

impl Strand<'_> {
    fn takes(&self, from: usize, to: usize, edge: &Edge) -> bool {
        let alike = (self.emphasis(), self.kind()) == (edge.emphasis, edge.kind);
        (self.from, self.to) == (from, to) && (alike || from == to)
    }

    /// That of the edge that matters most.
    pub(super) fn emphasis(&self) -> Emphasis {
        let all = self.entries.iter().map(|it| it.emphasis);
        all.min().unwrap_or(Emphasis::Plain)
    }

    /// That of the edge that matters most.
    pub(super) fn kind(&self) -> Kind {
        let all = self.entries.iter().map(|it| (it.emphasis, it.kind));
        all.min().map_or(Kind::Requested, |(_, kind)| kind)
    }
}

/// The lines of a cluster, in the order in which their first edges come.
pub(super) fn strands(cluster: &Cluster) -> Vec<Strand<'_>> {
    let place = |name: &str| cluster.nodes.iter().position(|node| node.name == name);
    let mut strands: Vec<Strand<'_>> = Vec::new();
    for edge in &cluster.edges {
        let (Some(from), Some(to)) = (place(&edge.from), place(&edge.to)) else {
            continue;
        };
        let known = strands.iter_mut().find(|it| it.takes(from, to, edge));
        match known {
            Some(strand) => add(&mut strand.entries, edge),
            None => strands.push(Strand {
                from,
                to,
                entries: vec![Entry::new(edge)],
            }),
        }
    }
    strands
}

impl<'p> Entry<'p> {
    fn new(edge: &'p Edge) -> Self {
        Self {
            names: vec![&edge.name],
            notes: edge.notes(),
            kind: edge.kind,
            emphasis: edge.emphasis,
        }
    }
}

fn add<'p>(entries: &mut Vec<Entry<'p>>, edge: &'p Edge) {
    let entry = Entry::new(edge);
    let alike = |it: &&mut Entry<'_>| {
        (&it.notes, it.kind, it.emphasis) == (&entry.notes, entry.kind, entry.emphasis)
    };
    match entries.iter_mut().find(alike) {
        Some(known) => known.names.extend(entry.names),
        None => entries.push(entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::picture::Node;

    #[test]
    fn transitions_that_ask_for_the_same_share_a_line_and_its_notes() {
        let mut cluster = Cluster::new("c");
        cluster.nodes = vec![Node::new("a"), Node::new("b")];
        let by = |who: &str, name: &str, to: &str| Edge {
            who: Some(who.to_owned()),
            ..Edge::new("a", to, name, Kind::Requested)
        };
        let timed = Edge::new("a", "b", "lapse", Kind::Timed);
        cluster.edges = vec![
            by("root", "one", "b"),
            timed,
            by("staff", "two", "b"),
            by("root", "three", "b"),
            by("root", "loop", "a"),
            Edge::new("a", "a", "tick", Kind::Timed),
            by("root", "nowhere", "c"),
        ];
        let drawn = strands(&cluster);
        let names = |strand: &Strand<'_>| -> Vec<String> {
            let entries = strand.entries.iter();
            entries
                .map(|it| format!("{}: {}", it.names.join(" "), it.notes.join(" ")))
                .collect()
        };
        let drawn: Vec<_> = drawn.iter().map(names).collect();
        assert_eq!(
            drawn,
            [
                vec!["one three: root", "two: staff"],
                vec!["lapse: "],
                vec!["loop: root", "tick: "]
            ]
        );
    }
}
