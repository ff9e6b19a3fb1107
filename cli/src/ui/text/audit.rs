//! Audits for people.

use crate::output::audit::{
    AuditList, AuditListLine, DifferentLine, FlawLine, ReplayDocument, VerifyDocument,
};
use crate::ui::{Page, Text, paint, style};

impl Text for VerifyDocument {
    fn text(&self, page: &mut Page) {
        for flaw in &self.flaws {
            let head = paint(style::ERROR, "broken");
            page.line(format_args!("{head}: {}{}", whose(flaw), flaw.what));
        }
        let looked = format!(
            "{}, {}, {}",
            count(self.accounts, "account"),
            count(self.records, "record"),
            count(self.denials, "denial")
        );
        let verdict = match self.flaws.len() {
            0 => "everything holds together".to_owned(),
            broken => format!("{} broken", count(broken as u64, "place")),
        };
        page.line(format_args!("{looked}: {}", paint(style::STRONG, verdict)));
        if self.erased > 0 {
            let erased = count(self.erased, "account");
            page.line(format_args!(
                "{erased} erased: of these the chain was checked"
            ));
        }
        if self.clear_records > 0 {
            let clear = count(self.clear_records, "record");
            page.line(format_args!("{clear} of the first versions, in the clear"));
        }
        page.line(format_args!("head {}", self.head));
    }
}

fn whose(flaw: &FlawLine) -> String {
    match (&flaw.account, flaw.revision) {
        (Some(account), Some(revision)) => format!("{account}, record {revision}: "),
        (Some(account), None) => format!("{account}: "),
        (None, _) => String::new(),
    }
}

impl Text for ReplayDocument {
    fn text(&self, page: &mut Page) {
        for (lines, head) in [
            (&self.differs, paint(style::ERROR, "differs")),
            (&self.unknown, paint(style::WARNING, "unknown")),
        ] {
            for line in lines {
                page.line(format_args!("{head}: {}", told(line)));
            }
        }
        match (self.records, self.closed) {
            (0, 0) => page.line("there is no record yet"),
            (0, _) => page.line("no record could be decided again"),
            _ => page.line(self.verdict()),
        }
        if self.closed > 0 {
            let closed = count(self.closed, "record");
            page.line(format_args!("{closed} of erased accounts cannot be opened"));
        }
    }
}

impl ReplayDocument {
    fn verdict(&self) -> String {
        let records = count(self.records, "record");
        let verdict = match (self.differs.len(), self.unknown.len()) {
            (0, 0) => "all came out the same".to_owned(),
            (0, unknown) => format!("{} the same, {unknown} cannot be told", self.same),
            (differs, 0) => format!("{} the same, {differs} otherwise", self.same),
            (differs, unknown) => format!(
                "{} the same, {differs} otherwise, {unknown} cannot be told",
                self.same
            ),
        };
        let verdict = paint(style::STRONG, verdict);
        format!("{records} decided again: {verdict}")
    }
}

fn told(line: &DifferentLine) -> String {
    let DifferentLine {
        account,
        revision,
        at,
        by,
        command,
        what,
        ..
    } = line;
    let subject = line.subject.as_deref().unwrap_or_default();
    format!("{account}, record {revision}  {at}  {by}  {command} {subject}: {what}")
}

impl Text for AuditList {
    fn text(&self, page: &mut Page) {
        page.listing(
            ["when", "account", "revision", "by", "asked", "decision"],
            self.entries.iter().map(|entry| {
                [
                    entry.at.clone(),
                    entry.account.clone().unwrap_or_default(),
                    entry.revision.map(|it| it.to_string()).unwrap_or_default(),
                    entry.by.clone(),
                    asked(entry),
                    decision(entry),
                ]
            }),
        );
    }
}

fn asked(entry: &AuditListLine) -> String {
    match &entry.subject {
        Some(subject) => format!("{} {subject}", entry.command),
        None => entry.command.clone(),
    }
}

fn decision(entry: &AuditListLine) -> String {
    let code = entry.code.as_ref().map(|code| format!(" {code}"));
    let more = entry.uncounted.map(|more| format!(" (and {more} before)"));
    let parts = [code, more].map(Option::unwrap_or_default);
    format!("{}{}", entry.decision, parts.concat())
}

fn count(number: u64, of: &str) -> String {
    match number {
        1 => format!("1 {of}"),
        _ => format!("{number} {of}s"),
    }
}
