//! The shipped lifecycles: what is found in them, and that all of it is mended or accepted.

use std::path::Path;

use crate::analysis::{Report, check, read_files};
use crate::bundle::{Bundle, read_sources};

fn report(lifecycle: &str) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bundle = Bundle::load(read_sources(&root, lifecycle).unwrap(), lifecycle).unwrap();
    check(&bundle, read_files(&bundle, &root).unwrap())
}

/// `code place: message`, in the order of places.
fn open(report: &Report) -> String {
    let lines = report.open().map(|finding| {
        let place = report.sources.locate(finding.diagnostic.primary.span);
        let place = place.map(|place| place.to_string()).unwrap_or_default();
        let at = finding.at.as_deref().unwrap_or_default();
        let (code, says) = (finding.diagnostic.code, &finding.diagnostic.message);
        format!("{code} {place} [{at}] {says}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_finding_in_the_shipped_lifecycles_is_mended_or_accepted() {
    for lifecycle in [
        "resource_account",
        "newsletter",
        "aws_member",
        "gcp_project",
    ] {
        assert_eq!(open(&report(lifecycle)), "", "{lifecycle}");
    }
}
