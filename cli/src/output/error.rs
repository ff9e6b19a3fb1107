//! What failed, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Document;
use super::check::Finding;
use crate::error::CliError;

/// `stateward/error/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorDocument {
    /// The code, for `explain`.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
    /// The exit code.
    pub exit: u8,
    /// Findings in the definition, where it could not be loaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl Document for ErrorDocument {
    const SCHEMA: &'static str = "stateward/error/v1";
}

impl From<&CliError> for ErrorDocument {
    fn from(error: &CliError) -> Self {
        let findings = error.findings().map(|(sources, diagnostics)| {
            diagnostics
                .iter()
                .map(|finding| Finding::new(sources, finding))
                .collect()
        });
        Self {
            code: error.code(),
            message: error.to_string(),
            hints: error.hints(),
            exit: error.exit().code(),
            findings: findings.unwrap_or_default(),
        }
    }
}
