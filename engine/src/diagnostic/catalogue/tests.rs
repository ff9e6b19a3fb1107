//! The catalogue against the sources: every code has one page, and every page one code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{all, explain};

#[test]
fn every_page_is_headed_by_its_code() {
    for explanation in all() {
        let heading = format!("# {}: ", explanation.code);
        assert!(
            explanation.page.starts_with(&heading),
            "{}",
            explanation.code
        );
        assert!(!explanation.title().ends_with('.'), "{}", explanation.code);
        let page = explanation.page;
        let has_examples = page.contains("\n## Fails\n") && page.contains("\n## Fixed\n");
        let has_advice = page.contains("\n## What to do\n");
        assert!(has_examples || has_advice, "{}", explanation.code);
    }
}

#[test]
fn no_code_is_listed_twice_and_no_page_is_forgotten() {
    let listed: Vec<&str> = all().iter().map(|explanation| explanation.code.0).collect();
    let distinct: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(distinct.len(), listed.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("explain");
    let pages: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = distinct.iter().map(|code| format!("{code}.md"));
    assert_eq!(pages, expected.collect());
}

#[test]
fn a_code_is_found_however_it_is_written() {
    assert_eq!(explain("w0104").unwrap().code.0, "W0104");
    assert_eq!(explain("W0104").unwrap().title(), "a key is written twice");
    assert!(explain("W9999").is_none());
}

#[test]
fn every_code_in_the_sources_has_a_page_and_is_declared_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["engine/src", "cli/src"] {
        visit(&root.join(folder), &mut |path, text| {
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for code in codes(text) {
                assert!(
                    explain(code).is_some(),
                    "{code} in {} has no page",
                    path.display()
                );
            }
            let declarations = text
                .lines()
                .filter(|line| line.contains(" = \"") || line.contains("Code = Code(\""));
            for code in declarations.flat_map(codes) {
                let places = declared.entry(code.to_owned()).or_default();
                places.push(path.display().to_string());
            }
        });
    }
    declared.retain(|_, places| places.len() > 1);
    assert!(declared.is_empty(), "declared more than once: {declared:?}");
}

fn visit(folder: &Path, file: &mut dyn FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                visit(&path, file);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            file(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The quoted codes in a text: a family's letter and four digits.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|word| {
        word.len() == 5
            && word.starts_with(['W', 'P', 'A', 'D', 'V', 'Q', 'S', 'C'])
            && word.bytes().skip(1).all(|b| b.is_ascii_digit())
    })
}
