//! What a change of policies does, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::workbench::diff::{Difference, Edit, Shift, Situated, StatementChange, Told};
use stateward::workbench::who_can::Who;

use crate::output::Document;

/// `stateward/policy-diff/v1`: what a change of policies does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiffDocument {
    /// Who gains what: for sure first.
    pub gains: Vec<ShiftLine>,
    /// Who loses what.
    pub losses: Vec<ShiftLine>,
    /// The statements that came and went.
    pub statements: Vec<StatementChangeLine>,
}

impl Document for DiffDocument {
    const SCHEMA: &'static str = "stateward/policy-diff/v1";
}

/// A permission that somebody gains or loses.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShiftLine {
    /// Who: a principal, or the owner of the account.
    pub principal: String,
    /// What.
    pub permission: String,
    /// The transition that asks for it, or `read`.
    pub asked_by: Option<String>,
    /// Whether it is so for sure, in these situations.
    pub certain: bool,
    /// In which situations: any of these; always, where there are none.
    pub when: Vec<Vec<NamedValue>>,
}

/// A name and its value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NamedValue {
    /// The name.
    pub name: String,
    /// Its value; none for every other value than those that are told apart.
    pub value: Option<String>,
}

/// A statement that came or went.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatementChangeLine {
    /// `added` or `removed`.
    pub edit: &'static str,
    /// Its policy.
    pub policy: String,
    /// What it says.
    pub text: String,
    /// `file:line:column` of where it is, or was.
    pub place: String,
}

impl From<&Difference> for DiffDocument {
    fn from(difference: &Difference) -> Self {
        Self {
            gains: difference.gains.iter().map(ShiftLine::from).collect(),
            losses: difference.losses.iter().map(ShiftLine::from).collect(),
            statements: difference.statements.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Shift> for ShiftLine {
    fn from(shift: &Shift) -> Self {
        Self {
            principal: match &shift.who {
                Who::Listed(name) => name.to_string(),
                Who::Owner {
                    kind,
                    account: Some(account),
                } => format!("{kind}/{account}"),
                Who::Owner {
                    kind,
                    account: None,
                } => format!("{kind} of the account"),
            },
            permission: shift.permission.clone(),
            asked_by: shift.asked_by.clone(),
            certain: shift.certain,
            when: situations(&shift.when),
        }
    }
}

/// Situations, each with the values that matter.
pub fn situations(when: &[Situated]) -> Vec<Vec<NamedValue>> {
    let named = |(path, told): &(std::sync::Arc<str>, Told)| NamedValue {
        name: path.as_ref().to_owned(),
        value: match told {
            Told::Unset => Some("unset".to_owned()),
            Told::Is(value) => Some(value.text()),
            Told::Text(text) => Some(text.as_ref().to_owned()),
            Told::Within(first, last) => numbers(*first, *last),
            Told::Another | Told::Open => None,
        },
    };
    let each = when.iter().map(|it| it.iter().map(named).collect());
    each.collect()
}

/// A range of numbers; `None` where it is all of them.
fn numbers(first: i64, last: i64) -> Option<String> {
    match (first, last) {
        (i64::MIN, i64::MAX) => None,
        (i64::MIN, _) => Some(format!("{last} or less")),
        (_, i64::MAX) => Some(format!("{first} or more")),
        _ if first == last => Some(first.to_string()),
        _ => Some(format!("{first} to {last}")),
    }
}

impl From<&StatementChange> for StatementChangeLine {
    fn from(change: &StatementChange) -> Self {
        Self {
            edit: match change.edit {
                Edit::Added => "added",
                Edit::Removed => "removed",
            },
            policy: change.policy.clone(),
            text: change.text.clone(),
            place: change.place.clone(),
        }
    }
}
