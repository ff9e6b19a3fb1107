//! The pages of this module's codes: each failing example raises its code and no other, each fixed
//! one none.

use super::principals::load;
use super::world::World;
use crate::policy::{cedar, codes};

/// The example under a heading: what its fence says, and its text.
fn example<'p>(page: &'p str, heading: &str) -> (&'p str, &'p str) {
    let (_, after) = page.split_once(heading).unwrap();
    let (_, fence) = after.split_once("```").unwrap();
    let (info, rest) = fence.split_once('\n').unwrap();
    (info, rest.split_once("\n```").unwrap().0)
}

fn codes_of((info, text): (&str, &str), exported: bool) -> Vec<&'static str> {
    let world = if info.starts_with("rhai") {
        let path = info.split_once("policies/").map(|(_, path)| path);
        let name = path.and_then(|path| path.strip_suffix(".rhai"));
        // An invisible character would be lost on the way through an editor.
        let text = text.replace("<U+202E>", "\u{202e}");
        let mut world = World::of(&[(name.unwrap_or("example"), &text)]);
        if exported && let Err(refusals) = cedar::export(world.policies.iter(), &world.vocabulary) {
            world.findings.extend(refusals);
        }
        world
    } else {
        let readers = World::of(&[("Readers", "allow \"resourcemanager:Get*\";")]);
        load(readers, text).0
    };
    world
        .findings
        .iter()
        .map(|finding| finding.code.0)
        .collect()
}

#[test]
fn every_page_shows_its_code() {
    for (code, title) in codes::ALL {
        let path = format!("{}/explain/{code}.md", env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.starts_with(&format!("# {code}: {title}\n")), "{path}");
        // What is well and good may still be nothing to export.
        let exported = code.0.starts_with("P032");
        let fails = codes_of(example(&page, "## Fails"), exported);
        assert_eq!(fails, [code.0], "{path}");
        let fixed = codes_of(example(&page, "## Fixed"), exported);
        assert!(fixed.is_empty(), "{path}");
    }
}
