//! Exported policies, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::policy::cedar::Export;

use crate::output::Document;
use crate::output::check::Finding;

/// `stateward/policy-export/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExportDocument {
    /// The engine in whose words the policies are.
    pub to: &'static str,
    /// The policies, unless something is refused.
    pub policies: Option<String>,
    /// The schema of requests and entities, unless something is refused.
    pub request_schema: Option<String>,
    /// What cannot be expressed.
    pub findings: Vec<Finding>,
}

impl Document for ExportDocument {
    const SCHEMA: &'static str = "stateward/policy-export/v1";
}

impl ExportDocument {
    /// What was exported.
    pub fn done(export: Export) -> Self {
        Self {
            policies: Some(export.policies),
            request_schema: Some(export.schema),
            ..Self::refused(Vec::new())
        }
    }

    /// Why nothing was.
    pub fn refused(findings: Vec<Finding>) -> Self {
        Self {
            to: "cedar",
            policies: None,
            request_schema: None,
            findings,
        }
    }
}
