//! `stateward confirm ATTEMPT`: proves the step that an attempt waits for.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use stateward::account::{Answer, Attempt, Outcome, Step, Waiting};
use stateward::courier::SecretText;
use stateward::engine::{Confirm, Presented};
use stateward::lifecycle::model::Method;
use stateward::name::{AttemptId, IdempotencyKey, Name};

use super::decide;
use crate::app::{App, Opened};
use crate::error::CliError;
use crate::exit::Exit;

/// Prove the step that an attempt waits for
///
/// A code is typed on a terminal or read from a file: never given as an argument, where others
/// could see it. Without `--as`, the store's owner proves on behalf of whoever asked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The attempt
    attempt: AttemptId,
    #[command(flatten)]
    proof: ProofArgs,
    /// Under this key a repeated request gets its first answer again
    #[arg(long, value_name = "KEY")]
    key: Option<IdempotencyKey>,
}

/// The proof.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct ProofArgs {
    /// The file that holds the code; `-` for standard input
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    /// A risk that is acknowledged: the name of its verification
    #[arg(long, value_name = "NAME")]
    ack: Vec<Name>,
    /// Approve, as the principal of `--as`
    #[arg(long)]
    approve: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let given = given(&args.proof, app)?;
    let opened = app.open()?;
    if matches!(given, Some(Presented::Approve { .. })) {
        opened.asker()?;
    }
    let session = &opened.session;
    let about = decide::about_attempt(session, &args.attempt, opened.principal.as_ref())?;
    let answer = match given {
        Some(proof) => {
            let (attempt, by) = (args.attempt.clone(), opened.principal.clone());
            let answer = session.engine.confirm(&Confirm {
                attempt,
                by,
                proof,
                key: args.key.clone(),
            })?;
            session.send(&mut app.ui)?;
            answer
        }
        None => waiting(&opened, &args.attempt)?,
    };
    let (opened, answer) = decide::converse(app, opened, answer)?;
    decide::tell(app, &opened.session, &answer, about)
}

/// The proof that the arguments give; none where it can be asked for.
fn given(args: &ProofArgs, app: &mut App) -> Result<Option<Presented>, CliError> {
    if args.approve {
        let context = app.globals.context.iter().cloned().collect();
        return Ok(Some(Presented::Approve { context }));
    }
    if !args.ack.is_empty() {
        return Ok(Some(Presented::Acknowledge(
            args.ack.iter().cloned().collect(),
        )));
    }
    if let Some(path) = &args.code_file {
        let code = presented("read the code from", path, &mut app.stdin)?;
        return Ok(Some(Presented::Code(code)));
    }
    if app.prompts.is_some() {
        return Ok(None);
    }
    Err(CliError::Usage {
        message: "no proof is given, and nobody can be asked for one".to_owned(),
        hints: vec!["give `--code-file FILE`, `--ack NAME` or `--approve`".to_owned()],
    })
}

/// Longest text that is read as a code or a secret.
const BYTES_MAX: u64 = 256;

/// A code or a secret, from a file or standard input.
///
/// # Errors
/// When it cannot be read.
pub fn presented(
    action: &'static str,
    path: &Path,
    stdin: &mut dyn Read,
) -> Result<SecretText, CliError> {
    let read = |input: &mut dyn Read| {
        let mut text = String::new();
        input.take(BYTES_MAX).read_to_string(&mut text)?;
        Ok(SecretText::new(text.trim()))
    };
    let text = match path == Path::new("-") {
        true => read(stdin),
        false => File::open(path).and_then(|mut file| read(&mut file)),
    };
    text.map_err(CliError::file(action, path))
}

/// What an attempt waits for, as the answer that opened it said it. One that is not there is
/// answered by presenting nothing, in the same words as a wrong code.
pub fn waiting(opened: &Opened, id: &AttemptId) -> Result<Answer, CliError> {
    let session = &opened.session;
    let nothing = || {
        let (attempt, by) = (id.clone(), opened.principal.clone());
        let proof = Presented::Code(SecretText::new(String::new()));
        Ok(session.engine.confirm(&Confirm {
            attempt,
            by,
            proof,
            key: None,
        })?)
    };
    let Some(attempt) = session.engine.attempt(id)? else {
        return nothing();
    };
    let Some((
        index,
        Step::Put {
            verification,
            challenge,
            ..
        },
    )) = attempt.current()
    else {
        return nothing();
    };
    let method = session
        .bundle
        .lifecycle
        .verifications
        .get(verification)
        .map(|v| &v.method);
    let (risk, approval_by) = match method {
        Some(Method::Acknowledge { text }) => (Some(text.as_ref().to_owned()), None),
        Some(Method::Approval { by }) => (None, Some(by.clone())),
        _ => (None, None),
    };
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let waiting = Waiting {
        verification: verification.clone(),
        step: number(index + 1),
        steps: number(attempt.steps.len()),
        sent_to: None,
        code_expires_at: challenge.as_ref().map(|challenge| challenge.expires_at),
        risk,
        approval_by,
        expires_at: attempt.expires_at,
    };
    let Attempt {
        id: attempt,
        account,
        ..
    } = attempt.clone();
    let outcome = Outcome::Pending {
        attempt,
        waiting: Box::new(waiting),
    };
    Ok(Answer {
        account: Some(account),
        outcome,
        gates: Vec::new(),
        revision: Default::default(),
        enrolment: None,
    })
}
