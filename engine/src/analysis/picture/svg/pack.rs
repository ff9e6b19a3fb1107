//! Rectangles side by side, without much between them, in the proportions of a page.

use super::geometry::{Point, Rect, Size, point, size};

/// How much wider than high a picture is best.
const RATIO: f64 = 1.4;

/// Where each rectangle goes, and how large all of it is.
pub(super) fn pack(sizes: &[Size], gap: f64) -> (Vec<Point>, Size) {
    let heights = |it: &Size| it.height;
    let areas = |it: &Size| it.width * it.height;
    let widths = |it: &Size| it.width;
    let orders = [
        order(sizes, heights),
        order(sizes, areas),
        order(sizes, widths),
    ];
    let tries = orders.iter().flat_map(|order| {
        let widths = page_widths(sizes, order, gap).into_iter();
        widths.map(move |width| within(width, sizes, order, gap))
    });
    let best = tries.min_by(|one, other| badness(one.1).total_cmp(&badness(other.1)));
    best.unwrap_or_default()
}

/// The largest first; among equals, as they come.
fn order(sizes: &[Size], by: impl Fn(&Size) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    let key = |index: &usize| sizes.get(*index).map_or(0.0, &by);
    order.sort_by(|one, other| key(other).total_cmp(&key(one)));
    order
}

/// How wide the page could be: as the first so many side by side.
fn page_widths(sizes: &[Size], order: &[usize], gap: f64) -> Vec<f64> {
    let widest = sizes.iter().map(|it| it.width).fold(0.0, f64::max);
    let mut width = -gap;
    let next = |index: &usize| {
        width += sizes.get(*index).map_or(0.0, |it| it.width) + gap;
        width.max(widest)
    };
    order.iter().map(next).collect()
}

/// How far a picture is from being small and of good proportions.
fn badness(size: Size) -> f64 {
    let ratio = (size.width.max(1.0) / size.height.max(1.0) / RATIO)
        .ln()
        .abs();
    (size.width.max(1.0) * size.height.max(1.0)).sqrt() * (1.0 + ratio)
}

/// Each as high up, then as far to the left, as there is room for it.
fn within(width: f64, sizes: &[Size], order: &[usize], gap: f64) -> (Vec<Point>, Size) {
    let mut placed: Vec<Rect> = Vec::new();
    let mut places = vec![Point::default(); sizes.len()];
    for index in order {
        let Some(own) = sizes.get(*index) else {
            continue;
        };
        let fits = |at: Point| {
            let rect = Rect { at, size: *own }.grown(gap);
            at.x + own.width <= width + 0.01 && !placed.iter().any(|it| it.overlaps(&rect))
        };
        let lefts = placed.iter().map(|it| it.right() + gap).chain([0.0]);
        let tops: Vec<f64> = placed
            .iter()
            .map(|it| it.bottom() + gap)
            .chain([0.0])
            .collect();
        let corners = lefts.flat_map(|x| tops.iter().map(move |y| point(x, *y)));
        let free = corners.filter(|at| fits(*at));
        let best =
            free.min_by(|one, other| one.y.total_cmp(&other.y).then(one.x.total_cmp(&other.x)));
        // Below everything there is always room.
        let lowest = tops.iter().copied().fold(0.0, f64::max);
        let at = best.unwrap_or(point(0.0, lowest));
        placed.push(Rect { at, size: *own });
        if let Some(place) = places.get_mut(*index) {
            *place = at;
        }
    }
    let right = placed.iter().map(Rect::right).fold(0.0, f64::max);
    let bottom = placed.iter().map(Rect::bottom).fold(0.0, f64::max);
    (places, size(right, bottom))
}

impl Rect {
    /// So much larger on every side that another overlaps it unless there is a gap between them.
    fn grown(self, gap: f64) -> Self {
        let less = gap - 0.01;
        Self {
            at: self.at.plus(point(-less, -less)),
            size: self.size.padded(less, less),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_the_proportions_are_those_of_a_page() {
        let sizes: Vec<Size> = (1..12)
            .map(|n| size(f64::from(40 + n * 37 % 90), f64::from(30 + n * 53 % 110)))
            .collect();
        let (places, all) = pack(&sizes, 10.0);
        let rects = places.iter().zip(&sizes).map(|(at, size)| Rect {
            at: *at,
            size: *size,
        });
        let rects: Vec<Rect> = rects.collect();
        for (index, one) in rects.iter().enumerate() {
            for other in rects.iter().skip(index + 1) {
                assert!(!one.grown(10.0).overlaps(other), "{one:?} and {other:?}");
            }
        }
        let ratio = all.width / all.height;
        assert!((0.9..2.2).contains(&ratio), "{ratio}");
    }
}
