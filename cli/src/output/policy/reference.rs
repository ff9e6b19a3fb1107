//! The reference of the language of policies, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::Document;

/// `stateward/policy-reference/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReferenceDocument {
    /// The form of a statement.
    pub statement: &'static str,
    /// Its clauses, in their order.
    pub clauses: Vec<Meaning>,
    /// The names that conditions see.
    pub names: Vec<NameLine>,
    /// The functions of conditions.
    pub functions: Vec<FunctionLine>,
    /// The operators of conditions.
    pub operators: Vec<Meaning>,
    /// What a script has besides operators while it runs.
    pub script_functions: Vec<Meaning>,
    /// What patterns mean.
    pub wildcards: Vec<&'static str>,
    /// What it means that a fact is not there.
    pub missing: Vec<&'static str>,
    /// How much of anything there may be.
    pub limits: Vec<LimitLine>,
    /// The codes of what can be wrong.
    pub codes: Vec<Meaning>,
}

/// A word and what it means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Meaning {
    /// How it is written.
    pub word: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// A name that conditions see.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NameLine {
    /// How it is written; `NAME` stands for what a lifecycle declares.
    pub path: String,
    /// Its type, where it is not the lifecycle's choice.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// Whether it may be unset.
    pub optional: bool,
}

/// A function of conditions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FunctionLine {
    /// How it is called.
    pub signature: &'static str,
    /// What it gives.
    pub about: &'static str,
    /// A condition that uses it.
    pub example: &'static str,
}

/// A limit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LimitLine {
    /// Of what.
    pub what: &'static str,
    /// The most there may be.
    pub most: u64,
}

impl Document for ReferenceDocument {
    const SCHEMA: &'static str = "stateward/policy-reference/v1";
}
