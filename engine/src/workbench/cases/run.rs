//! Asking the policies, and comparing what they answer.

use std::fmt;

use super::{Case, Cases, Decider, Expected, StageWord};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::expr::Val;
use crate::policy::{DecidedBy, Effect, Ruling, Stage};
use crate::source::Span;
use crate::workbench::codes;
use crate::workbench::trace::{Lack, Missed};

impl Cases {
    /// Asks each case. What fails is told as a finding, in the order of the file.
    pub fn run(&self, bundle: &Bundle) -> Vec<Diagnostic> {
        let failure = |case: &Case| {
            let ruling = case.ruling(bundle);
            case.failure(bundle, &ruling)
        };
        self.cases.iter().filter_map(failure).collect()
    }
}

impl Case {
    /// What policies answer.
    pub fn ruling(&self, bundle: &Bundle) -> Ruling {
        let mut facts = self.situation().facts(&bundle.lifecycle);
        bundle.rule(&self.principal, &self.action, &self.resources(), &mut facts)
    }

    /// What to say of an answer that is not the expected one.
    pub fn failure(&self, bundle: &Bundle, ruling: &Ruling) -> Option<Diagnostic> {
        let (span, label, says) = self.difference(ruling)?;
        let says = format!("`{}` {says}", self.name);
        let finding = Diagnostic::error(codes::FAILED, span, says).label(label);
        Some(self.explained(finding, bundle, ruling))
    }

    /// Where the answer differs, the words below that place, and what is expected.
    fn difference(&self, ruling: &Ruling) -> Option<(Span, &'static str, String)> {
        let (expected, came) = (self.expected.words(), words(ruling.effect));
        if !self.expected.is(ruling.effect) {
            let says = format!("expects {expected}, policies say {came}");
            return Some((self.expected_span, "expected", says));
        }
        if ruling.error.is_some() {
            let says = format!("gets {came}, but because a condition has no value");
            return Some((self.expected_span, "for another reason", says));
        }
        if let Some(by) = self.by.as_ref().filter(|by| !by.is(ruling)) {
            let says = format!("gets {came} as it expects, but not by `{by}`");
            return Some((by.span, "does not decide", says));
        }
        let (_, span) = self.stage.filter(|(stage, _)| !stage.is(&ruling.stage))?;
        let says = format!("gets {came} as it expects, but by {}", ruling.stage);
        Some((span, "is not the stage that decides", says))
    }

    fn explained(&self, finding: Diagnostic, bundle: &Bundle, ruling: &Ruling) -> Diagnostic {
        let resource = self.resources.get(ruling.resource);
        let resource = resource.map_or("", String::as_str);
        let who = &self.principal.name;
        let finding = finding.help(format!("{who} asks for `{}` on `{resource}`", self.action));
        let finding = finding.help(ruling.reason(&self.action));
        let finding = match &ruling.by {
            DecidedBy::Statement(statement) => {
                let says = format!("`{}` decides", statement.policy());
                finding.also(first_line(bundle, statement.span()), says)
            }
            DecidedBy::Ownership => finding,
            DecidedBy::Nothing => self.nearest(finding, bundle),
        };
        let finding = self.clauses(finding, bundle, ruling);
        match &ruling.error {
            Some(error) => finding.help(error.to_string()),
            None => finding,
        }
    }

    /// With the statement that is nearest to allowing what nothing allows.
    fn nearest(&self, finding: Diagnostic, bundle: &Bundle) -> Diagnostic {
        let facts = self.situation().facts(&bundle.lifecycle);
        let trace = self.trace(bundle, &facts, &|_| true);
        let Some(nearest) = trace.nearest().first().copied() else {
            return finding;
        };
        let lacks: Vec<String> = nearest.lacks.iter().map(lack).collect();
        let says = format!("would allow, but {}", lacks.join(", and "));
        finding.also(first_line(bundle, nearest.statement.span()), says)
    }

    /// With the conditions of the statement that decides.
    fn clauses(&self, mut finding: Diagnostic, bundle: &Bundle, ruling: &Ruling) -> Diagnostic {
        let Some(statement) = ruling.statement() else {
            return finding;
        };
        let resource = self.resources.get(ruling.resource);
        let slots = &bundle.lifecycle.slots;
        let mut facts = self.situation().facts(&bundle.lifecycle);
        facts.set(slots.permission, Val::Text(&self.action));
        facts.set(slots.resource, Val::Text(resource.map_or("", |it| it)));
        for (word, condition) in [("when", statement.when()), ("unless", statement.unless())] {
            if let Some(condition) = condition {
                let seen = condition.clauses(&facts, &|_| false).seen;
                finding = finding.help(format!("{word} {seen}"));
            }
        }
        finding
    }
}

/// What keeps a statement from applying, in a few words.
fn lack(lack: &Lack) -> String {
    match lack {
        Lack::Action(Missed::Excepted(pattern)) => format!("it leaves out `{pattern}`"),
        Lack::Action(_) => "it covers other actions".to_owned(),
        Lack::Resource(_) => "it covers other resources".to_owned(),
        Lack::Clause { clause, wanted } => format!("`{}` is not {wanted}", clause.seen),
    }
}

/// The first line of what may be many: enough to recognise it by.
fn first_line(bundle: &Bundle, span: Span) -> Span {
    let text = bundle.sources.file(span.file).and_then(|file| {
        let at = |byte: u32| usize::try_from(byte).ok();
        file.text.get(at(span.start)?..at(span.end)?)
    });
    let line = text.and_then(|text| text.lines().next());
    line.map_or(span, |line| span.within(0..line.len()))
}

impl Expected {
    /// Whether an answer is this one.
    pub fn is(self, effect: Effect) -> bool {
        match self {
            Self::Allow => effect == Effect::Allow,
            Self::Deny => effect != Effect::Allow,
            Self::ExplicitDeny => effect == Effect::ExplicitDeny,
            Self::ImplicitDeny => effect == Effect::ImplicitDeny,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::ExplicitDeny => "explicit deny",
            Self::ImplicitDeny => "implicit deny",
        }
    }
}

impl Decider {
    /// Whether this is what decided.
    pub fn is(&self, ruling: &Ruling) -> bool {
        ruling.statement().is_some_and(|statement| {
            let line = statement.id().location.line;
            *statement.policy() == self.policy && self.line.is_none_or(|wanted| wanted == line)
        })
    }
}

impl StageWord {
    /// Whether a stage is one of these.
    pub fn is(self, stage: &Stage) -> bool {
        let word = match stage {
            Stage::ControlPolicy { .. } => Self::ControlPolicy,
            Stage::Session => Self::Session,
            Stage::Ownership => Self::Ownership,
            Stage::Identity => Self::Identity,
            Stage::ResourceGroup { .. } => Self::ResourceGroup,
            Stage::ResourceBased => Self::ResourceBased,
        };
        self == word
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.policy),
            None => f.pad(&self.policy),
        }
    }
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::ExplicitDeny => "explicit deny",
        Effect::ImplicitDeny => "implicit deny",
    }
}
