//! What a change of a whole definition does, for people.

use crate::error::count;
use crate::output::diff::{Answer, Answered, ChangeLine, Definition, DiffDocument, JournalDiff};
use crate::ui::{Page, Text, paint, style};

use super::diff::named;

/// Most situations that are shown of one change.
const SITUATIONS: usize = 3;

/// Most records that are listed.
const RECORDS: usize = 40;

impl Text for DiffDocument {
    fn text(&self, page: &mut Page) {
        page.line(head(&self.old, &self.new));
        let groups = [
            ("weakening", "weakened", style::WARNING),
            ("may_weaken", "may be weakened", style::WARNING),
            ("strengthening", "strengthened", style::GOOD),
            ("neutral", "changed", style::STRONG),
        ];
        for (weight, head, look) in groups {
            let mut these = self.changes.iter().filter(|it| it.weight == weight);
            if let Some(first) = these.next() {
                page.gap();
                page.line(paint(look, head));
                std::iter::once(first)
                    .chain(these)
                    .for_each(|it| change(it, page));
            }
        }
        if let Some(journal) = &self.journal {
            page.gap();
            recorded(journal, page);
        }
        page.gap();
        let number = |weight: &str| {
            let these = self.changes.iter().filter(|it| it.weight == weight);
            these.count()
        };
        page.line(format_args!(
            "{}, {} that may be one, {}, {}",
            count(number("weakening"), "weakening"),
            number("may_weaken"),
            count(number("strengthening"), "strengthening"),
            count(number("neutral"), "other change"),
        ));
    }
}

/// Both by their editions; where that does not tell them apart, by the beginnings of fingerprints.
fn head(old: &Definition, new: &Definition) -> String {
    let name = &new.lifecycle;
    if old.edition != new.edition {
        return format!("{name} {} -> {}", old.edition, new.edition);
    }
    let [old, new] = [old, new].map(|it| it.fingerprint.chars().take(12).collect::<String>());
    format!("{name} {old} -> {new}")
}

fn change(it: &ChangeLine, page: &mut Page) {
    let code = paint(style::FAINT, format_args!("[{}]", it.code));
    let subject = paint(style::STRONG, &it.subject);
    page.line(format_args!("  {subject}: {} {code}", it.message));
    for (index, situation) in it.when.iter().take(SITUATIONS).enumerate() {
        let word = if index == 0 { "when" } else { "  or" };
        let words: Vec<String> = situation.iter().map(named).collect();
        page.line(format_args!("      {word} {}", words.join(", ")));
    }
    if it.when.len() > SITUATIONS {
        let more = count(it.when.len() - SITUATIONS, "more situation");
        page.line(format_args!("      and in {more}: `-o json` lists them"));
    }
    for detail in &it.details {
        page.line(format_args!("      {detail}"));
    }
    let place = match (&it.old, &it.new) {
        (Some(old), Some(new)) if old == new => old.clone(),
        (Some(old), Some(new)) => format!("{old} -> {new}"),
        (Some(old), None) => format!("{old} (gone)"),
        (None, Some(new)) => new.clone(),
        (None, None) => return,
    };
    page.line(format_args!("      {}", paint(style::FAINT, place)));
}

fn recorded(journal: &JournalDiff, page: &mut Page) {
    let requests = count(journal.requests, "recorded request");
    page.line(paint(
        style::STRONG,
        format_args!("{requests}, decided again under the new definition"),
    ));
    for it in journal.changed.iter().take(RECORDS) {
        record(it, page);
    }
    if journal.changed.len() > RECORDS {
        let more = count(journal.changed.len() - RECORDS, "more");
        page.line(format_args!("  and {more}: `-o json` lists them"));
    }
    for it in journal.unknown.iter().take(RECORDS) {
        let (account, revision) = (&it.account, it.revision);
        page.line(format_args!(
            "  {account} revision {revision}: {}",
            it.reason
        ));
    }
    page.line(format_args!(
        "  {} with another answer, {} with the same, {} that cannot be told",
        journal.changed.len(),
        journal.same,
        journal.unknown.len(),
    ));
}

fn record(it: &Answered, page: &mut Page) {
    let subject = it.subject.as_deref().unwrap_or_default();
    let asked = format!("{} {subject}", it.command);
    let (account, revision) = (&it.account, it.revision);
    page.line(format_args!(
        "  {account} revision {revision}, {}: {} by {}",
        it.at,
        asked.trim_end(),
        it.by
    ));
    if it.gone.is_empty() && it.come.is_empty() {
        page.line(format_args!(
            "      {} -> {}",
            answer(&it.was),
            answer(&it.now)
        ));
    }
    let effects = it.gone.iter().map(|gone| format!("- {gone}"));
    for effect in effects.chain(it.come.iter().map(|come| format!("+ {come}"))) {
        page.line(format_args!("      {effect}"));
    }
}

fn answer(it: &Answer) -> String {
    match (&it.waits_for, &it.denial) {
        (Some(waits), _) => format!("{} for {waits}", it.decision),
        (None, Some(denial)) => {
            format!(
                "{} by {} ({}): {}",
                it.decision, denial.gate, denial.code, denial.message
            )
        }
        (None, None) => it.decision.to_owned(),
    }
}
