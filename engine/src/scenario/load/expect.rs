//! What is expected: of an answer, and of an account.

use std::collections::BTreeMap;

use super::Loading;
use crate::lifecycle::syntax::Short;
use crate::name::{AccountId, Name};
use crate::scenario::syntax::{ExpectForm, SentForm, ThenForm};
use crate::scenario::{After, Expect, Notice, Said, codes};
use crate::source::{Place, Span};
use crate::value::{Value, ValueType};

/// What every lifecycle calls the message that carries a code.
pub(in crate::scenario) const CODE_MESSAGE: &str = "verification_code";

impl From<&ThenForm> for ExpectForm {
    fn from(form: &ThenForm) -> Self {
        Self {
            states: form.states.clone(),
            attributes: form.attributes.clone(),
            unset: form.unset.clone(),
            owed: form.owed.clone(),
            attempts: form.attempts.clone(),
            used: form.used.clone(),
            ..Self::default()
        }
    }
}

impl ExpectForm {
    /// Whether it says nothing at all.
    pub(in crate::scenario) fn is_empty(&self) -> bool {
        let answer = self.outcome.is_none() && self.waits_for.is_none() && self.denied.is_none();
        let effects = [&self.fires, &self.reminded, &self.lapsed];
        let has_none = effects.iter().all(|list| list.is_none()) && self.sent.is_none();
        answer && self.code.is_none() && has_none && !self.tells_of_account()
    }

    /// Whether it says how the account is then.
    fn tells_of_account(&self) -> bool {
        let maps = [
            self.states.is_empty(),
            self.attributes.is_empty(),
            self.unset.is_empty(),
            self.used.is_empty(),
        ];
        maps.contains(&false) || self.owed.is_some() || self.attempts.is_some()
    }
}

impl Loading<'_> {
    /// What a step at a place expects; of which account, where it speaks of one.
    pub(super) fn expect(
        &mut self,
        form: Option<&ExpectForm>,
        account: Option<AccountId>,
        step: Place<'_>,
    ) -> Expect {
        let Some(form) = form else {
            return Expect::default();
        };
        let place = step.key("expect");
        let said = |key: &str| place.get(key).map_or(place.text(), Place::head);
        if let Some(name) = &form.waits_for {
            self.verification(name, place.key("waits_for"));
        }
        let mut moves = |names: &Option<Vec<_>>, key: &str| {
            let names = names.as_ref()?;
            let value = self.transitions(names, place.key(key));
            let span = place.key(key).head();
            Some(Said { value, span })
        };
        let (fires, reminded, lapsed) = (
            moves(&form.fires, "fires"),
            moves(&form.reminded, "reminded"),
            moves(&form.lapsed, "lapsed"),
        );
        let sent = form.sent.as_ref().map(|sent| Said {
            value: self.notices(sent, place.key("sent")),
            span: said("sent"),
        });
        let after = match account {
            _ if !form.tells_of_account() => None,
            Some(account) => Some((account, self.after(form, place))),
            None => {
                let says = "this step does not say whose state it expects";
                self.error(codes::STEP, place.head(), says);
                None
            }
        };
        Expect {
            outcome: said_of(form.outcome.as_ref(), said("outcome")),
            waits_for: said_of(form.waits_for.as_ref(), said("waits_for")),
            denied: said_of(form.denied.as_ref(), said("denied")),
            code: said_of(form.code.as_ref(), said("code")),
            fires,
            sent,
            reminded,
            lapsed,
            after,
        }
    }

    /// How an account is expected to be.
    pub(super) fn after(&mut self, form: &ExpectForm, place: Place<'_>) -> After {
        let at = place.key("states");
        self.states(&form.states, at);
        let states = form.states.iter().map(|(workflow, state)| {
            let span = at.key(workflow.as_str()).text();
            (workflow.clone(), said_at(state.clone(), span))
        });
        let states = states.collect();
        let owed = form.owed.as_ref().map(|owed| {
            let at = place.key("owed");
            said_at(self.transitions(owed, at), at.head())
        });
        let attempts = form.attempts.as_ref().map(|attempts| {
            let at = place.key("attempts");
            said_at(self.transitions(attempts, at), at.head())
        });
        After {
            states,
            attributes: self.expected_attributes(form, place),
            owed,
            attempts,
            used: self.used(form, place.key("used")),
        }
    }

    fn expected_attributes(
        &mut self,
        form: &ExpectForm,
        place: Place<'_>,
    ) -> BTreeMap<Name, Said<Option<Value>>> {
        let mut found = BTreeMap::new();
        let at = place.key("attributes");
        for (name, text) in &form.attributes {
            let at = at.key(name.as_str());
            let Some(ty) = self.attribute(name, at.head()) else {
                continue;
            };
            if *ty == ValueType::Secret {
                let says = format!("`{name}` is a secret: nothing tells what it is");
                self.error(codes::BAD_VALUE, at.text(), says);
            } else if let Some(value) = self.value(ty, &text.0, at) {
                found.insert(name.clone(), said_at(Some(value), at.text()));
            }
        }
        for (index, name) in form.unset.iter().enumerate() {
            let at = place.key("unset").item(index);
            if self.attribute(name, at.text()).is_some() {
                found.insert(name.clone(), said_at(None, at.text()));
            }
        }
        found
    }

    fn used(&mut self, form: &ExpectForm, place: Place<'_>) -> BTreeMap<Name, Said<u32>> {
        let quotas = &self.lifecycle().quotas;
        let mut found = BTreeMap::new();
        for (name, used) in &form.used {
            let at = place.key(name.as_str());
            if quotas.contains_key(name) {
                found.insert(name.clone(), said_at(*used, at.text()));
            } else {
                let known = quotas.keys().map(Name::as_str);
                self.unknown("quota", name.as_str(), at.head(), known);
            }
        }
        found
    }

    fn notices(&mut self, forms: &[Short<SentForm>], place: Place<'_>) -> Vec<Notice> {
        let messages = &self.lifecycle().messages;
        let mut notices = Vec::with_capacity(forms.len());
        for (index, Short(form)) in forms.iter().enumerate() {
            let at = place.item(index);
            let name = &form.message;
            if !messages.contains_key(name) && *name != CODE_MESSAGE {
                let known = messages.keys().map(Name::as_str).chain([CODE_MESSAGE]);
                let span = at.get("message").unwrap_or(at).text();
                self.unknown("message", name.as_str(), span, known);
            }
            notices.push(Notice {
                message: name.clone(),
                by: form.by,
                to: form.to.clone(),
                text: form.text.clone(),
            });
        }
        notices
    }
}

fn said_at<T>(value: T, span: Span) -> Said<T> {
    Said { value, span }
}

fn said_of<T: Clone>(value: Option<&T>, span: Span) -> Option<Said<T>> {
    value.map(|value| said_at(value.clone(), span))
}
