//! `stateward policy …`: the policies of the project.

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::{PolicyDocument, PolicyLine, PolicyList};
use crate::project::Project;

/// Look at policies
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the policies
    List,
    /// Show the statements of a policy, and who has it
    Show {
        /// The policy
        policy: String,
    },
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let bundle = Project::find(app.globals.project.as_deref())?.bundle()?;
    match &args.command {
        Command::List => {
            let policies = bundle.policies.iter().map(PolicyLine::from).collect();
            app.ui.emit(&PolicyList { policies })?;
        }
        Command::Show { policy: name } => {
            let policy = bundle.policies.get(name).ok_or_else(|| {
                let see = "`stateward policy list` lists them";
                CliError::unknown("policy", name, bundle.policies.names(), see)
            })?;
            let has_it = |principal: &stateward::policy::Principal| {
                principal.policies.iter().any(|held| held.as_ref() == name)
            };
            let listed = bundle.principals.listed().map(|listed| &listed.principal);
            let holders = listed
                .filter(|it| has_it(it))
                .map(|it| it.name.to_string())
                .collect();
            app.ui.emit(&PolicyDocument::new(policy, holders))?;
        }
    }
    Ok(Exit::Done)
}
