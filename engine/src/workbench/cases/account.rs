//! The hypothetical accounts of a file of cases.

use std::collections::BTreeMap;

use super::syntax::AccountForm;
use crate::account::Account;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::Lifecycle;
use crate::lifecycle::syntax::ScalarText;
use crate::name::{AccountId, Name};
use crate::source::Place;
use crate::time::Timestamp;
use crate::value::{Value, ValueType};
use crate::workbench::codes;

/// As much of an account as was said.
#[derive(Debug, Clone, Default)]
pub(super) struct Sketch {
    pub(super) id: Option<AccountId>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) attributes: BTreeMap<Name, Value>,
    pub(super) states: BTreeMap<Name, Name>,
    /// Whether something of it was reported, so that what it lacks need not be.
    pub(super) is_mistaken: bool,
}

impl Sketch {
    /// The account: attributes with a default have it, and elsewhere it is where a new one would be.
    pub(super) fn account(&self, lifecycle: &Lifecycle) -> Option<Account> {
        let defaults = lifecycle.attributes.iter();
        let mut attributes: BTreeMap<Name, Value> = defaults
            .filter_map(|(name, attribute)| Some((name.clone(), attribute.default.clone()?)))
            .collect();
        attributes.extend(self.attributes.clone());
        let workflows = lifecycle.workflows.iter();
        let mut states: BTreeMap<Name, Name> = workflows
            .map(|(name, workflow)| (name.clone(), workflow.initial.clone()))
            .collect();
        states.extend(self.states.clone());
        let created_at = self.created_at.unwrap_or(Timestamp::from_ms(0));
        Some(Account::new(
            self.id.clone()?,
            created_at,
            attributes,
            states,
        ))
    }
}

/// The accounts that a file names, read once each.
pub(super) struct Accounts<'a> {
    lifecycle: &'a Lifecycle,
    forms: BTreeMap<Name, (AccountForm, Place<'a>)>,
    sketches: BTreeMap<Name, Sketch>,
    /// Those that are being read: whoever is among them is like itself.
    open: Vec<Name>,
}

impl<'a> Accounts<'a> {
    /// Reads all of them, so that mistakes are found also in those that no case names.
    pub(super) fn read(
        lifecycle: &'a Lifecycle,
        forms: BTreeMap<Name, AccountForm>,
        place: Place<'a>,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let names: Vec<Name> = forms.keys().cloned().collect();
        let placed = |(name, form): (Name, AccountForm)| {
            let place = place.key(name.as_str());
            (name, (form, place))
        };
        let mut accounts = Self {
            lifecycle,
            forms: forms.into_iter().map(placed).collect(),
            sketches: BTreeMap::new(),
            open: Vec::new(),
        };
        for name in names {
            accounts.named(&name, place.key(name.as_str()), findings);
        }
        accounts
    }

    /// Those that have an id.
    pub(super) fn all(&self) -> BTreeMap<Name, Account> {
        let sketched = self.sketches.iter();
        sketched
            .filter_map(|(name, sketch)| Some((name.clone(), sketch.account(self.lifecycle)?)))
            .collect()
    }

    /// An account that is described, perhaps like a named one.
    pub(super) fn sketch(
        &mut self,
        form: &AccountForm,
        place: Place<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> Sketch {
        let before = findings.len();
        let mut sketch = match &form.like {
            Some(like) => self.named(like, place.key("like"), findings),
            None => Sketch::default(),
        };
        if let Some(id) = &form.id {
            let place = place.key("id");
            if let Some(Value::AccountId(id)) = value(&ValueType::AccountId, id, place, findings) {
                sketch.id = Some(id);
            }
        }
        if let Some(at) = &form.created_at {
            let place = place.key("created_at");
            if let Some(Value::Time(at)) = value(&ValueType::Time, at, place, findings) {
                sketch.created_at = Some(at);
            }
        }
        self.attributes(
            &form.attributes,
            place.key("attributes"),
            &mut sketch,
            findings,
        );
        self.states(&form.states, place.key("states"), &mut sketch, findings);
        sketch.is_mistaken |= findings.len() > before;
        sketch
    }

    fn named(&mut self, name: &Name, place: Place<'_>, findings: &mut Vec<Diagnostic>) -> Sketch {
        if let Some(sketch) = self.sketches.get(name) {
            return sketch.clone();
        }
        let Some((form, at)) = self.forms.get(name).cloned() else {
            let known: Vec<&str> = self.forms.keys().map(Name::as_str).collect();
            findings.push(unknown("account", name.as_str(), place, known));
            return Sketch::default();
        };
        if self.open.contains(name) {
            let says = format!("account `{name}` is like itself");
            findings.push(Diagnostic::error(codes::UNKNOWN_NAME, place.text(), says));
            return Sketch::default();
        }
        self.open.push(name.clone());
        let sketch = self.sketch(&form, at, findings);
        self.open.pop();
        self.sketches.insert(name.clone(), sketch.clone());
        sketch
    }

    fn attributes(
        &self,
        forms: &BTreeMap<Name, ScalarText>,
        place: Place<'_>,
        sketch: &mut Sketch,
        findings: &mut Vec<Diagnostic>,
    ) {
        for (name, text) in forms {
            let place = place.key(name.as_str());
            let Some(attribute) = self.lifecycle.attributes.get(name) else {
                let known = self.lifecycle.attributes.keys().map(Name::as_str);
                findings.push(unknown_key("attribute", name.as_str(), place, known));
                continue;
            };
            if let Some(value) = value(&attribute.ty, &text.0, place, findings) {
                sketch.attributes.insert(name.clone(), value);
            }
        }
    }

    fn states(
        &self,
        forms: &BTreeMap<Name, Name>,
        place: Place<'_>,
        sketch: &mut Sketch,
        findings: &mut Vec<Diagnostic>,
    ) {
        for (name, state) in forms {
            let place = place.key(name.as_str());
            let Some(workflow) = self.lifecycle.workflows.get(name) else {
                let known = self.lifecycle.workflows.keys().map(Name::as_str);
                findings.push(unknown_key("workflow", name.as_str(), place, known));
                continue;
            };
            if workflow.states.contains_key(state) {
                sketch.states.insert(name.clone(), state.clone());
            } else {
                let known = workflow.states.keys().map(Name::as_str);
                findings.push(unknown("state", state.as_str(), place, known));
            }
        }
    }
}

/// A value of a type; the mistake, if it is none.
pub(super) fn value(
    ty: &ValueType,
    text: &str,
    place: Place<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Value> {
    ty.parse(text)
        .map_err(|error| {
            let finding = Diagnostic::error(codes::BAD_VALUE, place.text(), error.to_string());
            findings.push(finding.label(format!("is a {}", ty.name())));
        })
        .ok()
}

/// A name that nothing has.
pub(super) fn unknown<'k>(
    what: &str,
    name: &str,
    place: Place<'_>,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    let says = format!("there is no {what} `{name}`");
    Diagnostic::error(codes::UNKNOWN_NAME, place.text(), says).did_you_mean(name, known)
}

/// A key that is the name of nothing.
pub(super) fn unknown_key<'k>(
    what: &str,
    name: &str,
    place: Place<'_>,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    let says = format!("there is no {what} `{name}`");
    Diagnostic::error(codes::UNKNOWN_NAME, place.head(), says).did_you_mean(name, known)
}
