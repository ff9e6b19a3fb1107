//! The parts of a case: who asks, what for, about which account, and with what.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Decider;
use super::account::{Drawn, unknown, unknown_key, value};
use super::load::Loading;
use super::syntax::{AccountForm, CaseForm, Expected};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Access, Transition, Trigger};
use crate::lifecycle::syntax::{ScalarText, Short};
use crate::name::Name;
use crate::policy::{Policy, Principal, Verb};
use crate::source::Place;
use crate::time::Timestamp;
use crate::value::{Value, ValueType};
use crate::workbench::codes;
use crate::workbench::sketch::Sketch;

/// What is asked for.
pub(super) enum Question<'b> {
    /// An action, over the resources of the case.
    Action(Arc<str>),
    /// The permission of a transition, over its resources.
    Transition(&'b Transition, &'b Access),
}

impl Question<'_> {
    pub(super) fn action(&self) -> Arc<str> {
        match self {
            Self::Action(action) => action.clone(),
            Self::Transition(_, access) => access.permission.clone(),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Action(action) => action.as_ref().to_owned(),
            Self::Transition(transition, _) => transition.name.to_string(),
        }
    }
}

/// The parts of a case. A table has several of some.
pub(super) struct Parts<'b> {
    pub(super) principals: Vec<Principal>,
    /// `None` where no account is said.
    pub(super) sketches: Vec<Option<Sketch>>,
    pub(super) questions: Vec<Question<'b>>,
    pub(super) context: BTreeMap<Name, Value>,
    pub(super) inputs: BTreeMap<Name, Value>,
    pub(super) now: Option<Timestamp>,
    pub(super) by: Option<Decider>,
}

/// One request of a table.
pub(super) struct Row<'p, 'b> {
    pub(super) principal: &'p Principal,
    pub(super) sketch: Option<&'p Sketch>,
    pub(super) question: &'p Question<'b>,
}

impl<'b> Parts<'b> {
    /// How many requests they make.
    pub(super) fn len(&self) -> usize {
        let of_one = self.sketches.len().saturating_mul(self.questions.len());
        self.principals.len().saturating_mul(of_one)
    }

    /// Each with each.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_, 'b>> {
        self.principals.iter().flat_map(move |principal| {
            self.sketches.iter().flat_map(move |sketch| {
                self.questions.iter().map(move |question| Row {
                    principal,
                    sketch: sketch.as_ref(),
                    question,
                })
            })
        })
    }

    /// The name of a case, with what sets one request of a table apart.
    pub(super) fn name_of(&self, name: &str, row: &Row<'_, '_>) -> String {
        let mut apart = Vec::new();
        if self.principals.len() > 1 {
            apart.push(row.principal.name.to_string());
        }
        if self.sketches.len() > 1 {
            let id = row.sketch.and_then(|sketch| sketch.id.as_ref());
            apart.extend(id.map(ToString::to_string));
        }
        if self.questions.len() > 1 {
            apart.push(row.question.name());
        }
        if apart.is_empty() {
            return name.to_owned();
        }
        format!("{name} ({})", apart.join(", "))
    }
}

