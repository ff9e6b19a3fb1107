//! What testing policies found, as scripts read it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::source::SourceMap;
use stateward::workbench::coverage::{CoverageReport, Gap, Missing, PolicyCoverage};
use stateward::workbench::{Kind, Report, Section};

use crate::output::check::Finding;
use crate::output::{Document, values};

/// `stateward/policy-test/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyTestDocument {
    /// The lifecycle.
    pub lifecycle: String,
    /// What was run, in order.
    pub sections: Vec<SectionLine>,
    /// How many checks were made.
    pub checks: usize,
    /// How many of them failed.
    pub failed: usize,
    /// How often policies were asked.
    pub decisions: usize,
    /// How long that took, in microseconds.
    pub micros: f64,
    /// What of the policies the cases have put to the test, if that was asked.
    pub coverage: Option<CoverageDocument>,
}

/// `stateward/policy-test-section/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct SectionLine {
    /// `cases`, `properties` or `snapshots`.
    pub kind: &'static str,
    /// The file's path, or what else it is called.
    pub title: String,
    /// How many checks were made.
    pub checks: usize,
    /// How many of them failed.
    pub failed: usize,
    /// Whether nothing is wrong.
    pub good: bool,
    /// How often policies were asked.
    pub decisions: usize,
    /// How long that took, in microseconds.
    pub micros: f64,
    /// What failed, and what kept checks from being made.
    pub findings: Vec<Finding>,
}

/// What of the policies the cases have put to the test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoverageDocument {
    /// How many branches there are: one for each statement to decide, two for each clause.
    pub branches: usize,
    /// How many of them were taken.
    pub taken: usize,
    /// The share of those, of a hundred.
    pub percent: f64,
    /// The least share that was asked for, of a hundred.
    pub required: Option<u8>,
    /// Whether it is reached; always, where none was asked for.
    pub reached: bool,
    /// Policy by policy.
    pub policies: Vec<PolicyCoverageLine>,
}

/// What of one policy the cases have put to the test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyCoverageLine {
    /// The policy.
    pub policy: String,
    /// How many branches it has.
    pub branches: usize,
    /// How many of them were taken.
    pub taken: usize,
    /// What was not.
    pub missing: Vec<GapLine>,
}

/// Something that no case has put to the test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GapLine {
    /// `file:line:column` of the statement or the clause.
    pub place: String,
    /// `allow` or `deny`.
    pub effect: String,
    /// Which of the statements made at its place it is, from 1.
    pub ordinal: u32,
    /// `asked`, `decided`, `true` or `false`: what the statement or the clause never was.
    pub never: &'static str,
    /// The clause, where one is meant.
    pub clause: Option<String>,
}

impl Document for PolicyTestDocument {
    const SCHEMA: &'static str = "stateward/policy-test/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        let schema = "stateward/policy-test-section/v1";
        Some((schema, values(&self.sections)))
    }
}

impl PolicyTestDocument {
    /// A report with the time that each of its sections took.
    pub fn new(lifecycle: &str, report: &Report, took: &[Duration]) -> Self {
        let sections = report.sections.iter().zip(took);
        let line = |(section, took): (&Section, &Duration)| {
            SectionLine::new(&report.sources, section, *took)
        };
        Self {
            lifecycle: lifecycle.to_owned(),
            sections: sections.map(line).collect(),
            checks: report.checks(),
            failed: report.failed(),
            decisions: report.sections.iter().map(|it| it.decisions).sum(),
            micros: micros(took.iter().sum()),
            coverage: None,
        }
    }

    /// Whether nothing is wrong, coverage included.
    pub fn is_good(&self) -> bool {
        let reached = self.coverage.as_ref().is_none_or(|it| it.reached);
        reached && self.sections.iter().all(|section| section.good)
    }
}

impl SectionLine {
    fn new(sources: &SourceMap, section: &Section, took: Duration) -> Self {
        Self {
            kind: match section.kind {
                Kind::Cases => "cases",
                Kind::Properties => "properties",
                Kind::Snapshots => "snapshots",
            },
            title: section.title.clone(),
            checks: section.checks,
            failed: section.failed,
            good: section.is_good(),
            decisions: section.decisions,
            micros: micros(took),
            findings: section
                .findings
                .iter()
                .map(|finding| Finding::new(sources, finding))
                .collect(),
        }
    }
}

impl CoverageDocument {
    /// A report of coverage, and the least that was asked for.
    pub fn new(sources: &SourceMap, report: &CoverageReport, required: Option<u8>) -> Self {
        let (branches, taken) = (report.branches(), report.taken());
        Self {
            branches,
            taken,
            percent: percent(taken, branches),
            required,
            reached: report.reaches(required.unwrap_or_default()),
            policies: report
                .policies
                .iter()
                .map(|policy| PolicyCoverageLine::new(sources, policy))
                .collect(),
        }
    }
}

impl PolicyCoverageLine {
    fn new(sources: &SourceMap, policy: &PolicyCoverage) -> Self {
        Self {
            policy: policy.policy.as_ref().to_owned(),
            branches: policy.branches,
            taken: policy.taken,
            missing: policy
                .gaps
                .iter()
                .map(|gap| GapLine::new(sources, gap))
                .collect(),
        }
    }
}

impl GapLine {
    fn new(sources: &SourceMap, gap: &Gap) -> Self {
        let id = gap.statement.id();
        let place = sources.locate(gap.span);
        let (never, clause) = match &gap.missing {
            Missing::Asked => ("asked", None),
            Missing::Decided => ("decided", None),
            Missing::True(clause) => ("true", Some(clause)),
            Missing::False(clause) => ("false", Some(clause)),
        };
        Self {
            place: place.as_ref().unwrap_or(&id.location).to_string(),
            effect: gap.statement.verb().to_string(),
            ordinal: id.ordinal,
            never,
            clause: clause.cloned(),
        }
    }
}

fn micros(took: Duration) -> f64 {
    // To the tenth: more would be noise.
    (took.as_secs_f64() * 10_000_000.0).round() / 10.0
}

/// The share of a hundred, rounded down to the tenth so that 100 is all of it; 100 of nothing.
fn percent(taken: usize, branches: usize) -> f64 {
    let tenths = (taken * 1000).checked_div(branches).unwrap_or(1000);
    f64::from(u32::try_from(tenths).unwrap_or(1000)) / 10.0
}
