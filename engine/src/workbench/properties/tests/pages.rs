//! The pages of this module's codes: each failing example raises its code and no other, each fixed
//! one none.

use super::support::{few, shipped};
use crate::workbench::properties::{Properties, Regressions, codes};

fn example<'p>(page: &'p str, heading: &str) -> (&'p str, &'p str) {
    let (_, after) = page.split_once(heading).unwrap();
    let (_, fence) = after.split_once("```").unwrap();
    let (info, rest) = fence.split_once('\n').unwrap();
    (info, rest.split_once("\n```").unwrap().0)
}

fn codes_of((info, text): (&str, &str)) -> Vec<&'static str> {
    let bundle = shipped();
    let mut sources = bundle.sources.clone();
    let mut findings = Vec::new();
    let file = sources.add("policies/properties/example", text);
    if info.starts_with("rhai") {
        let properties = Properties::load(&bundle, &sources, &[file], &mut findings);
        let checked = properties.check(&bundle, &few());
        findings.extend(checked.verdicts.into_iter().filter_map(|it| it.finding));
    } else {
        Regressions::read(file, text, &mut findings);
    }
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
