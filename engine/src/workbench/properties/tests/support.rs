//! The shipped definition, changed here and there.

use std::fmt::Write as _;
use std::path::Path;

use crate::bundle::{Bundle, read_sources};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceMap, Span};
use crate::workbench::Folder;
use crate::workbench::properties::{Properties, Trial, Verdict};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A short trial, for what shows soon.
pub(in crate::workbench::properties) fn few() -> Trial {
    Trial {
        requests: 300,
        ..Trial::default()
    }
}

/// A long trial, for what shows late.
pub(in crate::workbench::properties) fn many() -> Trial {
    Trial {
        requests: 4_000,
        ..Trial::default()
    }
}

/// The shipped definition.
pub(in crate::workbench::properties) fn shipped() -> Bundle {
    changed(&[])
}

/// The shipped definition with pieces of its files replaced, or files added where nothing is
/// replaced.
pub(in crate::workbench::properties) fn changed(changes: &[(&str, &str, &str)]) -> Bundle {
    let lifecycle = "resource_account";
    let shipped = read_sources(root(), lifecycle).unwrap();
    let mut sources = SourceMap::default();
    let mut used = vec![false; changes.len()];
    for file in shipped.files() {
        let mut text = file.text.to_string();
        for ((path, old, new), used) in changes.iter().zip(&mut used) {
            if *path == &*file.path {
                assert!(text.contains(old), "{path} has no `{old}`");
                text = text.replace(old, new);
                *used = true;
            }
        }
        sources.add(&file.path, &text);
    }
    for ((path, _, text), _) in changes.iter().zip(&used).filter(|(_, used)| !**used) {
        sources.add(path, text);
    }
    Bundle::load(sources, lifecycle).unwrap_or_else(|error| panic!("{:?}", error.diagnostics))
}

/// The shipped properties over a bundle, and the files that findings are in.
pub(in crate::workbench::properties) fn shipped_properties(
    bundle: &Bundle,
) -> (Properties, SourceMap) {
    let mut sources = bundle.sources.clone();
    let files = Folder::Properties
        .read(bundle, root(), &mut sources)
        .unwrap();
    load(bundle, sources, &files)
}

/// The properties of a text over a bundle.
pub(in crate::workbench::properties) fn stated(
    bundle: &Bundle,
    text: &str,
) -> (Properties, SourceMap) {
    let mut sources = bundle.sources.clone();
    let file = sources.add("policies/properties/stated.rhai", text);
    load(bundle, sources, &[file])
}

fn load(
    bundle: &Bundle,
    sources: SourceMap,
    files: &[crate::source::FileId],
) -> (Properties, SourceMap) {
    let mut findings = Vec::new();
    let properties = Properties::load(bundle, &sources, files, &mut findings);
    assert_eq!(report(&sources, &findings), "");
    (properties, sources)
}

/// What is wrong with a text of properties.
pub(in crate::workbench::properties) fn wrong(bundle: &Bundle, text: &str) -> String {
    let mut sources = bundle.sources.clone();
    let file = sources.add("policies/properties/stated.rhai", text);
    let mut findings = Vec::new();
    Properties::load(bundle, &sources, &[file], &mut findings);
    assert!(findings.iter().all(|it| it.severity == Severity::Error));
    report(&sources, &findings)
}

/// Findings as `code file:line:col message [underlined]`, each with its help below.
pub(in crate::workbench::properties) fn report(
    sources: &SourceMap,
    findings: &[Diagnostic],
) -> String {
    let under = |span: Span| {
        let text = &sources.file(span.file).unwrap().text;
        text[span.start as usize..span.end as usize].replace('\n', " ")
    };
    let mut out = String::new();
    for finding in findings {
        let place = sources.locate(finding.primary.span).unwrap();
        let (code, says) = (finding.code, &finding.message);
        let underlined = under(finding.primary.span);
        writeln!(out, "{code} {place} {says} [{underlined}]").unwrap();
        if !finding.primary.text.is_empty() {
            writeln!(out, "  {}", finding.primary.text).unwrap();
        }
        for label in &finding.secondary {
            let place = sources.locate(label.span).unwrap();
            writeln!(out, "  {} {place} [{}]", label.text, under(label.span)).unwrap();
        }
        for help in &finding.help {
            writeln!(out, "  help: {help}").unwrap();
        }
    }
    out
}

/// The one verdict on a broken property: what is said of it, and the case to paste.
pub(in crate::workbench::properties) fn broken(
    sources: &SourceMap,
    verdicts: &[Verdict],
    title: &str,
) -> String {
    let verdict = verdicts.iter().find(|it| &*it.title == title).unwrap();
    let finding = verdict.finding.as_slice();
    let said = report(sources, finding);
    format!("{said}{}", verdict.case.as_deref().unwrap_or_default())
}
