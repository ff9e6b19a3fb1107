//! What the library says of a plan, and what is made of its columns.

use dagre::graph::{Edge, Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};

use super::geometry::{Point, Size, point};
use super::layered::{Labelled, Plan};
use super::layers::Layers;
use super::route::LOOP;
use super::settle::{Part, Unit, settle};

/// What the library says: the centres of boxes, and of each line the centres of the layers that it
/// crosses, from its start to its end.
pub(super) struct Rough {
    pub(super) boxes: Vec<Point>,
    pub(super) tracks: Vec<Vec<Crossing>>,
}

/// Where a line crosses a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    pub(super) at: Point,
    pub(super) has_label: bool,
}

impl Rough {
    pub(super) fn of(plan: &Plan) -> Self {
        let id = |index: usize| format!("{index:04}");
        let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(GraphOptions {
            directed: true,
            multigraph: true,
            compound: false,
        });
        for (index, size) in plan.boxes.iter().enumerate() {
            let node = NodeLabel {
                width: size.width,
                height: size.height,
                ..NodeLabel::default()
            };
            graph.set_node(id(index), Some(node));
        }
        for (index, line) in plan.lines.iter().enumerate() {
            // The library leaves the spacing between a box and the label of its loop.
            let is_loop = line.from == line.to;
            let reach = if is_loop {
                (LOOP - plan.spacing).max(0.0)
            } else {
                0.0
            };
            let label = EdgeLabel {
                width: line.label.width + reach,
                height: line.label.height,
                weight: line.weight,
                labelpos: LabelPos::Center,
                ..EdgeLabel::default()
            };
            let (upper, lower) = line.ends();
            graph.set_edge(id(upper), id(lower), Some(label), Some(&id(index)));
        }
        let options = LayoutOptions {
            nodesep: plan.spacing,
            edgesep: plan.spacing,
            ranksep: 2.0,
            ..LayoutOptions::default()
        };
        dagre::layout(&mut graph, Some(options));
        let centre = |index: usize| {
            let node = graph.node(&id(index));
            let place = node.and_then(|it| Some(point(it.x?, it.y?)));
            place.unwrap_or_default()
        };
        let track = |(index, line): (usize, &Labelled)| {
            let (upper, lower) = line.ends();
            let edge = Edge::with_name(id(upper), id(lower), id(index));
            let label = graph.edge_by_obj(&edge);
            label.map_or_else(Vec::new, |label| crossings(label, line))
        };
        Self {
            boxes: (0..plan.boxes.len()).map(centre).collect(),
            tracks: plan.lines.iter().enumerate().map(track).collect(),
        }
    }
}

impl Rough {
    /// Pulls boxes and labels towards what they are connected with.
    pub(super) fn settle(&mut self, plan: &Plan) {
        let mut units: Vec<Unit> = plan
            .boxes
            .iter()
            .zip(&self.boxes)
            .map(unit_of_box)
            .collect();
        // Which unit each crossing of each line is part of.
        let mut parts: Vec<Vec<usize>> = Vec::with_capacity(plan.lines.len());
        for (line, track) in plan.lines.iter().zip(&self.tracks) {
            if line.from == line.to {
                let reach = LOOP + line.label.width;
                let part = units.get_mut(line.from).and_then(|it| it.parts.first_mut());
                part.into_iter().for_each(|part| part.right += reach);
                parts.push(Vec::new());
                continue;
            }
            let first = units.len();
            let own = straights(&mut units, line, track);
            let inner = first..units.len();
            let chain = [line.from].into_iter().chain(inner).chain([line.to]);
            connect(
                &mut units,
                &chain.collect::<Vec<_>>(),
                f64::from(line.weight),
            );
            parts.push(own);
        }
        settle(&mut units, plan.spacing);
        let x = |index: usize| units.get(index).map(|unit| unit.x);
        for (index, centre) in self.boxes.iter_mut().enumerate() {
            centre.x = x(index).unwrap_or(centre.x);
        }
        for (track, own) in self.tracks.iter_mut().zip(parts) {
            for (crossing, unit) in track.iter_mut().zip(own) {
                crossing.at.x = x(unit).unwrap_or(crossing.at.x);
            }
        }
    }
}

fn unit_of_box((size, centre): (&Size, &Point)) -> Unit {
    let half = size.width / 2.0;
    let part = Part {
        layer: Layers::key(centre.y),
        left: half,
        right: half,
    };
    Unit {
        x: centre.x,
        parts: vec![part],
        pulls: Vec::new(),
    }
}

/// Adds a unit for each straight part of a line, and tells which of them each crossing is part of.
fn straights(units: &mut Vec<Unit>, line: &Labelled, track: &[Crossing]) -> Vec<usize> {
    let first = units.len();
    let mut own = Vec::with_capacity(track.len());
    for crossing in track {
        let half = if crossing.has_label {
            line.label.width / 2.0
        } else {
            0.0
        };
        let part = Part {
            layer: Layers::key(crossing.at.y),
            left: half,
            right: half,
        };
        let goes_on = |unit: &&mut Unit| (unit.x - crossing.at.x).abs() < 0.5;
        match units.iter_mut().skip(first).last().filter(goes_on) {
            Some(unit) => unit.parts.push(part),
            None => units.push(Unit {
                x: crossing.at.x,
                parts: vec![part],
                pulls: Vec::new(),
            }),
        }
        own.push(units.len() - 1);
    }
    own
}

/// Lets the units of a line pull at each other.
fn connect(units: &mut [Unit], chain: &[usize], weight: f64) {
    for (one, other) in chain.iter().zip(chain.iter().skip(1)) {
        for (at, towards) in [(one, other), (other, one)] {
            if let Some(unit) = units.get_mut(*at) {
                unit.pulls.push((*towards, weight));
            }
        }
    }
}

/// The points of a line but for its ends, which are found anew.
fn crossings(edge: &EdgeLabel, line: &Labelled) -> Vec<Crossing> {
    let inner = edge.points.len().saturating_sub(2);
    let points = edge.points.iter().skip(1).take(inner);
    let points = points.map(|it| point(it.x, it.y));
    let is_label = |at: Point| {
        let same = |one: f64, other: Option<f64>| other.is_some_and(|it| (it - one).abs() < 0.01);
        !line.label.is_empty() && same(at.x, edge.x) && same(at.y, edge.y)
    };
    let crossing = |at| Crossing {
        at,
        has_label: is_label(at),
    };
    let mut crossings: Vec<Crossing> = points.map(crossing).collect();
    if line.back {
        crossings.reverse();
    }
    crossings
}