impl<'a> Loading<'a> {
    pub(super) fn parts(&mut self, form: &CaseForm, place: Place<'_>) -> Parts<'a> {
        let questions = self.questions(form, place);
        Parts {
            principals: self.principals(form, place),
            sketches: self.sketches(form, place),
            context: self.context(form, place),
            inputs: self.inputs(form, &questions, place),
            now: self.now(form, place),
            by: self.decider(form, place),
            questions,
        }
    }

    fn questions(&mut self, form: &CaseForm, place: Place<'_>) -> Vec<Question<'a>> {
        match (form.action.0.is_empty(), form.transition.0.is_empty()) {
            (false, true) => self.actions(form, place),
            (true, false) => self.transitions(form, place),
            // A key that was mistaken is as good as there.
            (true, true) if place.explains("action") || place.explains("transition") => Vec::new(),
            (neither, _) => {
                let says = if neither {
                    "this case asks for nothing"
                } else {
                    "this case asks for an action and for a transition"
                };
                let finding = Diagnostic::error(codes::QUESTION, place.key("name").text(), says);
                let help = "write `action:` with `resource:`, or `transition:` with `account:`";
                self.findings.push(finding.help(help));
                Vec::new()
            }
        }
    }

    fn actions(&mut self, form: &CaseForm, place: Place<'_>) -> Vec<Question<'a>> {
        let at = place.key("action");
        for (index, action) in form.action.0.iter().enumerate() {
            let is_action = action
                .split_once(':')
                .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            if !is_action || action.contains(['*', '?']) {
                let says = format!("`{action}` is not an action, written `service:Action`");
                self.error(codes::QUESTION, at.item(index).text(), says);
            } else if let Some(meant) = self.actions.meant(action) {
                let says = format!("neither the lifecycle nor a policy speaks of `{action}`");
                let span = at.item(index).text();
                let finding = Diagnostic::warning(codes::UNKNOWN_NAME, span, says);
                self.findings.push(finding.did_you_mean(action, [meant]));
            }
        }
        if form.resource.0.is_empty() && !place.explains("resource") {
            let finding = Diagnostic::error(
                codes::QUESTION,
                place.key("name").text(),
                "this case names no resource for its action",
            );
            self.findings.push(finding.help("write `resource:`"));
        }
        let at = place.key("resource");
        for (index, resource) in form.resource.0.iter().enumerate() {
            if resource != "*" && resource.matches(':').count() < 4 {
                let says = format!("`{resource}` is not a resource");
                let finding = Diagnostic::error(codes::QUESTION, at.item(index).text(), says);
                let help = "write `acs:service:region:account:path`, or `*`";
                self.findings.push(finding.help(help));
            }
        }
        let action = |action: &String| Question::Action(action.as_str().into());
        form.action.0.iter().map(action).collect()
    }

    fn transitions(&mut self, form: &CaseForm, place: Place<'_>) -> Vec<Question<'a>> {
        if !form.resource.0.is_empty() {
            let says = "a transition says itself which resources it is about";
            self.error(codes::QUESTION, place.key("resource").head(), says);
        }
        if form.account.0.is_empty() && self.given.account.0.is_empty() {
            let says = "this case does not say which account its transition is about";
            let finding = Diagnostic::error(codes::QUESTION, place.key("name").text(), says);
            self.findings.push(finding.help("write `account:`"));
        }
        let at = place.key("transition");
        let bundle = self.bundle;
        let mut found = Vec::new();
        for (index, name) in form.transition.0.iter().enumerate() {
            let at = at.item(index);
            let transitions = &bundle.lifecycle.transitions;
            match transitions.get(name).map(|it| (it, &it.trigger)) {
                Some((transition, Trigger::Request { access, .. })) => {
                    found.push(Question::Transition(transition, access));
                }
                Some(_) => {
                    let says = format!("nobody asks for `{name}`: it happens by itself");
                    self.error(codes::QUESTION, at.text(), says);
                }
                None => {
                    let requested = transitions.iter().filter(|(_, transition)| {
                        matches!(transition.trigger, Trigger::Request { .. })
                    });
                    let names: Vec<String> = requested.map(|(name, _)| name.to_string()).collect();
                    let known = names.iter().map(String::as_str);
                    self.findings
                        .push(unknown("transition", &name.to_string(), at, known));
                }
            }
        }
        found
    }

    fn sketches(&mut self, form: &CaseForm, place: Place<'_>) -> Vec<Option<Sketch>> {
        let (forms, place) = if form.account.0.is_empty() {
            (self.given.account.clone(), self.given_place.key("account"))
        } else {
            (form.account.clone(), place.key("account"))
        };
        let mut found = Vec::with_capacity(forms.0.len());
        for (index, Short(form)) in forms.0.iter().enumerate() {
            found.push(self.sketch(form, place.item(index)));
        }
        if found.is_empty() { vec![None] } else { found }
    }

    fn sketch(&mut self, form: &AccountForm, place: Place<'_>) -> Option<Sketch> {
        let Drawn {
            sketch,
            is_mistaken,
        } = self.accounts.draw(form, place, self.findings);
        if sketch.id.is_none() && !is_mistaken {
            let says = "this account has no id";
            let finding = Diagnostic::error(codes::QUESTION, place.text(), says);
            self.findings.push(finding.help("write `id:`"));
        }
        Some(sketch)
    }

    fn context(&mut self, form: &CaseForm, place: Place<'_>) -> BTreeMap<Name, Value> {
        let declared = self.bundle.lifecycle.context.iter();
        let declared = Declared {
            what: "context",
            types: declared.map(|(name, fact)| (name, &fact.ty)).collect(),
        };
        let mut values = BTreeMap::new();
        let (given, at) = (&self.given.context, self.given_place.key("context"));
        declared.read(given, at, self.findings, &mut values);
        declared.read(
            &form.context,
            place.key("context"),
            self.findings,
            &mut values,
        );
        values
    }

    fn inputs(
        &mut self,
        form: &CaseForm,
        questions: &[Question<'_>],
        place: Place<'_>,
    ) -> BTreeMap<Name, Value> {
        let asked = questions.iter().filter_map(|question| match question {
            Question::Transition(transition, _) => Some(*transition),
            Question::Action(_) => None,
        });
        let mut transitions: Vec<&Transition> = asked.collect();
        if transitions.is_empty() {
            // An action is no transition's own: whatever any of them takes may come with it.
            let all = self.bundle.lifecycle.transitions.values();
            transitions.extend(all.map(AsRef::as_ref));
        }
        let inputs = transitions.iter().flat_map(|it| &it.inputs);
        let declared = Declared {
            what: "input",
            types: inputs.map(|(name, input)| (name, &input.ty)).collect(),
        };
        let mut values = BTreeMap::new();
        // What is given for all cases goes to those that take it.
        let mut given = self.given.input.clone();
        given.retain(|name, _| declared.types.contains_key(name));
        let at = self.given_place.key("input");
        declared.read(&given, at, self.findings, &mut values);
        declared.read(&form.input, place.key("input"), self.findings, &mut values);
        values
    }

    fn now(&mut self, form: &CaseForm, place: Place<'_>) -> Option<Timestamp> {
        let (text, place) = match (&form.now, &self.given.now) {
            (Some(own), _) => (own, place.key("now")),
            (None, Some(given)) => (given, self.given_place.key("now")),
            (None, None) => return None,
        };
        match value(&ValueType::Time, text, place, self.findings) {
            Some(Value::Time(at)) => Some(at),
            _ => None,
        }
    }

    fn decider(&mut self, form: &CaseForm, place: Place<'_>) -> Option<Decider> {
        let text = form.by.as_ref()?;
        let at = place.key("by");
        let (name, line) = match text.split_once(':') {
            Some((name, line)) => (name, Some(line)),
            None => (text.as_str(), None),
        };
        let Some(policy) = self.bundle.policies.get(name) else {
            let finding = unknown("policy", name, at, self.bundle.policies.names());
            self.findings.push(finding);
            return None;
        };
        let decider = Decider {
            policy: policy.name().clone(),
            line: line.and_then(|line| line.parse().ok()),
            span: at.text(),
        };
        if let Some(says) = cannot_decide(policy, &decider, line, form.expect) {
            self.error(codes::BAD_DECIDER, at.text(), says);
        }
        Some(decider)
    }
}

/// Why a decider is none for this answer.
fn cannot_decide(
    policy: &Policy,
    decider: &Decider,
    line: Option<&str>,
    expected: Expected,
) -> Option<String> {
    let verb = match expected {
        Expected::Allow => Verb::Allow,
        Expected::Deny | Expected::ExplicitDeny => Verb::Deny,
        Expected::ImplicitDeny => {
            return Some("nothing decides an implicit deny: it is that nothing allows".to_owned());
        }
    };
    let meant = |line: u32| decider.line.is_none_or(|wanted| wanted == line);
    let there: Vec<Verb> = policy
        .statements()
        .filter(|statement| meant(statement.id().location.line))
        .map(|statement| statement.verb())
        .collect();
    let name = policy.name();
    match (line, there.is_empty()) {
        (Some(line), _) if decider.line.is_none() => {
            Some(format!("`{line}` is no line: write `{name}:3`"))
        }
        (Some(line), true) => Some(format!("no statement of `{name}` begins at line {line}")),
        _ if !there.contains(&verb) => Some(format!("there is no `{verb}` in `{name}` there")),
        _ => None,
    }
}

/// The names that values can have, with their types.
struct Declared<'t> {
    what: &'static str,
    types: BTreeMap<&'t Name, &'t ValueType>,
}

impl Declared<'_> {
    /// Reads values, each of the type that its name is declared with.
    fn read(
        &self,
        forms: &BTreeMap<Name, ScalarText>,
        place: Place<'_>,
        findings: &mut Vec<Diagnostic>,
        values: &mut BTreeMap<Name, Value>,
    ) {
        for (name, text) in forms {
            let place = place.key(name.as_str());
            let Some(ty) = self.types.get(name) else {
                let known = self.types.keys().map(|name| name.as_str());
                findings.push(unknown_key(self.what, name.as_str(), place, known));
                continue;
            };
            if let Some(value) = value(ty, &text.0, place, findings) {
                values.insert(name.clone(), value);
            }
        }
    }
}
