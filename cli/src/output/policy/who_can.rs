//! Who may do something, as scripts read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::bundle::Bundle;
use stateward::expr::Truth;
use stateward::workbench::trace::{OnResource, Passed, Role};
use stateward::workbench::who_can::{Candidate, Who};

use super::why::LackLine;
use crate::output::{Document, values};

/// `stateward/policy-who-can/v1`: who may do something.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhoCanDocument {
    /// The permission.
    pub permission: String,
    /// The account, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is supposed of the account, by the name that conditions read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub supposed: BTreeMap<String, String>,
    /// Everybody, those who may first.
    pub principals: Vec<WhoCanLine>,
    /// How many may not, where they are left out.
    pub others: usize,
    /// What to know of the answer itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

/// `stateward/policy-who-can-line/v1`: whether somebody may.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhoCanLine {
    /// Who: a listed principal, or the owner of the account.
    pub principal: String,
    /// `yes`, `if` or `no`.
    pub may: &'static str,
    /// What decides: a policy, or ownership.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// `file:line:column` of the statement that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What it depends on, where it does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<WhoCanCondition>,
}

/// A statement on which it depends.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhoCanCondition {
    /// `allow` or `deny`.
    pub effect: String,
    /// The policy.
    pub policy: String,
    /// `file:line:column` of where it is written.
    pub place: String,
    /// What decides whether it applies.
    pub open: Vec<LackLine>,
}

impl Document for WhoCanDocument {
    const SCHEMA: &'static str = "stateward/policy-who-can/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/policy-who-can-line/v1", values(&self.principals)))
    }
}

impl WhoCanLine {
    /// Whether a candidate may.
    pub fn new(bundle: &Bundle, candidate: &Candidate) -> Self {
        let trace = &candidate.trace;
        let decided = trace.decided().and_then(OnResource::decided);
        let statement = decided.and_then(Passed::statement);
        let all = trace.resources.iter().flat_map(|on| &on.stages);
        let open = all
            .filter(|stage| stage.reached)
            .flat_map(|stage| &stage.statements)
            .filter(|it| it.role == Role::Depends);
        let conditions = open.map(|it| WhoCanCondition {
            effect: it.statement.verb().to_string(),
            policy: it.statement.policy().as_ref().to_owned(),
            place: bundle.locate(it.statement.span()).unwrap_or_default(),
            open: it
                .lacks
                .iter()
                .map(|lack| LackLine::new(lack, it))
                .collect(),
        });
        let may = match candidate.may() {
            Truth::True => "yes",
            Truth::Unknown => "if",
            Truth::False => "no",
        };
        let owned = decided.is_some_and(Passed::is_ownership);
        Self {
            principal: match &candidate.who {
                Who::Listed(name) => name.to_string(),
                Who::Owner { kind, account } => match account {
                    Some(account) => format!("{kind}/{account}"),
                    None => format!("{kind} of the account"),
                },
            },
            may,
            by: match statement {
                Some(statement) => Some(statement.policy().as_ref().to_owned()),
                None => owned.then(|| "ownership".to_owned()),
            },
            place: statement.and_then(|it| bundle.locate(it.span())),
            conditions: match may {
                "if" => conditions.collect(),
                _ => Vec::new(),
            },
        }
    }
}
