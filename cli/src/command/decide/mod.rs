//! What all deciding commands share: telling the decision, and the conversation that proves it.

use std::collections::BTreeSet;

use stateward::account::{Answer, Gate, Outcome, Waiting};
use stateward::courier::SecretText;
use stateward::engine::{Confirm, Presented};
use stateward::lifecycle::model::Trigger;
use stateward::name::{AttemptId, Name, TransitionName};
use stateward::policy::Principal;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::decision::{About, DecisionDocument};
use crate::project::Session;
use crate::ui::Page;
use crate::ui::text::decision;

/// What a request for a transition is about.
pub fn about(session: &Session, transition: &TransitionName, asker: Option<&Principal>) -> About {
    let declared = session.bundle.lifecycle.transitions.get(transition);
    let permission = declared.and_then(|declared| match &declared.trigger {
        Trigger::Request { access, .. } => Some(access.permission.as_ref().to_owned()),
        Trigger::TriggeredBy(_) | Trigger::After(_) => None,
    });
    About {
        transition: Some(transition.clone()),
        attempt: None,
        principal_kind: asker.map(|asker| asker.kind.to_string()),
        permission,
        by_owner: false,
    }
}

/// What a command on an attempt is about.
pub fn about_attempt(
    session: &Session,
    id: &AttemptId,
    asker: Option<&Principal>,
) -> Result<About, CliError> {
    let attempt = session.engine.attempt(id)?;
    let about = attempt.map(|attempt| about(session, &attempt.transition, asker));
    Ok(About {
        attempt: Some(id.to_string()),
        ..about.unwrap_or_default()
    })
}

/// Tells a decision, and how the command ends by it.
pub fn tell(
    app: &mut App,
    session: &Session,
    answer: &Answer,
    about: About,
) -> Result<Exit, CliError> {
    let document = DecisionDocument::new(answer, about, session.now());
    app.ui.emit(&document)?;
    match &answer.outcome {
        Outcome::Applied { .. } => {}
        Outcome::Pending { attempt, waiting } => app.ui.hint(&next(attempt, waiting)),
        Outcome::Denied(denial) => {
            app.ui
                .hint(&format!("`stateward explain {}` tells more", denial.code));
        }
    }
    Ok(Exit::of(&answer.outcome))
}

/// The command that proves the step that an attempt waits for.
fn next(attempt: &AttemptId, waiting: &Waiting) -> String {
    let confirm = format!("stateward confirm {attempt}");
    match (&waiting.risk, &waiting.approval_by) {
        (Some(_), _) => format!(
            "`{confirm} --ack {}` acknowledges the risk",
            waiting.verification
        ),
        (None, Some(_)) => format!("`{confirm} --approve --as PRINCIPAL` approves it"),
        (None, None) => format!("`{confirm}` asks for the code; `--code-file FILE` reads it"),
    }
}

/// As long as there is somebody to ask: asks for the proof that is waited for and presents it, step
/// by step. Whoever gives no proof leaves the attempt waiting.
pub fn converse(
    app: &mut App,
    session: &Session,
    mut answer: Answer,
    asker: Option<&Principal>,
) -> Result<Answer, CliError> {
    while let Outcome::Pending { attempt, waiting } = &answer.outcome {
        if app.prompts.is_some() {
            let mut page = Page::default();
            decision::step(&waiting.as_ref().into(), session.now(), &mut page);
            app.ui.say_page(page);
        }
        let Some(proof) = ask(app, waiting)? else {
            break;
        };
        let (attempt, by) = (attempt.clone(), asker.cloned());
        let confirm = Confirm {
            attempt: attempt.clone(),
            by,
            proof,
            key: None,
        };
        let next = session.engine.confirm(&confirm)?;
        session.send(&mut app.ui)?;
        match &next.outcome {
            // A wrong code: as long as the attempt is open, another may be tried.
            Outcome::Denied(denial)
                if denial.gate == Gate::Verification
                    && session.engine.attempt(&attempt)?.is_some() =>
            {
                app.ui.deny(&denial.code, &denial.message);
            }
            _ => answer = next,
        }
    }
    Ok(answer)
}

/// Asks for a proof; `None` where nobody can be asked, or gives none.
fn ask(app: &mut App, waiting: &Waiting) -> Result<Option<Presented>, CliError> {
    let Some(prompts) = &mut app.prompts else {
        return Ok(None);
    };
    let failed = |what| move |source| CliError::Prompt { what, source };
    if waiting.approval_by.is_some() {
        return Ok(None);
    }
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
