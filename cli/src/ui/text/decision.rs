//! Decisions for people.

use stateward::time::Timestamp;

use super::when::relative;
use crate::output::decision::{DecisionDocument, Gate, Waiting, WhyDocument};
use crate::output::denial::Denial;
use crate::ui::{Page, Text, paint, style};

impl Text for DecisionDocument {
    fn text(&self, page: &mut Page) {
        if !self.brief || self.denial.is_some() {
            gates(&self.gates, page);
        }
        match (&self.waiting, &self.denial) {
            (Some(waiting), _) => waits(waiting, self, page),
            (None, Some(denial)) => {
                refused(denial, self, page);
                if let Some(plan) = &self.plan {
                    super::plan::brief(plan, page);
                }
            }
            (None, None) => applied(self, page),
        }
    }
}

impl Text for WhyDocument {
    fn text(&self, page: &mut Page) {
        let decision = &self.decision;
        let asked = decision.transition.as_deref().unwrap_or("the request");
        match (&decision.waiting, &decision.denial) {
            (Some(waiting), _) => page.line(format_args!(
                "{asked} would wait for `{}`, step 1 of {}",
                waiting.verification, waiting.steps
            )),
            (None, Some(denial)) => refused(denial, decision, page),
            (None, None) => page.line(format_args!("{asked} would be applied at once")),
        }
        gates(&decision.gates, page);
        let refused_at = decision.denial.as_ref().map(|denial| denial.gate);
        match (refused_at, &self.policy) {
            (Some("policy"), Some(policy)) => {
                page.line("what policies say");
                super::trace::trace(policy, page);
            }
            (Some("guard"), _) if !self.guards.is_empty() => {
                page.line("what the conditions say");
                super::trace::guards(&self.guards, page);
            }
            _ => {}
        }
        super::trace::help(&self.help, page);
        if let Some(plan) = &decision.plan {
            super::plan::brief(plan, page);
        }
        let explains = matches!(refused_at, Some("policy" | "guard"));
        if let Some(note) = self.note.filter(|_| explains) {
            page.line(format_args!("note: {note}"));
        }
        if !self.changes.is_empty() {
            page.line("what would change");
            super::history::changes(&self.changes, page);
        }
    }
}

/// What is asked of whoever has to prove something.
pub fn step(waiting: &Waiting, now: Timestamp, page: &mut Page) {
    let mut rows: Vec<[String; 2]> = Vec::new();
    if let Some(address) = &waiting.sent_to {
        let mut about = format!("a code to {address}");
        if let Some(at) = &waiting.code_expires_at {
            about.push_str(&format!(", expires {}", relative(at, now)));
        }
        rows.push(["sent".to_owned(), about]);
    }
    if let Some(risk) = &waiting.risk {
        rows.push(["risk".to_owned(), risk.clone()]);
    }
    if let Some(caller) = &waiting.approval_by {
        let about = format!("by another principal that is `{caller}`");
        rows.push(["approval".to_owned(), about]);
    }
    if let Some(uri) = &waiting.enrolment {
        rows.push(["app".to_owned(), format!("{uri} (shown this once)")]);
    }
    page.columns(rows);
}

fn waits(waiting: &Waiting, decision: &DecisionDocument, page: &mut Page) {
    step(waiting, decision.now, page);
    let Waiting {
        verification,
        step,
        steps,
        expires_at,
        ..
    } = waiting;
    page.line(format_args!(
        "Waiting for `{verification}`, step {step} of {steps}; the attempt lapses {}",
        relative(expires_at, decision.now)
    ));
    if let Some(attempt) = &decision.attempt {
        page.line(format_args!("attempt {}", paint(style::STRONG, attempt)));
    }
}

fn applied(decision: &DecisionDocument, page: &mut Page) {
    page.columns(decision.moves.iter().map(|moved| {
        let states = if moved.from == moved.to {
            format!("stays {}", moved.to)
        } else {
            format!("{} -> {}", moved.from, moved.to)
        };
        [
            format!("~ {}", moved.workflow),
            states,
            format!("by {}", moved.transition),
        ]
    }));
    let done = paint(style::GOOD, "Done");
    page.line(format_args!(
        "{done}: account {} is at revision {}",
        decision.account.as_deref().unwrap_or("?"),
        decision.revision
    ));
}

fn refused(denial: &Denial, decision: &DecisionDocument, page: &mut Page) {
    let number = decision
        .gates
        .iter()
        .position(|gate| gate.gate == denial.gate);
    let place = number.map_or_else(
        || denial.gate.to_owned(),
        |index| {
            format!(
                "gate {} of {}, {}",
                index + 1,
                decision.gates.len(),
                denial.gate
            )
        },
    );
    let mut facts = vec![denial.code.clone()];
    facts.extend(denial.effect.clone());
    facts.extend(denial.deny_code.clone());
    if let Some(at) = &denial.retry_at {
        facts.push(format!("retry from {at} ({})", relative(at, decision.now)));
    }
    let head = paint(style::BAD, "Denied");
    page.line(format_args!("{head} at {place}: {}", denial.message));
    page.line(format_args!("  {}", facts.join(" · ")));
}

/// Every gate with its sign, its words and the place of the rule that decided.
pub fn gates(gates: &[Gate], page: &mut Page) {
    page.columns(gates.iter().enumerate().map(|(index, gate)| {
        let sign = match gate.status {
            "passed" => '✓',
            "failed" => '✗',
            "waiting" => '…',
            _ => '·',
        };
        [
            format!("{} {}", index + 1, gate.gate),
            format!("{sign} {}", gate.detail),
            gate.place.clone().unwrap_or_default(),
        ]
    }));
}
