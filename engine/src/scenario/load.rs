//! From a file to a scenario that can be played.

pub(super) mod expect;
mod given;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::{GivenForm, ScenarioForm};
use super::{BEGINNING, Scenario, codes};
use crate::bundle::Bundle;
use crate::diagnostic::{Code, Diagnostic, Severity, yaml};
use crate::lifecycle::model::{Lifecycle, Transition};
use crate::lifecycle::syntax::ScalarText;
use crate::name::{AccountId, Name, TransitionName};
use crate::policy::Principal;
use crate::source::{FileId, Place, SourceMap, Span};
use crate::time::Timestamp;
use crate::value::{Value, ValueType};

/// Reads a scenario. What is wrong is added to `findings`; with an error there is no scenario, since
/// every step relies on those before it.
pub fn load(
    bundle: &Bundle,
    sources: &SourceMap,
    file: FileId,
    findings: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    let (read, mut found) = yaml::read::<ScenarioForm>(file, &sources.file(file)?.text);
    let scenario = read.map(|read| {
        let mut loading = Loading {
            bundle,
            accounts: BTreeSet::new(),
            only: None,
            principals: BTreeMap::new(),
            findings: &mut found,
        };
        loading.scenario(file, &read.value, read.document.root())
    });
    let is_sound = found.iter().all(|it| it.severity < Severity::Error);
    findings.extend(found);
    scenario.filter(|_| is_sound)
}

/// The file on its way to a scenario.
struct Loading<'a> {
    bundle: &'a Bundle,
    /// The accounts that the scenario has at some time.
    accounts: BTreeSet<AccountId>,
    /// The account that is meant where none is named: the only one that is given.
    only: Option<AccountId>,
    /// The principals that it brings, by the name they are written with.
    principals: BTreeMap<String, Option<Principal>>,
    findings: &'a mut Vec<Diagnostic>,
}

impl<'a> Loading<'a> {
    fn lifecycle(&self) -> &'a Lifecycle {
        &self.bundle.lifecycle
    }

    fn scenario(&mut self, file: FileId, form: &ScenarioForm, place: Place<'_>) -> Scenario {
        let given = place.key("given");
        let created = form.steps.iter().filter_map(|step| step.create.as_ref());
        self.accounts = form.given.accounts.keys().chain(created).cloned().collect();
        let mut ids = form.given.accounts.keys();
        self.only = ids.next().filter(|_| ids.next().is_none()).cloned();
        self.read_principals(&form.given.principals, given.key("principals"));
        let accounts = given.key("accounts");
        let then = place.key("then");
        Scenario {
            file,
            about: form.about.as_deref().map(Into::into),
            now: self.beginning(&form.given, given),
            accounts: self.given_accounts(&form.given.accounts, accounts),
            steps: self.steps(&form.steps, place.key("steps")),
            then: form
                .then
                .iter()
                .map(|(id, form)| {
                    let place = then.key(id.as_str());
                    self.known_account(id, place.head());
                    (id.clone(), self.after(&form.into(), place))
                })
                .collect(),
        }
    }

    fn beginning(&mut self, form: &GivenForm, place: Place<'_>) -> Timestamp {
        let Some(text) = &form.now else {
            return BEGINNING;
        };
        match self.value(&ValueType::Time, text, place.key("now")) {
            Some(Value::Time(at)) => at,
            _ => BEGINNING,
        }
    }

    fn error(&mut self, code: Code, span: Span, says: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, span, says));
    }

    /// Reports a name that nothing of a kind has.
    fn unknown<'k>(
        &mut self,
        what: &str,
        name: &str,
        span: Span,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        self.lacks("there is", what, name, span, known);
    }

    /// Reports a name that something does not have.
    fn lacks<'k>(
        &mut self,
        whose: &str,
        what: &str,
        name: &str,
        span: Span,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let says = format!("{whose} no {what} `{name}`");
        let finding = Diagnostic::error(codes::UNKNOWN_NAME, span, says);
        self.findings.push(finding.did_you_mean(name, known));
    }

    /// A value of a type; the mistake, if it is none.
    fn value(&mut self, ty: &ValueType, text: &str, place: Place<'_>) -> Option<Value> {
        ty.parse(text)
            .map_err(|error| {
                let finding = Diagnostic::error(codes::BAD_VALUE, place.text(), error.to_string());
                self.findings
                    .push(finding.label(format!("its type is {}", ty.name())));
            })
            .ok()
    }

    /// Whether the scenario has an account.
    fn known_account(&mut self, id: &AccountId, span: Span) {
        if !self.accounts.contains(id) {
            let known: Vec<AccountId> = self.accounts.iter().cloned().collect();
            let known = known.iter().map(AccountId::as_str);
            self.lacks("this scenario has", "account", id.as_str(), span, known);
        }
    }

    fn transition(&mut self, name: &TransitionName, place: Place<'_>) -> Option<&'a Transition> {
        let transitions = &self.lifecycle().transitions;
        let found = transitions.get(name);
        if found.is_none() {
            let known: Vec<String> = transitions.keys().map(ToString::to_string).collect();
            let known = known.iter().map(String::as_str);
            self.unknown("transition", &name.to_string(), place.text(), known);
        }
        found.map(AsRef::as_ref)
    }

    /// Transitions of a list.
    fn transitions(&mut self, names: &[TransitionName], place: Place<'_>) -> Vec<TransitionName> {
        for (index, name) in names.iter().enumerate() {
            self.transition(name, place.item(index));
        }
        names.to_vec()
    }

    /// States, by workflow.
    fn states(&mut self, forms: &BTreeMap<Name, Name>, place: Place<'_>) {
        for (name, state) in forms {
            let place = place.key(name.as_str());
            let workflows = &self.lifecycle().workflows;
            let Some(workflow) = workflows.get(name) else {
                let known = workflows.keys().map(Name::as_str);
                self.unknown("workflow", name.as_str(), place.head(), known);
                continue;
            };
            if !workflow.states.contains_key(state) {
                let known = workflow.states.keys().map(Name::as_str);
                self.unknown("state", state.as_str(), place.text(), known);
            }
        }
    }

    /// Attributes as text; what has no form of its type is reported.
    fn attributes(
        &mut self,
        forms: &BTreeMap<Name, ScalarText>,
        place: Place<'_>,
    ) -> BTreeMap<String, String> {
        for (name, text) in forms {
            let place = place.key(name.as_str());
            if let Some(ty) = self.attribute(name, place.head())
                && *ty != ValueType::Secret
            {
                self.value(ty, &text.0, place);
            }
        }
        let pair = |(name, text): (&Name, &ScalarText)| (name.to_string(), text.0.clone());
        forms.iter().map(pair).collect()
    }

    /// The type of an attribute.
    fn attribute(&mut self, name: &Name, span: Span) -> Option<&'a ValueType> {
        let attributes = &self.lifecycle().attributes;
        if let Some(attribute) = attributes.get(name) {
            return Some(&attribute.ty);
        }
        let known = attributes.keys().map(Name::as_str);
        self.unknown("attribute", name.as_str(), span, known);
        None
    }
}
