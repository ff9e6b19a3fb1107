//! The snapshot of the decision matrix: what was accepted last, and what waits to be reviewed.
//!
//! The files have the form of insta's, so that its tools read them too: `matrix.snap` is what was
//! accepted, `matrix.snap.new` beside it is what the policies say now. Accepting moves decisions from
//! the second to the first, one by one if need be.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use stateward::bundle::Bundle;
use stateward::workbench::Folder;
use stateward::workbench::matrix::{Change, Matrix, changes};

use super::atomic;
use crate::error::CliError;

const FILE: &str = "matrix.snap";
/// By this first line insta knows its files.
const HEAD: &str = "---\nsource: policies\nexpression: stateward policy matrix\n---\n";

/// The two files of a project's matrix.
#[derive(Debug, Clone)]
pub struct Snapshots {
    accepted: PathBuf,
    pending: PathBuf,
}

/// What waits to be reviewed.
#[derive(Debug)]
pub struct Pending {
    /// What was accepted last; nothing at all, before the first time.
    pub accepted: Matrix,
    /// What the policies say.
    pub proposed: Matrix,
    /// What is different, each with its id; what is widened comes first.
    pub changes: Vec<(String, Change)>,
}

impl Snapshots {
    /// Those of the project in `root`.
    pub fn of(root: &Path, bundle: &Bundle) -> Self {
        let accepted = root.join(Folder::Snapshots.path(bundle)).join(FILE);
        let pending = accepted.with_extension("snap.new");
        Self { accepted, pending }
    }

    /// Whether the project keeps one.
    pub fn are_kept(&self) -> bool {
        self.accepted.is_file()
    }

    /// What the snapshot is called: its path below the project's root.
    pub fn title(&self, bundle: &Bundle) -> String {
        format!("{}/{FILE}", Folder::Snapshots.path(bundle))
    }

    /// Compares what the policies say with what was accepted, and puts it up for review where it
    /// differs. `None`: it does not.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn propose(&self, proposed: &Matrix) -> Result<Option<Pending>, CliError> {
        let accepted = read(&self.accepted)?;
        if accepted.as_ref() == Some(proposed) {
            self.settle()?;
            return Ok(None);
        }
        let is_first = accepted.is_none();
        let pending = Pending::between(accepted, proposed.clone());
        if pending.changes.is_empty() && !is_first {
            // Only the accounts have changed that the table is about: there is nothing to decide.
            write(&self.accepted, proposed)?;
            self.settle()?;
            return Ok(None);
        }
        write(&self.pending, proposed)?;
        Ok(Some(pending))
    }

    /// What waits to be reviewed and is still what the policies say, if anything does. What they no
    /// longer say is forgotten.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn pending(&self, current: &Matrix) -> Result<Option<Pending>, CliError> {
        let Some(proposed) = read(&self.pending)? else {
            return Ok(None);
        };
        let accepted = read(&self.accepted)?;
        if proposed == *current {
            return Ok(Some(Pending::between(accepted, proposed)));
        }
        let found = Pending::between(accepted.clone(), proposed);
        let true_now = Pending::between(accepted, current.clone());
        let is_true = |it: &&(String, Change)| true_now.changes.contains(it);
        let still = found.changes.iter().filter(is_true);
        let still: Vec<Change> = still.map(|(_, change)| change.clone()).collect();
        if still.is_empty() {
            self.settle()?;
            return Ok(None);
        }
        let proposed = true_now.accepted.with(&still, current);
        write(&self.pending, &proposed)?;
        Ok(Some(Pending::between(Some(true_now.accepted), proposed)))
    }

    /// Takes changes over into what is accepted; the rest stays pending.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn accept(&self, pending: &Pending, taken: &[Change]) -> Result<(), CliError> {
        let accepted = pending.accepted.with(taken, &pending.proposed);
        if accepted == pending.accepted {
            return Ok(());
        }
        write(&self.accepted, &accepted)?;
        if accepted == pending.proposed {
            self.settle()?;
        }
        Ok(())
    }

    /// Drops changes from what is proposed. The policies still say so: the next test proposes them
    /// again until a policy is changed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn reject(&self, pending: &Pending, dropped: &[Change]) -> Result<(), CliError> {
        let back = |change: &Change| Change {
            now: change.was.clone(),
            ..change.clone()
        };
        let back: Vec<Change> = dropped.iter().map(back).collect();
        let proposed = pending.proposed.with(&back, &pending.accepted);
        if changes(&pending.accepted, &proposed).is_empty() {
            return self.settle();
        }
        write(&self.pending, &proposed)
    }

    /// Nothing is pending any more.
    fn settle(&self) -> Result<(), CliError> {
        match std::fs::remove_file(&self.pending) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(CliError::file("remove", &self.pending)(error))
            }
            _ => Ok(()),
        }
    }
}

impl Pending {
    fn between(accepted: Option<Matrix>, proposed: Matrix) -> Self {
        // Before the first time every situation is new to the table.
        let accepted = accepted.unwrap_or_default();
        let changes = changes(&accepted, &proposed);
        Self {
            changes: changes.into_iter().map(|it| (id(&it), it)).collect(),
            accepted,
            proposed,
        }
    }
}

/// Names a change for as long as it is the same one.
fn id(change: &Change) -> String {
    let Change { was, now, .. } = change;
    let (before, after) = (was.answer.to_string(), now.answer.to_string());
    let parts = [
        &change.principal,
        &change.permission,
        &change.situation(),
        &before,
        &was.by,
        &after,
        &now.by,
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read(path: &Path) -> Result<Option<Matrix>, CliError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CliError::file("read", path)(error)),
    };
    let body = contents(&text);
    let matrix = Matrix::parse(body).map_err(|error| CliError::Snapshot {
        path: path.to_owned(),
        problem: error.to_string(),
    })?;
    Ok(Some(matrix))
}

/// What follows the head.
fn contents(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else {
        return text;
    };
    rest.split_once("\n---\n").map_or(rest, |(_, body)| body)
}

fn write(path: &Path, matrix: &Matrix) -> Result<(), CliError> {
    let text = format!("{HEAD}{}", matrix.text());
    atomic::write(path, &text).map_err(CliError::file("write", path))
}
