//! What a run over a project's properties found, as sections of its report.

use super::builtin::{BuiltIn, check_built_ins};
use super::check::{Answers, Trial};
use super::regressions::{Regression, Regressions};
use super::stated::Properties;
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, SourceMap};
use crate::workbench::{Folder, Kind, Section};

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// A section for what the project states, and one for what holds of every set of policies.
    pub sections: Vec<Section>,
    /// How the requests were answered that the project's properties were tried on.
    pub answers: Answers,
    /// The seeds of requests that broke something, to be kept.
    pub broke: Vec<Regression>,
}

/// Reads the properties of a project and tries them, and those that every set of policies has to
/// have. Only properties with `filter` in their names are meant, where there is one.
pub fn check(
    bundle: &Bundle,
    sources: &SourceMap,
    files: &[FileId],
    kept: &Regressions,
    trial: &Trial,
    filter: Option<&str>,
) -> Found {
    let mut findings = Vec::new();
    let mut properties = Properties::load(bundle, sources, files, &mut findings);
    let is_meant = |title: &str| filter.is_none_or(|text| title.contains(text));
    properties.retain(|property| is_meant(&property.title));
    let trial = Trial {
        kept: trial.kept.iter().copied().chain(kept.seeds()).collect(),
        ..trial.clone()
    };
    let mut found = Found {
        sections: Vec::new(),
        answers: Answers::default(),
        broke: Vec::new(),
    };
    if properties.iter().len() > 0 || !findings.is_empty() {
        found.stated(bundle, &properties, findings, &trial);
    }
    if BuiltIn::ALL.iter().all(|it| is_meant(it.title())) {
        found.built_in(bundle, &trial);
    }
    found
}

impl Found {
    fn stated(
        &mut self,
        bundle: &Bundle,
        properties: &Properties,
        mut findings: Vec<Diagnostic>,
        trial: &Trial,
    ) {
        let checked = properties.check(bundle, trial);
        self.answers = checked.answers;
        let failed = checked.verdicts.iter().filter(|it| !it.holds()).count();
        for verdict in checked.verdicts {
            if let Some(broken) = &verdict.tried.broken {
                self.broke.push(Regression {
                    seed: broken.seed,
                    broke: verdict.title.to_string(),
                });
            }
            findings.extend(verdict.finding);
        }
        self.sections.push(Section {
            kind: Kind::Properties,
            title: Folder::Properties.path(bundle),
            checks: properties.iter().len(),
            failed,
            decisions: count(checked.answers.all()),
            findings,
        });
    }

    fn built_in(&mut self, bundle: &Bundle, trial: &Trial) {
        let checked = check_built_ins(bundle, trial);
        for (property, seed) in checked.seeds {
            self.broke.push(Regression {
                seed,
                broke: property.title().to_owned(),
            });
        }
        self.sections.push(Section {
            kind: Kind::Properties,
            title: "any set of policies".to_owned(),
            checks: BuiltIn::ALL.len(),
            failed: checked.broken.len(),
            decisions: count(checked.requests),
            findings: checked.broken.into_iter().map(|(_, it)| it).collect(),
        });
    }
}

fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
