//! What was written for a project, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Document;

/// `stateward/init/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitDocument {
    /// The project's directory.
    pub project: String,
    /// Whether its store is for development.
    pub development: bool,
    /// The files that were written, relative to it.
    pub created: Vec<String>,
    /// The files that were there already and are as they were.
    pub kept: Vec<String>,
}

impl Document for InitDocument {
    const SCHEMA: &'static str = "stateward/init/v1";
}
