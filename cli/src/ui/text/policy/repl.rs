//! What policies answer in a conversation, for people.

use crate::output::policy::repl::AnswerDocument;
use crate::ui::{Page, Text, paint, style};

impl Text for AnswerDocument {
    fn text(&self, page: &mut Page) {
        let (word, look) = if self.allowed {
            ("yes", style::GOOD)
        } else {
            ("no", style::BAD)
        };
        let by = match (&self.policy, &self.place) {
            (Some(policy), Some(place)) => format!(" by `{policy}`  {place}"),
            _ => String::new(),
        };
        let (effect, stage) = (&self.effect, &self.stage);
        page.line(format_args!(
            "{}: {effect} ({stage}){by}",
            paint(look, word)
        ));
        for resource in &self.resources {
            page.line(format_args!("  {} on {resource}", self.permission));
        }
        if let Some(error) = &self.error {
            page.line(format_args!("  {error}"));
        }
    }
}
