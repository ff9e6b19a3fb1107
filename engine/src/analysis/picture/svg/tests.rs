//! What holds of every drawing, whatever it is of.

use proptest::prelude::*;

use super::draw::draw;
use super::geometry::{Path, Point, Rect, Step, point};
use super::layered::Drawn;
use super::scene::Scene;
use crate::analysis::picture::{Cluster, Edge, Emphasis, Kind, Node, Picture, sample};

/// Points on a path, close together.
fn points(path: &Path) -> Vec<Point> {
    let mut all = vec![path.start];
    for step in &path.steps {
        let from = all[all.len() - 1];
        let (one, two, to) = match *step {
            Step::Line(to) => (from, to, to),
            Step::Curve(one, two, to) => (one, two, to),
        };
        for tenth in 1..=20 {
            let t = f64::from(tenth) / 20.0;
            let (a, b, c, d) = (
                (1.0 - t).powi(3),
                3.0 * t * (1.0 - t).powi(2),
                3.0 * t * t * (1.0 - t),
                t.powi(3),
            );
            all.push(point(
                a * from.x + b * one.x + c * two.x + d * to.x,
                a * from.y + b * one.y + c * two.y + d * to.y,
            ));
        }
    }
    all
}

fn within(rect: &Rect, at: Point) -> bool {
    // Lines touch the boxes that they end at.
    let less = 0.3;
    (rect.left() + less..rect.right() - less).contains(&at.x)
        && (rect.top() + less..rect.bottom() - less).contains(&at.y)
}

/// The rules of the craft.
fn check(picture: &Picture) {
    let scene = Scene::of(picture);
    let states = scene.states.iter().map(|it| ("state", it.rect));
    let labels = scene
        .strokes
        .iter()
        .filter_map(|it| Some(("label", it.drawn.label?)));
    let solid: Vec<(&str, Rect)> = states.chain(labels).collect();
    let whole = Rect {
        at: Point::default(),
        size: scene.size,
    };
    for (index, (what, rect)) in solid.iter().enumerate() {
        for (other, next) in &solid[index + 1..] {
            assert!(
                !rect.overlaps(next),
                "{what} {rect:?} lies on {other} {next:?}"
            );
        }
        let inside = [rect.at, point(rect.right(), rect.bottom())];
        let is_inside = |at: &Point| {
            (-0.01..=whole.right() + 0.01).contains(&at.x)
                && (-0.01..=whole.bottom() + 0.01).contains(&at.y)
        };
        assert!(
            inside.iter().all(is_inside),
            "{what} {rect:?} leaves {whole:?}"
        );
        for Drawn { paths, .. } in scene.strokes.iter().map(|it| &it.drawn) {
            for at in paths.iter().flat_map(points) {
                assert!(
                    !within(rect, at),
                    "a line crosses {what} {rect:?} at {at:?}"
                );
            }
        }
    }
    let frames: Vec<Rect> = scene.frames.iter().map(|it| it.rect).collect();
    for (index, frame) in frames.iter().enumerate() {
        for other in &frames[index + 1..] {
            assert!(!frame.overlaps(other), "{frame:?} lies on {other:?}");
        }
    }
    let svg = draw(picture);
    assert_eq!(svg, draw(picture), "two drawings of one picture differ");
    if let Err(error) = roxmltree::Document::parse(&svg) {
        panic!("{error}\n{svg}");
    }
}

/// State machines of any shape, with names of any kind.
fn machine() -> impl Strategy<Value = Picture> {
    let kind = prop_oneof![
        Just(Kind::Requested),
        Just(Kind::Triggered),
        Just(Kind::Timed)
    ];
    let emphasis = prop_oneof![
        Just(Emphasis::Plain),
        Just(Emphasis::Strong),
        Just(Emphasis::Faint)
    ];
    let edge = (
        0..12usize,
        0..12usize,
        "[a-z_]{1,18}",
        kind,
        emphasis,
        prop::option::of("\\PC{0,30}"),
    );
    let count = 1..12usize;
    (count, prop::collection::vec(edge, 0..24), "\\PC{0,12}").prop_map(|(count, edges, title)| {
        let mut cluster = Cluster::new("c");
        let name = |index: usize| format!("state_{}", index % count);
        cluster.nodes = (0..count)
            .map(|index| Node {
                initial: index == 0,
                last: index % 5 == 4,
                privileged: index % 3 == 2,
                current: index == 1,
                ..Node::new(name(index))
            })
            .collect();
        cluster.edges = edges
            .into_iter()
            .map(|(from, to, label, kind, emphasis, who)| Edge {
                who,
                emphasis,
                ..Edge::new(name(from), name(to), label, kind)
            })
            .collect();
        Picture {
            clusters: vec![cluster],
            ..Picture::new(title)
        }
    })
}

#[test]
fn the_samples_are_drawn_by_the_rules() {
    check(&sample::small());
    check(&sample::large());
    check(&Picture::new("nothing"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_overlaps_and_no_line_crosses_a_box_or_a_label(picture in machine()) {
        check(&picture);
    }
}

#[test]
fn a_drawing_tells_in_words_what_it_shows() {
    let svg = draw(&sample::small());
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let said = |name: &str| {
        let child = root.children().find(|it| it.has_tag_name(name));
        child
            .and_then(|it| it.text())
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(said("title"), "house 1");
    assert_eq!(
        said("desc"),
        "A house. door: closed (initial), open (privileged, current), end (final, begins: ruins). \
         unlock from closed to open (keeper; ✓ old_key | code, new_key). \
         kick from closed to open (keeper). paint from open to open (keeper). \
         fall from open to closed (after 30d). brick_up from closed to end (keeper). \
         bell: quiet (initial), ringing. ring from quiet to ringing (on door.unlock). \
         In door: unlock → ring."
    );
}

#[test]
fn every_text_of_a_picture_stays_text() {
    let mut picture = sample::small();
    picture.title = "</title><script>alert(1)</script>\u{0}&amp;".to_owned();
    picture.clusters[0].nodes[0].about = Some("\"]]><x>".to_owned());
    let svg = draw(&picture);
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert!(
        !document
            .descendants()
            .any(|it| it.has_tag_name("script") || it.has_tag_name("x"))
    );
    let title = document.root_element().first_element_child().unwrap();
    assert_eq!(
        title.text(),
        Some("</title><script>alert(1)</script> &amp;")
    );
}
