//! What policies answer in a conversation, for people.

use crate::output::policy::repl::AnswerDocument;
use crate::ui::{Page, Text, paint, style};

impl Text for AnswerDocument {
    fn text(&self, page: &mut Page) {
        let (word, look) = match self.effect.as_str() {
            "Allow" => ("yes", style::GOOD),
            "Depends" => ("perhaps", style::WARNING),
            _ => ("no", style::BAD),
        };
        let by = match (&self.policy, &self.place) {
            (Some(policy), Some(place)) => format!(" by `{policy}`  {place}"),
            _ => String::new(),
        };
        let effect = &self.effect;
        let word = paint(look, word);
        page.line(match &self.stage {
            Some(stage) => format!("{word}: {effect} ({stage}){by}"),
            None => format!("{word}: it depends on what is not known here; `why?` tells on what"),
        });
        for resource in &self.resources {
            page.line(format_args!("  {} on {resource}", self.permission));
        }
        if let Some(error) = &self.error {
            page.line(format_args!("  {error}"));
        }
    }
}
