//! What a run of the workbench found: cases, properties and snapshots tell it in one form.

use super::cases::Cases;
use crate::bundle::Bundle;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap};

/// What kind of checks a section makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Single requests with the expected answer.
    Cases,
    /// What must hold of every request.
    Properties,
    /// Decisions, as they were last accepted.
    Snapshots,
}

/// What one file, or whatever else has a name of its own, was found to say.
#[derive(Debug, Clone)]
pub struct Section {
    /// The kind of its checks.
    pub kind: Kind,
    /// The file's path, or what else it is called.
    pub title: String,
    /// How many checks were made.
    pub checks: usize,
    /// How many of them failed.
    pub failed: usize,
    /// How often policies were asked.
    pub decisions: usize,
    /// What failed, and what kept checks from being made.
    pub findings: Vec<Diagnostic>,
}

impl Section {
    /// Runs the cases of a file; `found` is what was found while it was read, and kept it from being
    /// read where there are none.
    pub fn of_cases(
        bundle: &Bundle,
        sources: &SourceMap,
        file: FileId,
        cases: Option<Cases>,
        mut found: Vec<Diagnostic>,
    ) -> Self {
        let title = sources.file(file).map_or("", |file| &file.path).to_owned();
        let blank = Self {
            kind: Kind::Cases,
            title,
            checks: 0,
            failed: 0,
            decisions: 0,
            findings: Vec::new(),
        };
        let Some(cases) = cases else {
            return Self {
                findings: found,
                ..blank
            };
        };
        let failures = cases.run(bundle);
        let failed = failures.len();
        found.extend(failures);
        Self {
            checks: cases.cases.len(),
            failed,
            decisions: cases.cases.len(),
            findings: found,
            ..blank
        }
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        self.failed == 0 && !self.findings.iter().any(is_error)
    }
}

/// A whole run.
#[derive(Debug)]
pub struct Report {
    /// The files that findings point into: those of the bundle and those of the workbench.
    pub sources: SourceMap,
    /// What was found, in the order it was run.
    pub sections: Vec<Section>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.sections.iter().all(Section::is_good)
    }

    /// How many checks were made.
    pub fn checks(&self) -> usize {
        self.sections.iter().map(|section| section.checks).sum()
    }

    /// How many of them failed.
    pub fn failed(&self) -> usize {
        self.sections.iter().map(|section| section.failed).sum()
    }
}
