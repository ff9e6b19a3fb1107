//! `stateward policy review`: goes through changed decisions with somebody at the terminal.

use stateward::workbench::matrix::Change;

use super::snapshot::{self, Waiting};
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::matrix::{ChangeLine, PendingDocument};
use crate::project::snapshots::Pending;
use crate::ui::{Page, Text};

/// Go through changed decisions one by one
///
/// Widened permissions come first and are accepted one by one. Without a terminal, use
/// `pending`, `accept` and `reject`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// What somebody says to one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accept,
    Reject,
    Skip,
}

/// What a typed answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    /// This change.
    One(Verdict),
    /// This change and all after it.
    Rest(Verdict),
    /// Show the whole table of what is pending.
    Table,
    /// Leave the rest as it is.
    Quit,
}

impl Reply {
    fn of(answer: &str) -> Option<Self> {
        Some(match answer {
            "a" => Self::One(Verdict::Accept),
            "r" => Self::One(Verdict::Reject),
            "s" => Self::One(Verdict::Skip),
            "A" => Self::Rest(Verdict::Accept),
            "R" => Self::Rest(Verdict::Reject),
            "S" => Self::Rest(Verdict::Skip),
            "t" => Self::Table,
            "q" => Self::Quit,
            _ => return None,
        })
    }
}

const KEYS: &str = "  a accept   r reject   s skip   t all that is pending   q quit   \
    A/R/S this and the rest";

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let Some(Waiting {
        snapshots,
        current,
        pending,
    }) = snapshot::open(app)?
    else {
        return Ok(Exit::Done);
    };
    if app.prompts.is_none() {
        let message = "there is no terminal to review at".to_owned();
        let hints = vec![
            "`stateward policy pending` lists what changed; `accept` and `reject` take its ids"
                .to_owned(),
        ];
        return Err(CliError::Usage { message, hints });
    }
    let (accepted, rejected) = go_through(app, &pending)?;
    snapshots.accept(&pending, &accepted)?;
    if let Some(rest) = snapshots.pending(&current)? {
        snapshots.reject(&rest, &rejected)?;
    }
    let left = snapshots.pending(&current)?;
    let settled = accepted.len() + rejected.len();
    app.ui.emit(&PendingDocument::new(left.as_ref(), settled))?;
    Ok(if left.is_some() {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Asks about each change; those that were accepted, and those that were rejected.
fn go_through(app: &mut App, pending: &Pending) -> Result<(Vec<Change>, Vec<Change>), CliError> {
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    let mut rest = None;
    for (index, (id, change)) in pending.changes.iter().enumerate() {
        // What is widened is looked at by itself, whatever was said of the rest.
        let verdict = match rest {
            Some(Verdict::Accept) if snapshot::is_widened(change) => None,
            known => known,
        };
        let verdict = match verdict {
            Some(verdict) => verdict,
            None => {
                show(app, pending, index, id, change);
                match ask(app, pending)? {
                    Reply::One(verdict) => verdict,
                    Reply::Rest(verdict) => *rest.insert(verdict),
                    Reply::Quit | Reply::Table => break,
                }
            }
        };
        match verdict {
            Verdict::Accept => accepted.push(change.clone()),
            Verdict::Reject => rejected.push(change.clone()),
            Verdict::Skip => {}
        }
    }
    Ok((accepted, rejected))
}

/// One change, with its place among all.
fn show(app: &mut App, pending: &Pending, index: usize, id: &str, change: &Change) {
    let line = ChangeLine::new(id, change);
    let mut page = Page::default();
    page.line(format_args!(
        "━━━ {}/{}  {} {}",
        index + 1,
        pending.changes.len(),
        line.direction,
        line.id
    ));
    line.text(&mut page);
    page.line(KEYS);
    app.ui.say_page(page);
}

/// Asks until the answer is one.
fn ask(app: &mut App, pending: &Pending) -> Result<Reply, CliError> {
    loop {
        let Some(prompts) = &mut app.prompts else {
            return Ok(Reply::Quit);
        };
        let answer = prompts.line("> ").map_err(|source| CliError::Prompt {
            what: "decision",
            source,
        })?;
        match answer.as_deref().map(Reply::of) {
            None => return Ok(Reply::Quit),
            Some(Some(Reply::Table)) => {
                let mut page = Page::default();
                PendingDocument::new(Some(pending), 0).text(&mut page);
                app.ui.say_page(page);
            }
            Some(Some(reply)) => return Ok(reply),
            Some(None) => app.ui.say(&format!("{KEYS}\n")),
        }
    }
}

#[cfg(test)]
mod tests;
