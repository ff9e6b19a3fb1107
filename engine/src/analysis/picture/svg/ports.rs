//! The points of boxes at which lines begin and end.

use std::collections::BTreeMap;

use super::geometry::Rect;
use super::layered::Plan;
use super::rough::{Crossing, Rough};

/// The least room between two lines at a box, where there is enough of it.
const PORT: f64 = 16.0;
/// How far from the corner of a box lines end.
const CORNER: f64 = 12.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    From,
    To,
}

/// A line that comes to a side of a box.
struct Arrival {
    /// The x that it comes from.
    from: f64,
    line: usize,
    end: End,
}

/// Where lines end at boxes.
pub(super) struct Ports(BTreeMap<(usize, End), f64>);

impl Ports {
    pub(super) fn of(plan: &Plan, rough: &Rough, boxes: &[Rect]) -> Self {
        // The lines at the upper and at the lower side of each box, with where each comes from.
        let mut sides: BTreeMap<(usize, bool), Vec<Arrival>> = BTreeMap::new();
        for (index, (line, track)) in plan.lines.iter().zip(&rough.tracks).enumerate() {
            if line.from == line.to {
                continue;
            }
            let mut end = |at: usize, other: usize, next: Option<&Crossing>, end: End| {
                let own = rough.boxes.get(at).copied().unwrap_or_default();
                let other = rough.boxes.get(other).copied().unwrap_or_default();
                let next = next.map_or(other, |it| it.at);
                let side = sides.entry((at, next.y > own.y)).or_default();
                side.push(Arrival {
                    from: next.x,
                    line: index,
                    end,
                });
            };
            end(line.from, line.to, track.first(), End::From);
            end(line.to, line.from, track.last(), End::To);
        }
        let mut ports = BTreeMap::new();
        for ((at, _), mut side) in sides {
            side.sort_by(|one, other| {
                let by_place = one.from.total_cmp(&other.from);
                by_place.then(one.line.cmp(&other.line))
            });
            let wishes: Vec<f64> = side.iter().map(|it| it.from).collect();
            let Some(rect) = boxes.get(at) else { continue };
            let corner = CORNER.min(rect.size.width / 2.0);
            let places = spread(&wishes, rect.left() + corner, rect.right() - corner);
            let keys = side.into_iter().map(|it| (it.line, it.end));
            ports.extend(keys.zip(places));
        }
        Self(ports)
    }

    pub(super) fn of_line(&self, line: usize, end: End) -> f64 {
        self.0.get(&(line, end)).copied().unwrap_or_default()
    }
}

/// Places between two bounds as near as possible to those wished for, in the same order and apart.
fn spread(wishes: &[f64], low: f64, high: f64) -> Vec<f64> {
    let between = wishes.len().saturating_sub(1);
    #[expect(clippy::cast_precision_loss, reason = "there are few lines at a box")]
    let room = (high - low).max(0.0) / (between.max(1) as f64);
    let apart = PORT.min(room);
    let mut places: Vec<f64> = Vec::with_capacity(wishes.len());
    let mut least = low;
    for wish in wishes {
        let place = wish.clamp(low, high.max(low)).max(least);
        least = place + apart;
        places.push(place);
    }
    let mut most = high;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - apart;
    }
    places
}
