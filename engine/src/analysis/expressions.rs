//! Every expression of a definition, with what it is for.

use std::collections::BTreeMap;

use crate::bundle::Bundle;
use crate::expr::{Expression, Slot, Template};
use crate::lifecycle::model::{Access, Lifecycle, Method, Notice, Transition, Trigger};
use crate::source::Span;

/// Every expression that decisions evaluate: those of the lifecycle, then those of policies.
pub(super) fn all(bundle: &Bundle) -> Vec<&Expression> {
    let mut all = shared(&bundle.lifecycle);
    for transition in bundle.lifecycle.transitions.values() {
        all.extend(of_transition(transition));
    }
    let statements = bundle.policies.iter().flat_map(|it| it.statements());
    all.extend(statements.flat_map(|it| it.when().into_iter().chain(it.unless())));
    all
}

/// Every name that is read, with a place where it is; none, where no expression reads it.
pub(super) fn read_names(bundle: &Bundle) -> BTreeMap<Slot, Option<Span>> {
    let control = bundle.principals.attachments().control();
    let control = control.into_iter().flat_map(|control| control.reads());
    let mut names: BTreeMap<Slot, Option<Span>> = control.map(|slot| (slot, None)).collect();
    for expression in all(bundle) {
        for slot in expression.reads() {
            names
                .entry(*slot)
                .or_default()
                .get_or_insert(expression.span());
        }
    }
    names
}

/// The expressions in account.yaml.
fn shared(lifecycle: &Lifecycle) -> Vec<&Expression> {
    let mut all = Vec::new();
    for caller in lifecycle.callers.values() {
        all.extend(caller.of.iter().chain(&caller.when));
    }
    for verification in lifecycle.verifications.values() {
        all.extend(&verification.available);
        if let Method::Code { to, .. } = &verification.method {
            all.push(to);
        }
    }
    all.extend(lifecycle.quotas.values().map(|quota| &quota.key));
    all.extend(lifecycle.throttles.values().map(|throttle| &throttle.key));
    let messages = lifecycle.messages.values();
    all.extend(messages.flat_map(|message| message.text.expressions()));
    all.extend(lifecycle.read.iter().flat_map(of_access));
    all
}

/// The expressions in a transition.
pub(super) fn of_transition(transition: &Transition) -> Vec<&Expression> {
    let mut all: Vec<&Expression> = transition.guards.iter().map(|it| &it.condition).collect();
    if let Trigger::Request { access, .. } = &transition.trigger {
        all.extend(of_access(access));
    }
    all.extend(transition.set.values().map(|it| &it.value));
    let reminders = transition.restore.iter().flat_map(|it| &it.notify);
    for notice in transition.notify.iter().chain(reminders) {
        all.extend(of_notice(notice));
    }
    all
}

fn of_notice(notice: &Notice) -> impl Iterator<Item = &Expression> {
    std::iter::once(&notice.to).chain(&notice.when)
}

fn of_access(access: &Access) -> impl Iterator<Item = &Expression> {
    access.resources.iter().flat_map(Template::expressions)
}

/// Whether an expression reads a name.
pub(super) fn reads(expression: &Expression, slot: Slot) -> bool {
    expression.reads().contains(&slot)
}
