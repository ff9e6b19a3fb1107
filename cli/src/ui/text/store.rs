//! What is done with a store as a whole, for people.

use crate::error::count;
use crate::error::count_of;
use crate::output::store::{
    BackupDocument, CompactDocument, Conflict, Counted, InfoDocument, MigrateDocument,
    RestoreDocument, StateChange,
};
use crate::ui::{Page, Text, paint, style};

impl Text for MigrateDocument {
    fn text(&self, page: &mut Page) {
        if let Some(format) = self.upgraded_from {
            page.line(format_args!(
                "Brought the store from format {format} to this version's"
            ));
        }
        let counted = |sign: &str, what: &str, lines: &[Counted]| {
            let line = |line: &Counted| {
                let what = format!("{what} {}", line.name);
                [sign.to_owned(), what, count_of(line.accounts)]
            };
            lines.iter().map(line).collect::<Vec<_>>()
        };
        let mut rows: Vec<[String; 3]> = self.states.iter().map(moved).collect();
        rows.extend(counted("~", "attribute", &self.attributes));
        rows.extend(counted("+", "held values of", &self.claims));
        rows.extend(counted("+", "timer of", &self.timers));
        if self.attempts_closed > 0 {
            let closed = self.attempts_closed.to_string();
            rows.push(["-".to_owned(), "open attempts".to_owned(), closed]);
        }
        page.columns(rows);
        for conflict in &self.conflicts {
            page.line(stands_against(conflict));
        }
        let definition: String = self.definition.chars().take(12).collect();
        let of = format!("{} of {}", self.changing, count_of(self.accounts));
        page.line(match (self.conflicts.is_empty(), self.dry_run) {
            (false, _) => "Nothing was changed".to_owned(),
            (true, _) if self.changing == 0 && self.dry_run => {
                format!(
                    "All {} fit definition {definition}",
                    count_of(self.accounts)
                )
            }
            (true, true) => format!("Would bring {of} under definition {definition}"),
            (true, false) => format!("Brought {of} under definition {definition}: it is in force"),
        });
    }
}

fn moved(line: &StateChange) -> [String; 3] {
    let (workflow, accounts) = (&line.workflow, count_of(line.accounts));
    let (sign, what) = match (&line.from, &line.to) {
        (Some(from), Some(to)) => ("~", format!("{workflow} {from} -> {to}")),
        (None, Some(to)) => ("+", format!("{workflow} {to} (a new workflow)")),
        (_, None) => ("-", format!("{workflow} (the workflow is gone)")),
    };
    [sign.to_owned(), what, accounts]
}

fn stands_against(conflict: &Conflict) -> String {
    let examples = conflict.examples.join(", ");
    let more = match u64::try_from(conflict.examples.len()) {
        Ok(shown) if shown < conflict.accounts => ", …",
        _ => "",
    };
    let head = paint(style::ERROR, "  !");
    let (problem, accounts) = (&conflict.problem, count_of(conflict.accounts));
    format!("{head}  {problem}: {accounts} ({examples}{more})")
}

impl Text for InfoDocument {
    fn text(&self, page: &mut Page) {
        let kind = if self.development {
            " for development"
        } else {
            ""
        };
        page.line(format_args!(
            "{}   store{kind}, format {}, created {}",
            paint(style::STRONG, &self.lifecycle),
            self.format,
            self.created_at
        ));
        let definition = self.definition.as_deref().map_or_else(
            || "none in force yet".to_owned(),
            |definition| definition.chars().take(12).collect(),
        );
        let migrating = match self.migrating {
            true => ", and accounts are on their way to it",
            false => "",
        };
        let due = match &self.next_due {
            Some(at) => format!(
                "{}, {} due; the earliest {at}",
                self.timers, self.timers_due
            ),
            None => "none".to_owned(),
        };
        let row = |name: &str, value: String| [name.to_owned(), value];
        page.columns([
            row("definition", format!("{definition}{migrating}")),
            row("key", self.key_id.clone()),
            row("accounts", self.accounts.to_string()),
            row("records", self.records.to_string()),
            row("open attempts", self.attempts.to_string()),
            row("timers", due),
            row("messages", format!("{} wait", self.messages)),
            row("file", bytes(self.file_bytes)),
            row(
                "log",
                format!(
                    "{}, of which {} waited",
                    bytes(self.log_bytes),
                    bytes(self.log_waiting_bytes)
                ),
            ),
        ]);
        page.gap();
        page.listing(
            ["table", "rows", "bytes"],
            self.tables.iter().map(|table| {
                [
                    table.name.clone(),
                    table.rows.to_string(),
                    bytes(table.bytes),
                ]
            }),
        );
    }
}

impl Text for BackupDocument {
    fn text(&self, page: &mut Page) {
        let (file, rows) = (paint(style::STRONG, &self.file), self.rows);
        let bytes = bytes(self.bytes);
        page.line(format_args!(
            "Copied {rows} rows to {file} ({bytes}), and read them back"
        ));
    }
}

impl Text for RestoreDocument {
    fn text(&self, page: &mut Page) {
        let accounts = count_of(self.accounts);
        page.line(format_args!(
            "Restored the store from {}: {accounts}",
            self.file
        ));
        if let Some(kept) = &self.kept {
            page.line(format_args!("The store that was there is kept as {kept}"));
        }
    }
}

impl Text for CompactDocument {
    fn text(&self, page: &mut Page) {
        let (before, after) = (bytes(self.before), bytes(self.after));
        page.line(format_args!("The store takes {after}, after {before}"));
    }
}

/// A number of bytes for people.
fn bytes(number: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(unit, _)| number >= *unit) {
        Some((unit, name)) => {
            let tenths = number.saturating_mul(10) / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => count(usize::try_from(number).unwrap_or(usize::MAX), "byte"),
    }
}
