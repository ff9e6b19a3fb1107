//! The summary of a check; the findings themselves are shown as snippets.

use crate::error::count;
use crate::output::check::CheckDocument;
use crate::ui::{Page, Text};

impl Text for CheckDocument {
    fn text(&self, page: &mut Page) {
        let verdict = self.verdict();
        if self.lifecycle.is_none() {
            let files = count(self.files, "file");
            page.line(format_args!("checked {files}: {verdict}"));
            return;
        }
        let Self {
            workflows,
            states,
            transitions,
            policies,
            ..
        } = self;
        let policies = match policies {
            1 => "1 policy".to_owned(),
            many => format!("{many} policies"),
        };
        let (workflows, states) = (count(*workflows, "workflow"), count(*states, "state"));
        let transitions = count(*transitions, "transition");
        page.line(format_args!(
            "checked {workflows} ({states}, {transitions}), {policies}: {verdict}"
        ));
    }
}

impl CheckDocument {
    /// `1 error, 0 warnings, 2 notes, 3 accepted`, the last two only where there are any.
    fn verdict(&self) -> String {
        let mut parts = vec![count(self.errors, "error"), count(self.warnings, "warning")];
        if self.notes > 0 {
            parts.push(count(self.notes, "note"));
        }
        if self.accepted > 0 {
            parts.push(format!("{} accepted", self.accepted));
        }
        parts.join(", ")
    }
}
