//! Policies for people.

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
