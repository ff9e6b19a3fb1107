//! `stateward account erase ID`: erases everything personal about an account, for good.

use stateward::name::AccountId;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::erase::ErasureDocument;

/// Erase everything personal about an account, for good, as the store's owner
///
/// Its personal attributes, open attempts, waiting messages and kept answers go, and the key that its
/// journal is sealed under is destroyed. What is left: that it existed, its states, and who asked for
/// what and when. Its id is never used again. What was delivered is delivered, and copies of the
/// store that were made before still hold everything.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account
    account: AccountId,
    /// Erase without asking
    #[arg(long)]
    yes: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let id = &args.account;
    let opened = app.open()?;
    // An account that is not there is told before anything is asked.
    let account = opened.session.engine.read(id, None, &opened.context)?;
    let is_erased = account.is_ok_and(|account| account.erased_at.is_some());
    if !args.yes && !is_erased && !confirmed(id, app)? {
        app.ui.note("nothing was erased");
        return Ok(Exit::Failed);
    }
    let erasure = opened.session.engine.erase(id)?;
    app.ui.emit(&ErasureDocument::new(id, &erasure))?;
    if erasure.clear > 0 {
        let records = erasure.clear;
        app.ui.warn(&format!(
            "{records} journal records were written in the clear by the first versions, and stay so"
        ));
    }
    if !erasure.before {
        app.ui
            .hint("copies of the store that were made before still hold the account");
    }
    Ok(Exit::Done)
}

/// Whether whoever sits at the terminal means it.
fn confirmed(id: &AccountId, app: &mut App) -> Result<bool, CliError> {
    let Some(prompts) = &mut app.prompts else {
        return Err(CliError::Usage {
            message: "erasing cannot be undone, and there is nobody to ask".to_owned(),
            hints: vec![format!("`stateward account erase {id} --yes` asks nobody")],
        });
    };
    let question = format!("This cannot be undone. Type {id} to erase everything personal: ");
    let typed = prompts.line(&question).map_err(|source| CliError::Prompt {
        what: "confirmation",
        source,
    })?;
    Ok(typed.as_deref() == Some(id.as_str()))
}
