//! A picture as elements of SVG.

use super::geometry::{Path, Point, Rect, Size, Step, point, size};
use super::legend::{Key, Mark, Sample, keys};
use super::scene::{Frame, Scene, State, Stroke, heading, inscription};
use super::text::{BETWEEN_BLOCKS, Line, Style, extent, extent_of_blocks, wrapped};
use super::words::describe;
use super::xml::{Xml, number};
use crate::analysis::picture::{Emphasis, Kind, Node, Picture};

/// The room around everything.
const MARGIN: f64 = 24.0;
/// How wide the words over a small picture may be.
const HEADER_WIDTH: f64 = 420.0;
/// The room of a sample in the legend.
const SAMPLE: f64 = 26.0;
/// The width and the length of an arrow's head.
const TIP: (f64, f64) = (8.0, 8.5);
/// How round boxes are.
const ROUND: &str = "8";

/// The colours of light pages; those of dark ones are in the style sheet.
mod ink {
    pub(super) const PAGE: &str = "#ffffff";
    pub(super) const FRAME: &str = "#f6f8fa";
    pub(super) const FRAME_BORDER: &str = "#d1d9e0";
    pub(super) const BOX: &str = "#ffffff";
    pub(super) const LINE: &str = "#59636e";
    pub(super) const TEXT: &str = "#1f2328";
    pub(super) const GREY: &str = "#59636e";
    pub(super) const TRIGGERED: &str = "#8250df";
    pub(super) const TIMED: &str = "#0b7285";
    pub(super) const STRONG: &str = "#0969da";
    pub(super) const PRIVILEGED: &str = "#b35900";
    pub(super) const ON: &str = "#ffffff";
}

/// Draws a picture.
pub(super) fn draw(picture: &Picture) -> String {
    let scene = Scene::of(picture);
    let wide = scene.size.width.max(HEADER_WIDTH);
    let header = header(picture, wide);
    let head = extent(&header);
    let keys = keys(picture);
    let legend = Legend::of(&keys, wide);
    let inner = wide.max(head.width).max(legend.size.width);
    let top = MARGIN + head.height + 20.0;
    let foot = top + scene.size.height + 24.0;
    let page = size(inner + 2.0 * MARGIN, foot + legend.size.height + MARGIN);

    let mut pen = Pen {
        xml: Xml::default(),
    };
    pen.begin(picture, page);
    pen.lines(&header, point(MARGIN, MARGIN), Anchor::Start, &Tint::PLAIN);
    let left = MARGIN + (inner - scene.size.width) / 2.0;
    pen.scene(&scene, point(left, top));
    pen.legend(&legend, point(MARGIN, foot));
    pen.xml.finish()
}

fn header(picture: &Picture, width: f64) -> Vec<Line> {
    let mut lines = vec![Line::new(&picture.title, Style::Title)];
    let about = picture.about.as_deref().unwrap_or_default();
    lines.extend(wrapped(about, Style::Note, width));
    lines
}

/// Where a line of text is, seen from its place.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
}

/// The colours of text, by class and by attribute.
struct Tint {
    class: &'static str,
    ink: &'static str,
    grey: &'static str,
}

impl Tint {
    const PLAIN: Self = Self {
        class: "",
        ink: ink::TEXT,
        grey: ink::GREY,
    };
    const STRONG: Self = Self {
        class: "strong",
        ink: ink::STRONG,
        grey: ink::GREY,
    };
    const PRIVILEGED: Self = Self {
        class: "privileged",
        ink: ink::TEXT,
        grey: ink::PRIVILEGED,
    };
    const ON: Self = Self {
        class: "on",
        ink: ink::ON,
        grey: ink::ON,
    };

    fn of_node(node: &Node) -> &'static Self {
        match (node.current, node.privileged) {
            (true, _) => &Self::ON,
            (false, true) => &Self::PRIVILEGED,
            (false, false) => &Self::PLAIN,
        }
    }
}

fn opacity(emphasis: Emphasis) -> &'static str {
    match emphasis {
        Emphasis::Strong | Emphasis::Plain => "1",
        Emphasis::Faint => "0.55",
    }
}

/// What draws.
struct Pen {
    xml: Xml,
}

