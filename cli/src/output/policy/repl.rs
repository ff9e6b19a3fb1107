//! What policies answer in a conversation.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::policy::{DecidedBy, Ruling};

use crate::output::Document;

/// `stateward/policy-answer/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnswerDocument {
    /// Whether it is allowed.
    pub allowed: bool,
    /// `Allow`, `ExplicitDeny`, `ImplicitDeny`, or `Depends` on what is not known here.
    pub effect: String,
    /// Where that was decided.
    pub stage: Option<String>,
    /// The permission that was asked for.
    pub permission: String,
    /// The resources that it was asked for.
    pub resources: Vec<String>,
    /// The policy that decided, if a statement did.
    pub policy: Option<String>,
    /// `file:line:column` of the statement.
    pub place: Option<String>,
    /// What went wrong on the way.
    pub error: Option<String>,
}

impl Document for AnswerDocument {
    const SCHEMA: &'static str = "stateward/policy-answer/v1";
}

impl AnswerDocument {
    /// A ruling on a request.
    pub fn new(ruling: &Ruling, permission: &str, resources: &[&str]) -> Self {
        let statement = match &ruling.by {
            DecidedBy::Statement(statement) => Some(statement),
            DecidedBy::Ownership | DecidedBy::Nothing => None,
        };
        Self {
            allowed: ruling.is_allowed(),
            effect: ruling.effect.to_string(),
            stage: Some(ruling.stage.to_string()),
            permission: permission.to_owned(),
            resources: resources.iter().map(|it| (*it).to_owned()).collect(),
            policy: statement.map(|it| it.policy().to_string()),
            place: statement.map(|it| it.id().location.to_string()),
            error: ruling.error.as_ref().map(ToString::to_string),
        }
    }
    /// What is not certain.
    pub fn open(permission: &str, resources: &[&str]) -> Self {
        Self {
            allowed: false,
            effect: "Depends".to_owned(),
            stage: None,
            permission: permission.to_owned(),
            resources: resources.iter().map(|it| (*it).to_owned()).collect(),
            policy: None,
            place: None,
            error: None,
        }
    }
}
