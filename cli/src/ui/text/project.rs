//! What was written for a project, for people.

use crate::output::project::InitDocument;
use crate::ui::{Page, Text, paint, style};

impl Text for InitDocument {
    fn text(&self, page: &mut Page) {
        let written = self
            .created
            .iter()
            .map(|path| ["+".to_owned(), path.clone()]);
        let kept = self
            .kept
            .iter()
            .map(|path| ["=".to_owned(), format!("{path} (kept)")]);
        page.columns(written.chain(kept));
        let kind = if self.development {
            "a development store"
        } else {
            "a store"
        };
        let project = paint(style::STRONG, &self.project);
        page.line(format_args!("Made a project with {kind} in {project}"));
    }
}
