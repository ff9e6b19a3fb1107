//! The pages of this module's codes: each failing example raises its code and no other, each fixed
//! one none.

use super::principals::load;
use super::world::World;
use crate::policy::codes;

/// The example under a heading: what its fence says, and its text.
fn example<'p>(page: &'p str, heading: &str) -> (&'p str, &'p str) {
    let (_, after) = page.split_once(heading).unwrap();
    let (_, fence) = after.split_once("```").unwrap();
    let (info, rest) = fence.split_once('\n').unwrap();
    (info, rest.split_once("\n```").unwrap().0)
}

fn codes_of((info, text): (&str, &str)) -> Vec<&'static str> {
    let world = if info.starts_with("rhai") {
        let path = info.split_once("policies/").map(|(_, path)| path);
        let name = path.and_then(|path| path.strip_suffix(".rhai"));
        World::of(&[(name.unwrap_or("example"), text)])
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
        assert_eq!(codes_of(example(&page, "## Fails")), [code.0], "{path}");
        assert!(codes_of(example(&page, "## Fixed")).is_empty(), "{path}");
    }
}
