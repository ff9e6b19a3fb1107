//! Scenarios for people: a line each, and every step where that is asked for or went otherwise.

use crate::error::count;
use crate::output::simulate::{ActLine, GenerateDocument, ScenarioLine, SimulateDocument};
use crate::ui::{Page, Text, paint, style};

use super::when::time;

impl Text for SimulateDocument {
    fn text(&self, page: &mut Page) {
        for scenario in self.scenarios.iter().filter(|it| it.told && it.read) {
            transcript(scenario, page);
        }
        page.columns(self.scenarios.iter().map(row));
        let good = self.scenarios.iter().filter(|it| it.good).count();
        let mut verdict = format!("{good} passed");
        if good < self.scenarios.len() {
            verdict.push_str(&format!(", {} failed", self.scenarios.len() - good));
        }
        let looks = if self.is_good() {
            style::GOOD
        } else {
            style::BAD
        };
        let steps = self.scenarios.iter().map(|it| it.acts.len()).sum();
        let took = self.scenarios.iter().map(|it| it.micros).sum();
        let steps = count(steps, "step");
        page.line(format_args!(
            "{}; {steps} in {}",
            paint(looks, verdict),
            time(took)
        ));
    }
}

fn row(scenario: &ScenarioLine) -> [String; 4] {
    let ScenarioLine { steps, acts, .. } = scenario;
    let file = scenario.file.clone();
    if !scenario.read {
        let errors = count(scenario.findings.len(), "error");
        return [file, "not played".to_owned(), errors, String::new()];
    }
    let took = time(scenario.micros);
    if scenario.good {
        return [file, count(*steps, "step"), "ok".to_owned(), took];
    }
    let came = format!("{} of {steps} steps", acts.len());
    [file, came, "failed".to_owned(), took]
}

fn transcript(scenario: &ScenarioLine, page: &mut Page) {
    page.line(paint(style::STRONG, &scenario.file));
    if let Some(about) = &scenario.about {
        page.line(format_args!("  {about}"));
    }
    for line in &scenario.acts {
        act(line, page);
    }
    page.gap();
}

fn act(act: &ActLine, page: &mut Page) {
    let times = match act.times {
        1 => String::new(),
        times => format!(", {times} times"),
    };
    page.line(format_args!("{:>3}  {}{times}", act.step, act.says));
    let result = match (&act.waits_for, &act.denial, act.decision) {
        (Some(verification), ..) => format!("waits for {verification}"),
        (_, Some(denial), _) => {
            let code = denial.deny_code.as_ref().unwrap_or(&denial.code);
            let gate = denial.gate;
            let head = paint(style::BAD, format_args!("denied by the {gate} gate"));
            format!("{head}, {code}: {}", denial.message)
        }
        (.., Some(_)) => paint(style::GOOD, "applied"),
        _ => format!("it is {}", act.at),
    };
    page.line(format_args!("     {result}"));
    for moved in &act.moves {
        let transition = &moved.transition;
        if moved.from == moved.to {
            page.line(format_args!("     ~ {transition}, stays {}", moved.to));
        } else {
            page.line(format_args!(
                "     ~ {transition}, {} -> {}",
                moved.from, moved.to
            ));
        }
    }
    for sent in &act.sent {
        page.line(format_args!(
            "     > {} by {} to {}",
            sent.message, sent.by, sent.to
        ));
    }
    for owed in &act.reminded {
        page.line(format_args!("     ! {owed} is overdue"));
    }
    for transition in &act.lapsed {
        page.line(format_args!("     ! the attempt at {transition} lapses"));
    }
}

impl Text for GenerateDocument {
    fn text(&self, page: &mut Page) {
        for scenario in &self.scenarios {
            let steps = count(scenario.steps, "step");
            page.line(format_args!(
                "{}  {steps}",
                paint(style::STRONG, &scenario.name)
            ));
            for transition in &scenario.covers {
                page.line(format_args!("  {transition}"));
            }
        }
        if !self.missing.is_empty() {
            page.line(paint(style::WARNING, "not made by any"));
            page.columns(
                self.missing
                    .iter()
                    .map(|missing| [missing.transition.clone(), missing.reason.clone()]),
            );
        }
        let made: usize = self.scenarios.iter().map(|it| it.covers.len()).sum();
        let all = made + self.missing.len();
        let scenarios = count(self.scenarios.len(), "scenario");
        let written = match &self.folder {
            Some(folder) => format!(", written to {folder}"),
            None => String::new(),
        };
        page.line(format_args!(
            "{scenarios} for {made} of {all} transitions{written}"
        ));
    }
}
