//! The summary of a test of policies; what failed is shown as snippets.

use super::super::when::time;
use crate::error::count;
use crate::output::policy::test::{CoverageDocument, GapLine, PolicyTestDocument, SectionLine};
use crate::ui::{Page, Text, paint, style};

impl Text for PolicyTestDocument {
    fn text(&self, page: &mut Page) {
        page.columns(self.sections.iter().map(section_row));
        if let Some(coverage) = &self.coverage {
            coverage_lines(coverage, page);
        }
        let verdict = self.verdict();
        let looks = if self.sections.iter().all(|section| section.good) {
            style::GOOD
        } else {
            style::BAD
        };
        let asked = self.asked();
        page.line(format_args!("{}; {asked}", paint(looks, verdict)));
    }
}

impl PolicyTestDocument {
    /// How much was asked and how long that took. Requests that are made up take the time of making
    /// them up, so that they are told apart.
    fn asked(&self) -> String {
        let sum = |made_up: bool| {
            let sections = self.sections.iter();
            let sections = sections.filter(|it| (it.kind == "properties") == made_up);
            sections.fold((0, 0.0), |(decisions, micros), it| {
                (decisions + it.decisions, micros + it.micros)
            })
        };
        let mut parts = Vec::new();
        let (requests, took) = sum(true);
        if requests > 0 {
            let requests = count(requests, "made-up request");
            parts.push(format!("{requests} in {}", time(took)));
        }
        let (decisions, took) = sum(false);
        if decisions > 0 || parts.is_empty() {
            let (each, decisions) = (each(took, decisions), count(decisions, "decision"));
            parts.insert(0, format!("{decisions} in {}{each}", time(took)));
        }
        parts.join("; ")
    }

    /// `12 passed, 1 failed, 1 file not run`, of which only what there is.
    fn verdict(&self) -> String {
        let mut parts = vec![format!(
            "{} passed",
            self.checks.saturating_sub(self.failed)
        )];
        if self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        let not_run = |section: &&SectionLine| !section.good && section.failed == 0;
        match self.sections.iter().filter(not_run).count() {
            0 => {}
            files => parts.push(format!("{} not run", count(files, "file"))),
        }
        parts.join(", ")
    }
}

fn section_row(section: &SectionLine) -> [String; 4] {
    let SectionLine { checks, failed, .. } = section;
    let many = match section.kind {
        "cases" => count(*checks, "case"),
        "properties" if *checks == 1 => "1 property".to_owned(),
        "properties" => format!("{checks} properties"),
        _ => count(*checks, "decision"),
    };
    let title = section.title.clone();
    match (section.good, failed) {
        (true, _) => [title, many, "ok".to_owned(), time(section.micros)],
        (false, 0) => {
            let errors = count(section.findings.len(), "error");
            [title, "not run".to_owned(), errors, String::new()]
        }
        (false, failed) => [
            title,
            many,
            format!("{failed} failed"),
            time(section.micros),
        ],
    }
}

fn coverage_lines(coverage: &CoverageDocument, page: &mut Page) {
    let gaps = coverage.policies.iter().flat_map(|policy| &policy.missing);
    page.columns(gaps.map(gap_row));
    let CoverageDocument {
        branches,
        taken,
        percent,
        ..
    } = coverage;
    let short = match (coverage.reached, coverage.required) {
        (false, Some(required)) => paint(
            style::BAD,
            format_args!(", less than the {required} % that it must be"),
        ),
        _ => String::new(),
    };
    page.line(format_args!(
        "coverage {percent:.1} %, {taken} of {branches} branches{short}"
    ));
}

fn gap_row(gap: &GapLine) -> [String; 3] {
    let never = match (gap.never, &gap.clause) {
        ("asked", _) => "no case asks for what it covers".to_owned(),
        (never, Some(clause)) => format!("`{clause}` was never {never}"),
        (_, None) => "never decided".to_owned(),
    };
    let effect = match gap.ordinal {
        1 => gap.effect.clone(),
        more => format!("{} no. {more}", gap.effect),
    };
    [gap.place.clone(), effect, never]
}

/// `, 12 µs each`, if there is anything to divide by.
fn each(micros: f64, decisions: usize) -> String {
    match u32::try_from(decisions) {
        Ok(many) if many > 0 => format!(", {} each", time(micros / f64::from(many))),
        _ => String::new(),
    }
}
