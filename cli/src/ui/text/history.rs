//! Journals for people.

use crate::output::change::Change;
use crate::output::history::{HistoryDocument, RecordLine};
use crate::ui::{Page, Text, paint, style};

impl Text for HistoryDocument {
    fn text(&self, page: &mut Page) {
        for record in &self.records {
            head(record, page);
            if let Some(denial) = &record.denial {
                page.line(format_args!("    {}: {}", denial.code, denial.message));
            }
            if record.closed {
                page.line(paint(style::FAINT, "    (erased)"));
            }
            changes(&record.changes, page);
        }
        if self.denials.is_empty() {
            return;
        }
        page.line(paint(style::FAINT, "refused, and changed nothing"));
        page.columns(self.denials.iter().map(|denial| {
            let subject = denial.subject.as_deref().unwrap_or_default();
            let more = match denial.uncounted {
                0 => String::new(),
                more => format!("and {more} before"),
            };
            [
                denial.at.clone(),
                denial.by.clone(),
                format!("{} {subject}", denial.command),
                format!("{} by {}", denial.code, denial.gate),
                more,
            ]
        }));
    }
}

fn head(record: &RecordLine, page: &mut Page) {
    let RecordLine {
        revision,
        at,
        by,
        command,
        decision,
        ..
    } = record;
    let subject = record
        .subject
        .as_ref()
        .map(|it| format!(" {it}"))
        .unwrap_or_default();
    let revision = paint(style::STRONG, revision);
    page.line(format_args!(
        "{revision}  {at}  {by}  {command}{subject}: {decision}"
    ));
}

/// What changed, one line each.
pub fn changes(changes: &[Change], page: &mut Page) {
    for change in changes {
        page.line(format_args!("    {}", words(change)));
    }
}

fn words(change: &Change) -> String {
    let unset = || "(unset)".to_owned();
    match change {
        Change::Created(begun) => {
            let pairs = |map: &std::collections::BTreeMap<String, String>| {
                map.iter()
                    .map(|(k, v)| format!("{k}={v}"))
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            format!(
                "+ account   {}\n    + states    {}",
                pairs(&begun.attributes),
                pairs(&begun.states)
            )
        }
        Change::Moved(moved) => {
            format!(
                "~ {}   {} -> {}   by {}",
                moved.workflow, moved.from, moved.to, moved.transition
            )
        }
        Change::Assigned(set) => {
            format!(
                "~ {}   -> {}",
                set.attribute,
                set.value.clone().unwrap_or_else(unset)
            )
        }
        Change::QuotaSpent(spent) => format!("- 1 of quota {} of {}", spent.quota, spent.key),
        Change::AttemptPut(put) => format!("+ attempt {}   lapses {}", put.attempt, put.expires_at),
        Change::AttemptClosed(closed) => format!("- attempt {}   {}", closed.attempt, closed.how),
        Change::CodeFailed => "! wrong code".to_owned(),
        Change::CodeMatched => "= right code".to_owned(),
        Change::Authenticator(app) if app.kept => format!("~ authenticator {}", app.authenticator),
        Change::Authenticator(app) => format!("- authenticator {}", app.authenticator),
        Change::ObligationOpened(owed) => {
            format!(
                "+ owed {}   until {}",
                owed.owed,
                owed.due.clone().unwrap_or_else(unset)
            )
        }
        Change::ObligationMet(owed) => format!("- owed {}   made", owed.owed),
        Change::ObligationReminded(owed) => format!("! owed {}   reminded", owed.owed),
        Change::TimerArmed(timed) => {
            format!(
                "+ timer: {}   {}",
                timed.timer,
                timed.due.clone().unwrap_or_else(unset)
            )
        }
        Change::TimerDisarmed(timed) => format!("- timer: {}", timed.timer),
        Change::TimerPostponed(timed) => {
            format!(
                "~ timer: {}   put off until {}",
                timed.timer,
                timed.due.clone().unwrap_or_else(unset)
            )
        }
        Change::Migrated(moved) => {
            let state = |state: &Option<String>| state.clone().unwrap_or_else(unset);
            format!(
                "~ {}   {} -> {}   by migration",
                moved.workflow,
                state(&moved.from),
                state(&moved.to)
            )
        }
        Change::BroughtUnder(under) => {
            let short: String = under.bundle.chars().take(12).collect();
            format!("= fits definition {short}")
        }
        Change::Queued(sent) => format!("> {} to {} by {}", sent.message, sent.to, sent.by),
        Change::Claimed(claim) => {
            format!(
                "+ holds {} {}",
                claim.attribute,
                claim.value.clone().unwrap_or_else(unset)
            )
        }
        Change::Erased => "! everything personal was erased".to_owned(),
        Change::Released(claim) => {
            format!(
                "- holds {} {}",
                claim.attribute,
                claim.value.clone().unwrap_or_else(unset)
            )
        }
    }
}
