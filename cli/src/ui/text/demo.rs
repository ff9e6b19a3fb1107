//! The demonstration for people.

use crate::output::demo::{Act, DemoDocument};
use crate::ui::{Page, Text, paint, style};

impl Text for DemoDocument {
    fn text(&self, page: &mut Page) {
        for (index, part) in self.parts.iter().enumerate() {
            let title = format!("{}. {}", index + 1, part.title);
            page.line(paint(style::STRONG, title));
            page.line(format_args!("   {}\n", part.about));
            part.acts.iter().for_each(|act| show(act, page));
        }
        page.line(paint(style::STRONG, "The account in the end"));
        self.account.text(page);
    }
}

fn show(act: &Act, page: &mut Page) {
    page.line(paint(style::HINT, format_args!("$ {}", act.command)));
    act.decision.text(page);
    for message in &act.messages {
        page.line(format_args!(
            "> {} to {}: {}",
            message.by, message.to, message.text
        ));
    }
    page.gap();
}
