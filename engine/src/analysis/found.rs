//! What a check finds on its way to a report.

use std::collections::BTreeSet;

use super::firing::Certainty;
use super::path::Path;
use super::product::Product;
use super::space::Of;
use super::way::Way;
use crate::diagnostic::{Diagnostic, Severity};
use crate::name::Name;

/// Something found, with the way that shows it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) diagnostic: Diagnostic,
    pub(super) way: Option<Way>,
}

impl From<Diagnostic> for Found {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostic,
            way: None,
        }
    }
}

impl Found {
    /// A finding that a path leads to.
    pub(super) fn along(diagnostic: Diagnostic, product: &Product<'_>, path: &Path) -> Self {
        // A path of no steps is all in where it begins.
        let reads = match path.steps.is_empty() {
            true => attributes(product),
            false => BTreeSet::new(),
        };
        let way = Way::new(product, path, None, &reads);
        Self {
            diagnostic: diagnostic.help(way.told()),
            way: Some(way),
        }
    }

    /// A finding that a path shows. Where the path rests on what is not known, the finding is only
    /// worth knowing: it may be that nobody can go there.
    pub(super) fn shown(diagnostic: Diagnostic, product: &Product<'_>, path: &Path) -> Self {
        let mut found = Self::along(diagnostic, product, path);
        if path.certainty(product) == Certainty::Open {
            let open = "whether it comes about depends on what is not known of the account";
            found.diagnostic.severity = Severity::Info;
            found.diagnostic.help.push(open.to_owned());
        }
        found
    }
}

/// The attributes that the product tells the values of.
fn attributes(product: &Product<'_>) -> BTreeSet<Name> {
    let variables = product.model().space().variables().iter();
    let names = variables.filter_map(|variable| match &variable.of {
        Of::Attribute(name) => Some(name.clone()),
        Of::Workflow(_) => None,
    });
    names.collect()
}
