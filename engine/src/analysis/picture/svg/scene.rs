//! A picture with everything in its place: what is drawn where.

use std::collections::BTreeMap;

use super::geometry::{Point, Rect, Size, point, size};
use super::layered::{Drawn, Labelled, Layout, Plan, lay};
use super::pack::pack;
use super::text::{Blocks, Line, Style, extent, extent_of_blocks, wrapped};
use crate::analysis::picture::strand::{Strand, strands};
use crate::analysis::picture::{Cluster, Emphasis, Kind, Link, Node, Picture};

/// Everything in its place.
#[derive(Debug, Default)]
pub(super) struct Scene<'p> {
    pub(super) size: Size,
    pub(super) frames: Vec<Frame<'p>>,
    pub(super) starts: Vec<Rect>,
    pub(super) states: Vec<State<'p>>,
    pub(super) strokes: Vec<Stroke>,
}

/// The border of a cluster, with its name.
#[derive(Debug)]
pub(super) struct Frame<'p> {
    pub(super) rect: Rect,
    pub(super) cluster: &'p Cluster,
}

/// The box of a node.
#[derive(Debug)]
pub(super) struct State<'p> {
    pub(super) rect: Rect,
    pub(super) node: &'p Node,
}

/// A line with its label.
#[derive(Debug)]
pub(super) struct Stroke {
    pub(super) drawn: Drawn,
    pub(super) label: Blocks,
    pub(super) kind: Kind,
    pub(super) emphasis: Emphasis,
}

/// How wide what is said of a transition may be.
const NOTE_WIDTH: f64 = 190.0;
/// The diameter of the dot before an initial state.
const START: f64 = 11.0;
/// The room inside a frame, and for its name.
const FRAME: (f64, f64) = (20.0, 30.0);
/// The room between clusters.
const BETWEEN: f64 = 28.0;

impl<'p> Scene<'p> {
    /// Puts a picture in its place.
    pub(super) fn of(picture: &'p Picture) -> Self {
        let scenes: Vec<Self> = picture.clusters.iter().map(Self::of_cluster).collect();
        match (picture.clusters.as_slice(), picture.links.is_empty()) {
            ([_], _) => scenes.into_iter().next().unwrap_or_default(),
            _ => Self::of_framed(picture, scenes),
        }
    }

    fn of_cluster(cluster: &'p Cluster) -> Self {
        let strands = strands(cluster);
        let labels: Vec<Blocks> = strands.iter().map(label).collect();
        let plan = plan(cluster, &strands, &labels);
        let layout = lay(&plan);
        let (states, starts) = layout
            .boxes
            .split_at(cluster.nodes.len().min(layout.boxes.len()));
        let states = states.iter().zip(&cluster.nodes);
        let states = states.map(|(rect, node)| State { rect: *rect, node });
        let mut drawn = layout.lines.into_iter();
        let strokes = strands.iter().zip(labels).zip(drawn.by_ref());
        let stroke = |((strand, label), drawn): ((&Strand<'_>, _), _)| Stroke {
            drawn,
            label,
            kind: strand.kind(),
            emphasis: strand.emphasis(),
        };
        let mut strokes: Vec<Stroke> = strokes.map(stroke).collect();
        // What is left are the lines from the dots.
        strokes.extend(drawn.map(|drawn| Stroke {
            drawn,
            label: Vec::new(),
            kind: Kind::Requested,
            emphasis: Emphasis::Plain,
        }));
        Self {
            size: layout.size,
            frames: Vec::new(),
            starts: starts.to_vec(),
            states: states.collect(),
            strokes,
        }
    }

    /// Clusters in frames, with the links between them.
    fn of_framed(picture: &'p Picture, scenes: Vec<Self>) -> Self {
        let framed: Vec<Self> = picture
            .clusters
            .iter()
            .zip(scenes)
            .map(|(cluster, scene)| scene.framed(cluster))
            .collect();
        let (lines, labels) = bridges(picture);
        let sizes: Vec<Size> = framed.iter().map(|it| it.size).collect();
        let islands = islands(sizes.len(), &lines);
        let laid: Vec<Layout> = islands
            .iter()
            .map(|island| lay(&island_plan(island, &sizes, &lines)))
            .collect();
        let extents: Vec<Size> = laid.iter().map(|it| it.size).collect();
        let (places, size) = pack(&extents, BETWEEN);
        let mut framed: Vec<Option<Self>> = framed.into_iter().map(Some).collect();
        let mut labels: Vec<Option<Blocks>> = labels.into_iter().map(Some).collect();
        let mut all = Self {
            size,
            ..Self::default()
        };
        for ((island, layout), at) in islands.iter().zip(laid).zip(places) {
            let layout = layout.moved(at);
            for (index, rect) in island.iter().zip(&layout.boxes) {
                let scene = framed.get_mut(*index).and_then(Option::take);
                scene.into_iter().for_each(|it| all.add(it, rect.at));
            }
            let own = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| island.contains(&line.from));
            for ((index, _), drawn) in own.zip(layout.lines) {
                let label = labels.get_mut(index).and_then(Option::take);
                all.strokes.push(Stroke {
                    drawn,
                    label: label.unwrap_or_default(),
                    kind: Kind::Triggered,
                    emphasis: Emphasis::Plain,
                });
            }
        }
        all
    }

