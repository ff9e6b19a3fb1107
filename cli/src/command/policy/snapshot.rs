//! The decision matrix of a project against its snapshot.

use stateward::bundle::Bundle;
use stateward::diagnostic::Diagnostic;
use stateward::source::{FileId, Span};
use stateward::workbench::matrix::{Change, Direction, Matrix};
use stateward::workbench::{codes, tabulate};

use crate::app::App;
use crate::error::{CliError, count};
use crate::exit::Exit;
use crate::output::policy::matrix::PendingDocument;
use crate::project::Project;
use crate::project::snapshots::{Pending, Snapshots};

/// The matrix that the policies make now.
///
/// # Errors
/// When the test files, which name the accounts, do not read.
pub fn current(project: &Project, bundle: &Bundle) -> Result<Matrix, CliError> {
    let scenes = super::cases::accounts(project, bundle)?;
    Ok(tabulate::matrix(bundle, &scenes))
}

/// Changed decisions that wait to be settled.
pub struct Waiting {
    pub snapshots: Snapshots,
    /// The matrix that the policies make now.
    pub current: Matrix,
    pub pending: Pending,
}

/// What waits; `None`, where nothing does, which is told.
///
/// # Errors
/// When the project, its cases or its snapshot do not read.
pub fn open(app: &mut App) -> Result<Option<Waiting>, CliError> {
    let (project, bundle) = super::project(app)?;
    let snapshots = Snapshots::of(&project.root, &bundle);
    let current = current(&project, &bundle)?;
    let Some(pending) = snapshots.pending(&current)? else {
        app.ui.emit(&PendingDocument::default())?;
        return Ok(None);
    };
    Ok(Some(Waiting {
        snapshots,
        current,
        pending,
    }))
}

/// Compares the matrix with its snapshot; what differs waits for review.
pub fn check(
    app: &mut App,
    project: &Project,
    bundle: &Bundle,
    matrix: &Matrix,
) -> Result<Exit, CliError> {
    let pending = Snapshots::of(&project.root, bundle).propose(matrix)?;
    app.ui.emit(&PendingDocument::new(pending.as_ref(), 0))?;
    Ok(standing(app, pending.as_ref()))
}

/// Tells what to do about what waits; the exit code says whether something does.
pub fn standing(app: &mut App, pending: Option<&Pending>) -> Exit {
    let Some(pending) = pending else {
        return Exit::Done;
    };
    let widened = pending.changes.iter().filter(|(_, it)| is_widened(it));
    match widened.count() {
        0 => app
            .ui
            .hint("`stateward policy accept` takes these changes over"),
        some => {
            let what = count(some, "permission");
            app.ui.hint(&format!(
                "{what} widened: `stateward policy review` goes through them, \
                 `stateward policy accept ID` takes one over"
            ));
        }
    }
    Exit::Findings
}

/// What a test says where the snapshot, which is `file`, differs.
pub fn pending_finding(file: FileId, changed: usize) -> Diagnostic {
    let says = match changed {
        0 => "the accounts that the table is about have changed".to_owned(),
        some => format!("{} changed, pending review", count(some, "permission")),
    };
    let finding = Diagnostic::error(codes::PENDING_REVIEW, Span::new(file, 0..0), says);
    finding
        .help("`stateward policy review` goes through them, `stateward policy pending` lists them")
}

/// Whether a change needs a decision of its own.
pub fn is_widened(change: &Change) -> bool {
    change.direction == Direction::Widened
}

/// The changes that are named, or, where none is, those that `by_default` selects.
///
/// # Errors
/// When no change has such an id.
pub fn selected(
    pending: &Pending,
    ids: &[String],
    by_default: fn(&Change) -> bool,
) -> Result<Vec<Change>, CliError> {
    let all = || pending.changes.iter();
    if ids.is_empty() {
        let chosen = all().filter(|(_, change)| by_default(change));
        return Ok(chosen.map(|(_, change)| change.clone()).collect());
    }
    let find = |wanted: &String| {
        let mut found = all().filter(|(id, _)| id == wanted);
        match (found.next(), found.next()) {
            (Some((_, change)), None) => Ok(change.clone()),
            (Some(_), Some(_)) => {
                let says = format!("two changes have the id `{wanted}`: review them at a terminal");
                Err(CliError::usage(says))
            }
            (None, _) => {
                let known = all().map(|(id, _)| id.as_str());
                let see = "`stateward policy pending` lists them";
                Err(CliError::unknown("pending change", wanted, known, see))
            }
        }
    };
    ids.iter().map(find).collect()
}
