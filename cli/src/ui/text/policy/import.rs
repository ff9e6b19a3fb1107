//! What was imported, for people.

use crate::error::count;
use crate::output::policy::import::ImportDocument;
use crate::ui::{Page, Text};

impl Text for ImportDocument {
    fn text(&self, page: &mut Page) {
        page.columns(self.policies.iter().map(|policy| {
            let path = policy.path.as_ref().unwrap_or(&policy.policy);
            let statements = count(policy.statements, "statement");
            let from = format!("from {}, {}", policy.document, policy.dialect);
            ["+".to_owned(), path.clone(), statements, from]
        }));
        if self.policies.is_empty() {
            let errors = self.findings.iter().filter(|it| it.severity == "error");
            let errors = count(errors.count(), "error");
            page.line(format_args!("nothing was imported: {errors}"));
        }
    }
}
