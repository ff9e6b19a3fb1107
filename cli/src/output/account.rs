//! Accounts, attempts and quotas, as scripts read them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Account, Attempt, Step};
use stateward::name::AccountId;
use stateward::time::Timestamp;

use super::change::Timed;
use super::veil::Veil;
use super::{Document, values};

/// `stateward/account-list/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountList {
    /// The ids, in order.
    pub accounts: Vec<AccountLine>,
}

/// `stateward/account-id/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountLine {
    /// The id.
    pub account: String,
}

impl AccountList {
    /// The ids of accounts.
    pub fn new(ids: &[AccountId]) -> Self {
        let line = |id: &AccountId| AccountLine {
            account: id.to_string(),
        };
        Self {
            accounts: ids.iter().map(line).collect(),
        }
    }
}

impl Document for AccountList {
    const SCHEMA: &'static str = "stateward/account-list/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/account-id/v1", values(&self.accounts)))
    }
}

/// `stateward/account/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountDocument {
    /// The id.
    pub account: String,
    /// How many changes it has seen.
    pub revision: u64,
    /// When it was created.
    pub created_at: String,
    /// Its state in every workflow.
    pub states: BTreeMap<String, StateLine>,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// The authenticators that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticators: Option<Vec<String>>,
    /// Its open attempts.
    pub attempts: Vec<AttemptLine>,
    /// Transitions that are owed.
    pub obligations: Vec<ObligationLine>,
    /// What happens by itself.
    pub timers: Vec<Timed>,
    /// When everything personal about it was erased, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<String>,
    /// The instant that people are told times relative to.
    #[serde(skip)]
    pub now: Timestamp,
}

/// A state, and since when.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StateLine {
    /// The state.
    pub state: String,
    /// Since when.
    pub since: String,
}

/// A transition that is owed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObligationLine {
    /// What is owed.
    pub owed: String,
    /// The transition that made it owed.
    pub since: String,
    /// Until when.
    pub due: String,
    /// Whether that time is over.
    pub overdue: bool,
}

impl Document for AccountDocument {
    const SCHEMA: &'static str = "stateward/account/v1";
}

impl AccountDocument {
    /// An account and its open attempts, with what is personal masked.
    pub fn new(account: &Account, attempts: &[Attempt], veil: Veil<'_>, now: Timestamp) -> Self {
        let states = account.states.iter().map(|(workflow, place)| {
            let (state, since) = (place.state.to_string(), place.since.to_string());
            (workflow.to_string(), StateLine { state, since })
        });
        let obligations = account.obligations.iter().map(|open| ObligationLine {
            owed: open.owed.to_string(),
            since: open.since.to_string(),
            due: open.due.to_string(),
            overdue: open.due <= now,
        });
        Self {
            account: account.id.to_string(),
            revision: account.revision.0,
            created_at: account.created_at.to_string(),
            states: states.collect(),
            attributes: veil.attributes(&account.attributes),
            authenticators: authenticators(account),
            attempts: attempts
                .iter()
                .map(|attempt| AttemptLine::new(attempt, veil))
                .collect(),
            obligations: obligations.collect(),
            timers: account
                .timers
                .iter()
                .map(|(what, due)| Timed::new(what, Some(*due)))
                .collect(),
            erased_at: account.erased_at.map(|at| at.to_string()),
            now,
        }
    }
}

/// The authenticators that an account has, if it has any.
fn authenticators(account: &Account) -> Option<Vec<String>> {
    let names = account.authenticators.keys().map(ToString::to_string);
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then_some(names)
}

/// `stateward/attempt-list/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AttemptList {
    /// The open attempts.
    pub attempts: Vec<AttemptLine>,
    /// The instant that people are told times relative to.
    #[serde(skip)]
    pub now: Timestamp,
}

impl Document for AttemptList {
    const SCHEMA: &'static str = "stateward/attempt-list/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/attempt/v1", values(&self.attempts)))
    }
}

/// `stateward/attempt/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AttemptLine {
    /// The id.
    pub attempt: String,
    /// The account.
    pub account: String,
    /// The transition it waits to make.
    pub transition: String,
    /// Who asked.
    pub requester: String,
    /// What the requester supplied.
    pub inputs: BTreeMap<String, String>,
    /// When it was opened.
    pub opened_at: String,
    /// When it lapses.
    pub expires_at: String,
    /// Codes sent so far.
    pub sends: u32,
    /// The verification steps, in order.
    pub steps: Vec<StepLine>,
}

/// A verification step.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepLine {
    /// `waiting`, `put` or `proved`.
    pub status: &'static str,
    /// Which verification, once it is put.
    pub verification: Option<String>,
    /// Wrong codes so far.
    pub wrong: u32,
}

impl AttemptLine {
    /// An attempt, with what is personal masked.
    pub fn new(attempt: &Attempt, veil: Veil<'_>) -> Self {
        Self {
            attempt: attempt.id.to_string(),
            account: attempt.account.to_string(),
            transition: attempt.transition.to_string(),
            requester: attempt.requester.name.to_string(),
            inputs: veil.inputs(&attempt.transition, &attempt.inputs),
            opened_at: attempt.opened_at.to_string(),
            expires_at: attempt.expires_at.to_string(),
            sends: attempt.sends,
            steps: attempt.steps.iter().map(StepLine::from).collect(),
        }
    }
}

impl From<&Step> for StepLine {
    fn from(step: &Step) -> Self {
        match step {
            Step::Waiting => Self {
                status: "waiting",
                verification: None,
                wrong: 0,
            },
            Step::Put {
                verification,
                wrong,
                ..
            } => Self {
                status: "put",
                verification: Some(verification.to_string()),
                wrong: *wrong,
            },
            Step::Proved { verification, .. } => Self {
                status: "proved",
                verification: Some(verification.to_string()),
                wrong: 0,
            },
        }
    }
}
