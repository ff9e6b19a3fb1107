//! The pages of this module's codes: each failing example raises its code and no other, each fixed
//! one none.

use super::{Kind, read};
use crate::policy::document::codes;

/// The example under a heading: the kind of document that its fence names, and its text.
fn example<'p>(page: &'p str, heading: &str) -> Option<(Kind, &'p str)> {
    let (_, after) = page.split_once(heading)?;
    let (_, fence) = after.split_once("```json").unwrap();
    let (info, rest) = fence.split_once('\n').unwrap();
    let kind = match info.trim() {
        "trust" => Kind::Trust,
        _ => Kind::Identity,
    };
    Some((kind, rest.split_once("\n```").unwrap().0))
}

fn codes_of((kind, text): (Kind, &str)) -> Vec<&'static str> {
    let findings = read(text, kind, false).findings;
    findings.iter().map(|finding| finding.code.0).collect()
}

#[test]
fn every_page_shows_its_code() {
    // Their examples would be thousands of characters long; they have tests of their own.
    let without = [codes::BOUND_EXCEEDED, codes::TOO_LONG];
    for (code, title) in codes::ALL {
        let path = format!("{}/explain/{code}.md", env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.starts_with(&format!("# {code}: {title}\n")), "{path}");
        let Some(fails) = example(&page, "## Fails") else {
            assert!(without.contains(code), "{path}");
            continue;
        };
        assert_eq!(codes_of(fails), [code.0], "{path}");
        let fixed = example(&page, "## Fixed").unwrap();
        assert_eq!(codes_of(fixed), [""; 0], "{path}");
    }
}
