//! The lifecycles that are shipped load without errors and warnings.

use std::path::Path;

use crate::diagnostic::Severity;
use crate::expr::functions::FUNCTIONS;
use crate::expr::{Compiler, Expected, Type};
use crate::lifecycle::load;
use crate::source::{SourceMap, Span};

/// The files of a shipped lifecycle.
fn sources(name: &str) -> SourceMap {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    crate::bundle::read_sources(&root, name).unwrap()
}

/// The reference shows the examples; readers try them in policies of the lifecycle that is shipped.
#[test]
fn the_examples_of_functions_are_conditions_of_its_policies() {
    let lifecycle = load(&sources("resource_account"), "resource_account").lifecycle;
    let vocabulary = lifecycle.unwrap().vocabulary.with_optional("input");
    let compiler = Compiler::new(&vocabulary, None).unwrap();
    let expected = Expected {
        ty: Some(Type::Bool),
        optional: false,
        may_read: &|_| Ok(()),
    };
    for function in &FUNCTIONS {
        let example = function.example;
        let file = SourceMap::default().add("example", example);
        let span = Span::new(file, 0..example.len());
        let compiled = compiler.expression(example, span, &expected);
        assert!(compiled.is_ok(), "{example}: {compiled:?}");
    }
}

#[test]
fn every_shipped_lifecycle_loads_without_warnings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows");
    let folders = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = Vec::new();
    for folder in folders {
        let name = folder.file_name().into_string().unwrap();
        let editions = std::fs::read_dir(folder.path().join("editions"));
        for edition in editions.into_iter().flatten().map(|entry| entry.unwrap()) {
            names.push(format!("{name}@{}", edition.file_name().to_str().unwrap()));
        }
        names.push(name);
    }
    for name in &names {
        let sources = sources(name);
        let findings: Vec<String> = load(&sources, name)
            .diagnostics
            .iter()
            .filter(|found| found.severity > Severity::Info)
            .map(|found| {
                let place = sources.locate(found.primary.span);
                let place = place.map(|place| place.to_string()).unwrap_or_default();
                format!("{place} {} {}", found.code, found.message)
            })
            .collect();
        assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
    }
    assert!(names.len() >= 3, "{names:?}");
}
