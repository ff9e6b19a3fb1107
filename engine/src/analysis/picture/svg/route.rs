//! Lines as they are drawn: straight through layers, bent between them.

use super::geometry::{Path, Point, Rect, Size, Step, point};
use super::layered::{Drawn, Labelled};
use super::layers::{Layer, Layers};
use super::rough::Crossing;

/// How far a loop reaches out of its box.
pub(super) const LOOP: f64 = 26.0;

/// A line from box to box, through its label.
pub(super) fn through(
    line: &Labelled,
    (from, to): (&Rect, &Rect),
    (start, end): (f64, f64),
    track: &[Crossing],
    layers: &Layers,
) -> Drawn {
    let falls = from.centre().y < to.centre().y;
    // The far and the near edge of a layer, as the line comes to them.
    let edges = |layer: Layer| match falls {
        true => (layer.top, layer.bottom()),
        false => (layer.bottom(), layer.top),
    };
    let home = |rect: &Rect| layers.around(rect.centre().y);
    let mut pens = Pens::at(point(start, if falls { from.bottom() } else { from.top() }));
    if let Some(layer) = home(from) {
        pens.straight(edges(layer).1);
    }
    let mut label = None;
    for crossing in track {
        let layer = layers.at(crossing.at.y);
        let (near, far) = edges(layer);
        pens.bend(point(crossing.at.x, near));
        if crossing.has_label {
            let rect = Rect::around(point(crossing.at.x, layer.centre()), line.label);
            let (into, out) = if falls {
                (rect.top(), rect.bottom())
            } else {
                (rect.bottom(), rect.top())
            };
            pens.straight(into);
            pens.lift(point(crossing.at.x, out));
            label = Some(rect);
        }
        pens.straight(far);
    }
    if let Some(layer) = home(to) {
        pens.bend(point(end, edges(layer).0));
    }
    pens.straight(if falls { to.top() } else { to.bottom() });
    Drawn {
        paths: pens.done(),
        label,
    }
}

/// Draws paths point by point.
struct Pens {
    done: Vec<Path>,
    path: Path,
}

impl Pens {
    fn at(start: Point) -> Self {
        let path = Path {
            start,
            steps: Vec::new(),
        };
        Self {
            done: Vec::new(),
            path,
        }
    }

    fn straight(&mut self, y: f64) {
        let at = self.path.end();
        if (at.y - y).abs() > 0.01 {
            self.path.steps.push(Step::Line(point(at.x, y)));
        }
    }

    /// A curve that leaves and arrives upright.
    fn bend(&mut self, to: Point) {
        let at = self.path.end();
        if (at.x - to.x).abs() < 0.01 {
            return self.straight(to.y);
        }
        let lean = (to.y - at.y) * 0.55;
        let (one, two) = (point(at.x, at.y + lean), point(to.x, to.y - lean));
        self.path.steps.push(Step::Curve(one, two, to));
    }

    /// Goes on elsewhere.
    fn lift(&mut self, to: Point) {
        let next = Path {
            start: to,
            steps: Vec::new(),
        };
        let path = std::mem::replace(&mut self.path, next);
        self.done.push(path);
    }

    fn done(mut self) -> Vec<Path> {
        self.done.push(self.path);
        self.done.retain(|path| !path.steps.is_empty());
        self.done
    }
}

/// A loop at the right side of a box, with its label beside it.
pub(super) fn around(rect: &Rect, label: Size) -> Drawn {
    let (right, middle) = (rect.right(), rect.centre().y);
    let half = (rect.size.height / 4.0).min(9.0);
    let (start, end) = (point(right, middle - half), point(right, middle + half));
    let reach = right + LOOP * 1.1;
    let curve = Step::Curve(
        point(reach, start.y - half),
        point(reach, end.y + half),
        end,
    );
    let beside = point(right + LOOP, middle - label.height / 2.0);
    Drawn {
        paths: vec![Path {
            start,
            steps: vec![curve],
        }],
        label: Some(Rect {
            at: beside,
            size: label,
        }),
    }
}
