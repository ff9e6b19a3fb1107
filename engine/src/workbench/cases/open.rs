//! What a case leaves open although its answer depends on it.
//!
//! An attribute that was not said is not an attribute that is unset: a case that says neither would
//! be answered by chance. What makes no difference is not missed, so that cases stay short.

use super::Case;
use super::parts::{Parts, Question, Row};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::expr::{Expression, Slot, Truth};
use crate::name::Name;
use crate::workbench::codes;

/// What was not said of one request.
pub(super) struct Unsaid<'u> {
    pub(super) bundle: &'u Bundle,
    pub(super) parts: &'u Parts<'u>,
    pub(super) row: &'u Row<'u, 'u>,
}

/// A finding, boxed for being the rare way out.
type Finding = Box<Diagnostic>;

impl Unsaid<'_> {
    /// Writes the resources of a transition into the case.
    pub(super) fn name_resources(&self, case: &mut Case) -> Result<(), Finding> {
        let Question::Transition(_, access) = self.row.question else {
            return Ok(());
        };
        for resource in &access.resources {
            for expression in resource.expressions() {
                self.all_said(case, expression, "the resource's name reads it")?;
            }
        }
        let facts = case.situation().facts(&self.bundle.lifecycle);
        match self.bundle.resources(access, &facts) {
            Ok(resources) => {
                drop(facts);
                case.resources = resources;
                Ok(())
            }
            Err(error) => {
                let says = format!("the resource has no name: {error}");
                Err(Box::new(Diagnostic::error(codes::OPEN, case.span, says)))
            }
        }
    }

    /// Whether the answer is certain, whatever was left open.
    pub(super) fn check(&self, case: &Case) -> Result<(), Finding> {
        let facts = case.situation().facts(&self.bundle.lifecycle);
        let known = |slot| self.missing(slot).is_none();
        let trace = case.trace(self.bundle, &facts, &known);
        if trace.possible.certain().is_some() {
            return Ok(());
        }
        let stages = trace.resources.iter().flat_map(|on| &on.stages);
        let considered = stages.flat_map(|stage| &stage.statements);
        for it in considered.filter(|it| it.applies == Truth::Unknown) {
            let conditions = [it.statement.when(), it.statement.unless()];
            for condition in conditions.into_iter().flatten() {
                self.all_said(case, condition, "this condition reads it")?;
            }
        }
        // No condition does: then it is where the account lies.
        let control = self.bundle.principals.attachments().control();
        let place = control.map(|control| control.place());
        let help = place.and_then(|slot| self.missing(slot));
        match place.zip(help) {
            Some((slot, help)) => Err(Box::new(self.finding(case, slot).help(help))),
            None => Ok(()),
        }
    }

    fn all_said(&self, case: &Case, expression: &Expression, why: &str) -> Result<(), Finding> {
        for slot in expression.reads() {
            let Some(help) = self.missing(*slot) else {
                continue;
            };
            let finding = self.finding(case, *slot).also(expression.span(), why);
            return Err(Box::new(finding.help(help)));
        }
        Ok(())
    }

    fn finding(&self, case: &Case, slot: Slot) -> Diagnostic {
        let fact = self.bundle.lifecycle.vocabulary.fact(slot);
        let path = fact.map_or("", |fact| &fact.path);
        let says = format!("the answer depends on `{path}`, which the case does not say");
        Diagnostic::error(codes::OPEN, case.span, says)
    }

    /// What to write, if the value of a name was left open.
    fn missing(&self, slot: Slot) -> Option<String> {
        let lifecycle = &self.bundle.lifecycle;
        let path = &lifecycle.vocabulary.fact(slot)?.path;
        let (group, name) = path.split_once('.').unwrap_or((path, ""));
        match (group, self.row.sketch) {
            ("account" | "state", None) => Some("write `account:`".to_owned()),
            ("account", Some(sketch)) if !sketch.leaves_open(lifecycle, path) => None,
            ("account", Some(_)) if matches!(name, "id" | "created_at") => {
                Some(format!("write `{name}:` of the account"))
            }
            ("account", Some(_)) => Some(format!(
                "write `{name}:` under `attributes:` of the account"
            )),
            ("now", _) => {
                let said = self.parts.now.is_some();
                (!said).then(|| "write `now:`".to_owned())
            }
            ("input", _) => {
                let Question::Transition(transition, _) = self.row.question else {
                    return None;
                };
                let name: Name = name.parse().ok()?;
                let input = transition.inputs.get(&name)?;
                let said = input.optional || self.parts.inputs.contains_key(&name);
                (!said).then(|| format!("write `{name}:` under `input:`"))
            }
            _ => None,
        }
    }
}
