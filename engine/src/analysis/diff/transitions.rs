//! Transitions: those that came and went, and what has changed in the others.

use std::time::Duration;

use super::conditions::{self, one_line};
use super::pair::{Pair, both, change, less_is_weaker, listed, more_is_weaker, wider_is_weaker};
use super::{Change, Weight, codes, steps};
use crate::expr::Expression;
use crate::lifecycle::model::{Cooldown, Guard, Lifecycle, Notice, Restore, Transition, Trigger};
use crate::name::{Name, TransitionName};
use crate::time::format_duration;

pub(super) fn compare(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.transitions, &new.lifecycle.transitions) {
        match (one, other) {
            (Some(one), Some(other)) => Both {
                subject: name.to_string(),
                old: one,
                new: other,
            }
            .compare(pair),
            (Some(one), None) => removed(pair, name, one),
            (None, Some(other)) => added(pair, name, other),
            (None, None) => {}
        }
    }
}

/// A transition that is gone takes a possibility away; from a privileged state it was a way out.
fn removed(pair: &mut Pair<'_>, name: &TransitionName, old: &Transition) {
    let way_out = leaves_privilege(&pair.old.lifecycle, old);
    let (weight, message) = match way_out {
        true => (
            Weight::Weakening,
            "it is gone, and with it a way out of a privilege",
        ),
        false => (Weight::Strengthening, "it is gone"),
    };
    let places = (Some(old.span), None);
    let mut found =
        change(codes::REMOVED, name.to_string(), weight, message, places).detail(route(old));
    let like = pair.new.lifecycle.transitions.values().find(|new| {
        let is_new = !pair.old.lifecycle.transitions.contains_key(&new.name);
        is_new && new.name.workflow == name.workflow && (&new.from, &new.to) == (&old.from, &old.to)
    });
    if let Some(like) = like {
        let hint = format!(
            "perhaps it is called `{}` now: it leads the same way",
            like.name
        );
        found = found.detail(hint);
    }
    pair.note(found);
}

fn leaves_privilege(lifecycle: &Lifecycle, transition: &Transition) -> bool {
    let Some(workflow) = lifecycle.workflows.get(&transition.name.workflow) else {
        return false;
    };
    let privileged = |state: &Name| {
        let state = workflow.states.get(state);
        state.is_some_and(|state| state.privileged)
    };
    transition.from.iter().any(privileged) && !privileged(&transition.to)
}

fn added(pair: &mut Pair<'_>, name: &TransitionName, new: &Transition) {
    let places = (None, Some(new.span));
    let mut found = change(
        codes::ADDED,
        name.to_string(),
        Weight::Weakening,
        "a new transition",
        places,
    )
    .detail(route(new));
    if !new.set.is_empty() {
        found = found.detail(format!("sets {}", listed(new.set.keys())));
    }
    found = found.detail(match new.verify.as_slice() {
        [] => "demands no proof".to_owned(),
        steps => format!("demands {}", steps::in_words(steps)),
    });
    let others = pair.old.lifecycle.transitions.values();
    let old_ways = others.filter(|old| old.set.keys().any(|key| new.set.contains_key(key)));
    for way in old_ways.filter(|way| way.from.iter().any(|from| new.from.contains(from))) {
        if way.name.workflow == name.workflow && !steps::covers(&new.verify, &way.verify) {
            let asked = steps::in_words(&way.verify);
            let line = format!("`{}` sets the same and demands {asked}", way.name);
            found = found.detail(line);
        }
    }
    pair.note(found);
}

/// `from a, b to c`
fn route(transition: &Transition) -> String {
    format!("from {} to {}", listed(&transition.from), transition.to)
}

/// One transition on both sides.
struct Both<'b> {
    subject: String,
    old: &'b Transition,
    new: &'b Transition,
}

