//! From a file of properties to claims that can be checked.

use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::stated::{Claim, LeadsTo, Properties, Property, Step};
use super::syntax::{LeadsToForm, Named, NeverForm, PropertiesFile, PropertyForm, StepParts};
use crate::analysis::Profile;
use crate::bundle::Bundle;
use crate::diagnostic::{Code, Diagnostic, Severity, yaml};
use crate::expr::{Compiler, Expected, Expression, Slot, Type};
use crate::lifecycle::syntax::{ExpressionText, ScalarText};
use crate::name::{Name, TransitionName};
use crate::source::{FileId, Place, SourceMap, Span};
use crate::value::{Value, ValueType};

/// What stands for no value, as in `set:`.
const UNSET: &str = "unset";
/// What each property states one of.
const CLAIMS: &str = "`always`, `never`, `leads_to`, `requires` or `only`";

/// Reads a file of properties. What is wrong is added to `findings`; with an error there are none.
pub fn load(
    bundle: &Bundle,
    sources: &SourceMap,
    file: FileId,
    findings: &mut Vec<Diagnostic>,
) -> Option<Properties> {
    let text = &sources.file(file)?.text;
    let (read, mut found) = yaml::read::<PropertiesFile>(file, text);
    let properties = match bundle.compiler() {
        Ok(compiler) => read.map(|read| {
            let mut loading = Loading {
                bundle,
                compiler,
                is_incomplete: !found.is_empty(),
                findings: &mut found,
            };
            loading.properties(&read.value.properties, read.document.root())
        }),
        Err(wrong) => {
            found.extend(wrong);
            None
        }
    };
    let is_sound = found.iter().all(|it| it.severity < Severity::Error);
    findings.extend(found);
    let properties = properties.filter(|_| is_sound)?;
    Some(Properties { file, properties })
}

/// The file on its way to properties.
pub(super) struct Loading<'a> {
    pub(super) bundle: &'a Bundle,
    compiler: Compiler,
    /// Whether something of the file could not be read, so that what is missing may be written.
    is_incomplete: bool,
    pub(super) findings: &'a mut Vec<Diagnostic>,
}

