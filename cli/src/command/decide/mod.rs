//! What all deciding commands share: what they are about, and telling the decision.

mod converse;

use stateward::account::{Answer, Outcome, Waiting};
use stateward::lifecycle::model::Trigger;
use stateward::name::{AttemptId, TransitionName};
use stateward::policy::Principal;

pub use converse::converse;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::decision::{About, DecisionDocument};
use crate::output::plan::PlanBody;
use crate::project::Session;

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
    tell_with(app, session, answer, about, None)
}

/// As [`tell`], with what would lead to what was refused.
pub fn tell_with(
    app: &mut App,
    session: &Session,
    answer: &Answer,
    about: About,
    plan: Option<PlanBody>,
) -> Result<Exit, CliError> {
    let mut document = DecisionDocument::new(answer, about, session.now());
    document.plan = plan;
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
