//! What a run over a project's properties found, as sections of its report.

use super::builtin::{BuiltIn, check_built_ins};
use super::check::{Answers, Trial};
use super::regressions::Regression;
use super::stated::Properties;
use crate::bundle::Bundle;
use crate::source::{FileId, SourceMap};
use crate::workbench::{Folder, Kind, Section};

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// The section of the report.
    pub section: Section,
    /// How the requests were answered, where that was looked at.
    pub answers: Option<Answers>,
    /// The seeds of requests that broke something, to be kept.
    pub broke: Vec<Regression>,
}

/// Reads what a project states, and tries it: only properties with `filter` in their names, where
/// there is one. `None`, where nothing is meant.
pub fn stated(
    bundle: &Bundle,
    sources: &SourceMap,
    files: &[FileId],
    trial: &Trial,
    filter: Option<&str>,
) -> Option<Found> {
    let mut findings = Vec::new();
    let mut properties = Properties::load(bundle, sources, files, &mut findings);
    properties.retain(|property| filter.is_none_or(|text| property.title.contains(text)));
    if properties.iter().len() == 0 && findings.is_empty() {
        return None;
    }
    let checked = properties.check(bundle, trial);
    let failed = checked.verdicts.iter().filter(|it| !it.holds()).count();
    let mut broke = Vec::new();
    for verdict in checked.verdicts {
        let broken = verdict.tried.broken.as_ref();
        broke.extend(broken.map(|it| regression(it.seed, &verdict.title)));
        findings.extend(verdict.finding);
    }
    Some(Found {
        section: Section {
            kind: Kind::Properties,
            title: Folder::Properties.path(bundle),
            checks: properties.iter().len(),
            failed,
            decisions: count(checked.answers.all()),
            findings,
        },
        answers: Some(checked.answers),
        broke,
    })
}

/// Tries what every set of policies has to have.
pub fn built_in(bundle: &Bundle, trial: &Trial) -> Found {
    let checked = check_built_ins(bundle, trial);
    let seeds = checked.seeds.iter();
    Found {
        section: Section {
            kind: Kind::Properties,
            title: "any set of policies".to_owned(),
            checks: BuiltIn::ALL.len(),
            failed: checked.broken.len(),
            decisions: count(checked.requests),
            findings: checked.broken.into_iter().map(|(_, it)| it).collect(),
        },
        answers: None,
        broke: seeds
            .map(|(property, seed)| regression(*seed, property.title()))
            .collect(),
    }
}

fn regression(seed: u64, broke: &str) -> Regression {
    Regression {
        seed,
        broke: broke.to_owned(),
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