impl Loading<'_> {
    pub(super) fn error(&mut self, code: Code, span: Span, says: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, span, says));
    }

    /// A name that nothing has.
    pub(super) fn unknown<'k>(
        &mut self,
        what: &str,
        name: &str,
        span: Span,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let says = format!("there is no {what} `{name}`");
        let finding = Diagnostic::error(codes::UNKNOWN_NAME, span, says);
        self.findings.push(finding.did_you_mean(name, known));
    }

    fn properties(&mut self, forms: &[PropertyForm], place: Place<'_>) -> Vec<Property> {
        let place = place.key("properties");
        let mut names = BTreeMap::new();
        let mut properties = Vec::with_capacity(forms.len());
        for (index, form) in forms.iter().enumerate() {
            let place = place.item(index);
            let name = place.key("name").text();
            if let Some(first) = names.insert(form.name.as_str(), name) {
                let says = format!("there is another property `{}`", form.name);
                let finding = Diagnostic::error(codes::NAME_TAKEN, name, says);
                self.findings.push(finding.also(first, "the other one"));
            }
            properties.extend(self.property(form, place));
        }
        properties
    }

    fn property(&mut self, form: &PropertyForm, place: Place<'_>) -> Option<Property> {
        let given = self.given(form, place);
        let (key, claim) = self.claim(form, place)?;
        Some(Property {
            name: form.name.as_str().into(),
            because: form.because.as_deref().map(Into::into),
            given,
            claim: claim?,
            span: place.key("name").text(),
            claim_span: place.key(key).head(),
        })
    }

    /// The one claim that a property makes, with its key.
    fn claim(
        &mut self,
        form: &PropertyForm,
        place: Place<'_>,
    ) -> Option<(&'static str, Option<Claim>)> {
        let at = |key: &str| place.key(key);
        let mut claims: Vec<(&'static str, Option<Claim>)> = Vec::new();
        if let Some(text) = &form.always {
            let condition = self.condition(text, at("always"));
            claims.push(("always", condition.map(Claim::Always)));
        }
        if let Some(never) = &form.never {
            claims.push(("never", self.never(&never.0, at("never"))));
        }
        if let Some(way) = &form.leads_to {
            let way = self.leads_to(way, at("leads_to"));
            claims.push(("leads_to", way.map(Claim::LeadsTo)));
        }
        if let Some(requires) = &form.requires {
            let place = at("requires");
            let step = self.step(requires.step(), place);
            let proofs = self.proofs(&requires.proof.0, place.key("proof"));
            let claim = step.map(|step| Claim::Requires {
                step,
                proofs,
                in_order: requires.in_order,
            });
            claims.push(("requires", claim));
        }
        if let Some(only) = &form.only {
            let place = at("only");
            let step = self.step(only.step(), place);
            let who = self.who(&only.who.0, place.key("who"));
            claims.push(("only", step.map(|step| Claim::Only { step, who })));
        }
        match claims.len() {
            1 => claims.pop(),
            0 if self.is_incomplete => None,
            many => {
                let says = match many {
                    0 => "this property claims nothing".to_owned(),
                    _ => format!("this property makes {many} claims"),
                };
                let finding = Diagnostic::error(codes::NO_CLAIM, at("name").text(), says);
                self.findings
                    .push(finding.help(format!("state one of {CLAIMS}")));
                None
            }
        }
    }

    fn never(&mut self, form: &NeverForm, place: Place<'_>) -> Option<Claim> {
        let parts = form.step();
        let Some(text) = &form.state else {
            let step = self.step(parts, place);
            let by = self.who_if_any(&form.by.0, place.key("by"));
            return Some(Claim::NeverDone { step: step?, by });
        };
        if !parts.is_empty() || !form.by.0.is_empty() {
            let says = "a state and a step are two claims";
            let finding = Diagnostic::error(codes::NO_CLAIM, place.key("state").head(), says);
            self.findings.push(finding.help("make them two properties"));
            return None;
        }
        self.condition(text, place.key("state")).map(Claim::Never)
    }

    fn leads_to(&mut self, form: &LeadsToForm, place: Place<'_>) -> Option<LeadsTo> {
        let from = self.condition(&form.from, place.key("from"));
        let to = self.condition(&form.to, place.key("to"));
        let by = self.who_if_any(&form.by.0, place.key("by"));
        let without = self.transitions(&form.without.0, place.key("without"));
        Some(LeadsTo {
            from: from?,
            to: to?,
            by,
            without,
        })
    }

    fn step(&mut self, parts: StepParts<'_>, place: Place<'_>) -> Option<Step> {
        if parts.is_empty() {
            if !self.is_incomplete {
                let says = "this describes no step";
                let finding = Diagnostic::error(codes::NO_CLAIM, place.head(), says);
                let help = "say what it `does`, `changes` or `enters`; `does: any` is every step";
                self.findings.push(finding.help(help));
            }
            return None;
        }
        let before = self.findings.len();
        let does = match parts.does {
            [] => None,
            texts => Some(self.transitions(texts, place.key("does"))),
        };
        let changes = self.attributes(parts.changes, place.key("changes"));
        let mut condition = |text: Option<&ExpressionText>, key: &str| {
            text.and_then(|text| self.condition(text, place.key(key)))
        };
        let enters = condition(parts.enters, "enters");
        let when = condition(parts.when, "when");
        (self.findings.len() == before).then_some(Step {
            does,
            changes,
            enters,
            when,
        })
    }

    fn transitions(&mut self, texts: &[String], place: Place<'_>) -> BTreeSet<TransitionName> {
        let known = &self.bundle.lifecycle.transitions;
        let mut found = BTreeSet::new();
        for (index, text) in texts.iter().enumerate() {
            let named = Named::read(text);
            let is_meant = |name: &&TransitionName| named.as_ref().is_some_and(|it| it.is(name));
            let meant: Vec<_> = known.keys().filter(is_meant).cloned().collect();
            if meant.is_empty() {
                let workflows = self.bundle.lifecycle.workflows.keys();
                let names = known.keys().map(ToString::to_string);
                let names = names.chain(workflows.map(|name| format!("{name}.*")));
                let names: Vec<String> = names.collect();
                let span = place.item(index).text();
                self.unknown("transition", text, span, names.iter().map(String::as_str));
            }
            found.extend(meant);
        }
        found
    }

    fn attributes(&mut self, names: &[Name], place: Place<'_>) -> BTreeSet<Name> {
        let known = &self.bundle.lifecycle.attributes;
        for (index, name) in names.iter().enumerate() {
            if !known.contains_key(name) {
                let known = known.keys().map(Name::as_str);
                self.unknown("attribute", name.as_str(), place.item(index).text(), known);
            }
        }
        names.iter().cloned().collect()
    }

    fn given(&mut self, form: &PropertyForm, place: Place<'_>) -> Profile {
        let mut given = Profile::default();
        let at = place.key("for");
        for (name, text) in &form.given {
            let at = at.key(name.as_str());
            if name == "id" {
                if let Some(Value::AccountId(id)) = self.value(&ValueType::AccountId, text, at) {
                    given.id = Some(id);
                }
                continue;
            }
            let Some(attribute) = self.bundle.lifecycle.attributes.get(name) else {
                let known = self.bundle.lifecycle.attributes.keys().map(Name::as_str);
                self.unknown("attribute", name.as_str(), at.head(), known.chain(["id"]));
                continue;
            };
            if attribute.optional && text.0 == UNSET {
                given.attributes.insert(name.clone(), None);
            } else if let Some(value) = self.value(&attribute.ty, text, at) {
                given.attributes.insert(name.clone(), Some(value));
            }
        }
        self.starting_in(form, place.key("starting_in"), &mut given);
        given
    }

    fn starting_in(&mut self, form: &PropertyForm, at: Place<'_>, given: &mut Profile) {
        for (name, state) in &form.starting_in {
            let at = at.key(name.as_str());
            let Some(workflow) = self.bundle.lifecycle.workflows.get(name) else {
                let known = self.bundle.lifecycle.workflows.keys().map(Name::as_str);
                self.unknown("workflow", name.as_str(), at.head(), known);
                continue;
            };
            if workflow.states.contains_key(state) {
                given.states.insert(name.clone(), state.clone());
            } else {
                let known = workflow.states.keys().map(Name::as_str);
                self.unknown("state", state.as_str(), at.text(), known);
            }
        }
    }

    fn value(&mut self, ty: &ValueType, text: &ScalarText, place: Place<'_>) -> Option<Value> {
        ty.parse(&text.0)
            .map_err(|error| {
                let span = place.text();
                let finding = Diagnostic::error(codes::BAD_VALUE, span, error.to_string());
                self.findings
                    .push(finding.label(format!("declared as {}", ty.name())));
            })
            .ok()
    }

    /// A condition on an account and where it stands.
    fn condition(&mut self, text: &ExpressionText, place: Place<'_>) -> Option<Expression> {
        let vocabulary = &self.bundle.lifecycle.vocabulary;
        let may_read = |slot: Slot| {
            let path = vocabulary.fact(slot).map_or("", |fact| &fact.path);
            if path.starts_with("account.") || path.starts_with("state.") {
                return Ok(());
            }
            Err(format!(
                "a property is about accounts, and cannot read `{path}`"
            ))
        };
        let expected = Expected {
            ty: Some(Type::Bool),
            optional: false,
            may_read: &may_read,
        };
        let compiled = self.compiler.expression(&text.0, place.text(), &expected);
        compiled.map_err(|wrong| self.findings.extend(wrong)).ok()
    }
}

impl StepParts<'_> {
    fn is_empty(&self) -> bool {
        self.does.is_empty() && self.changes.is_empty() && self.enters.is_none()
    }
}

impl Named {
    fn is(&self, name: &TransitionName) -> bool {
        match self {
            Self::Any => true,
            Self::OfWorkflow(workflow) => name.workflow == *workflow,
            Self::One(one) => name == one,
        }
    }
}
