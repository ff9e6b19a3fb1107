//! Policies for people.

mod import;
mod reference;
mod repl;
mod test;

use crate::error::count;
use crate::output::policy::export::ExportDocument;
use crate::output::policy::fmt::{FmtDocument, Style};
use crate::output::policy::{PolicyDocument, PolicyList, StatementLine};
use crate::ui::{Page, Text, paint, style};

impl Text for PolicyList {
    fn text(&self, page: &mut Page) {
        page.listing(
            ["policy", "statements", "about"],
            self.policies.iter().map(|line| {
                // The first paragraph; `policy show` has the rest.
                let about = line.about.as_deref().unwrap_or_default();
                let about = about
                    .split("\n\n")
                    .next()
                    .unwrap_or_default()
                    .replace('\n', " ");
                [line.policy.clone(), line.statements.to_string(), about]
            }),
        );
    }
}

impl Text for PolicyDocument {
    fn text(&self, page: &mut Page) {
        page.line(paint(style::STRONG, &self.policy));
        for line in self.about.iter().flat_map(|about| about.lines()) {
            page.line(format_args!("  {line}").to_string().trim_end());
        }
        for statement in &self.statements {
            statement_lines(statement, page);
        }
        if !self.principals.is_empty() {
            page.line(format_args!("held by {}", self.principals.join(", ")));
        }
    }
}

impl Text for FmtDocument {
    fn text(&self, page: &mut Page) {
        let many = |style| self.files.iter().filter(|line| line.style == style).count();
        for line in &self.files {
            match (line.style, &line.diff) {
                (Style::Formatted, _) => page.line(format_args!("formatted {}", line.path)),
                (Style::Other, Some(diff)) => diff_lines(diff, page),
                (Style::Other, None) => page.line(format_args!("in another style: {}", line.path)),
                (Style::Same | Style::Unknown, _) => {}
            }
        }
        if many(Style::Same) == self.files.len() {
            let files = count(self.files.len(), "file");
            page.line(format_args!("nothing to change in {files}"));
        }
    }
}

fn diff_lines(diff: &str, page: &mut Page) {
    for line in diff.lines() {
        let look = match line.as_bytes().first() {
            Some(b'+') => style::GOOD,
            Some(b'-') => style::BAD,
            Some(b'@') => style::FAINT,
            _ => style::PLAIN,
        };
        page.line(paint(look, line));
    }
}

fn statement_lines(statement: &StatementLine, page: &mut Page) {
    let except = if statement.all_except {
        "all except "
    } else {
        ""
    };
    let actions = statement.actions.join(", ");
    let place = paint(style::FAINT, &statement.place);
    page.line(format_args!(
        "  {} {except}{actions}   {place}",
        statement.effect
    ));
    let mut clause = |word: &str, text: String| page.line(format_args!("    {word} {text}"));
    if !statement.resources.is_empty() {
        clause("on", statement.resources.join(", "));
    }
    for (word, text) in [
        ("when", &statement.when),
        ("unless", &statement.unless),
        ("because", &statement.because),
    ] {
        if let Some(text) = text {
            clause(word, text.clone());
        }
    }
}

impl Text for ExportDocument {
    fn text(&self, page: &mut Page) {
        if let Some(policies) = &self.policies {
            page.line(policies.trim_end());
        }
    }
}
