//! `stateward schema NAME`: JSON Schemas, of what is written and of what is answered.

use crate::app::App;
use crate::config::Config;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::schemas;

/// Print a JSON Schema: of the project file, lifecycle files, policy cases, scenarios, or a document
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `project`, `lifecycle`, `properties`, `cases`, `scenario`, or a document such as `run/v1`;
    /// without one, all names
    name: Option<String>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let documents = schemas::documents();
    let names = || {
        ["project", "lifecycle", "properties", "cases", "scenario"]
            .into_iter()
            .chain(documents.iter().map(|d| d.name))
    };
    let Some(name) = &args.name else {
        let lines: String = names().map(|name| format!("{name}\n")).collect();
        app.ui.print(&lines)?;
        return Ok(Exit::Done);
    };
    let schema = match name.trim_start_matches("stateward/") {
        "project" => schemars::schema_for!(Config).to_value(),
        "lifecycle" => stateward::lifecycle::schema(),
        "properties" => stateward::analysis::property::schema(),
        "cases" => stateward::workbench::cases::schema(),
        "scenario" => stateward::scenario::schema(),
        other => match documents.iter().find(|document| document.name == other) {
            Some(document) => (document.schema)(),
            None => {
                let see = "`stateward schema` lists them";
                return Err(CliError::unknown("schema", name, names(), see));
            }
        },
    };
    let text = serde_json::to_string_pretty(&schema);
    let text = text.map_err(|error| CliError::Bug(error.to_string()))?;
    app.ui.print(&format!("{text}\n"))?;
    Ok(Exit::Done)
}
