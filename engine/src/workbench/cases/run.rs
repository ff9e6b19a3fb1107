//! Asking the policies, and comparing what they answer.

use std::fmt;

use super::{Case, Cases, Decider, Expected};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::policy::{DecidedBy, Effect, Ruling};
use crate::source::Span;
use crate::workbench::codes;

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
        self.ruling_on(bundle, &self.resources())
    }

    /// What policies answer to the same request over other resources.
    pub fn ruling_on(&self, bundle: &Bundle, resources: &[&str]) -> Ruling {
        let mut facts = self.situation().facts(&bundle.lifecycle);
        bundle.rule(&self.principal, &self.action, resources, &mut facts)
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
        let by = self.by.as_ref().filter(|by| !by.is(ruling))?;
        let says = format!("gets {came} as it expects, but not by `{by}`");
        Some((by.span, "does not decide", says))
    }

    fn explained(&self, finding: Diagnostic, bundle: &Bundle, ruling: &Ruling) -> Diagnostic {
        let resource = self.resources.get(ruling.resource);
        let resource = resource.map_or("", String::as_str);
        let who = &self.principal.name;
        let finding = finding.help(format!("{who} asks for `{}` on `{resource}`", self.action));
        let finding = match &ruling.by {
            DecidedBy::Statement(statement) => {
                let says = format!("`{}` decides", statement.policy());
                finding.also(first_line(bundle, statement.span()), says)
            }
            DecidedBy::Ownership => {
                finding.help("it owns the account of the resource, and needs no policy there")
            }
            DecidedBy::Nothing => {
                let held = &self.principal.policies;
                finding.help(if held.is_empty() {
                    "it has no policy".to_owned()
                } else {
                    format!("nothing in {} allows it", held.join(", "))
                })
            }
        };
        match &ruling.error {
            Some(error) => finding.help(error.to_string()),
            None => finding,
        }
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
