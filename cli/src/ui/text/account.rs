//! Accounts, attempts and quotas for people.

use super::when::relative;
use crate::output::account::{AccountDocument, AccountList, AttemptLine, AttemptList, StepLine};
use crate::output::quota::QuotaDocument;
use crate::ui::{Page, Text, paint, style};

impl Text for AccountList {
    fn text(&self, page: &mut Page) {
        self.accounts
            .iter()
            .for_each(|line| page.line(&line.account));
    }
}

impl Text for AccountDocument {
    fn text(&self, page: &mut Page) {
        page.line(format_args!(
            "{}   revision {}   created {}",
            paint(style::STRONG, &self.account),
            self.revision,
            self.created_at
        ));
        if let Some(at) = &self.erased_at {
            let told = format!("erased {at}: nothing can happen to it any more");
            page.line(paint(style::WARNING, told));
        }
        section("states", page);
        page.columns(self.states.iter().map(|(workflow, place)| {
            let since = format!("since {}", place.since);
            [workflow.clone(), place.state.clone(), since]
        }));
        section("attributes", page);
        page.columns(
            self.attributes
                .iter()
                .map(|(name, value)| [name.clone(), value.clone()]),
        );
        if let Some(authenticators) = &self.authenticators {
            section("authenticators", page);
            page.columns(authenticators.iter().map(|name| [name.clone()]));
        }
        if !self.obligations.is_empty() {
            section("owed", page);
            page.columns(self.obligations.iter().map(|open| {
                let due = if open.overdue {
                    "overdue, was due"
                } else {
                    "due"
                };
                let due = format!("{due} {}", relative(&open.due, self.now));
                [open.owed.clone(), due, format!("since {}", open.since)]
            }));
        }
        if !self.attempts.is_empty() {
            section("open attempts", page);
            page.columns(self.attempts.iter().map(|attempt| {
                let lapses = format!("lapses {}", relative(&attempt.expires_at, self.now));
                [
                    attempt.attempt.clone(),
                    attempt.transition.clone(),
                    waits_for(attempt),
                    lapses,
                ]
            }));
        }
        if !self.timers.is_empty() {
            section("by itself", page);
            page.columns(self.timers.iter().map(|timer| {
                let due = timer.due.as_deref().map(|due| relative(due, self.now));
                [timer.timer.clone(), due.unwrap_or_default()]
            }));
        }
    }
}

fn section(title: &str, page: &mut Page) {
    page.line(paint(style::FAINT, title));
}

impl Text for AttemptList {
    fn text(&self, page: &mut Page) {
        page.listing(
            [
                "attempt",
                "account",
                "transition",
                "waits for",
                "asked by",
                "lapses",
            ],
            self.attempts.iter().map(|attempt| {
                [
                    attempt.attempt.clone(),
                    attempt.account.clone(),
                    attempt.transition.clone(),
                    waits_for(attempt),
                    attempt.requester.clone(),
                    relative(&attempt.expires_at, self.now),
                ]
            }),
        );
    }
}

/// The verification that an attempt is at, and which step that is.
fn waits_for(attempt: &AttemptLine) -> String {
    let open = |step: &&StepLine| step.status != "proved";
    let proved = attempt
        .steps
        .iter()
        .filter(|step| step.status == "proved")
        .count();
    let current = attempt
        .steps
        .iter()
        .find(open)
        .and_then(|step| step.verification.as_deref());
    format!(
        "{} ({} of {})",
        current.unwrap_or("a proof"),
        proved + 1,
        attempt.steps.len()
    )
}

impl Text for QuotaDocument {
    fn text(&self, page: &mut Page) {
        page.listing(
            ["quota", "used", "limit", "window", "next free"],
            self.quotas.iter().map(|line| {
                let next = line
                    .next_free_at
                    .as_deref()
                    .map(|at| relative(at, self.now));
                [
                    line.quota.clone(),
                    line.used.to_string(),
                    line.limit.to_string(),
                    line.window.clone(),
                    next.unwrap_or_else(|| "now".to_owned()),
                ]
            }),
        );
    }
}
