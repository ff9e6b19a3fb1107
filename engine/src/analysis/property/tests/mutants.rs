//! What each shipped property is there for: a fault in the shipped definition that it alone finds.

mod accounts;
mod others;

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::{checked, read, shipped_properties, tell};
use crate::bundle::{Bundle, read_sources};
use crate::source::SourceMap;

/// A property that must no longer hold, and the small change of the shipped files that it finds:
/// file, text that is there once, text in its place.
type Fault = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

/// The faults of each lifecycle.
const LIFECYCLES: [(&str, &[Fault]); 4] = [
    ("resource_account", accounts::FAULTS),
    ("newsletter", others::NEWSLETTER),
    ("aws_member", others::AWS_MEMBER),
    ("gcp_project", others::GCP_PROJECT),
];

fn faults() -> impl Iterator<Item = (&'static str, &'static Fault)> {
    let of = |(lifecycle, faults): (&'static str, &'static [Fault])| {
        faults.iter().map(move |fault| (lifecycle, fault))
    };
    LIFECYCLES.into_iter().flat_map(of)
}

/// The shipped definition with a fault.
fn mutant(lifecycle: &str, (property, edits): &Fault) -> Bundle {
    let mut sources = SourceMap::default();
    let mut made = 0;
    let shipped = read_sources(&super::root(), lifecycle).unwrap();
    for file in shipped.files() {
        let mut text = file.text.to_string();
        for (path, before, after) in *edits {
            if *path == &*file.path {
                assert_eq!(text.matches(before).count(), 1, "{property}: {before}");
                text = text.replace(before, after);
                made += 1;
            }
        }
        sources.add(&file.path, &text);
    }
    assert_eq!(made, edits.len(), "{property}");
    Bundle::load(sources, lifecycle).unwrap()
}

static FOUND: LazyLock<String> = LazyLock::new(|| {
    let mut out = String::new();
    for (lifecycle, fault) in faults() {
        let (property, _) = fault;
        let bundle = mutant(lifecycle, fault);
        let (properties, sources, findings) = read(&bundle, &shipped_properties(lifecycle));
        assert_eq!(findings, [], "{property}");
        let properties = properties.unwrap();
        writeln!(out, "{property}").unwrap();
        for it in checked(&bundle, &properties) {
            if let Some(finding) = it.finding() {
                tell(&sources, &finding, &mut out);
            }
        }
        writeln!(out).unwrap();
    }
    out
});

#[test]
fn every_shipped_property_has_a_fault_that_it_alone_finds() {
    for (lifecycle, faults) in LIFECYCLES {
        let mut text = shipped_properties(lifecycle);
        for (property, _) in faults {
            let line = format!("  - name: {property}\n");
            assert!(text.contains(&line), "{property}");
            text = text.replacen(&line, "", 1);
        }
        assert!(!text.contains("  - name: "), "{lifecycle}: {text}");
    }
    for ((_, (property, _)), found) in faults().zip(FOUND.split("\n\n")) {
        let findings: Vec<&str> = found.lines().filter(|line| line.starts_with('A')).collect();
        let [finding] = findings.as_slice() else {
            panic!("{found}");
        };
        assert!(finding.starts_with("A0051"), "{found}");
        assert!(finding.ends_with(property), "{found}");
    }
}

#[test]
fn the_way_on_which_each_breaks_is_told() {
    insta::assert_snapshot!(*FOUND);
}
