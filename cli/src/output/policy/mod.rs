//! Policies, as scripts read them.

pub mod diff;
pub mod export;
pub mod fmt;
pub mod help;
pub mod import;
pub mod matrix;
pub mod reference;
pub mod repl;
pub mod test;
pub mod who_can;
pub mod why;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::policy::{Actions, Policy, Statement};

use super::{Document, values};

/// `stateward/policy-list/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyList {
    /// The policies, by name.
    pub policies: Vec<PolicyLine>,
}

/// `stateward/policy-line/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyLine {
    /// The name.
    pub policy: String,
    /// What it is for.
    pub about: Option<String>,
    /// How many statements it has.
    pub statements: usize,
}

impl Document for PolicyList {
    const SCHEMA: &'static str = "stateward/policy-list/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/policy-line/v1", values(&self.policies)))
    }
}

impl From<&Policy> for PolicyLine {
    fn from(policy: &Policy) -> Self {
        Self {
            policy: policy.name().as_ref().to_owned(),
            about: policy.about().map(str::to_owned),
            statements: policy.statements().len(),
        }
    }
}

/// `stateward/policy/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyDocument {
    /// The name.
    pub policy: String,
    /// What it is for.
    pub about: Option<String>,
    /// Its statements, in the order they were made.
    pub statements: Vec<StatementLine>,
    /// The principals that have it.
    pub principals: Vec<String>,
}

/// A statement.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatementLine {
    /// `allow` or `deny`.
    pub effect: String,
    /// The actions it is about, or with `all_except` those it is not about.
    pub actions: Vec<String>,
    /// Whether it is about all actions but the listed ones.
    pub all_except: bool,
    /// The resources it is about; all where there are none.
    pub resources: Vec<String>,
    /// The condition under which it holds.
    pub when: Option<String>,
    /// The condition under which it does not.
    pub unless: Option<String>,
    /// Why it is there.
    pub because: Option<String>,
    /// `file:line:column` of where it is written.
    pub place: String,
}

impl Document for PolicyDocument {
    const SCHEMA: &'static str = "stateward/policy/v1";
}

impl PolicyDocument {
    /// A policy and who has it.
    pub fn new(policy: &Policy, principals: Vec<String>) -> Self {
        Self {
            policy: policy.name().as_ref().to_owned(),
            about: policy.about().map(str::to_owned),
            statements: policy
                .statements()
                .map(|it| StatementLine::from(it.as_ref()))
                .collect(),
            principals,
        }
    }
}

impl From<&Statement> for StatementLine {
    fn from(statement: &Statement) -> Self {
        let (all_except, actions) = match statement.actions() {
            Actions::Of(actions) => (false, actions),
            Actions::AllExcept(actions) => (true, actions),
        };
        Self {
            effect: statement.verb().to_string(),
            actions: actions.iter().map(ToString::to_string).collect(),
            all_except,
            resources: statement
                .resources()
                .iter()
                .map(ToString::to_string)
                .collect(),
            when: statement
                .when()
                .map(|condition| condition.text().to_owned()),
            unless: statement
                .unless()
                .map(|condition| condition.text().to_owned()),
            because: statement.because().map(str::to_owned),
            place: statement.id().location.to_string(),
        }
    }
}
