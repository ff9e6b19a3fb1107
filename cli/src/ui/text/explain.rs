//! What diagnostic codes mean, for people.

use crate::output::explain::{CodeList, ExplainDocument};
use crate::ui::{Page, Text, paint, style};

impl Text for ExplainDocument {
    fn text(&self, page: &mut Page) {
        page.line(paint(
            style::STRONG,
            format_args!("{}: {}", self.code, self.title),
        ));
        page.gap();
        page.line(self.text.trim());
    }
}

impl Text for CodeList {
    fn text(&self, page: &mut Page) {
        page.columns(
            self.codes
                .iter()
                .map(|line| [line.code.clone(), line.title.clone()]),
        );
    }
}
