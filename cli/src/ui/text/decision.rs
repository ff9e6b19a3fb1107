//! Decisions for people.

use super::when::relative;
use crate::output::decision::{DecisionDocument, Gate, Waiting, WhyDocument};
use crate::output::denial::Denial;
use crate::ui::{Page, Text, paint, style};

/// A word, what it is about, and a remark.
type Row = [String; 3];

impl Text for DecisionDocument {
    fn text(&self, page: &mut Page) {
        match (&self.waiting, &self.denial) {
            (Some(waiting), _) => {
                let rows = allowed(&self.gates).chain(steps(waiting, self));
                page.columns(rows);
                waits(waiting, self, page);
            }
            (None, Some(denial)) => {
                refused(denial, self, page);
                gates(&self.gates, page);
            }
            (None, None) => {
                page.columns(allowed(&self.gates));
                applied(self, page);
            }
        }
    }
}

/// What was decided, for where the gates are shown anyway.
pub fn verdict(decision: &DecisionDocument, page: &mut Page) {
    match (&decision.waiting, &decision.denial) {
        (Some(waiting), _) => {
            step(waiting, decision, page);
            waits(waiting, decision, page);
        }
        (None, Some(denial)) => refused(denial, decision, page),
        (None, None) => applied(decision, page),
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
        if !self.changes.is_empty() {
            page.line("what would change");
            super::history::changes(&self.changes, page);
        }
    }
}

/// What an attempt waits for, in the middle of a conversation.
pub fn step(waiting: &Waiting, decision: &DecisionDocument, page: &mut Page) {
    page.columns(steps(waiting, decision));
}

fn steps(waiting: &Waiting, decision: &DecisionDocument) -> Vec<Row> {
    let row = |word: &str, about: String, remark: String| [word.to_owned(), about, remark];
    let mut rows = Vec::new();
    if let Some(address) = &waiting.sent_to {
        let mut about = format!("a code to {address}");
        if let Some(at) = &waiting.code_expires_at {
            about.push_str(&format!(", expires {}", relative(at, decision.now)));
        }
        let quota = decision.gates.iter().find(|gate| gate.gate == "quota");
        let left = quota.map(|gate| gate.detail.clone()).unwrap_or_default();
        rows.push(row("sent", about, left));
    }
    if let Some(risk) = &waiting.risk {
        rows.push(row("risk", risk.clone(), String::new()));
    }
    if let Some(caller) = &waiting.approval_by {
        let about = format!("by another principal that is `{caller}`");
        rows.push(row("approval", about, String::new()));
    }
    rows
}

fn waits(waiting: &Waiting, decision: &DecisionDocument, page: &mut Page) {
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

/// Who let the request through: the one gate that people ask about.
fn allowed(gates: &[Gate]) -> impl Iterator<Item = Row> {
    let passed = |gate: &&Gate| gate.gate == "policy" && gate.status == "passed";
    gates.iter().filter(passed).map(|gate| {
        let place = gate.place.clone().unwrap_or_default();
        [gate.gate.to_owned(), gate.detail.clone(), place]
    })
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
