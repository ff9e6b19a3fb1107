//! `stateward policy show POLICY`: its statements, and who has it.

use stateward::policy::Principal;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::PolicyDocument;

/// Show the statements of a policy, and who has it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The policy
    policy: String,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let name = args.policy.as_str();
    let (_, bundle) = super::project(app)?;
    let policy = bundle.policies.get(name).ok_or_else(|| {
        let see = "`stateward policy list` lists them";
        CliError::unknown("policy", name, bundle.policies.names(), see)
    })?;
    let has_it =
        |principal: &Principal| principal.policies.iter().any(|held| held.as_ref() == name);
    let listed = bundle.principals.listed().map(|listed| &listed.principal);
    let holders = listed
        .filter(|it| has_it(it))
        .map(|it| it.name.to_string())
        .collect();
    app.ui.emit(&PolicyDocument::new(policy, holders))?;
    Ok(Exit::Done)
}
