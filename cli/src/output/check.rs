//! Findings in a definition, as scripts read them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::analysis::{self, Certainty};
use stateward::diagnostic::{Diagnostic, Severity};
use stateward::source::{SourceMap, Span};

use super::{Document, values};

/// `stateward/check/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckDocument {
    /// The lifecycle, if it could be loaded.
    pub lifecycle: Option<String>,
    /// Its edition, if it could be loaded.
    pub edition: Option<String>,
    /// Fingerprint of everything that was loaded.
    pub fingerprint: Option<String>,
    /// How many files were read.
    pub files: usize,
    /// How many workflows there are.
    pub workflows: usize,
    /// How many states, over all workflows.
    pub states: usize,
    /// How many transitions, over all workflows.
    pub transitions: usize,
    /// How many policies.
    pub policies: usize,
    /// How many findings are errors; none of those that are accepted counts here or below.
    pub errors: usize,
    /// How many findings are warnings.
    pub warnings: usize,
    /// How many findings are only worth knowing.
    pub notes: usize,
    /// How many findings are accepted.
    pub accepted: usize,
    /// The findings, also those that are accepted.
    pub findings: Vec<Finding>,
}

impl Document for CheckDocument {
    const SCHEMA: &'static str = "stateward/check/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/finding/v1", values(&self.findings)))
    }
}

/// `stateward/finding/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The code, for `explain`.
    pub code: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// What it is about, by name: what accepted.yaml calls it under `at:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why it is accepted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// The place that it is about.
    pub place: Option<Place>,
    /// Words under the place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Other places that explain it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// An edit that would mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
    /// The way that shows it, step by step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<WayDocument>,
}

/// A way from where accounts begin to what is found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WayDocument {
    /// `sure`, `supplied` (if requesters bring what conditions ask for) or `open` (if what is not
    /// known of the account turns out so).
    pub certainty: &'static str,
    /// The steps, in order.
    pub steps: Vec<WayLine>,
}

/// One step of a way.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WayLine {
    /// What fires.
    pub transition: String,
    /// Who asks for it; absent, where its time has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What is proved for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<String>,
    /// What must hold besides, and is not known to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provided: Vec<String>,
    /// What is changed by it.
    pub then: String,
}

impl From<&analysis::Way> for WayDocument {
    fn from(way: &analysis::Way) -> Self {
        let line = |step: &analysis::WayStep| WayLine {
            transition: step.transition.to_string(),
            by: step.by.as_ref().map(ToString::to_string),
            proofs: step.proofs.iter().map(ToString::to_string).collect(),
            provided: step.provided.clone(),
            then: step.then.clone(),
        };
        Self {
            certainty: match way.certainty {
                Certainty::Sure => "sure",
                Certainty::Supplied => "supplied",
                Certainty::Open => "open",
            },
            steps: way.steps.iter().map(line).collect(),
        }
    }
}

/// A range of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Place {
    /// Path relative to the project.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// First byte of the range.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// Another place with a few words about it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Related {
    /// Where.
    pub place: Option<Place>,
    /// What is there.
    pub label: String,
}

/// A replacement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suggestion {
    /// What to replace.
    pub place: Option<Place>,
    /// With what.
    pub replacement: String,
}

impl Finding {
    /// A diagnostic with its places looked up.
    pub fn new(sources: &SourceMap, diagnostic: &Diagnostic) -> Self {
        let related = |label: &stateward::diagnostic::Label| Related {
            place: Place::of(sources, label.span),
            label: label.text.clone(),
        };
        Self {
            code: diagnostic.code.0,
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            },
            message: diagnostic.message.clone(),
            at: None,
            accepted: None,
            place: Place::of(sources, diagnostic.primary.span),
            label: diagnostic.primary.text.clone(),
            related: diagnostic.secondary.iter().map(related).collect(),
            help: diagnostic.help.clone(),
            suggestion: diagnostic.suggestion.as_ref().map(|edit| Suggestion {
                place: Place::of(sources, edit.span),
                replacement: edit.replacement.clone(),
            }),
            way: None,
        }
    }

    /// A finding of a check: with what it is about, and why it is accepted.
    pub fn of_check(sources: &SourceMap, finding: &analysis::Finding) -> Self {
        let text = |text: &Arc<str>| text.as_ref().to_owned();
        Self {
            at: finding.at.as_ref().map(text),
            accepted: finding.accepted.as_ref().map(text),
            way: finding.way.as_ref().map(WayDocument::from),
            ..Self::new(sources, &finding.diagnostic)
        }
    }
}

impl Place {
    fn of(sources: &SourceMap, span: Span) -> Option<Self> {
        let start = sources.locate(span)?;
        Some(Self {
            path: start.path.as_ref().to_owned(),
            line: start.line,
            column: start.column,
            start: span.start,
            end: span.end,
        })
    }

    /// Where it ends: the line, and the column one past its last character.
    pub fn end_in(&self, sources: &SourceMap) -> (u32, u32) {
        let end = sources.id(&self.path).and_then(|file| {
            sources.locate(Span {
                file,
                start: self.end,
                end: self.end,
            })
        });
        end.map_or((self.line, self.column), |end| (end.line, end.column))
    }
}
