//! What is shipped loads without a finding.

use crate::fixture::{newsletter, shipped};

#[test]
fn the_resource_account_lifecycle_has_no_findings() {
    assert!(shipped().warnings.is_empty(), "{:#?}", shipped().warnings);
}

#[test]
fn the_newsletter_has_no_findings() {
    assert!(
        newsletter().warnings.is_empty(),
        "{:#?}",
        newsletter().warnings
    );
}
