//! `stateward diff OLD [NEW]`: what a change of a whole definition does, and whom it would have
//! answered otherwise.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stateward::analysis::diff::diff;
use stateward::bundle::Bundle;
use stateward::challenge::KeyRing;
use stateward::engine::replay::{Replay, ReplayError, Under};
use stateward::store::Store as _;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::diff::{DiffDocument, JournalDiff};
use crate::project::side::definition;
use crate::project::{Project, key, open_store};

/// Tell what a change of the definition does: weakenings first
///
/// Transitions, conditions, proofs, callers, limits, attributes, states, policies and principals are
/// compared. A condition that changed is evaluated on both sides in every situation that either
/// tells apart; what cannot be told apart may weaken. Only what is shown to be no weakening counts
/// as none.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The old definition: a directory, an edition (`DIR@EDITION`, or `@EDITION` here), or one that
    /// the store has kept (`store:FINGERPRINT`)
    old: String,
    /// The new one; otherwise this project's
    new: Option<String>,
    /// End with exit code 8 if something is weakened, or may be
    #[arg(long)]
    deny_weakening: bool,
    /// Decide the recorded requests of this project's store, or of the one named, again under the
    /// new definition, and list every changed answer
    #[arg(
        long,
        value_name = "STORE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    journal: Option<String>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let named = app.globals.project.clone();
    let here = || Project::find(named.as_deref());
    let old = definition(&args.old, &here)?;
    let new = match &args.new {
        Some(new) => definition(new, &here)?,
        None => here()?.bundle()?,
    };
    if old.lifecycle.name != new.lifecycle.name {
        let (one, other) = (&old.lifecycle.name, &new.lifecycle.name);
        let message = format!("`{one}` and `{other}` are two lifecycles, not editions of one");
        return Err(CliError::usage(message));
    }
    let difference = diff(&old, &new);
    let mut document = DiffDocument::new(&old, &new, &difference);
    if let Some(store) = &args.journal {
        document.journal = Some(replayed(store, app.globals.wait, &here, &old, &new)?);
    }
    app.ui.emit(&document)?;
    if let Some(first) = document.changes.first() {
        app.ui
            .hint(&format!("`stateward explain {}` tells more", first.code));
    }
    Ok(match difference.weakens() && args.deny_weakening {
        true => Exit::Findings,
        false => Exit::Done,
    })
}

/// The keys of a store: those that lie beside it, or else this project's.
fn keys_of(
    store: &Path,
    here: &dyn Fn() -> Result<Project, CliError>,
) -> Result<KeyRing, CliError> {
    let beside = store.with_file_name("key");
    match beside.exists() {
        true => key::read(&beside),
        false => {
            let project = here()?;
            key::read(&project.path(&project.config.key))
        }
    }
}

/// The recorded requests of a store, decided again.
fn replayed(
    store: &str,
    wait: std::time::Duration,
    here: &dyn Fn() -> Result<Project, CliError>,
    old: &Arc<Bundle>,
    new: &Arc<Bundle>,
) -> Result<JournalDiff, CliError> {
    let path = match store.is_empty() {
        true => {
            let project = here()?;
            project.path(&project.config.store)
        }
        false => PathBuf::from(store),
    };
    let store = open_store(&path, wait)?;
    let (header, snapshot) = (store.header()?, store.snapshot()?);
    if header.lifecycle != new.lifecycle.name {
        let (found, wanted) = (header.lifecycle, new.lifecycle.name.clone());
        return Err(stateward::store::StoreError::OtherLifecycle { found, wanted }.into());
    }
    let keys = keys_of(&path, here)?;
    if keys.get(header.key_id).is_none() {
        let (given, wanted) = (keys.current().id(), header.key_id);
        let message = format!("the key (id {given}) is not that of the store (id {wanted})");
        return Err(CliError::OtherKey(message));
    }
    let replay = Replay::new(snapshot.as_ref(), header, &keys);
    let mut replay = replay.knowing(old.clone()).knowing(new.clone());
    let mut found = JournalDiff::default();
    let done = replay.run(Under::Another(new), &mut |redecided| found.add(&redecided));
    done.map_err(|error| match error {
        ReplayError::Store(error) => CliError::Store(error),
        other => CliError::Store(stateward::store::StoreError::Damaged(other.to_string())),
    })?;
    Ok(found)
}
