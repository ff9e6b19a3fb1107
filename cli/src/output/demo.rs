//! The demonstration, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Document;
use super::account::AccountDocument;
use super::decision::DecisionDocument;

/// `stateward/demo/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct DemoDocument {
    /// What was played.
    pub parts: Vec<Part>,
    /// The account in the end.
    pub account: AccountDocument,
}

/// A part of the play.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Part {
    /// What happens.
    pub title: String,
    /// Why.
    pub about: String,
    /// How.
    pub acts: Vec<Act>,
}

/// A command and what it led to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Act {
    /// The command that does the same in a project.
    pub command: String,
    /// The decision.
    pub decision: DecisionDocument,
    /// The messages that it sent.
    pub messages: Vec<Message>,
}

/// A message that arrived.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Message {
    /// How it travelled.
    pub by: &'static str,
    /// Where it arrived.
    pub to: String,
    /// Which message of the lifecycle it is.
    pub message: String,
    /// What it says.
    pub text: String,
}

impl Document for DemoDocument {
    const SCHEMA: &'static str = "stateward/demo/v1";
}
