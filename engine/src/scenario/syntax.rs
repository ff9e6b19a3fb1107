//! A scenario as it is written.
//!
//! The documentation of each field is what editors show while a file is written: it becomes the
//! description in the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::Gate;
use crate::lifecycle::model::Channel;
use crate::lifecycle::syntax::{OneOrMany, Period, ScalarText, Short, ShortForm};
use crate::name::{AccountId, Name, TransitionName};

/// A scenario: accounts, what is done with them step by step, and what is expected to come of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioForm {
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What there is before the first step.
    #[serde(default, skip_serializing_if = "GivenForm::is_empty")]
    pub given: GivenForm,
    /// What happens, in order.
    pub steps: Vec<StepForm>,
    /// What is expected of accounts in the end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub then: BTreeMap<AccountId, ThenForm>,
}

/// What there is before the first step.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenForm {
    /// When it begins, as RFC 3339 in quotes: "2026-11-22T08:00:00Z". Otherwise on some Monday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The accounts, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<AccountId, AccountForm>,
    /// Principals that `principals.yaml` does not list, by full name: `kind/name`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub principals: BTreeMap<String, PrincipalForm>,
}

impl GivenForm {
    fn is_empty(&self) -> bool {
        self.now.is_none() && self.accounts.is_empty() && self.principals.is_empty()
    }
}

/// An account as it is when the scenario begins.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    /// Its attributes: at least those that every account has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Name, ScalarText>,
    /// Its states, by workflow; elsewhere it is in the initial one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<Name, Name>,
}

/// A principal of the scenario.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrincipalForm {
    /// The account that it belongs to.
    pub account: String,
    /// The policies that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// The groups that it is in; it has their policies too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The policies that bound its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Vec<String>>,
}

/// A step: one thing that is done, and what is expected to come of it. Without `expect:` it is
/// expected not to be denied.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["run"] },
    { "required": ["confirm"] },
    { "required": ["resend"] },
    { "required": ["cancel"] },
    { "required": ["create"] },
    { "required": ["wait"] },
    { "required": ["restart"] },
]))]
pub struct StepForm {
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,

    /// Ask for a transition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<TransitionName>,
    /// Prove what an attempt waits for, by the name of the verification: present the code that was
    /// sent for it, acknowledge its risk, or approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Name>,
    /// Have the code of the open attempt of a transition sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resend: Option<TransitionName>,
    /// Give up the open attempt of a transition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<TransitionName>,
    /// Create an account, as the store's owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<AccountId>,
    /// Let time pass; what is due meanwhile happens when it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Period>,
    /// End the engine and start another one over the same store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<bool>,

    /// Who does it: a listed principal (`ram_user/ops-lin`), an account's owner (`root/1001`), or one
    /// of `given:`. To move an attempt on, otherwise whoever asked for it.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The account; where there is only one, otherwise that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What the request brings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input: BTreeMap<Name, ScalarText>,
    /// Facts about the session, such as `mfa: true`: of whoever asks, or of whoever approves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<Name, ScalarText>,
    /// The risks that are acknowledged with the request.
    #[serde(default, skip_serializing_if = "is_none")]
    pub ack: OneOrMany<Name>,
    /// The verification to use where there is a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Name>,
    /// Only ask what would happen: nothing is changed, sent or spent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The transition whose attempt is confirmed; otherwise the one that was moved last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<TransitionName>,
    /// The code to present in place of the one that was sent last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<CodeWord>,
    /// The attributes of the account that is created.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Name, ScalarText>,
    /// The states of the account that is created, by workflow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<Name, Name>,
    /// How often it is done; what is expected is expected every time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The time that passes before each time but the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Period>,

    /// What is expected to come of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<Short<ExpectForm>>,
}

fn is_none<T>(many: &OneOrMany<T>) -> bool {
    many.0.is_empty()
}

/// A code that is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeWord {
    /// One that was not sent.
    Wrong,
    /// The one that was sent before the last.
    Previous,
}

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeWord {
    /// It is done.
    Applied,
    /// It waits for a proof.
    Waiting,
    /// It is refused.
    Denied,
}

/// What is expected of a step; its short form is the outcome. What is not written is not compared;
/// a list that is written is the whole list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectForm {
    /// How it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeWord>,
    /// The verification that is waited for next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Name>,
    /// The gate that refuses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied: Option<Gate>,
    /// The code of the denial: the lifecycle's own or ours; of policies, `ExplicitDeny` or
    /// `ImplicitDeny`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The transitions that are made, in order, also those that were triggered or due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fires: Option<Vec<TransitionName>>,
    /// The messages that are sent, in any order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Vec<Short<SentForm>>>,
    /// The overdue transitions that are reminded of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Vec<TransitionName>>,
    /// The transitions whose attempts lapse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapsed: Option<Vec<TransitionName>>,
    /// The states that the account is in then, by workflow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<Name, Name>,
    /// The attributes that it has then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Name, ScalarText>,
    /// The attributes that it lacks then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<Name>,
    /// The transitions that it owes then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owed: Option<Vec<TransitionName>>,
    /// The transitions that have an open attempt then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<TransitionName>>,
    /// How much of its quotas it has used then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub used: BTreeMap<Name, u32>,
}

impl ShortForm for ExpectForm {
    const EXPECTED: &'static str = "`applied`, `waiting` or `denied`, or a mapping";

    fn short(text: String) -> Result<Self, String> {
        let outcome = match text.as_str() {
            "applied" => OutcomeWord::Applied,
            "waiting" => OutcomeWord::Waiting,
            "denied" => OutcomeWord::Denied,
            other => {
                let known = "`applied`, `waiting`, `denied`";
                return Err(format!(
                    "unknown variant `{other}`, expected one of {known}"
                ));
            }
        };
        Ok(Self {
            outcome: Some(outcome),
            ..Self::default()
        })
    }
}

/// A message that is expected; its short form is its name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentForm {
    /// Which message of the lifecycle; `verification_code` is one with a code.
    pub message: Name,
    /// How it travels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Channel>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl ShortForm for SentForm {
    const EXPECTED: &'static str = "the name of a message, or a mapping with `message:`";

    fn short(text: String) -> Result<Self, String> {
        let message = text.parse().map_err(|error| format!("{error}"))?;
        Ok(Self {
            message,
            by: None,
            to: None,
            text: None,
        })
    }
}

/// What is expected of an account in the end.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenForm {
    /// The states that it is in, by workflow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<Name, Name>,
    /// The attributes that it has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Name, ScalarText>,
    /// The attributes that it lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<Name>,
    /// The transitions that it owes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owed: Option<Vec<TransitionName>>,
    /// The transitions that have an open attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<TransitionName>>,
    /// How much of its quotas it has used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub used: BTreeMap<Name, u32>,
}

/// The JSON Schema of a scenario.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(ScenarioForm).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "Stateward scenario".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The committed schema is the one that the types say; `UPDATE=1` writes it anew.
    #[test]
    fn the_committed_schema_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows/scenario.schema.json");
        let current = serde_json::to_string_pretty(&super::schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &current).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == current,
            "workflows/scenario.schema.json is stale: run `UPDATE=1 cargo test -p stateward schema`"
        );
    }
}
