//! Properties: reading them, what is shipped, what each of them catches, and what they never get
//! wrong.

mod claims;
mod mutants;
mod reading;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::{Checked, Properties, Verdict, check, load};
use crate::analysis::Limits;
use crate::bundle::{Bundle, read_sources};
use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn shipped(lifecycle: &str) -> Bundle {
    Bundle::load(read_sources(&root(), lifecycle).unwrap(), lifecycle).unwrap()
}

/// The text of the shipped properties of a lifecycle.
fn shipped_properties(lifecycle: &str) -> String {
    let path = format!("workflows/{lifecycle}/checks/properties.yaml");
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// A file of properties of a bundle, with what is wrong with it.
fn read(bundle: &Bundle, text: &str) -> (Option<Properties>, SourceMap, Vec<Diagnostic>) {
    let mut sources = bundle.sources.clone();
    let file = sources.add(&super::path(bundle), text);
    let mut findings = Vec::new();
    let properties = load(bundle, &sources, file, &mut findings);
    (properties, sources, findings)
}

fn checked<'b, 'p>(bundle: &'b Bundle, properties: &'p Properties) -> Vec<Checked<'b, 'p>> {
    let go_on = &mut |_| ControlFlow::Continue(());
    check(bundle, properties, &Limits::default(), go_on)
}

/// What is found in a file of properties, with the places in it.
fn found(bundle: &Bundle, text: &str) -> String {
    let (properties, sources, mut findings) = read(bundle, text);
    let properties = properties.iter();
    let checked = properties.flat_map(|it| checked(bundle, it));
    findings.extend(checked.filter_map(|it| it.finding()));
    let mut out = String::new();
    for finding in &findings {
        tell(&sources, finding, &mut out);
    }
    out
}

fn tell(sources: &SourceMap, finding: &Diagnostic, out: &mut String) {
    let at = sources.locate(finding.primary.span).unwrap();
    let (line, column) = (at.line, at.column);
    writeln!(out, "{} {line}:{column} {}", finding.code, finding.message).unwrap();
    if !finding.primary.text.is_empty() {
        writeln!(out, "  {}", finding.primary.text).unwrap();
    }
    for help in &finding.help {
        for line in help.lines() {
            writeln!(out, "    {line}").unwrap();
        }
    }
}

#[test]
fn what_is_shipped_holds() {
    let shipped_ones = [
        ("resource_account", 40),
        ("newsletter", 4),
        ("aws_member", 7),
        ("gcp_project", 5),
    ];
    for (lifecycle, least) in shipped_ones {
        let bundle = shipped(lifecycle);
        let (properties, _, findings) = read(&bundle, &shipped_properties(lifecycle));
        assert_eq!(findings, []);
        let properties = properties.unwrap();
        assert!(properties.properties.len() >= least);
        for it in checked(&bundle, &properties) {
            let name = &it.property.name;
            assert!(
                matches!(it.verdict, Verdict::Holds(_)),
                "{name}: {:?}",
                it.verdict
            );
            assert!(it.finding().is_none());
        }
    }
}
