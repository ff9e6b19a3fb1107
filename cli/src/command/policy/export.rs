//! `stateward policy export --to cedar [POLICY…]`: policies in the words of another engine.

use stateward::policy::{Policy, cedar};

use crate::app::App;
use crate::error::{CliError, count};
use crate::exit::Exit;
use crate::output::check::Finding;
use crate::output::policy::export::ExportDocument;
use crate::ui::snippet;

/// Write policies in the words of another engine, or say what it has no words for
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The engine
    #[arg(long, value_name = "ENGINE")]
    to: Engine,
    /// Print the schema of requests instead of the policies
    #[arg(long)]
    schema: bool,
    /// The policies; all, if none is given
    #[arg(value_name = "POLICY")]
    policies: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Engine {
    /// Cedar, as of version 4
    Cedar,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let (_, bundle) = super::project(app)?;
    let named = |name: &String| {
        bundle.policies.get(name).ok_or_else(|| {
            let see = "`stateward policy list` lists them";
            CliError::unknown("policy", name, bundle.policies.names(), see)
        })
    };
    let policies: Vec<&Policy> = if args.policies.is_empty() {
        bundle.policies.iter().collect()
    } else {
        args.policies.iter().map(named).collect::<Result<_, _>>()?
    };
    let Engine::Cedar = args.to;
    match cedar::export(policies, &bundle.lifecycle.vocabulary) {
        Ok(export) if args.schema && app.ui.is_text() => {
            app.ui.print(&export.schema)?;
            Ok(Exit::Done)
        }
        Ok(export) => {
            app.ui.emit(&ExportDocument::done(export))?;
            Ok(Exit::Done)
        }
        Err(refusals) => {
            if app.ui.is_text() {
                app.ui.say(&snippet::render(&bundle.sources, &refusals));
            }
            let findings = refusals.iter();
            let findings = findings
                .map(|it| Finding::new(&bundle.sources, it))
                .collect();
            app.ui.emit(&ExportDocument::refused(findings))?;
            let refused = count(refusals.len(), "refusal");
            app.ui.note(&format!("nothing is exported: {refused}"));
            Ok(Exit::Findings)
        }
    }
}
