//! What came of a step, as what a scenario expects of it.

use std::collections::BTreeMap;

use crate::account::{Account, Closing, Event, Outcome};
use crate::bundle::Bundle;
use crate::lifecycle::syntax::{ScalarText, Short, ShortForm as _};
use crate::name::{Name, TransitionName};
use crate::scenario::syntax::{AccountForm, ExpectForm, SentForm, ThenForm};
use crate::scenario::{Act, Sent};
use crate::value::Value;

/// What is expected of a step, after what it did.
pub(super) fn expected(act: &Act) -> Option<Short<ExpectForm>> {
    let mut form = ExpectForm::default();
    if let Some(Outcome::Pending { waiting, .. }) = act.answer.as_ref().map(|it| &it.outcome) {
        form.waits_for = Some(waiting.verification.clone());
        return Some(Short(form));
    }
    let moves = act.moves().into_iter().map(|moved| moved.transition);
    form.fires = some(moves.collect());
    for (_, event) in &act.events {
        assigned(event, &mut form);
    }
    form.sent = some(act.sent.iter().filter_map(sent).collect());
    form.reminded = some(of_events(act, |event| match event {
        Event::ObligationReminded { owed } => Some(owed),
        _ => None,
    }));
    form.lapsed = some(of_events(act, |event| match event {
        Event::AttemptClosed {
            transition,
            how: Closing::Expired,
            ..
        } => Some(transition),
        _ => None,
    }));
    (!form.is_empty()).then_some(Short(form))
}

/// An attribute that got a value or lost it. Nothing tells what a secret is.
fn assigned(event: &Event, form: &mut ExpectForm) {
    match event {
        Event::Assigned {
            value: Some(Value::Secret(_)),
            ..
        } => {}
        Event::Assigned {
            attribute,
            value: Some(value),
        } => {
            let text = ScalarText(value.text());
            form.attributes.insert(attribute.clone(), text);
        }
        Event::Assigned { attribute, .. } => form.unset.push(attribute.clone()),
        _ => {}
    }
}

fn sent(sent: &Sent) -> Option<Short<SentForm>> {
    SentForm::short(sent.message.to_string()).ok().map(Short)
}

fn of_events<'a>(
    act: &'a Act,
    pick: impl Fn(&'a Event) -> Option<&'a TransitionName>,
) -> Vec<TransitionName> {
    let events = act.events.iter();
    events
        .filter_map(|(_, event)| pick(event).cloned())
        .collect()
}

/// A list, unless there is nothing in it: nobody has to be told what did not happen.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// What is expected of the account in the end: what is not as it was given.
pub(super) fn then(
    bundle: &Bundle,
    given: Option<&AccountForm>,
    account: &Account,
) -> Option<ThenForm> {
    let workflows = bundle.lifecycle.workflows.iter();
    let moved = workflows.filter_map(|(name, workflow)| {
        let begun = given.and_then(|given| given.states.get(name));
        let begun = begun.unwrap_or(&workflow.initial);
        let state = account.state(name)?;
        (state != begun).then(|| (name.clone(), state.clone()))
    });
    let states: BTreeMap<Name, Name> = moved.collect();
    let owed = account.obligations.iter().map(|it| it.owed.clone());
    let then = ThenForm {
        states,
        owed: some(owed.collect()),
        ..ThenForm::default()
    };
    (!then.states.is_empty() || then.owed.is_some()).then_some(then)
}
