//! Points, sizes and paths of a drawing. Lengths are in user units, y grows downwards.

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// How large something is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where something is, by its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Rect {
    pub(super) at: Point,
    pub(super) size: Size,
}

/// A line without gaps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    pub(super) start: Point,
    pub(super) steps: Vec<Step>,
}

/// How a line goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    Line(Point),
    /// A cubic curve by two control points.
    Curve(Point, Point, Point),
}

pub(super) fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

pub(super) fn size(width: f64, height: f64) -> Size {
    Size { width, height }
}

impl Point {
    pub(super) fn plus(self, other: Self) -> Self {
        point(self.x + other.x, self.y + other.y)
    }
}

impl Size {
    pub(super) fn is_empty(self) -> bool {
        self.width <= 0.0 || self.height <= 0.0
    }

    /// With so much more on every side.
    pub(super) fn padded(self, x: f64, y: f64) -> Self {
        size(self.width + 2.0 * x, self.height + 2.0 * y)
    }
}

impl Rect {
    pub(super) fn around(centre: Point, size: Size) -> Self {
        let at = point(centre.x - size.width / 2.0, centre.y - size.height / 2.0);
        Self { at, size }
    }

    pub(super) fn left(&self) -> f64 {
        self.at.x
    }

    pub(super) fn right(&self) -> f64 {
        self.at.x + self.size.width
    }

    pub(super) fn top(&self) -> f64 {
        self.at.y
    }

    pub(super) fn bottom(&self) -> f64 {
        self.at.y + self.size.height
    }

    pub(super) fn centre(&self) -> Point {
        self.at
            .plus(point(self.size.width / 2.0, self.size.height / 2.0))
    }

    pub(super) fn moved(self, by: Point) -> Self {
        Self {
            at: self.at.plus(by),
            ..self
        }
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.left() < other.right()
            && other.left() < self.right()
            && self.top() < other.bottom()
            && other.top() < self.bottom()
    }
}

impl Path {
    pub(super) fn moved(&self, by: Point) -> Self {
        let step = |step: &Step| match *step {
            Step::Line(to) => Step::Line(to.plus(by)),
            Step::Curve(one, two, to) => Step::Curve(one.plus(by), two.plus(by), to.plus(by)),
        };
        Self {
            start: self.start.plus(by),
            steps: self.steps.iter().map(step).collect(),
        }
    }

    pub(super) fn end(&self) -> Point {
        match self.steps.last() {
            None => self.start,
            Some(Step::Line(to) | Step::Curve(_, _, to)) => *to,
        }
    }
}
