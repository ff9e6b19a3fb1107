//! The decision matrix and its changes for people.

use crate::error::count;
use crate::output::policy::matrix::{ChangeLine, MatrixDocument, PendingDocument};
use crate::ui::{Page, Text, paint, style};

impl Text for MatrixDocument {
    fn text(&self, page: &mut Page) {
        for line in self.table.lines() {
            page.line(line);
        }
    }
}

impl Text for PendingDocument {
    fn text(&self, page: &mut Page) {
        if self.settled > 0 {
            page.line(format_args!("{} settled", count(self.settled, "change")));
        }
        if self.changes.is_empty() {
            page.line("nothing waits to be reviewed");
            return;
        }
        page.listing(
            [
                "id",
                "",
                "principal",
                "permission",
                "situation",
                "was",
                "now",
                "by",
            ],
            self.changes.iter().map(|change| {
                [
                    change.id.clone(),
                    mark(change).to_owned(),
                    change.principal.clone(),
                    change.permission.clone(),
                    change.situation.clone(),
                    change.was.clone(),
                    change.now.clone(),
                    change.by.clone(),
                ]
            }),
        );
        let changed = count(self.changes.len(), "permission");
        page.line(format_args!("{changed} changed, pending review"));
    }
}

impl Text for ChangeLine {
    fn text(&self, page: &mut Page) {
        page.line(format_args!(
            "  {}  {}  {}",
            paint(style::STRONG, &self.principal),
            self.permission,
            self.situation
        ));
        let arrow = if self.direction == "widened" {
            "   <- widened"
        } else {
            ""
        };
        let (was, now) = (words(&self.was), words(&self.now));
        page.line(format_args!("  {was} -> {now}   {}{arrow}", self.by));
    }
}

fn mark(change: &ChangeLine) -> &'static str {
    match change.direction.as_str() {
        "widened" => "+ widened",
        "narrowed" => "- narrowed",
        "new" => "* new",
        _ => "~ otherwise",
    }
}

/// An answer where there is no table around it.
fn words(answer: &str) -> &str {
    if answer == "-" { "not allowed" } else { answer }
}
