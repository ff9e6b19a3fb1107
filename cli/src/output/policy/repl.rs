//! What policies answer in a conversation, and how it is kept.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::policy::{DecidedBy, Effect, Ruling};

use crate::output::Document;

/// `stateward/policy-answer/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnswerDocument {
    /// Whether it is allowed.
    pub allowed: bool,
    /// `Allow`, `ExplicitDeny` or `ImplicitDeny`.
    pub effect: String,
    /// Where that was decided.
    pub stage: String,
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
            stage: ruling.stage.to_string(),
            permission: permission.to_owned(),
            resources: resources.iter().map(|it| (*it).to_owned()).collect(),
            policy: statement.map(|it| it.policy().to_string()),
            place: statement.map(|it| it.id().location.to_string()),
            error: ruling.error.as_ref().map(ToString::to_string),
        }
    }
}

/// An answer in the form of a case.
#[derive(Debug, Clone)]
pub struct SavedCase {
    pub name: String,
    pub principal: String,
    pub action: String,
    pub resource: Vec<String>,
    pub context: BTreeMap<String, String>,
    pub now: String,
    pub expect: Effect,
}

impl SavedCase {
    /// The case as an item of a file of cases; texts are quoted, as some would mean something else.
    ///
    /// # Errors
    /// When a text cannot be written, which is a defect of this program.
    pub fn to_yaml(&self) -> Result<String, serde_json::Error> {
        let quoted = |text: &String| serde_json::to_string(text);
        let resources: Result<Vec<_>, _> = self.resource.iter().map(quoted).collect();
        let fact = |(name, value): (&String, &String)| {
            let value = match value.as_str() {
                "true" | "false" => value.clone(),
                number if number.parse::<i64>().is_ok() => number.to_owned(),
                _ => quoted(value)?,
            };
            Ok::<_, serde_json::Error>(format!("{name}: {value}"))
        };
        let facts: Result<Vec<_>, _> = self.context.iter().map(fact).collect();
        let expect = match self.expect {
            Effect::Allow => "allow",
            Effect::ExplicitDeny => "explicit_deny",
            Effect::ImplicitDeny => "implicit_deny",
        };
        let lines = [
            format!("  - name: {}", quoted(&self.name)?),
            format!("    principal: {}", quoted(&self.principal)?),
            format!("    action: {}", quoted(&self.action)?),
            format!("    resource: [{}]", resources?.join(", ")),
            format!("    context: {{ {} }}", facts?.join(", ")),
            format!("    now: {}", quoted(&self.now)?),
            format!("    expect: {expect}\n"),
        ];
        Ok(lines.join("\n"))
    }
}
