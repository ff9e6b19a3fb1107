//! What formatting did, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::check::Finding;
use crate::output::{Document, values};

/// `stateward/policy-fmt/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct FmtDocument {
    /// The files.
    pub files: Vec<FmtLine>,
    /// What is wrong with those that are no policies.
    pub findings: Vec<Finding>,
}

/// `stateward/policy-fmt-line/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct FmtLine {
    /// The file.
    pub path: String,
    /// Which style it has.
    pub style: Style,
    /// What would change, as a unified diff, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The formatted text of standard input, unless nothing was to be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl FmtLine {
    /// A file in some style.
    pub fn new(path: &str, style: Style) -> Self {
        Self {
            path: path.to_owned(),
            style,
            diff: None,
            text: None,
        }
    }
}

/// The style of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// It had the one style already.
    Same,
    /// It has it now.
    Formatted,
    /// It has another, and was left so.
    Other,
    /// It is no policy's script.
    Unknown,
}

impl Document for FmtDocument {
    const SCHEMA: &'static str = "stateward/policy-fmt/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/policy-fmt-line/v1", values(&self.files)))
    }
}
