//! Why policies answer as they do, for people.

use crate::error::count;
use crate::output::decision::GuardLine;
use crate::output::policy::help::HelpLine;
use crate::output::policy::who_can::WhoCanDocument;
use crate::output::policy::why::{PolicyTrace, PolicyWhyDocument, StageTrace, StatementTrace};
use crate::ui::{Page, Text, paint, style};

/// Most statements that came near and are shown, unless all are asked for.
const NEAREST: usize = 3;

impl Text for PolicyWhyDocument {
    fn text(&self, page: &mut Page) {
        let policy = &self.policy;
        let (look, head) = match policy.effect.as_str() {
            "Allow" => (style::GOOD, "Allowed"),
            "Depends" => (style::WARNING, "Open"),
            _ => (style::BAD, "Denied"),
        };
        page.line(format_args!("{}: {}", paint(look, head), policy.message));
        let mut rows = vec![[
            "principal".to_owned(),
            format!("{} of account {}", self.principal, self.principal_account),
        ]];
        rows.push(["permission".to_owned(), policy.permission.clone()]);
        rows.extend(
            self.account
                .iter()
                .map(|account| ["account".to_owned(), account.clone()]),
        );
        let supposed = self.supposed.iter();
        rows.extend(
            supposed.map(|(name, value)| ["supposed".to_owned(), format!("{name} = {value}")]),
        );
        page.columns(rows);
        trace(policy, page);
        help(&self.help, page);
        if let Some(note) = self.note {
            page.line(format_args!("note: {note}"));
        }
    }
}

/// The stages and statements of a trace.
pub fn trace(policy: &PolicyTrace, page: &mut Page) {
    for on in &policy.resources {
        page.line(format_args!("on {}", on.resource));
        page.columns(on.stages.iter().enumerate().map(|(index, stage)| {
            [
                format!("{} {}", index + 1, stage.stage),
                format!("{} {}", sign(stage), said(stage)),
            ]
        }));
        // A stage that allows is of interest only where it has the last word.
        let open = |stage: &&StageTrace| stage.decides || stage.effect != "Allow";
        for stage in on.stages.iter().filter(|stage| stage.reached).filter(open) {
            statements(stage, page);
        }
    }
}

fn sign(stage: &StageTrace) -> char {
    match (stage.reached, stage.effect.as_str()) {
        (false, _) => '·',
        (_, "Allow") => '✓',
        (_, "Depends") => '?',
        _ => '✗',
    }
}

fn said(stage: &StageTrace) -> String {
    match (&stage.problem, stage.reached) {
        (_, false) => "not reached".to_owned(),
        (Some(problem), _) => problem.clone(),
        (None, true) => stage.effect.clone(),
    }
}

/// What would help, and what may.
pub fn help(help: &[HelpLine], page: &mut Page) {
    for (certain, head) in [(true, "what would help"), (false, "what may help")] {
        let mut lines = help
            .iter()
            .filter(|line| line.certain == certain)
            .peekable();
        if lines.peek().is_some() {
            page.line(head);
        }
        for line in lines {
            page.line(format_args!("  - {}", line.text));
        }
    }
}

impl Text for WhoCanDocument {
    fn text(&self, page: &mut Page) {
        for (name, value) in &self.supposed {
            page.line(format_args!("supposed {name} = {value}"));
        }
        page.listing(
            ["principal", "may", "by", "place"],
            self.principals.iter().map(|line| {
                [
                    line.principal.clone(),
                    line.may.to_owned(),
                    line.by.clone().unwrap_or_default(),
                    line.place.clone().unwrap_or_default(),
                ]
            }),
        );
        let conditional: Vec<_> = self.principals.iter().filter(|it| it.may == "if").collect();
        for line in conditional {
            page.line(format_args!("{} if", paint(style::STRONG, &line.principal)));
            if line.conditions.is_empty() {
                page.line("  the resource belongs to the account that it owns");
            }
            for condition in &line.conditions {
                let place = paint(style::FAINT, &condition.place);
                let verb = match condition.effect.as_str() {
                    "allow" => "applies",
                    _ => "does not apply",
                };
                let (effect, policy) = (&condition.effect, &condition.policy);
                page.line(format_args!(
                    "  the {effect} of `{policy}` {verb}   {place}"
                ));
                page.columns(
                    condition
                        .open
                        .iter()
                        .map(|open| [format!("  ? {}", open.part), open.text.clone()]),
                );
            }
        }
        if self.others > 0 {
            page.line(format_args!(
                "{} may not; `--all` lists them",
                count(self.others, "principal")
            ));
        }
        if let Some(note) = self.note {
            page.line(format_args!("note: {note}"));
        }
    }
}

/// The conditions of a transition, each with the clauses that keep it from holding.
pub fn guards(guards: &[GuardLine], page: &mut Page) {
    for guard in guards {
        let sign = outcome_sign(guard.clause.outcome);
        let place = paint(style::FAINT, guard.place.as_deref().unwrap_or_default());
        page.line(format_args!("    {sign} {}   {place}", guard.clause.text));
        if guard.clause.outcome != "true" {
            for part in guard.clause.blocking() {
                let sign = outcome_sign(part.outcome);
                let error = part
                    .error
                    .as_deref()
                    .map(|error| format!(" fails: {error}"));
                page.line(format_args!(
                    "        {sign} {}{}",
                    part.text,
                    error.unwrap_or_default()
                ));
            }
        }
    }
}

fn outcome_sign(outcome: &str) -> char {
    match outcome {
        "true" => '✓',
        "open" => '?',
        _ => '✗',
    }
}

/// The statements of a stage, by how they stand to the request.
fn statements(stage: &StageTrace, page: &mut Page) {
    let mut role = "";
    let mut shown = 0;
    // Near misses matter where nothing allows; elsewhere they are noise.
    let silent = stage.effect == "ImplicitDeny" || stage.effect == "Depends";
    for statement in &stage.statements {
        let near = matches!(statement.role, "nearly");
        if near && (!silent || statement.effect == "deny" || shown >= NEAREST) {
            continue;
        }
        if statement.role != role {
            role = statement.role;
            page.line(match role {
                "decides" => "decided by",
                "applies" => "applies too",
                "depends" => "left open",
                "nearly" => "nearest",
                _ => "about something else",
            });
        }
        shown += usize::from(near);
        one(statement, page);
    }
}

fn one(statement: &StatementTrace, page: &mut Page) {
    let place = paint(style::FAINT, &statement.place);
    page.line(format_args!(
        "  {} by `{}`   {place}",
        statement.effect, statement.policy
    ));
    if statement.role == "apart" {
        return;
    }
    let mut rows: Vec<[String; 2]> = Vec::new();
    if let Some(because) = &statement.because {
        rows.push(["  because".to_owned(), because.clone()]);
    }
    let open = if statement.role == "depends" {
        '?'
    } else {
        '✗'
    };
    for lack in &statement.lacks {
        rows.push([format!("{open} {}", lack.part), lack.text.clone()]);
    }
    if statement.lacks.is_empty() {
        for condition in &statement.conditions {
            let is = &condition.clause.outcome;
            let text = format!("{} is {is}", condition.clause.text);
            rows.push([format!("✓ {}", condition.word), text]);
        }
    }
    page.columns(
        rows.into_iter()
            .map(|[part, text]| [format!("  {part}"), text]),
    );
}
