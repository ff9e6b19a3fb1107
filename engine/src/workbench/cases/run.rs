//! Asking the policies, and comparing what they answer.

use super::{Case, Cases, Expected};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::policy::{DecidedBy, Effect, Ruling};
use crate::workbench::codes;

impl Cases {
    /// Asks each case. What fails is told as a finding, in the order of the file.
    pub fn run(&self, bundle: &Bundle) -> Vec<Diagnostic> {
        let failure = |case: &Case| {
            let ruling = case.ruling(bundle);
            case.failure(&ruling)
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
    pub fn failure(&self, ruling: &Ruling) -> Option<Diagnostic> {
        let as_expected = self.expected.is(ruling.effect)
            && ruling.error.is_none()
            && self.by.as_ref().is_none_or(|by| by.is(ruling));
        if as_expected {
            return None;
        }
        let says = format!(
            "`{}` expects {}, policies say {}",
            self.name,
            self.expected.words(),
            words(ruling.effect)
        );
        let (span, label) = match &self.by {
            Some(by) if self.expected.is(ruling.effect) => (by.span, "is not what decides"),
            _ => (self.expected_span, "expected"),
        };
        let finding = Diagnostic::error(codes::FAILED, span, says).label(label);
        Some(self.explained(finding, ruling))
    }

    fn explained(&self, finding: Diagnostic, ruling: &Ruling) -> Diagnostic {
        let resource = self.resources.get(ruling.resource);
        let resource = resource.map_or("", String::as_str);
        let asked = format!(
            "{} asks for `{}` on `{resource}`",
            self.principal.name, self.action
        );
        let finding = match &ruling.by {
            DecidedBy::Statement(statement) => {
                let says = format!("`{}` decides", statement.policy());
                finding.also(statement.span(), says).help(asked)
            }
            DecidedBy::Ownership => {
                let says = "it owns the account of the resource, and needs no policy there";
                finding.help(asked).help(says)
            }
            DecidedBy::Nothing => {
                let held = &self.principal.policies;
                let says = if held.is_empty() {
                    "it has no policy".to_owned()
                } else {
                    format!("nothing in {} allows it", held.join(", "))
                };
                finding.help(asked).help(says)
            }
        };
        match &ruling.error {
            Some(error) => finding.help(error.to_string()),
            None => finding,
        }
    }
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

impl super::Decider {
    /// Whether this is what decided.
    pub fn is(&self, ruling: &Ruling) -> bool {
        ruling.statement().is_some_and(|statement| {
            let line = statement.id().location.line;
            *statement.policy() == self.policy && self.line.is_none_or(|wanted| wanted == line)
        })
    }
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::ExplicitDeny => "explicit deny",
        Effect::ImplicitDeny => "implicit deny",
    }
}
