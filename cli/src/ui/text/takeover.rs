//! What can be taken over, for people: a table of what falls to whom, then how, then the least that
//! seizes an account.

use std::collections::BTreeMap;

use crate::error::count;
use crate::output::takeover::{AnswerLine, SeizureLine, Sets, StepLine, TakeoverDocument};
use crate::ui::{Page, Text, paint, style};

impl Text for TakeoverDocument {
    fn text(&self, page: &mut Page) {
        if let Some(drawing) = &self.drawing {
            page.line(drawing.trim_end());
            return;
        }
        let row = |it: &AnswerLine| [it.who(), it.what_falls(), it.verdict()];
        page.listing(
            ["CONTROL OF", "GIVES", "ACCOUNT"],
            self.answers.iter().map(row),
        );
        let seizures = self.answers.iter();
        for (answer, seizure) in seizures.filter_map(|it| Some((it, it.seizure.as_ref()?))) {
            page.gap();
            seizure.show(&answer.factors.join(" and "), page);
        }
        page.gap();
        if let Some(sets) = &self.sets {
            page.line(sets.line());
        }
        let (states, others) = (count(self.states, "state"), self.others);
        page.line(paint(
            style::FAINT,
            format_args!("an attacker may strike in any of {states}; others {others}"),
        ));
        if !self.complete {
            page.line("inconclusive: there are more states than were looked at");
        }
    }
}

impl AnswerLine {
    /// `email`, `ram_user/full (or 2 more)`
    fn who(&self) -> String {
        let names = self.factors.join(" + ");
        match self.alike.len() {
            0 => names,
            many => format!("{names} (or {many} more)"),
        }
    }

    /// `root in 1 step, phone in 2`
    fn what_falls(&self) -> String {
        if self.falls.is_empty() {
            return "nothing else".to_owned();
        }
        let each = (0..).zip(&self.falls).map(|(index, fall)| {
            let steps = match index {
                0 => count(fall.steps, "step"),
                _ => fall.steps.to_string(),
            };
            format!("{} in {steps}", fall.factor)
        });
        each.collect::<Vec<_>>().join(", ")
    }

    fn verdict(&self) -> String {
        let Some(seizure) = &self.seizure else {
            return "kept".to_owned();
        };
        let falls = if seizure.certain {
            "seized"
        } else {
            "seized if"
        };
        match seizure.accepted {
            Some(_) => format!("{falls}, accepted"),
            None => falls.to_owned(),
        }
    }
}

impl SeizureLine {
    fn show(&self, factors: &str, page: &mut Page) {
        let head = paint(style::STRONG, factors);
        page.line(format_args!(
            "{head}: enough to {}",
            self.aim.replace('`', "").replace(" of an account", "")
        ));
        let accounts = match (self.exact, self.only.is_empty()) {
            (true, true) => "any account".to_owned(),
            (true, false) => format!("any account where {}", states(&self.only)),
            (false, true) => "some accounts".to_owned(),
            (false, false) => format!("some accounts where {}", states(&self.only)),
        };
        page.line(format_args!("  of {accounts}"));
        for proviso in &self.provided {
            page.line(format_args!("  provided that {proviso}"));
        }
        for (number, step) in (1..).zip(&self.steps) {
            step.show(number, page);
        }
        match &self.accepted {
            Some(because) => page.line(format_args!(
                "  {} {because}",
                paint(style::GOOD, "accepted:")
            )),
            None => page.line(format_args!(
                "  {} A1051 at {}",
                paint(style::WARNING, "not accepted:"),
                self.at
            )),
        }
    }
}

/// `root_user is enabled or active, logon_email is real`
fn states(only: &BTreeMap<String, Vec<String>>) -> String {
    let each = only.iter().map(|(workflow, states)| {
        let states = states.join(" or ");
        format!("{workflow} is {states}")
    });
    each.collect::<Vec<_>>().join(", ")
}

impl StepLine {
    fn show(&self, number: usize, page: &mut Page) {
        let by = self.by.as_ref().map(|by| format!(" as {by}"));
        let waits = self.waits.as_ref().map(|waits| format!(", after {waits}"));
        page.line(format_args!(
            "  {number}. {}{}{}",
            paint(style::STRONG, &self.transition),
            by.unwrap_or_default(),
            waits.unwrap_or_default()
        ));
        let proofs = self.proofs.iter().map(|proof| {
            let name = &proof.verification;
            match proof.with.as_str() {
                "acknowledged" => format!("{name} acknowledged"),
                with => format!("{name} by {with}"),
            }
        });
        let proofs: Vec<String> = proofs.collect();
        let told = self
            .told
            .iter()
            .map(|it| format!("{} to {}", it.message, it.to));
        let told: Vec<String> = told.collect();
        let rows = [
            ("proves", proofs),
            ("gains", self.gains.clone()),
            ("told", told),
        ];
        for (word, what) in rows.iter().filter(|(_, what)| !what.is_empty()) {
            page.line(format_args!("       {word:<7} {}", what.join(", ")));
        }
    }
}

impl Sets {
    fn line(&self) -> String {
        if self.sets.is_empty() {
            return format!("no {} factors together seize an account", self.up_to);
        }
        let sets = self.sets.iter().map(|set| set.join(" + "));
        format!(
            "the least that seizes an account: {}",
            sets.collect::<Vec<_>>().join("; ")
        )
    }
}
