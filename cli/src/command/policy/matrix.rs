//! `stateward policy matrix`: every decision, as a table.

use stateward::workbench::matrix::Matrix;

use super::snapshot;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::matrix::MatrixDocument;

/// Show who may do what, as a table: principal, permission, account
///
/// The accounts are those that the test files of the policies name. What is not listed is denied,
/// because nothing allows it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only principals whose name contains this
    #[arg(long, value_name = "TEXT")]
    principal: Option<String>,
    /// Only permissions whose name contains this
    #[arg(long, value_name = "TEXT")]
    permission: Option<String>,
    /// Compare with the snapshot, and leave what differs for review
    #[arg(long, conflicts_with_all = ["principal", "permission"])]
    check: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let (project, bundle) = super::project(app)?;
    let matrix = snapshot::current(&project, &bundle)?;
    if args.check {
        return snapshot::check(app, &project, &bundle, &matrix);
    }
    let wanted = |text: &str, part: &Option<String>| {
        part.as_ref()
            .is_none_or(|part| text.contains(part.as_str()))
    };
    let mut shown = Matrix::over(matrix.situations().map(str::to_owned));
    for (key, cell) in matrix.listed() {
        if wanted(&key.principal, &args.principal) && wanted(&key.permission, &args.permission) {
            shown.set(key.clone(), cell.clone());
        }
    }
    app.ui.emit(&MatrixDocument::new(&shown))?;
    Ok(Exit::Done)
}
