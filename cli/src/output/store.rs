//! What is done with a store as a whole, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::Digest;
use stateward::engine::Survey;

use super::Document;

/// `stateward/store-migrate/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct MigrateDocument {
    /// Fingerprint of the definition that accounts are brought under.
    pub definition: String,
    /// Whether nothing was changed: it was not asked for, or something stands against it.
    pub dry_run: bool,
    /// Accounts that were looked at.
    pub accounts: u64,
    /// Those that get a record in their journals.
    pub changing: u64,
    /// States that are left for others.
    pub states: Vec<StateChange>,
    /// Attributes that are dropped, given a default, or read anew.
    pub attributes: Vec<Counted>,
    /// Attributes whose values come to be held.
    pub claims: Vec<Counted>,
    /// Transitions whose timers are armed.
    pub timers: Vec<Counted>,
    /// Attempts that are closed.
    pub attempts_closed: u64,
    /// What stands against it.
    pub conflicts: Vec<Conflict>,
}

/// A state that is left for another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StateChange {
    /// The workflow.
    pub workflow: String,
    /// The state that is left; nothing where the workflow is new.
    pub from: Option<String>,
    /// The state that is entered; nothing where the workflow is gone.
    pub to: Option<String>,
    /// How many accounts.
    pub accounts: u64,
}

/// A name, and how many accounts it is about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Counted {
    /// The attribute or transition.
    pub name: String,
    /// How many accounts.
    pub accounts: u64,
}

/// Something that stands against a migration.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Conflict {
    /// What.
    pub problem: String,
    /// How many accounts.
    pub accounts: u64,
    /// The first of them.
    pub examples: Vec<String>,
}

impl Document for MigrateDocument {
    const SCHEMA: &'static str = "stateward/store-migrate/v1";
}

impl MigrateDocument {
    /// What a migration changes, or would.
    pub fn new(definition: &Digest, dry_run: bool, survey: &Survey) -> Self {
        let states = survey.moves.iter();
        let states = states.map(|((workflow, from, to), accounts)| StateChange {
            workflow: workflow.to_string(),
            from: from.as_ref().map(ToString::to_string),
            to: to.as_ref().map(ToString::to_string),
            accounts: *accounts,
        });
        let conflicts = survey.conflicts.iter();
        let conflicts = conflicts.map(|(problem, whom)| Conflict {
            problem: problem.clone(),
            accounts: whom.count,
            examples: whom.examples.iter().map(ToString::to_string).collect(),
        });
        Self {
            definition: definition.to_string(),
            dry_run,
            accounts: survey.accounts,
            changing: survey.changing,
            states: states.collect(),
            attributes: counted(&survey.attributes),
            claims: counted(&survey.claims),
            timers: counted(&survey.armed),
            attempts_closed: survey.closed,
            conflicts: conflicts.collect(),
        }
    }
}

fn counted<'n, N: ToString + 'n>(
    counts: impl IntoIterator<Item = (&'n N, &'n u64)>,
) -> Vec<Counted> {
    let counted = |(name, accounts): (&N, &u64)| Counted {
        name: name.to_string(),
        accounts: *accounts,
    };
    counts.into_iter().map(counted).collect()
}
