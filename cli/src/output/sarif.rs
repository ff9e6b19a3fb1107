//! Findings in the form that code scanning reads: SARIF 2.1.0, as OASIS defines it.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use stateward::diagnostic::explain;
use stateward::source::SourceMap;

use super::check::{Finding, Place, Suggestion};
use crate::error::CliError;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative paths are relative to; whoever reads the log says where it is.
const ROOT: &str = "%SRCROOT%";

/// A SARIF log of one run.
#[derive(Debug, Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Outcome>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

/// A code, with its page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Words,
    help: Help,
}

#[derive(Debug, Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Debug, Serialize)]
struct Words {
    text: String,
}

/// What SARIF calls a result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Words,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Words>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: [Replacement; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Words,
}

/// A finding that is accepted.
#[derive(Debug, Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

impl Log {
    /// The log of these findings; a code is described once, however often it is found.
    pub fn new(sources: &SourceMap, findings: &[Finding]) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let mut results = Vec::with_capacity(findings.len());
        for finding in findings {
            let index = *known.entry(finding.code).or_insert_with(|| {
                rules.push(Rule::new(finding.code));
                rules.len() - 1
            });
            results.push(Outcome::new(sources, finding, index));
        }
        let driver = Driver {
            name: "stateward",
            semantic_version: env!("CARGO_PKG_VERSION"),
            rules,
        };
        Self {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run {
                tool: Tool { driver },
                column_kind: "unicodeCodePoints",
                results,
            }],
        }
    }

    /// The log as it is written.
    ///
    /// # Errors
    /// When it cannot be JSON, which is a defect of this program.
    pub fn to_json(&self) -> Result<String, CliError> {
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| CliError::Bug(error.to_string()))?;
        Ok(text + "\n")
    }
}

impl Rule {
    fn new(code: &'static str) -> Self {
        let page = explain(code);
        let text = page.map_or("", |page| page.text());
        Self {
            id: code,
            short_description: Words {
                text: page.map_or(code, |page| page.title()).to_owned(),
            },
            help: Help {
                text,
                markdown: text,
            },
        }
    }
}

impl Outcome {
    fn new(sources: &SourceMap, finding: &Finding, rule_index: usize) -> Self {
        let place = finding.place.as_ref().map(|place| Location {
            physical_location: PhysicalLocation::new(sources, place),
            message: words(&finding.label),
        });
        let related = finding.related.iter().filter_map(|related| {
            Some(Location {
                physical_location: PhysicalLocation::new(sources, related.place.as_ref()?),
                message: words(&related.label),
            })
        });
        let says = std::iter::once(&finding.message).chain(&finding.help);
        let accepted = finding.accepted.iter().map(|because| Suppression {
            kind: "external",
            status: "accepted",
            justification: because.clone(),
        });
        Self {
            rule_id: finding.code,
            rule_index,
            level: match finding.severity {
                "info" => "note",
                other => other,
            },
            message: Words {
                text: says.map(String::as_str).collect::<Vec<_>>().join("\n"),
            },
            locations: place.into_iter().collect(),
            related_locations: related.collect(),
            fixes: finding
                .suggestion
                .iter()
                .filter_map(|it| Fix::new(sources, it))
                .collect(),
            suppressions: accepted.collect(),
        }
    }
}

impl Fix {
    fn new(sources: &SourceMap, suggestion: &Suggestion) -> Option<Self> {
        let place = PhysicalLocation::new(sources, suggestion.place.as_ref()?);
        Some(Self {
            artifact_changes: [ArtifactChange {
                artifact_location: place.artifact_location,
                replacements: [Replacement {
                    deleted_region: place.region,
                    inserted_content: Words {
                        text: suggestion.replacement.clone(),
                    },
                }],
            }],
        })
    }
}

impl PhysicalLocation {
    fn new(sources: &SourceMap, place: &Place) -> Self {
        let (end_line, end_column) = place.end_in(sources);
        Self {
            artifact_location: ArtifactLocation {
                uri: uri(&place.path),
                uri_base_id: ROOT,
            },
            region: Region {
                start_line: place.line,
                start_column: place.column,
                end_line,
                end_column,
            },
        }
    }
}

fn words(text: &str) -> Option<Words> {
    (!text.is_empty()).then(|| Words {
        text: text.to_owned(),
    })
}

/// What a path may not say as it is: all but what RFC 3986 does not reserve, and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A relative path as a relative URI.
fn uri(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_relative_uri() {
        assert_eq!(uri("workflows/a_b/x-1.yaml"), "workflows/a_b/x-1.yaml");
        assert_eq!(
            uri("policies/Z\u{fc}rich 1.rhai"),
            "policies/Z%C3%BCrich%201.rhai"
        );
    }
}
