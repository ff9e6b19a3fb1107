//! The conversation that proves what an attempt waits for.

use std::collections::BTreeSet;

use stateward::account::{Answer, Gate, Outcome, Waiting};
use stateward::courier::SecretText;
use stateward::engine::{Confirm, Presented};
use stateward::name::Name;

use crate::app::{App, Opened};
use crate::error::CliError;
use crate::output::decision::Waiting as Asked;
use crate::ui::Page;
use crate::ui::text::decision;

/// As long as there is somebody to ask: asks for the proof that is waited for and presents it, step
/// by step. Whoever gives no proof leaves the attempt waiting.
///
/// The project is closed while somebody types, so that other commands can use its store.
pub fn converse(
    app: &mut App,
    mut opened: Opened,
    mut answer: Answer,
) -> Result<(Opened, Answer), CliError> {
    let mut told = false;
    while let Outcome::Pending { attempt, waiting } = &answer.outcome {
        if app.prompts.is_none() || waiting.approval_by.is_some() {
            break;
        }
        if !told {
            let mut page = Page::default();
            let asked = Asked::from(waiting.as_ref());
            let asked = asked.enrolling(answer.enrolment.as_ref());
            decision::step(&asked, opened.session.now(), &mut page);
            app.ui.say_page(page);
        }
        drop(opened);
        let proof = ask(app, waiting)?;
        opened = app.open()?;
        let Some(proof) = proof else { break };
        let session = &opened.session;
        let next = session.engine.confirm(&Confirm {
            attempt: attempt.clone(),
            by: opened.principal.clone(),
            proof,
            key: None,
        })?;
        session.send(&mut app.ui)?;
        match &next.outcome {
            // A wrong code: as long as the attempt is open, another may be tried.
            Outcome::Denied(denial)
                if denial.gate == Gate::Verification
                    && session.engine.attempt(attempt)?.is_some() =>
            {
                app.ui.deny(&denial.code, &denial.message);
                told = true;
            }
            _ => {
                answer = next;
                told = false;
            }
        }
    }
    Ok((opened, answer))
}

/// Asks for a proof; `None` where nobody can be asked, or gives none.
fn ask(app: &mut App, waiting: &Waiting) -> Result<Option<Presented>, CliError> {
    let Some(prompts) = &mut app.prompts else {
        return Ok(None);
    };
    let failed = |what| move |source| CliError::Prompt { what, source };
    if waiting.risk.is_some() {
        let typed = prompts.line("Type `yes` to acknowledge it: ");
        let typed = typed.map_err(failed("acknowledgement"))?;
        let risks: BTreeSet<Name> = [waiting.verification.clone()].into();
        return Ok((typed.as_deref() == Some("yes")).then_some(Presented::Acknowledge(risks)));
    }
    let typed = prompts.secret("Code: ").map_err(failed("code"))?;
    let typed = typed
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty());
    Ok(typed.map(|code| Presented::Code(SecretText::new(code))))
}

#[cfg(test)]
mod tests;
