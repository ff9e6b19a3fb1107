//! Findings in a definition, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
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
    /// How many findings are errors.
    pub errors: usize,
    /// How many findings are warnings.
    pub warnings: usize,
    /// The findings.
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
            place: Place::of(sources, diagnostic.primary.span),
            label: diagnostic.primary.text.clone(),
            related: diagnostic.secondary.iter().map(related).collect(),
            help: diagnostic.help.clone(),
            suggestion: diagnostic.suggestion.as_ref().map(|edit| Suggestion {
                place: Place::of(sources, edit.span),
                replacement: edit.replacement.clone(),
            }),
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
}