impl Both<'_> {
    fn compare(&self, pair: &mut Pair<'_>) {
        self.states(pair);
        self.trigger(pair);
        self.guards(pair);
        let found = steps::compare(pair, self.old, self.new);
        found.into_iter().for_each(|found| pair.note(found));
        self.effects(pair);
        self.notices(pair);
        self.restore(pair);
        self.waits(pair);
    }

    fn change(&self, code: crate::diagnostic::Code, weight: Weight, message: String) -> Change {
        let places = (Some(self.old.span), Some(self.new.span));
        change(code, self.subject.as_str(), weight, message, places)
    }

    fn states(&self, pair: &mut Pair<'_>) {
        let (old, new) = (self.old, self.new);
        let weight = wider_is_weaker(&old.from, &new.from);
        if weight != Weight::Neutral {
            let message = format!(
                "leaves from {}, not {}",
                listed(&new.from),
                listed(&old.from)
            );
            pair.note(self.change(codes::STATES, weight, message));
        }
        if old.to != new.to {
            let message = format!("leads to `{}`, no longer to `{}`", new.to, old.to);
            pair.note(self.change(codes::STATES, Weight::MayWeaken, message));
        }
    }

    fn trigger(&self, pair: &mut Pair<'_>) {
        let found = match (&self.old.trigger, &self.new.trigger) {
            (Trigger::Request { .. }, Trigger::Request { .. }) => return self.request(pair),
            (Trigger::TriggeredBy(old), Trigger::TriggeredBy(new)) => {
                let weight = wider_is_weaker(old, new);
                let message = format!("is triggered by {}, not {}", listed(new), listed(old));
                (weight, message)
            }
            (Trigger::After(old), Trigger::After(new)) => {
                let words = (format_duration(*new), format_duration(*old));
                let message = format!("happens after {}, not {}", words.0, words.1);
                match old == new {
                    true => (Weight::Neutral, message),
                    false => (Weight::MayWeaken, message),
                }
            }
            (old, new) => {
                let message = format!("{}, no longer {}", fired(new), fired(old));
                return pair.note(self.change(codes::TRIGGER, Weight::MayWeaken, message));
            }
        };
        if found.0 != Weight::Neutral {
            pair.note(self.change(codes::TRIGGER, found.0, found.1));
        }
    }

    fn request(&self, pair: &mut Pair<'_>) {
        let (
            Trigger::Request {
                access: before,
                caller: old_caller,
                throttles: old_throttles,
            },
            Trigger::Request {
                access: after,
                caller: new_caller,
                throttles: new_throttles,
            },
        ) = (&self.old.trigger, &self.new.trigger)
        else {
            return;
        };
        if before.permission != after.permission {
            let message = format!("needs `{}`, not `{}`", after.permission, before.permission);
            pair.note(self.change(codes::TRIGGER, Weight::MayWeaken, message));
        }
        let same = before.resources.len() == after.resources.len()
            && before
                .resources
                .iter()
                .zip(&after.resources)
                .all(|(one, other)| pair.same_template(one, other));
        if !same {
            let texts = |all: &[crate::expr::Template]| listed(all.iter().map(|it| it.text()));
            let found = self
                .change(
                    codes::TRIGGER,
                    Weight::MayWeaken,
                    "is asked over other resources".to_owned(),
                )
                .detail(format!("- {}", texts(&before.resources)))
                .detail(format!("+ {}", texts(&after.resources)));
            pair.note(found);
        }
        if old_caller != new_caller {
            let named = |caller: &Option<Name>| match caller {
                Some(caller) => format!("`{caller}`"),
                None => "anybody".to_owned(),
            };
            let weight = match (old_caller, new_caller) {
                (_, None) => Weight::Weakening,
                (None, _) => Weight::Strengthening,
                _ => Weight::MayWeaken,
            };
            let (old, new) = (named(old_caller), named(new_caller));
            let message = format!("is for {new}, no longer for {old}");
            pair.note(self.change(codes::TRIGGER, weight, message));
        }
        self.limits(pair, (old_throttles, new_throttles), "is throttled by");
        self.limits(pair, (&self.old.quotas, &self.new.quotas), "spends");
    }

    /// What limits it, by name: fewer limits weaken.
    fn limits(&self, pair: &mut Pair<'_>, (old, new): (&[Name], &[Name]), does: &str) {
        let weight = wider_is_weaker(new, old);
        if weight == Weight::Neutral {
            return;
        }
        let named = |all: &[Name]| match all {
            [] => "nothing".to_owned(),
            all => listed(all),
        };
        let message = format!("{does} {}, not {}", named(new), named(old));
        pair.note(self.change(codes::LIMIT, weight, message));
    }

    fn guards(&self, pair: &mut Pair<'_>) {
        // What freezes the account on both sides takes nothing away and gives nothing.
        let freezes = |of: &Transition, guard: &Guard| {
            let mut all = of.guards.iter().filter(|it| it.is_freeze);
            all.any(|it| it.condition.text() == guard.condition.text())
        };
        let texts = |of: &'_ Transition, other: &Transition| -> Vec<Expression> {
            let guards = of.guards.iter();
            let told = guards.filter(|it| !(it.is_freeze && freezes(other, it)));
            told.map(|it| it.condition.clone()).collect()
        };
        let (old, new) = (texts(self.old, self.new), texts(self.new, self.old));
        let (one, other): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
        let Some(verdict) = conditions::compare(pair, &one, &other) else {
            return;
        };
        let message = match verdict.weight {
            Weight::Weakening => "is made where it was refused",
            Weight::MayWeaken => "is made under other conditions; whether wider ones is open",
            Weight::Strengthening => "is refused where it was made",
            Weight::Neutral => "is made under the same conditions in other words",
        };
        let span = |all: &[Expression], other: &[Expression]| {
            let own = all
                .iter()
                .find(|it| !other.iter().any(|o| o.text() == it.text()));
            own.map(Expression::span)
        };
        let mut found = self.change(codes::GUARDS, verdict.weight, message.to_owned());
        found.old = span(&old, &new).or(found.old);
        found.new = span(&new, &old).or(found.new);
        found.details = verdict.edits;
        found.when = verdict.when;
        pair.note(found);
    }

    fn effects(&self, pair: &mut Pair<'_>) {
        for (name, one, other) in both(&self.old.set, &self.new.set) {
            let text = |it: &crate::lifecycle::model::Assignment| one_line(it.value.text());
            let message = match (one, other) {
                (Some(one), Some(other)) if pair.same(&one.value, &other.value) => continue,
                (Some(one), Some(other)) => {
                    format!("sets {name} to `{}`, not to `{}`", text(other), text(one))
                }
                (None, Some(other)) => format!("sets {name} to `{}`", text(other)),
                (Some(_), None) => format!("no longer sets {name}"),
                (None, None) => continue,
            };
            pair.note(self.change(codes::EFFECTS, Weight::MayWeaken, message));
        }
        for (name, one, other) in both(&self.old.inputs, &self.new.inputs) {
            let (weight, message) = match (one, other) {
                (Some(one), Some(other)) if one.ty != other.ty => {
                    (Weight::MayWeaken, format!("takes `{name}` as another type"))
                }
                (Some(one), Some(other)) if one.optional != other.optional => {
                    let may = if other.optional {
                        "may"
                    } else {
                        "may no longer"
                    };
                    (Weight::Neutral, format!("`{name}` {may} be left out"))
                }
                (Some(_), None) => (Weight::Neutral, format!("no longer takes `{name}`")),
                (None, Some(_)) => (Weight::Neutral, format!("takes `{name}`")),
                _ => continue,
            };
            pair.note(self.change(codes::EFFECTS, weight, message));
        }
    }

    /// Whoever was told and is no longer may not notice; a condition decides like a guard.
    fn notices(&self, pair: &mut Pair<'_>) {
        self.told(pair, &self.old.notify, &self.new.notify, "");
    }

    fn told(&self, pair: &mut Pair<'_>, old: &[Notice], new: &[Notice], of: &str) {
        let alike = |pair: &Pair<'_>, one: &Notice, other: &Notice| {
            let same = one.message == other.message && one.by == other.by;
            same && pair.same(&one.to, &other.to)
        };
        for one in old {
            let words = format!("`{}` to {}{of}", one.message, one_line(one.to.text()));
            let Some(other) = new.iter().find(|other| alike(pair, one, other)) else {
                let message = format!("no longer sends {words}");
                pair.note(self.change(codes::NOTICES, Weight::Weakening, message));
                continue;
            };
            // Sent where it was not: more is told, which is the other way round than with guards.
            let found = match (&one.when, &other.when) {
                (None, Some(_)) => Some(Weight::Weakening),
                (Some(_), None) => Some(Weight::Strengthening),
                (Some(a), Some(b)) => {
                    let verdict = conditions::compare(pair, &[b], &[a]);
                    verdict.map(|verdict| verdict.weight)
                }
                (None, None) => None,
            };
            if let Some(weight) = found {
                let message = format!("sends {words} under another condition");
                pair.note(self.change(codes::NOTICES, weight, message));
            }
        }
        for other in new {
            if !old.iter().any(|one| alike(pair, one, other)) {
                let to = one_line(other.to.text());
                let message = format!("sends `{}` to {to}{of}", other.message);
                pair.note(self.change(codes::NOTICES, Weight::Strengthening, message));
            }
        }
    }

    fn restore(&self, pair: &mut Pair<'_>) {
        let words = |it: &Restore| format!("`{}` within {}", it.by, format_duration(it.within));
        let found = match (&self.old.restore, &self.new.restore) {
            (Some(old), None) => (Weight::Weakening, format!("no longer owes {}", words(old))),
            (None, Some(new)) => (Weight::Strengthening, format!("owes {}", words(new))),
            (Some(old), Some(new)) => {
                if (&old.by, old.within) != (&new.by, new.within) {
                    let weight = match old.by == new.by {
                        true => more_is_weaker(&old.within, &new.within),
                        false => Weight::MayWeaken,
                    };
                    let message = format!("owes {}, not {}", words(new), words(old));
                    pair.note(self.change(codes::RESTORE, weight, message));
                }
                return self.told(pair, &old.notify, &new.notify, " when it is overdue");
            }
            (None, None) => return,
        };
        pair.note(self.change(codes::RESTORE, found.0, found.1));
    }

    fn waits(&self, pair: &mut Pair<'_>) {
        let (old, new) = (self.old, self.new);
        if old.within != new.within {
            let words = (format_duration(new.within), format_duration(old.within));
            let message = format!("an attempt at it lives {}, not {}", words.0, words.1);
            let weight = more_is_weaker(&old.within, &new.within);
            pair.note(self.change(codes::WAITS, weight, message));
        }
        let wait = |all: &[Cooldown], after: &TransitionName| {
            let mut waits = all.iter().filter(|it| it.after == *after);
            waits.next().map_or(Duration::ZERO, |it| it.wait)
        };
        let after = old.cooldown.iter().chain(&new.cooldown).map(|it| &it.after);
        let mut after: Vec<&TransitionName> = after.collect();
        after.sort();
        after.dedup();
        for after in after {
            let waits = (wait(&old.cooldown, after), wait(&new.cooldown, after));
            if waits.0 != waits.1 {
                let words = (format_duration(waits.1), format_duration(waits.0));
                let message = format!("waits {} after `{after}`, not {}", words.0, words.1);
                let weight = less_is_weaker(&waits.0, &waits.1);
                pair.note(self.change(codes::WAITS, weight, message));
            }
        }
    }
}

fn fired(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Request { access, .. } => format!("is asked for with `{}`", access.permission),
        Trigger::TriggeredBy(causes) => format!("is triggered by {}", listed(causes)),
        Trigger::After(wait) => format!("happens after {}", format_duration(*wait)),
    }
}