impl Pen {
    fn begin(&mut self, picture: &Picture, page: Size) {
        let (width, height) = (number(page.width), number(page.height));
        let view = format!("0 0 {width} {height}");
        self.xml.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("viewBox", &view),
                ("width", &width),
                ("height", &height),
                ("role", "img"),
                ("font-family", "Helvetica, Arial, sans-serif"),
            ],
        );
        self.xml.text("title", &[], &picture.title);
        self.xml.text("desc", &[], &describe(picture));
        self.xml.text("style", &[], include_str!("style.css"));
        let attributes = [
            ("class", "page"),
            ("width", &width),
            ("height", &height),
            ("fill", ink::PAGE),
        ];
        self.xml.empty("rect", &attributes);
    }

    fn scene(&mut self, scene: &Scene<'_>, at: Point) {
        let place = format!("translate({} {})", number(at.x), number(at.y));
        self.xml.open("g", &[("transform", &place)]);
        for frame in &scene.frames {
            self.frame(frame);
        }
        // What is emphasised lies over the rest.
        let mut strokes: Vec<&Stroke> = scene.strokes.iter().collect();
        strokes.sort_by_key(|stroke| std::cmp::Reverse(stroke.emphasis));
        for stroke in strokes {
            self.stroke(stroke);
        }
        for start in &scene.starts {
            self.dot(start);
        }
        for state in &scene.states {
            self.state(state);
        }
        self.xml.close();
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.xml.open("g", &[]);
        if let Some(about) = &frame.cluster.about {
            self.xml.text("title", &[], about);
        }
        let paint = [
            ("class", "frame"),
            ("fill", ink::FRAME),
            ("stroke", ink::FRAME_BORDER),
        ];
        self.rect(&frame.rect, "12", &paint);
        let at = frame.rect.at.plus(point(16.0, 12.0));
        self.lines(&[heading(frame.cluster)], at, Anchor::Start, &Tint::PLAIN);
        self.xml.close();
    }

    fn state(&mut self, state: &State<'_>) {
        let node = state.node;
        self.xml.open("g", &[]);
        if let Some(about) = &node.about {
            self.xml.text("title", &[], about);
        }
        let marks = [
            (node.last, Mark::Last),
            (node.privileged, Mark::Privileged),
            (node.current, Mark::Current),
        ];
        let marks: Vec<Mark> = marks
            .into_iter()
            .filter_map(|(is, mark)| is.then_some(mark))
            .collect();
        self.marked(&state.rect, &marks, ROUND);
        let lines = inscription(node);
        let height = extent(&lines).height;
        let centre = state.rect.centre();
        let at = point(centre.x, centre.y - height / 2.0);
        self.lines(&lines, at, Anchor::Middle, Tint::of_node(node));
        self.xml.close();
    }

    fn marked(&mut self, rect: &Rect, marks: &[Mark], round: &str) {
        let has = |mark| marks.contains(&mark);
        let class = match (has(Mark::Current), has(Mark::Privileged)) {
            (true, true) => "box privileged current",
            (true, false) => "box current",
            (false, true) => "box privileged",
            (false, false) => "box",
        };
        let fill = if has(Mark::Current) {
            ink::STRONG
        } else {
            ink::BOX
        };
        let (stroke, width) = match has(Mark::Privileged) {
            true => (ink::PRIVILEGED, "2.5"),
            false => (ink::LINE, "1.2"),
        };
        let paint = [
            ("class", class),
            ("fill", fill),
            ("stroke", stroke),
            ("stroke-width", width),
        ];
        self.rect(rect, round, &paint);
        if has(Mark::Last) {
            let inner = Rect::around(rect.centre(), rect.size.padded(-3.0, -3.0));
            let stroke = if has(Mark::Current) { ink::ON } else { stroke };
            let paint = [
                ("class", if has(Mark::Current) { "" } else { class }),
                ("fill", "none"),
                ("stroke", stroke),
                ("stroke-width", "1"),
            ];
            self.rect(&inner, round, &paint);
        }
    }

    fn dot(&mut self, rect: &Rect) {
        let (centre, radius) = (rect.centre(), number(rect.size.width / 2.0));
        let (x, y) = (number(centre.x), number(centre.y));
        let paint = [
            ("class", "tip"),
            ("cx", &x),
            ("cy", &y),
            ("r", &radius),
            ("fill", ink::LINE),
        ];
        self.xml.empty("circle", &paint);
    }

    fn rect(&mut self, rect: &Rect, round: &str, paint: &[(&'static str, &str)]) {
        let (x, y) = (number(rect.left()), number(rect.top()));
        let (width, height) = (number(rect.size.width), number(rect.size.height));
        let mut attributes = paint.to_vec();
        attributes.retain(|(key, value)| *key != "class" || !value.is_empty());
        attributes.extend([
            ("x", x.as_str()),
            ("y", &y),
            ("width", &width),
            ("height", &height),
            ("rx", round),
        ]);
        self.xml.empty("rect", &attributes);
    }

    fn stroke(&mut self, stroke: &Stroke) {
        self.xml.open("g", &[("opacity", opacity(stroke.emphasis))]);
        let count = stroke.drawn.paths.len();
        for (index, path) in stroke.drawn.paths.iter().enumerate() {
            self.path(path, index + 1 == count, stroke.kind, stroke.emphasis);
        }
        self.xml.close();
        let Some(rect) = &stroke.drawn.label else {
            return;
        };
        let centre = rect.centre();
        let mut top = centre.y - extent_of_blocks(&stroke.label).height / 2.0;
        for (emphasis, lines) in &stroke.label {
            let tint = match emphasis {
                Emphasis::Strong => &Tint::STRONG,
                Emphasis::Plain | Emphasis::Faint => &Tint::PLAIN,
            };
            self.xml.open("g", &[("opacity", opacity(*emphasis))]);
            self.lines(lines, point(centre.x, top), Anchor::Middle, tint);
            self.xml.close();
            top += extent(lines).height + BETWEEN_BLOCKS;
        }
    }

    fn path(&mut self, path: &Path, has_tip: bool, kind: Kind, emphasis: Emphasis) {
        let (class, colour) = match (emphasis, kind) {
            (Emphasis::Strong, _) => ("strong", ink::STRONG),
            (_, Kind::Requested) => ("", ink::LINE),
            (_, Kind::Triggered) => ("triggered", ink::TRIGGERED),
            (_, Kind::Timed) => ("timed", ink::TIMED),
        };
        let width = if emphasis == Emphasis::Strong {
            "2.4"
        } else {
            "1.3"
        };
        let dashes = match kind {
            Kind::Requested => "none",
            Kind::Triggered => "6 4",
            Kind::Timed => "1.5 3.5",
        };
        let end = Ending::of(path);
        let data = data(path, if has_tip { end.short() } else { end.tip });
        let line = format!("{class} line");
        let attributes = [
            ("class", line.trim()),
            ("d", &data),
            ("fill", "none"),
            ("stroke", colour),
            ("stroke-width", width),
            ("stroke-dasharray", dashes),
            ("stroke-linecap", "round"),
        ];
        self.xml.empty("path", &attributes);
        if has_tip {
            let tip = format!("{class} tip");
            let attributes = [("class", tip.trim()), ("d", &end.data()), ("fill", colour)];
            self.xml.empty("path", &attributes);
        }
    }

    /// Lines of text from their upper edge down.
    fn lines(&mut self, lines: &[Line], at: Point, anchor: Anchor, tint: &Tint) {
        let mut top = at.y;
        for line in lines {
            let grey = matches!(line.style, Style::Note);
            let (kind, fill) = if grey {
                ("grey", tint.grey)
            } else {
                ("ink", tint.ink)
            };
            let class = format!("{} {kind}", tint.class);
            let height = line.style.line_height();
            let (x, y) = (number(at.x), number(top + height * 0.76));
            let (size, width) = (number(line.style.font_size()), number(line.width()));
            let attributes = [
                ("class", class.trim()),
                ("x", x.as_str()),
                ("y", &y),
                ("font-size", &size),
                (
                    "font-weight",
                    if line.style.is_bold() { "600" } else { "400" },
                ),
                ("fill", fill),
                (
                    "text-anchor",
                    match anchor {
                        Anchor::Start => "start",
                        Anchor::Middle => "middle",
                    },
                ),
                ("textLength", &width),
                ("lengthAdjust", "spacingAndGlyphs"),
            ];
            self.xml.text("text", &attributes, &line.text);
            top += height;
        }
    }

    fn legend(&mut self, legend: &Legend<'_>, at: Point) {
        for (key, place) in &legend.keys {
            let place = place.plus(at);
            let height = Style::Note.line_height();
            let middle = place.y + height / 2.0;
            let sample = Rect::around(point(place.x + 9.0, middle), size(18.0, 11.0));
            match key.sample {
                Sample::Start => self.dot(&Rect::around(sample.centre(), size(8.0, 8.0))),
                Sample::Box(mark) => self.marked(&sample, &[mark], "3"),
                Sample::Line(kind, emphasis) => {
                    let path = Path {
                        start: point(sample.left(), middle),
                        steps: vec![Step::Line(point(sample.right() + 2.0, middle))],
                    };
                    self.path(&path, true, kind, emphasis);
                }
                Sample::Sign(sign) => {
                    let line = Line::new(sign, Style::Note);
                    let at = point(place.x + 9.0, place.y);
                    self.lines(&[line], at, Anchor::Middle, &Tint::PLAIN);
                }
            }
            let words = point(place.x + SAMPLE, place.y);
            let meaning = std::slice::from_ref(&key.meaning);
            self.lines(meaning, words, Anchor::Start, &Tint::PLAIN);
        }
    }
}

/// The legend in rows.
struct Legend<'k> {
    keys: Vec<(&'k Key, Point)>,
    size: Size,
}

impl<'k> Legend<'k> {
    fn of(keys: &'k [Key], width: f64) -> Self {
        let row = Style::Note.line_height() + 5.0;
        let mut placed = Vec::with_capacity(keys.len());
        let (mut x, mut y, mut widest) = (0.0, 0.0, 0.0_f64);
        for key in keys {
            let own = SAMPLE + key.meaning.width();
            if x > 0.0 && x + own > width {
                (x, y) = (0.0, y + row);
            }
            placed.push((key, point(x, y)));
            widest = widest.max(x + own);
            x += own + 20.0;
        }
        let height = if keys.is_empty() { 0.0 } else { y + row };
        Self {
            keys: placed,
            size: size(widest, height),
        }
    }
}

/// The end of a path, and which way it points there.
struct Ending {
    tip: Point,
    /// Of length one.
    towards: Point,
}

impl Ending {
    fn of(path: &Path) -> Self {
        let tip = path.end();
        let before = match path.steps.as_slice() {
            [.., Step::Curve(_, before, _)] => *before,
            [.., Step::Line(before), Step::Line(_)]
            | [.., Step::Curve(_, _, before), Step::Line(_)] => *before,
            _ => path.start,
        };
        let (dx, dy) = (tip.x - before.x, tip.y - before.y);
        let length = dx.hypot(dy).max(f64::EPSILON);
        Self {
            tip,
            towards: point(dx / length, dy / length),
        }
    }

    /// Where the line ends, so that it does not show beside its head.
    fn short(&self) -> Point {
        let back = TIP.1 * 0.7;
        point(
            self.tip.x - self.towards.x * back,
            self.tip.y - self.towards.y * back,
        )
    }

    fn data(&self) -> String {
        let (half, length) = (TIP.0 / 2.0, TIP.1);
        let back = point(
            self.tip.x - self.towards.x * length,
            self.tip.y - self.towards.y * length,
        );
        let side = point(-self.towards.y * half, self.towards.x * half);
        let (one, other) = (back.plus(side), point(back.x - side.x, back.y - side.y));
        format!("M{}L{}L{}Z", pair(self.tip), pair(one), pair(other))
    }
}

fn pair(at: Point) -> String {
    format!("{} {}", number(at.x), number(at.y))
}

/// A path in SVG's language, with another end.
fn data(path: &Path, end: Point) -> String {
    let mut data = format!("M{}", pair(path.start));
    let last = path.steps.len().saturating_sub(1);
    for (index, step) in path.steps.iter().enumerate() {
        let end = |at: Point| pair(if index == last { end } else { at });
        match *step {
            Step::Line(to) => data.push_str(&format!("L{}", end(to))),
            Step::Curve(one, two, to) => {
                data.push_str(&format!("C{} {} {}", pair(one), pair(two), end(to)));
            }
        }
    }
    data
}
