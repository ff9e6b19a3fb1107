//! What is shipped loads without a finding.

use std::path::Path;

use stateward::bundle::{Bundle, read_sources};
use stateward::source::SourceMap;

use crate::fixture::shipped;

#[test]
fn the_resource_account_lifecycle_has_no_findings() {
    assert!(shipped().warnings.is_empty(), "{:#?}", shipped().warnings);
}

/// Readers own their accounts, so the newsletter needs no policies, and is loaded without any.
#[test]
fn the_newsletter_has_no_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = SourceMap::default();
    for file in read_sources(&root, "newsletter").unwrap().files() {
        if file.path.starts_with("workflows/") {
            sources.add(&file.path, &file.text);
        }
    }

    let loaded = Bundle::load(sources, "newsletter").unwrap();

    assert!(loaded.warnings.is_empty(), "{:#?}", loaded.warnings);
}
