//! The reference of the language of policies.

use std::fs;
use std::path::Path;

use crate::common::Project;

#[test]
fn the_page_in_the_documents_is_what_is_printed() {
    let printed = Project::empty().run("policy reference").exits(0).stdout;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policy-reference.md");
    let page = fs::read_to_string(path).unwrap();
    let run = "run `stateward policy reference > docs/policy-reference.md`";
    assert_eq!(page, printed, "the page is not up to date: {run}");
}

#[test]
fn scripts_read_it() {
    let answer = Project::empty().run("policy reference -o json").exits(0);
    let document = answer.json();
    let has = |list: &str, field: &str, word: &str| {
        let items = document[list].as_array().unwrap();
        items.iter().any(|it| it[field] == word)
    };
    assert!(has("clauses", "word", "unless"));
    assert!(has("names", "path", "context.NAME"));
    assert!(has("names", "path", "principal.name"));
    assert!(has("operators", "word", "??"));
    assert!(has("functions", "signature", "has(name) -> bool"));
    assert!(has("codes", "word", "P0115"));
}
