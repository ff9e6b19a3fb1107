//! `stateward explain CODE`: what a diagnostic code means, with a failing and a mended example.

use stateward::diagnostic::{all, explain};

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::explain::{CodeLine, CodeList, ExplainDocument};

/// Explain a diagnostic code
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The code, such as W0104
    #[arg(required_unless_present = "all")]
    code: Option<String>,
    /// List every code with its title
    #[arg(long, conflicts_with = "code")]
    all: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let Some(wanted) = &args.code else {
        let line = |page: &stateward::diagnostic::Explanation| CodeLine {
            code: page.code.to_string(),
            title: page.title().to_owned(),
        };
        let codes = all().iter().map(line).collect();
        app.ui.emit(&CodeList { codes })?;
        return Ok(Exit::Done);
    };
    let page = explain(wanted).ok_or_else(|| {
        let known = all().iter().map(|page| page.code.0);
        let see = "`stateward explain --all` lists them";
        CliError::unknown("diagnostic code", wanted, known, see)
    })?;
    app.ui.emit(&ExplainDocument {
        code: page.code.to_string(),
        title: page.title().to_owned(),
        text: page.text().to_owned(),
    })?;
    Ok(Exit::Done)
}
