//! Imported policies, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::check::Finding;
use crate::output::{Document, values};

/// `stateward/policy-import/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportDocument {
    /// The policies; none, if a document has an error.
    pub policies: Vec<ImportedPolicy>,
    /// What is wrong with the documents, or doubtful.
    pub findings: Vec<Finding>,
}

/// `stateward/imported-policy/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportedPolicy {
    /// Its name.
    pub policy: String,
    /// The file of the document that it was.
    pub document: String,
    /// Whose language that was written in: `RAM` or `AWS IAM`.
    pub dialect: String,
    /// What it is attached to: `identity`, `control` or `trust`.
    pub kind: String,
    /// How many statements it has.
    pub statements: usize,
    /// The file that was written, if one was.
    pub path: Option<String>,
    /// The policy.
    pub script: String,
}

impl Document for ImportDocument {
    const SCHEMA: &'static str = "stateward/policy-import/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        // A refused document has no item that could say so.
        let complete = self.findings.is_empty();
        complete.then(|| ("stateward/imported-policy/v1", values(&self.policies)))
    }
}
