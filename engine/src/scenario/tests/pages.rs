//! The pages of this module's codes: each failing example raises its code and no other, each fixed
//! one none.

use super::{NEWSLETTER, read};
use crate::scenario::{Home, codes};

fn example<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, after) = page.split_once(heading).unwrap();
    let (_, fence) = after.split_once("```yaml\n").unwrap();
    fence.split_once("```").unwrap().0
}

fn codes_of(text: &str) -> Vec<&'static str> {
    let findings = match read(&NEWSLETTER, text) {
        Ok(scenario) => {
            let played = scenario.play(&NEWSLETTER, Home::Memory, false).unwrap();
            played.findings
        }
        Err((_, findings)) => findings,
    };
    findings.iter().map(|finding| finding.code.0).collect()
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