    fn framed(self, cluster: &'p Cluster) -> Self {
        let heading = heading(cluster).width();
        let (side, top) = FRAME;
        let inner = size(self.size.width.max(heading), self.size.height);
        let indent = side + (inner.width - self.size.width) / 2.0;
        let mut framed = Self {
            size: size(inner.width + 2.0 * side, inner.height + top + 2.0 * side),
            ..Self::default()
        };
        let rect = Rect {
            at: Point::default(),
            size: framed.size,
        };
        framed.frames.push(Frame { rect, cluster });
        framed.add(self, point(indent, top + side));
        framed
    }

    /// Adds another scene at a place.
    fn add(&mut self, other: Self, at: Point) {
        let frames = other.frames.into_iter();
        self.frames.extend(frames.map(|it| Frame {
            rect: it.rect.moved(at),
            ..it
        }));
        self.starts
            .extend(other.starts.into_iter().map(|it| it.moved(at)));
        let states = other.states.into_iter();
        self.states.extend(states.map(|it| State {
            rect: it.rect.moved(at),
            ..it
        }));
        let strokes = other.strokes.into_iter();
        self.strokes.extend(strokes.map(|it| Stroke {
            drawn: it.drawn.moved(at),
            ..it
        }));
    }
}

/// The name over a frame.
pub(super) fn heading(cluster: &Cluster) -> Line {
    Line::new(&cluster.id, Style::Heading)
}

/// What stands in the box of a node.
pub(super) fn inscription(node: &Node) -> Vec<Line> {
    let mut lines = vec![Line::new(&node.name, Style::State)];
    if node.privileged {
        lines.push(Line::new("privileged", Style::Note));
    }
    if !node.begins.is_empty() {
        let who = node.begins.join(", ");
        lines.push(Line::new(format!("begins: {who}"), Style::Note));
    }
    lines
}

fn label(strand: &Strand<'_>) -> Blocks {
    let entries = strand.entries.iter().map(|entry| {
        let names = entry.names.iter().map(|name| Line::new(*name, Style::Name));
        let notes = entry.notes.iter();
        let notes = notes.flat_map(|note| wrapped(note, Style::Note, NOTE_WIDTH));
        (entry.emphasis, names.chain(notes).collect())
    });
    entries.collect()
}

fn plan(cluster: &Cluster, strands: &[Strand<'_>], labels: &[Blocks]) -> Plan {
    let state = |node: &Node| {
        let extent = extent(&inscription(node)).padded(16.0, 10.0);
        size(extent.width.max(92.0), extent.height)
    };
    let mut plan = Plan {
        boxes: cluster.nodes.iter().map(state).collect(),
        lines: Vec::new(),
        spacing: 22.0,
    };
    for (strand, label) in strands.iter().zip(labels) {
        let back = strand.from > strand.to;
        let ends = cluster.nodes.get(strand.to).is_some_and(|node| node.last);
        plan.lines.push(Labelled {
            from: strand.from,
            to: strand.to,
            label: extent_of_blocks(label).padded(6.0, 4.0),
            // From everywhere something leads to the end: that keeps nothing in its place.
            weight: if ends {
                1
            } else if back {
                2
            } else {
                3
            },
            back,
        });
    }
    let initial = cluster
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.initial);
    for (to, _) in initial {
        let from = plan.boxes.len();
        plan.boxes.push(size(START, START));
        plan.lines.push(Labelled {
            from,
            to,
            label: Size::default(),
            weight: 3,
            back: false,
        });
    }
    plan
}

/// The links as lines between clusters: one for each two of them.
fn bridges(picture: &Picture) -> (Vec<Labelled>, Vec<Blocks>) {
    let place = |id: &str| picture.clusters.iter().position(|it| it.id == id);
    let mut bridges: BTreeMap<(usize, usize), Vec<&Link>> = BTreeMap::new();
    for link in &picture.links {
        if let (Some(from), Some(to)) = (place(&link.from), place(&link.to)) {
            bridges.entry((from, to)).or_default().push(link);
        }
    }
    let text = |link: &&Link| Line::new(link.text(), Style::Name);
    let label = |links: &Vec<&Link>| vec![(Emphasis::Plain, links.iter().map(text).collect())];
    let labels: Vec<Blocks> = bridges.values().map(label).collect();
    let lines = bridges
        .keys()
        .zip(&labels)
        .map(|((from, to), label)| Labelled {
            from: *from,
            to: *to,
            label: extent_of_blocks(label).padded(8.0, 4.0),
            weight: 1,
            back: false,
        });
    (lines.collect(), labels)
}

/// Which boxes hang together.
fn islands(count: usize, lines: &[Labelled]) -> Vec<Vec<usize>> {
    let mut of: Vec<usize> = (0..count).collect();
    for line in lines {
        let ends = (of.get(line.from).copied(), of.get(line.to).copied());
        if let (Some(one), Some(other)) = ends {
            let (kept, gone) = (one.min(other), one.max(other));
            of.iter_mut()
                .filter(|it| **it == gone)
                .for_each(|it| *it = kept);
        }
    }
    let mut islands: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, island) in of.into_iter().enumerate() {
        islands.entry(island).or_default().push(index);
    }
    islands.into_values().collect()
}

fn island_plan(island: &[usize], sizes: &[Size], lines: &[Labelled]) -> Plan {
    let place = |index: usize| island.iter().position(|it| *it == index);
    let own = lines.iter().filter_map(|line| {
        Some(Labelled {
            from: place(line.from)?,
            to: place(line.to)?,
            ..*line
        })
    });
    Plan {
        boxes: island
            .iter()
            .filter_map(|index| sizes.get(*index).copied())
            .collect(),
        lines: own.collect(),
        spacing: BETWEEN,
    }
}
