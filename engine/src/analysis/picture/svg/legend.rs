//! What the marks of a picture mean: only those that are in it.

use super::text::{Line, Style};
use crate::analysis::picture::{Edge, Emphasis, Kind, Node, Picture};

/// A mark and what it means.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) sample: Sample,
    pub(super) meaning: Line,
}

/// What a mark looks like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sample {
    Start,
    Box(Mark),
    Line(Kind, Emphasis),
    /// A sign that is written.
    Sign(&'static str),
}

/// A way of drawing a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Last,
    Privileged,
    Current,
}

/// The marks of a picture.
pub(super) fn keys(picture: &Picture) -> Vec<Key> {
    let nodes = || picture.clusters.iter().flat_map(|it| &it.nodes);
    let edges = || picture.clusters.iter().flat_map(|it| &it.edges);
    let node = |has: fn(&Node) -> bool| nodes().any(has);
    let edge = |has: fn(&Edge) -> bool| edges().any(has);
    let triggered = !picture.links.is_empty() || edge(|it| it.kind == Kind::Triggered);
    let plain = Emphasis::Plain;
    let means = &picture.meanings;
    let all = [
        (node(|it| it.initial), Sample::Start, "where it begins"),
        (node(|it| it.last), Sample::Box(Mark::Last), "an end"),
        (
            node(|it| it.privileged),
            Sample::Box(Mark::Privileged),
            means.privileged.as_str(),
        ),
        (
            node(|it| it.current),
            Sample::Box(Mark::Current),
            means.current.as_str(),
        ),
        (
            edge(|it| it.emphasis == Emphasis::Strong),
            Sample::Line(Kind::Requested, Emphasis::Strong),
            means.strong.as_str(),
        ),
        (
            triggered,
            Sample::Line(Kind::Triggered, plain),
            "set off by another transition",
        ),
        (
            edge(|it| it.kind == Kind::Timed),
            Sample::Line(Kind::Timed, plain),
            "by itself, after a time",
        ),
        (
            edge(|it| !it.proofs.is_empty()),
            Sample::Sign("✓"),
            "proved in this order; | is a choice",
        ),
    ];
    let used = all.into_iter().filter(|(used, _, _)| *used);
    let key = |(_, sample, meaning): (bool, Sample, &str)| Key {
        sample,
        meaning: Line::new(meaning, Style::Note),
    };
    used.map(key).collect()
}
