//! Plans for people.

use crate::output::plan::{CostLine, PlanBody, PlanDocument, ProofLine, StepLine};
use crate::ui::{Page, Text, paint, style};

impl Text for PlanDocument {
    fn text(&self, page: &mut Page) {
        let about = self
            .account
            .as_deref()
            .map_or("an account as described".to_owned(), |id| {
                format!("account {id}")
            });
        page.line(format_args!(
            "{about} -> {}",
            paint(style::STRONG, &self.plan.goal)
        ));
        body(&self.plan, page);
    }
}

/// The steps of a plan, or what is missing for one.
fn body(plan: &PlanBody, page: &mut Page) {
    match plan.answer.as_str() {
        "way" if plan.steps.is_empty() => page.line("that holds already"),
        "way" => {
            for (index, step) in plan.steps.iter().enumerate() {
                whole(index + 1, step, page);
            }
            if let Some(cost) = &plan.cost {
                costs(cost, page);
            }
        }
        "none" => missing(plan, page),
        _ => page.line("inconclusive: there are more states than were looked at"),
    }
}

/// A plan in a few lines, below a refusal.
pub fn brief(plan: &PlanBody, page: &mut Page) {
    match plan.answer.as_str() {
        "way" if plan.steps.is_empty() => page.line("the account is there already"),
        "way" => {
            page.line("what would lead there");
            let lines = plan.steps.iter().enumerate().map(|(index, step)| {
                let proofs = step.proofs.iter().map(proof);
                let proofs: Vec<String> = proofs.collect();
                [
                    format!("{} {}", index + 1, step.transition),
                    step.by.clone(),
                    match proofs.is_empty() {
                        true => String::new(),
                        false => format!("proves {}", proofs.join(", then ")),
                    },
                ]
            });
            page.columns(lines);
            for step in &plan.steps {
                provided(step, page);
            }
        }
        "none" => missing(plan, page),
        _ => {}
    }
}

fn whole(number: usize, step: &StepLine, page: &mut Page) {
    let mark = if step.privileged { "  privileged" } else { "" };
    let transition = paint(style::STRONG, &step.transition);
    page.line(format_args!(
        "{number} {} {transition}{}",
        step.by,
        paint(style::FAINT, mark)
    ));
    let mut rows: Vec<[String; 2]> = Vec::new();
    let mut row = |head: &str, words: String| rows.push([format!("  {head}"), words]);
    if let Some(granted) = &step.granted {
        row("allowed by", granted.clone());
    }
    if !step.or.is_empty() {
        row("or by", step.or.join(", "));
    }
    for (name, value) in &step.inputs {
        row(
            "supplies",
            format!("{name}={}", value.as_deref().unwrap_or("…")),
        );
    }
    for one in &step.proofs {
        row("proves", proof(one));
    }
    for (workflow, (from, to)) in &step.states {
        row("moves", format!("{workflow} {from} -> {to}"));
    }
    for notice in &step.notices {
        row(
            "notifies",
            format!("{} by {}: {}", notice.to, notice.by, notice.message),
        );
    }
    if let Some(owed) = &step.owed {
        row("owes", owed.clone());
    }
    page.columns(rows);
    provided(step, page);
}

fn provided(step: &StepLine, page: &mut Page) {
    for condition in &step.provided {
        page.line(format_args!("    provided that {condition}"));
    }
}

fn proof(proof: &ProofLine) -> String {
    let mut words = match proof.kind.as_str() {
        "acknowledgement" => format!("{} (acknowledges it)", proof.verification),
        "approval" => format!("{} (another approves)", proof.verification),
        kind => format!("{} (a code by {kind})", proof.verification),
    };
    for other in &proof.or {
        words.push_str(&format!(" or {other}"));
    }
    words
}

fn costs(cost: &CostLine, page: &mut Page) {
    let many = |number: u32, one: &str, many: &str| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    let privileged = match cost.privileged_steps {
        Some((from, to)) if from == to => format!("privileged after step {from}"),
        Some((from, to)) => format!("privileged from step {from} to {to}"),
        None => "never privileged".to_owned(),
    };
    page.line(format_args!(
        "{privileged}; {}, {}, {}",
        many(cost.hand_overs, "hand-over", "hand-overs"),
        many(cost.codes, "code", "codes"),
        many(cost.steps, "step", "steps"),
    ));
    let quotas = cost
        .quotas
        .iter()
        .map(|(quota, spent)| format!("{spent} of {quota}"));
    let quotas: Vec<String> = quotas.collect();
    if !quotas.is_empty() {
        page.line(format_args!("spends {}", quotas.join(", ")));
    }
}

fn missing(plan: &PlanBody, page: &mut Page) {
    if plan.missing.is_empty() {
        page.line("nothing leads there: each part holds at some time, but never all at once");
    }
    for lacking in &plan.missing {
        page.line(format_args!(
            "nothing leads there: `{}` never holds",
            lacking.part
        ));
        for (transition, obstacles) in &lacking.transitions {
            match obstacles.is_empty() {
                true => page.line(format_args!("  {transition} would not bring it about")),
                false => page.line(format_args!("  {transition}: {}", obstacles.join("; "))),
            }
        }
    }
}
