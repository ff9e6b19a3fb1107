//! What checking a definition found, and which of it is accepted.

use std::sync::Arc;

use super::accepted::Accepted;
use super::codes;
use super::found::Found;
use super::places::Places;
use super::way::Way;
use crate::bundle::Bundle;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::SourceMap;

/// What was found, by place.
#[derive(Debug)]
pub struct Report {
    /// The files that findings point into: those of the bundle and those beside it.
    pub sources: SourceMap,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What is wrong, where, and what to do.
    pub diagnostic: Diagnostic,
    /// What it is about, by name: what accepted.yaml calls it under `at:`.
    pub at: Option<Arc<str>>,
    /// Why it is accepted, if it is.
    pub accepted: Option<Arc<str>>,
    /// The way that shows it, where there is one.
    pub way: Option<Way>,
}

impl Report {
    /// The findings in a bundle, those of the file of acceptances among them, without those that
    /// are meant.
    pub(super) fn new(
        bundle: &Bundle,
        sources: SourceMap,
        found: Vec<Found>,
        accepted: &Accepted,
    ) -> Self {
        let places = Places::of(bundle);
        let mut used = vec![false; accepted.entries().count()];
        let mut findings: Vec<Finding> = Vec::with_capacity(found.len());
        for Found { diagnostic, way } in found {
            let at = places.at(diagnostic.primary.span).cloned();
            let accepted = accepted.find(diagnostic.code, at.as_deref());
            if let Some(used) = accepted.and_then(|(number, _)| used.get_mut(number)) {
                *used = true;
            }
            findings.push(Finding {
                accepted: accepted.map(|(_, entry)| entry.because.clone()),
                diagnostic,
                at,
                way,
            });
        }
        let entries = accepted.entries().zip(used);
        let unused = entries.filter(|(_, used)| !used).map(|(entry, _)| entry);
        for entry in unused {
            let (span, says) = match entry.at.as_deref() {
                Some(at) => (
                    entry.at_span,
                    format!("`{at}` has no finding {}", entry.code),
                ),
                None => (entry.span, format!("there is no finding {}", entry.code)),
            };
            let mut vain = Diagnostic::warning(codes::ACCEPTED_IN_VAIN, span, says);
            let is_name = |at: &str| places.names().any(|name| name == at);
            if let Some(at) = entry.at.as_deref().filter(|at| !is_name(at)) {
                vain = vain.did_you_mean(at, places.names());
            }
            findings.push(Finding {
                diagnostic: vain.help("remove it: what it accepted is mended"),
                at: None,
                accepted: None,
                way: None,
            });
        }
        let place = |it: &Finding| (it.diagnostic.primary.span, it.diagnostic.code);
        findings.sort_by_key(place);
        Self { sources, findings }
    }

    /// The findings that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.accepted.is_none())
    }

    /// How many open findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        let same = |it: &&Finding| it.diagnostic.severity == severity;
        self.open().filter(same).count()
    }

    /// How many findings are accepted.
    pub fn accepted(&self) -> usize {
        self.findings.len() - self.open().count()
    }

    /// Accepts every finding of a code.
    pub fn accept(&mut self, code: Code, because: &str) {
        let of_code = |it: &&mut Finding| it.diagnostic.code == code && it.accepted.is_none();
        for finding in self.findings.iter_mut().filter(of_code) {
            finding.accepted = Some(because.into());
        }
    }

    /// Makes errors of the open findings for which `is_denied` is true.
    pub fn deny(&mut self, is_denied: impl Fn(&Diagnostic) -> bool) {
        let open = self.findings.iter_mut().filter(|it| it.accepted.is_none());
        for finding in open.filter(|it| is_denied(&it.diagnostic)) {
            finding.diagnostic.severity = Severity::Error;
        }
    }
}
