//! What is done with a store as a whole, as scripts read it.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::Digest;
use stateward::engine::Survey;
use stateward::store::{Header, InForce, Sizes};

use super::Document;

/// `stateward/store-migrate/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct MigrateDocument {
    /// Fingerprint of the definition that accounts are brought under.
    pub definition: String,
    /// Whether nothing was changed: it was not asked for, or something stands against it.
    pub dry_run: bool,
    /// The format that the store had, if it was brought to another.
    pub upgraded_from: Option<u32>,
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
            upgraded_from: None,
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

/// `stateward/store-info/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct InfoDocument {
    /// The store's file.
    pub file: String,
    /// The format of its files.
    pub format: u32,
    /// The lifecycle whose accounts it holds.
    pub lifecycle: String,
    /// Whether it is for development.
    pub development: bool,
    /// When it was created.
    pub created_at: String,
    /// Id of the key that its codes are derived with.
    pub key_id: String,
    /// Fingerprint of the definition in force, if one was put in force yet.
    pub definition: Option<String>,
    /// Whether accounts are on their way to it: their migration has not ended.
    pub migrating: bool,
    /// Definitions that decided something.
    pub definitions: u64,
    /// Accounts.
    pub accounts: u64,
    /// Records in their journals.
    pub records: u64,
    /// Attempts that are open.
    pub attempts: u64,
    /// Timers that are armed.
    pub timers: u64,
    /// Timers that are due.
    pub timers_due: u64,
    /// When the earliest timer is due.
    pub next_due: Option<String>,
    /// Messages that wait for their courier.
    pub messages: u64,
    /// Bytes of its file.
    pub file_bytes: u64,
    /// Bytes of its log.
    pub log_bytes: u64,
    /// Bytes of the log that its tables did not contain yet when it was opened.
    pub log_waiting_bytes: u64,
    /// Its tables.
    pub tables: Vec<TableLine>,
}

/// What a table holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableLine {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// What their keys and values take.
    pub bytes: u64,
}

/// What is to happen by itself.
pub struct Waiting {
    /// Timers that are due.
    pub due: u64,
    /// When the earliest is.
    pub next_due: Option<String>,
}

impl Document for InfoDocument {
    const SCHEMA: &'static str = "stateward/store-info/v1";
}

impl InfoDocument {
    /// A store as numbers; `files` are the bytes of its file and of its log.
    pub fn new(
        path: &Path,
        header: &Header,
        in_force: Option<InForce>,
        sizes: &Sizes,
        waiting: Waiting,
        files: (u64, u64),
    ) -> Self {
        let tables = sizes.tables.iter().map(|table| TableLine {
            name: table.name.to_owned(),
            rows: table.rows,
            bytes: table.bytes,
        });
        Self {
            file: path.display().to_string(),
            format: sizes.format,
            lifecycle: header.lifecycle.to_string(),
            development: header.development,
            created_at: header.created_at.to_string(),
            key_id: header.key_id.to_string(),
            definition: in_force.map(|noted| noted.bundle.to_string()),
            migrating: in_force.is_some_and(|noted| !noted.settled),
            definitions: sizes.rows("bundles"),
            accounts: sizes.rows("accounts"),
            records: sizes.rows("records"),
            attempts: sizes.rows("attempts"),
            timers: sizes.rows("timers"),
            timers_due: waiting.due,
            next_due: waiting.next_due,
            messages: sizes.rows("outbox"),
            file_bytes: files.0,
            log_bytes: files.1,
            log_waiting_bytes: sizes.log_waiting,
            tables: tables.collect(),
        }
    }
}

/// `stateward/store-backup/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct BackupDocument {
    /// The file that was written.
    pub file: String,
    /// How many rows it holds.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
}

impl Document for BackupDocument {
    const SCHEMA: &'static str = "stateward/store-backup/v1";
}

/// `stateward/store-restore/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct RestoreDocument {
    /// The backup.
    pub file: String,
    /// How many accounts it holds.
    pub accounts: u64,
    /// Where the store that was there is kept, if there was one.
    pub kept: Option<String>,
}

impl Document for RestoreDocument {
    const SCHEMA: &'static str = "stateward/store-restore/v1";
}

/// `stateward/store-compact/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct CompactDocument {
    /// Bytes of the store's file before.
    pub before: u64,
    /// And after.
    pub after: u64,
}

impl Document for CompactDocument {
    const SCHEMA: &'static str = "stateward/store-compact/v1";
}
