//! The table of findings in the documents, against the catalogue and the examples.

use std::fmt::Write as _;
use std::path::Path;

use super::pages::{bundle_of, examples, reported};
use crate::diagnostic::{Severity, all};

const HEAD: &str = "\
# What `stateward check` finds

Every finding has a code; `stateward explain CODE` shows an example that fails and one that is fixed. An
*error* keeps a definition from loading. A *warning* fails nothing unless it is denied (`--deny`), and is
mended or [accepted](../workflows/README.md) with its reason; where the way that shows it rests on what is
not known of the account, it is told as a *note*. A *note* is only worth knowing.
";

/// The headings, each with what its codes begin with.
const FAMILIES: [(&str, &[&str]); 4] = [
    ("The files", &["W01", "W020", "W03"]),
    ("The shape of a lifecycle", &["A000", "A001"]),
    (
        "What it lets the wrong people do or learn",
        &["A100", "A101", "A105"],
    ),
    ("Findings that are accepted", &["W025"]),
];

#[test]
fn the_table_in_the_documents_is_up_to_date() {
    let severities = severities();
    let mut text = HEAD.to_owned();
    for (heading, prefixes) in FAMILIES {
        write!(
            text,
            "\n## {heading}\n\n| code | finding | severity |\n|---|---|---|\n"
        )
        .unwrap();
        let of_family = |code: &str| prefixes.iter().any(|prefix| code.starts_with(prefix));
        for page in all().iter().filter(|page| of_family(page.code.0)) {
            let known = severities.iter().find(|(code, _)| *code == page.code.0);
            let severity = match known {
                Some((_, severity)) => word(*severity),
                None => of_loading(page.code.0),
            };
            writeln!(text, "| {} | {} | {severity} |", page.code, page.title()).unwrap();
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("docs/checks.md");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    if written != text {
        let fresh = root.join("target/checks.md");
        std::fs::write(&fresh, &text).unwrap();
        panic!("docs/checks.md is not up to date: copy target/checks.md there");
    }
}

/// How bad each code is where its failing example raises it.
fn severities() -> Vec<(&'static str, Severity)> {
    let mut severities = Vec::new();
    for (code, files) in examples() {
        let (bundle, checks) = bundle_of(files);
        let report = reported(&bundle, &checks);
        let mut found = report.findings.iter().map(|it| &it.diagnostic);
        if let Some(found) = found.find(|it| it.code.0 == code) {
            severities.push((code, found.severity));
        }
    }
    severities
}

/// What loading warns of; all else that it finds is an error. Pages without an example are notes.
fn of_loading(code: &str) -> &'static str {
    match code {
        "W0202" | "W0208" => "note",
        _ if code.starts_with("W020") => "warning",
        _ if code.starts_with('A') => "note",
        _ => "error",
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
