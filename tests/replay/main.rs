//! The committed corpora of the fuzz targets, through the same functions, on stable.

use std::fs;
use std::path::{Path, PathBuf};

use acceptance::fuzz;

fn inputs(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let files = fs::read_dir(&folder).expect("the corpus is there");
    let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() >= 5, "{target} has a corpus worth replaying");
    files
}

#[track_caller]
fn replay(target: &str, body: fn(&[u8])) {
    for file in inputs(target) {
        let data = fs::read(&file).expect("a readable file");
        let outcome = std::panic::catch_unwind(|| body(&data));
        assert!(outcome.is_ok(), "{}", file.display());
    }
}

#[test]
fn lifecycle_yaml() {
    replay("lifecycle_yaml", fuzz::lifecycle_yaml);
}

#[test]
fn policy_script() {
    replay("policy_script", fuzz::policy_script);
}

#[test]
fn policy_document() {
    replay("policy_document", fuzz::policy_document);
}

#[test]
fn policy_format() {
    replay("policy_format", fuzz::policy_format);
}

#[test]
fn pattern_match() {
    replay("pattern_match", fuzz::pattern_match);
}

#[test]
fn expression() {
    replay("expression", fuzz::expression);
}

#[test]
fn commands() {
    replay("commands", fuzz::commands);
}

/// Every target of the fuzz workspace is replayed here.
#[test]
fn no_target_is_forgotten() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    for target in fs::read_dir(targets).expect("the targets are there") {
        let path = target.expect("an entry").path();
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let here = include_str!("main.rs");
        assert!(
            here.contains(&format!("fn {name}()")),
            "{name} is not replayed"
        );
    }
}
