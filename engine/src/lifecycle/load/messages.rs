//! Messages, and where transitions send them.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::{Compiled, Compilers, Inputs, REQUEST, Site};
use super::scope::{Findings, Scope};
use super::shared::{Shared, check_inputs, inputs_of};
use crate::expr::Type;
use crate::lifecycle::model::{Channel, Message, Notice};
use crate::lifecycle::syntax::{NoticeForm, TransitionForm};
use crate::name::Name;
use crate::source::Place;

pub(super) type Messages<'a> = BTreeMap<Name, Shared<'a, Message>>;

pub(super) fn messages<'a>(
    scope: &Scope<'a>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> Messages<'a> {
    let section = scope.account.place.key("messages");
    let mut messages = BTreeMap::new();
    for (name, text) in &scope.account.form.messages {
        let place = section.key(name.as_str());
        let inputs = inputs_of(scope, |form| sends(form, name));
        let site = Site {
            what: "a message",
            reads: REQUEST,
            inputs: &inputs,
        };
        let Some(Compiled { item, reads }) = compilers.template(&site, text, place, out) else {
            continue;
        };
        let item = Message {
            text: item,
            source: text.as_str().into(),
            span: place.head(),
        };
        messages.insert(name.clone(), Shared { item, reads, place });
    }
    messages
}

/// Every notice of a transition, the reminders of its obligation too.
pub(super) fn notices(form: &TransitionForm) -> impl Iterator<Item = &NoticeForm> {
    let reminders = form.restore.iter().flat_map(|restore| &restore.notify);
    form.notify.iter().chain(reminders)
}

fn sends(form: &TransitionForm, message: &Name) -> bool {
    notices(form).any(|notice| notice.message == *message)
}

/// The notices listed at a place, and the names they read; they can read what `site` allows.
pub(super) fn resolve(
    forms: &[NoticeForm],
    list: Place<'_>,
    site: &Site<'_>,
    (scope, compilers, messages): (&Scope<'_>, &Compilers<'_>, &Messages<'_>),
    out: &mut Findings,
) -> Compiled<Vec<Notice>> {
    let mut notices = Vec::new();
    let mut reads = BTreeSet::new();
    for (index, form) in forms.iter().enumerate() {
        let place = list.item(index);
        let at = place.key("message");
        if scope.messages().resolve(&form.message, at, out)
            && let Some(message) = messages.get(&form.message)
        {
            check_inputs(
                &message.reads,
                message.place,
                at,
                site.inputs,
                compilers,
                out,
            );
            reads.extend(&message.reads);
        }
        let ty = match form.by {
            Channel::Sms => Type::Phone,
            Channel::Email => Type::Email,
        };
        let to = compilers.expression(site, &form.to.0, place.key("to"), (Some(ty), true), out);
        let when = form.when.as_ref().and_then(|when| {
            let expected = (Some(Type::Bool), false);
            compilers.expression(site, &when.0, place.key("when"), expected, out)
        });
        reads.extend(when.iter().flat_map(|when| &when.reads));
        let Some(to) = to else {
            continue;
        };
        reads.extend(to.reads);
        notices.push(Notice {
            message: form.message.clone(),
            to: to.item,
            by: form.by,
            when: when.map(|when| when.item),
        });
    }
    Compiled {
        item: notices,
        reads,
    }
}

/// A reminder is sent long after the request: what the request brought is gone.
pub(super) fn reminder_site(inputs: &Inputs) -> Site<'_> {
    Site {
        what: "a reminder",
        reads: &["account", "state", "now"],
        inputs,
    }
}
