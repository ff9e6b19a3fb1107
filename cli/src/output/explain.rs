//! What diagnostic codes mean, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Document, values};

/// `stateward/explain/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExplainDocument {
    /// The code.
    pub code: String,
    /// What it says, in a line.
    pub title: String,
    /// The whole page, as Markdown.
    pub text: String,
}

impl Document for ExplainDocument {
    const SCHEMA: &'static str = "stateward/explain/v1";
}

/// `stateward/code-list/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct CodeList {
    /// Every code, in order.
    pub codes: Vec<CodeLine>,
}

/// `stateward/code/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct CodeLine {
    /// The code.
    pub code: String,
    /// What it says, in a line.
    pub title: String,
}

impl Document for CodeList {
    const SCHEMA: &'static str = "stateward/code-list/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/code/v1", values(&self.codes)))
    }
}
