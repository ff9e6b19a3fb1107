//! What a change of policies does, for people.

use crate::error::count;
use crate::output::policy::diff::{DiffDocument, NamedValue, ShiftLine};
use crate::ui::{Page, Text, paint, style};

/// Most situations that are shown of one permission.
const SITUATIONS: usize = 4;

impl Text for DiffDocument {
    fn text(&self, page: &mut Page) {
        for (sure, head) in [(true, "gained (widened)"), (false, "may be gained")] {
            shifts(&self.gains, sure, head, '+', page);
        }
        for (sure, head) in [(true, "lost"), (false, "may be lost")] {
            shifts(&self.losses, sure, head, '-', page);
        }
        if !self.statements.is_empty() {
            page.line("statements");
        }
        for it in &self.statements {
            let sign = if it.edit == "added" { '+' } else { '-' };
            let place = paint(style::FAINT, &it.place);
            page.line(format_args!(
                "  {sign} `{}`: {}   {place}",
                it.policy, it.text
            ));
        }
        let (gains, losses) = (count(self.gains.len(), "gain"), self.losses.len());
        let losses = if losses == 1 {
            "1 loss".to_owned()
        } else {
            format!("{losses} losses")
        };
        page.line(format_args!(
            "{gains}, {losses}, {}",
            count(self.statements.len(), "changed statement")
        ));
    }
}

fn shifts(all: &[ShiftLine], certain: bool, head: &str, sign: char, page: &mut Page) {
    let mut these = all.iter().filter(|it| it.certain == certain).peekable();
    if these.peek().is_none() {
        return;
    }
    let look = if sign == '+' {
        style::WARNING
    } else {
        style::STRONG
    };
    page.line(paint(look, head));
    for shift in these {
        let by = shift.asked_by.as_deref().map(|by| format!("   {by}"));
        let (who, what) = (&shift.principal, &shift.permission);
        page.line(format_args!(
            "  {sign} {who}  {what}{}",
            by.unwrap_or_default()
        ));
        for (index, situation) in shift.when.iter().take(SITUATIONS).enumerate() {
            let word = if index == 0 { "when" } else { "  or" };
            let words: Vec<String> = situation.iter().map(named).collect();
            page.line(format_args!("      {word} {}", words.join(", ")));
        }
        if shift.when.len() > SITUATIONS {
            let more = count(shift.when.len() - SITUATIONS, "more situation");
            page.line(format_args!("      and in {more}: `-o json` lists them"));
        }
    }
}

pub(super) fn named(it: &NamedValue) -> String {
    match &it.value {
        Some(value) => format!("{} = {value}", it.name),
        None => format!("{} is any other", it.name),
    }
}
