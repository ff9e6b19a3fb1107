//! The hypothetical accounts of a file of cases.

use std::collections::BTreeMap;

use super::syntax::AccountForm;
use crate::account::Account;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::Lifecycle;
use crate::name::Name;
use crate::source::Place;
use crate::value::{Value, ValueType};
use crate::workbench::codes;
use crate::workbench::sketch::{Sketch, SketchError};

/// An account as a file describes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawn {
    pub(super) sketch: Sketch,
    /// Whether something of it was reported, so that what it lacks need not be.
    pub(super) is_mistaken: bool,
}

/// The accounts that a file names, read once each.
pub(super) struct Accounts<'a> {
    lifecycle: &'a Lifecycle,
    forms: BTreeMap<Name, (AccountForm, Place<'a>)>,
    drawn: BTreeMap<Name, Drawn>,
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
            drawn: BTreeMap::new(),
            open: Vec::new(),
        };
        for name in names {
            accounts.named(&name, place.key(name.as_str()), findings);
        }
        accounts
    }

    /// Those that have an id.
    pub(super) fn all(&self) -> BTreeMap<Name, Account> {
        let drawn = self.drawn.iter();
        drawn
            .filter_map(|(name, it)| Some((name.clone(), it.sketch.account(self.lifecycle)?)))
            .collect()
    }

    /// An account that is described, perhaps like a named one.
    pub(super) fn draw(
        &mut self,
        form: &AccountForm,
        place: Place<'_>,
        findings: &mut Vec<Diagnostic>,
    ) -> Drawn {
        let before = findings.len();
        let mut drawn = match &form.like {
            Some(like) => self.named(like, place.key("like"), findings),
            None => Drawn::default(),
        };
        let sketch = &mut drawn.sketch;
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
        let mut say = |name: &Name, group: &str, said: Result<(), SketchError>| {
            if let Err(error) = said {
                let place = place.key(group).key(name.as_str());
                findings.push(mistake(&error, self.lifecycle, place));
            }
        };
        for (name, text) in &form.attributes {
            let said = sketch.set_attribute(self.lifecycle, name.as_str(), &text.0);
            say(name, "attributes", said);
        }
        for (name, state) in &form.states {
            let said = sketch.set_state(self.lifecycle, name.as_str(), state.as_str());
            say(name, "states", said);
        }
        drawn.is_mistaken |= findings.len() > before;
        drawn
    }

    fn named(&mut self, name: &Name, place: Place<'_>, findings: &mut Vec<Diagnostic>) -> Drawn {
        if let Some(drawn) = self.drawn.get(name) {
            return drawn.clone();
        }
        let Some((form, at)) = self.forms.get(name).cloned() else {
            let known: Vec<&str> = self.forms.keys().map(Name::as_str).collect();
            findings.push(unknown("account", name.as_str(), place, known));
            return Drawn::default();
        };
        if self.open.contains(name) {
            let says = format!("account `{name}` is like itself");
            findings.push(Diagnostic::error(codes::UNKNOWN_NAME, place.text(), says));
            return Drawn::default();
        }
        self.open.push(name.clone());
        let drawn = self.draw(&form, at, findings);
        self.open.pop();
        self.drawn.insert(name.clone(), drawn.clone());
        drawn
    }
}

/// What cannot be said of an account, where it is said.
fn mistake(error: &SketchError, lifecycle: &Lifecycle, place: Place<'_>) -> Diagnostic {
    let Some((what, name, known)) = error.unknown(lifecycle) else {
        let finding = Diagnostic::error(codes::BAD_VALUE, place.text(), error.to_string());
        return match error {
            SketchError::Value { ty, .. } => finding.label(format!("is a {}", ty.name())),
            _ => finding,
        };
    };
    match error {
        SketchError::State { .. } => unknown(what, name, place, known),
        _ => unknown_key(what, name, place, known),
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
