//! The layers of a layout: how high each is, and how far it is to the next.

use std::collections::BTreeMap;

use super::geometry::Point;
use super::layered::Plan;
use super::rough::Rough;

/// The least room between two layers, and the most.
const GAP: (f64, f64) = (20.0, 76.0);

/// The layers, by what the library took for their y.
pub(super) struct Layers(BTreeMap<i64, Layer>);

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layer {
    pub(super) top: f64,
    height: f64,
    /// The widest slant of a line that comes from the layer above.
    slant: f64,
}

impl Layer {
    pub(super) fn centre(self) -> f64 {
        self.top + self.height / 2.0
    }

    pub(super) fn bottom(self) -> f64 {
        self.top + self.height
    }
}

impl Layers {
    pub(super) fn of(plan: &Plan, rough: &Rough) -> Self {
        let mut layers = Self(BTreeMap::new());
        for (size, centre) in plan.boxes.iter().zip(&rough.boxes) {
            layers.grow(centre.y, size.height);
        }
        for (line, track) in plan.lines.iter().zip(&rough.tracks) {
            if line.from == line.to {
                let box_y = rough.boxes.get(line.from).map(|it| it.y);
                box_y
                    .into_iter()
                    .for_each(|y| layers.grow(y, line.label.height));
                continue;
            }
            for crossing in track {
                let height = if crossing.has_label {
                    line.label.height
                } else {
                    0.0
                };
                layers.grow(crossing.at.y, height);
            }
            let ends = |index: usize| rough.boxes.get(index).copied();
            let inner = track.iter().map(|it| it.at);
            let all: Vec<Point> = ends(line.from)
                .into_iter()
                .chain(inner)
                .chain(ends(line.to))
                .collect();
            for (one, other) in all.iter().zip(all.iter().skip(1)) {
                layers.slant(one.y.max(other.y), (one.x - other.x).abs());
            }
        }
        layers.stack();
        layers
    }

    pub(super) fn key(y: f64) -> i64 {
        // Layers are farther apart than the library's rounding errors, which are far below a unit.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "places in a picture are small"
        )]
        let key = (y * 2.0).round() as i64;
        key
    }

    fn grow(&mut self, y: f64, height: f64) {
        let layer = self.0.entry(Self::key(y)).or_default();
        layer.height = layer.height.max(height);
    }

    fn slant(&mut self, y: f64, slant: f64) {
        let layer = self.0.entry(Self::key(y)).or_default();
        layer.slant = layer.slant.max(slant);
    }

    fn stack(&mut self) {
        let mut below = 0.0;
        for (index, layer) in self.0.values_mut().enumerate() {
            let gap = match index {
                0 => 0.0,
                _ => (GAP.0 + layer.slant * 0.12).min(GAP.1),
            };
            layer.top = below + gap;
            below = layer.bottom();
        }
    }

    /// The layer whose middle is there, once they are stacked.
    pub(super) fn around(&self, middle: f64) -> Option<Layer> {
        let mut all = self.0.values().copied();
        all.find(|layer| (layer.centre() - middle).abs() < 0.01)
    }

    pub(super) fn at(&self, y: f64) -> Layer {
        self.0.get(&Self::key(y)).copied().unwrap_or_default()
    }
}
