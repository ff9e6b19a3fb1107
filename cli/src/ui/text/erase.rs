//! Erasures for people.

use crate::output::erase::ErasureDocument;
use crate::ui::{Page, Text, paint, style};

impl Text for ErasureDocument {
    fn text(&self, page: &mut Page) {
        let account = paint(style::STRONG, &self.account);
        if self.before {
            page.line(format_args!("{account} was erased at {} already", self.at));
            return;
        }
        page.line(format_args!("{account} is erased"));
        for (count, what) in [
            (self.attributes, "attributes removed"),
            (self.attempts, "open attempts closed"),
            (self.messages, "waiting messages dropped"),
            (self.answers, "kept answers forgotten"),
            (self.sealed_records, "journal records closed for good"),
        ] {
            if count > 0 {
                page.line(format_args!("    {count} {what}"));
            }
        }
    }
}
