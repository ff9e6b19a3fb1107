//! The reference of the language of policies as Markdown, which people read as it is.

use crate::output::policy::reference::{Meaning, ReferenceDocument};
use crate::ui::{Page, Text};

impl Text for ReferenceDocument {
    fn text(&self, page: &mut Page) {
        page.line("# The language of policies");
        page.gap();
        page.line("Written by `stateward policy reference` from the tables that policies are read");
        page.line(
            "with. One `.rhai` file is one policy, named by its file. It runs once, when it is",
        );
        page.line("loaded, and leaves statements; their conditions are asked for each request.");
        heading(page, "Statements");
        page.line(format_args!("```text\n{}\n```", self.statement));
        page.gap();
        meanings(page, &self.clauses);
        heading(page, "Patterns");
        self.wildcards.iter().for_each(|line| item(page, line));
        heading(page, "Names");
        page.line("`NAME` stands for what a lifecycle declares: attributes, workflows, inputs and");
        page.line("facts of the session.");
        page.gap();
        for name in &self.names {
            let ty = name.ty.as_deref().unwrap_or("as declared");
            let unset = if name.optional { ", may be unset" } else { "" };
            item(page, format_args!("`{}`: {ty}{unset}", name.path));
        }
        heading(page, "Names without a value");
        self.missing.iter().for_each(|line| item(page, line));
        heading(page, "Operators");
        meanings(page, &self.operators);
        heading(page, "Functions");
        for function in &self.functions {
            item(page, format_args!("`{}`", function.signature));
            page.line(format_args!("  {}", function.about));
            page.line(format_args!("  Example: `{}`", function.example));
        }
        heading(page, "While a script runs");
        page.line(
            "There are `let`, `if`, `for … in`, `switch`, texts with `${…}`, lists and ranges, the",
        );
        page.line("operators of numbers and texts, and for lists:");
        page.gap();
        meanings(page, &self.script_functions);
        heading(page, "Limits");
        for limit in &self.limits {
            item(page, format_args!("{}: {}", limit.what, limit.most));
        }
        heading(page, "Diagnostics");
        page.line("`stateward explain CODE` tells more of each.");
        page.gap();
        meanings(page, &self.codes);
    }
}

fn heading(page: &mut Page, text: &str) {
    page.gap();
    page.line(format_args!("## {text}"));
    page.gap();
}

fn item(page: &mut Page, text: impl std::fmt::Display) {
    page.line(format_args!("- {text}"));
}

fn meanings(page: &mut Page, meanings: &[Meaning]) {
    for meaning in meanings {
        item(page, format_args!("`{}`: {}", meaning.word, meaning.about));
    }
}
