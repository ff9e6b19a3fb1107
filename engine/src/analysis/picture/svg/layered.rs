//! Boxes and labelled lines in layers: where each goes, so that no line crosses a box or a label.
//!
//! The library (dagre) decides on layers, on the order within them and on every x. Labels are part of
//! the layers as boxes are, so that they have places of their own. What is done here is the rest: the
//! y of the layers, with room for the slant of the lines between them, the points of a box at which
//! lines end, and the curves. Within a layer a line runs straight down its own track; it bends only
//! between layers, where nothing else is.

use super::geometry::{Path, Point, Rect, Size, Step, point, size};
use super::layers::Layers;
use super::ports::{End, Ports};
use super::rough::Rough;
use super::route::{around, through};

/// What is to be laid out.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) boxes: Vec<Size>,
    pub(super) lines: Vec<Labelled>,
    /// The room between neighbours of a layer.
    pub(super) spacing: f64,
}

/// A line from one box to another, or to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labelled {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: Size,
    /// How much it matters that it is short.
    pub(super) weight: i32,
    /// Whether it leads back to where things come from, and so upwards.
    pub(super) back: bool,
}

impl Labelled {
    /// The upper and the lower box, as far as the plan says.
    pub(super) fn ends(&self) -> (usize, usize) {
        match self.back {
            true => (self.to, self.from),
            false => (self.from, self.to),
        }
    }
}

/// Where everything is.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) boxes: Vec<Rect>,
    pub(super) lines: Vec<Drawn>,
}

/// A line as it is drawn: to its label, and on from there. The last path ends in the arrow.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawn {
    pub(super) paths: Vec<Path>,
    pub(super) label: Option<Rect>,
}

impl Layout {
    /// Moved.
    pub(super) fn moved(self, by: Point) -> Self {
        Self {
            size: self.size,
            boxes: self.boxes.into_iter().map(|it| it.moved(by)).collect(),
            lines: self.lines.into_iter().map(|it| it.moved(by)).collect(),
        }
    }
}

impl Drawn {
    /// Moved.
    pub(super) fn moved(self, by: Point) -> Self {
        Self {
            paths: self.paths.iter().map(|path| path.moved(by)).collect(),
            label: self.label.map(|label| label.moved(by)),
        }
    }
}

/// Lays a plan out.
pub(super) fn lay(plan: &Plan) -> Layout {
    let mut rough = Rough::of(plan);
    rough.settle(plan);
    let layers = Layers::of(plan, &rough);
    let boxes: Vec<Rect> = plan
        .boxes
        .iter()
        .zip(&rough.boxes)
        .map(|(size, centre)| {
            let layer = layers.at(centre.y);
            Rect::around(point(centre.x, layer.centre()), *size)
        })
        .collect();
    let ports = Ports::of(plan, &rough, &boxes);
    let lines = plan.lines.iter().enumerate().map(|(index, line)| {
        let (Some(from), Some(to)) = (boxes.get(line.from), boxes.get(line.to)) else {
            return Drawn::default();
        };
        match line.from == line.to {
            true => around(from, line.label),
            false => {
                let track = rough.tracks.get(index).map_or(&[][..], Vec::as_slice);
                let ends = (
                    ports.of_line(index, End::From),
                    ports.of_line(index, End::To),
                );
                through(line, (from, to), ends, track, &layers)
            }
        }
    });
    let lines: Vec<Drawn> = lines.collect();
    framed(boxes, lines)
}

/// Moves everything so that it begins at the origin.
fn framed(boxes: Vec<Rect>, lines: Vec<Drawn>) -> Layout {
    let mut low = point(f64::MAX, f64::MAX);
    let mut high = point(f64::MIN, f64::MIN);
    let mut take = |at: Point| {
        low = point(low.x.min(at.x), low.y.min(at.y));
        high = point(high.x.max(at.x), high.y.max(at.y));
    };
    let labels = lines.iter().filter_map(|line| line.label.as_ref());
    for rect in boxes.iter().chain(labels) {
        take(rect.at);
        take(point(rect.right(), rect.bottom()));
    }
    for path in lines.iter().flat_map(|line| &line.paths) {
        take(path.start);
        for step in &path.steps {
            match step {
                Step::Line(to) | Step::Curve(_, _, to) => take(*to),
            }
        }
    }
    if low.x > high.x {
        return Layout::default();
    }
    let layout = Layout {
        size: size(high.x - low.x, high.y - low.y),
        boxes,
        lines,
    };
    layout.moved(point(-low.x, -low.y))
}
