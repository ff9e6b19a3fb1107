//! What an account is, and what all transitions share: attributes, callers, kinds of principals,
//! session facts, messages and who may read.

use super::conditions::{self, one_line};
use super::pair::{Pair, both, change, listed, more_is_weaker, wider_is_weaker};
use super::{Weight, codes};
use crate::expr::Expression;
use crate::lifecycle::model::{Access, Attribute, Caller};
use crate::name::Name;

pub(super) fn compare(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.attributes, &new.lifecycle.attributes) {
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        for (weight, message) in attribute(one, other) {
            let subject = format!("attribute {name}");
            pair.note(change(codes::ATTRIBUTE, subject, weight, message, places));
        }
    }
    for (name, one, other) in both(&old.lifecycle.callers, &new.lifecycle.callers) {
        // One that came or went is told where transitions name it.
        if let (Some(old), Some(new)) = (one, other) {
            caller(pair, name, old, new);
        }
    }
    kinds(pair);
    facts(pair);
    messages(pair);
    whole(pair);
}

type Found = Vec<(Weight, String)>;

fn attribute(old: Option<&Attribute>, new: Option<&Attribute>) -> Found {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return vec![(Weight::MayWeaken, "it is gone".to_owned())],
        (None, Some(new)) if new.optional || new.default.is_some() => {
            return vec![(Weight::Neutral, "it is new".to_owned())];
        }
        (None, Some(_)) => {
            let message = "it is new, and accounts that are there lack it";
            return vec![(Weight::MayWeaken, message.to_owned())];
        }
        (None, None) => return Found::new(),
    };
    let mut found = Found::new();
    if old.ty != new.ty {
        found.push((Weight::MayWeaken, "is of another type".to_owned()));
    }
    let marks = [
        (old.immutable, new.immutable, "never changes"),
        (old.personal, new.personal, "is masked as personal"),
    ];
    for (before, after, what) in marks {
        match (before, after) {
            (true, false) => found.push((Weight::Weakening, format!("no longer {what}"))),
            (false, true) => found.push((Weight::Strengthening, format!("now {what}"))),
            _ => {}
        }
    }
    // Without a limit it may be held by any number.
    let most = |it: &Attribute| it.shared_by_at_most.unwrap_or(u32::MAX);
    let weight = more_is_weaker(&most(old), &most(new));
    if weight != Weight::Neutral {
        let words = |it: &Attribute| match it.shared_by_at_most {
            Some(most) => format!("at most {most}"),
            None => "any number of".to_owned(),
        };
        let message = format!("{} accounts share a value, not {}", words(new), words(old));
        found.push((weight, message));
    }
    if old.optional != new.optional {
        let may = if new.optional {
            "may lack"
        } else {
            "may no longer lack"
        };
        found.push((Weight::Neutral, format!("accounts {may} it")));
    }
    if old.default != new.default {
        found.push((Weight::Neutral, "has another default".to_owned()));
    }
    found
}

fn caller(pair: &mut Pair<'_>, name: &Name, old: &Caller, new: &Caller) {
    let subject = format!("caller {name}");
    let places = (Some(old.span), Some(new.span));
    let weight = wider_is_weaker(&old.kinds, &new.kinds);
    if weight != Weight::Neutral {
        let message = format!("is {}, not {}", listed(&new.kinds), listed(&old.kinds));
        pair.note(change(
            codes::CALLER,
            subject.as_str(),
            weight,
            message,
            places,
        ));
    }
    if !pair.same_option(old.of.as_ref(), new.of.as_ref()) {
        let words = |of: &Option<Expression>| match of {
            Some(of) => format!("of `{}`", one_line(of.text())),
            None => "of any account".to_owned(),
        };
        let weight = match (&old.of, &new.of) {
            (Some(_), None) => Weight::Weakening,
            (None, Some(_)) => Weight::Strengthening,
            _ => Weight::MayWeaken,
        };
        let message = format!("is {}, not {}", words(&new.of), words(&old.of));
        pair.note(change(
            codes::CALLER,
            subject.as_str(),
            weight,
            message,
            places,
        ));
    }
    let one: Vec<&Expression> = old.when.iter().collect();
    let other: Vec<&Expression> = new.when.iter().collect();
    if let Some(verdict) = conditions::compare(pair, &one, &other) {
        let message = match verdict.weight {
            Weight::Weakening => "admits where it refused",
            Weight::MayWeaken => "admits under another condition; whether a wider one is open",
            Weight::Strengthening => "refuses where it admitted",
            Weight::Neutral => "admits under the same condition in other words",
        };
        let mut found = change(codes::CALLER, subject, verdict.weight, message, places);
        found.details = verdict.edits;
        found.when = verdict.when;
        pair.note(found);
    }
}

fn kinds(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    let all = both(
        &old.lifecycle.principal_kinds,
        &new.lifecycle.principal_kinds,
    );
    for (name, one, other) in all {
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        let owns = |of: Option<&crate::lifecycle::model::PrincipalKind>| {
            of.is_some_and(|kind| kind.owns_account)
        };
        let (weight, message) = match (owns(one), owns(other)) {
            (false, true) => (
                Weight::Weakening,
                "owns its account: it needs no policy there",
            ),
            (true, false) => (Weight::Strengthening, "no longer owns its account"),
            _ if one.is_none() => (Weight::Neutral, "is new"),
            _ if other.is_none() => (Weight::Neutral, "is gone"),
            _ => continue,
        };
        let subject = format!("principal kind {name}");
        pair.note(change(codes::SHARED, subject, weight, message, places));
    }
}

fn facts(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.context, &new.lifecycle.context) {
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        let (weight, message) = match (one, other) {
            (None, Some(_)) => (Weight::Neutral, "is new"),
            (Some(_), None) => (Weight::Neutral, "is gone"),
            (Some(one), Some(other)) if one.ty != other.ty => {
                (Weight::MayWeaken, "is of another type")
            }
            (Some(one), Some(other)) if one.keys != other.keys => {
                (Weight::MayWeaken, "policy documents call it otherwise")
            }
            _ => continue,
        };
        let subject = format!("context {name}");
        pair.note(change(codes::SHARED, subject, weight, message, places));
    }
}

fn messages(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.messages, &new.lifecycle.messages) {
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        if let (Some(one), Some(other)) = (one, other)
            && !pair.same_template(&one.text, &other.text)
        {
            let message = format!("says \"{}\"", one_line(&other.text.text()));
            let subject = format!("message {name}");
            let weight = Weight::Neutral;
            pair.note(change(codes::SHARED, subject, weight, message, places));
        }
    }
}

/// What is declared once: who may read, the zone of clocks, the wrong code's error, functions.
fn whole(pair: &mut Pair<'_>) {
    let (old, new) = (&pair.old.lifecycle, &pair.new.lifecycle);
    let text = |access: &Option<Access>| {
        access.as_ref().map(|access| {
            let resources = access.resources.iter().map(|it| it.text());
            format!("`{}` over {}", access.permission, listed(resources))
        })
    };
    let mut found = Found::new();
    match (text(&old.read), text(&new.read)) {
        (Some(old), Some(new)) if old != new => {
            let message = format!("an account is read with {new}, not with {old}");
            found.push((Weight::MayWeaken, message));
        }
        (None, Some(new)) => {
            let message = format!("an account can be read with {new}");
            found.push((Weight::Weakening, message));
        }
        (Some(_), None) => {
            let message = "no principal can read an account any more";
            found.push((Weight::Strengthening, message.to_owned()));
        }
        _ => {}
    }
    if old.zone != new.zone {
        let zones = (new.zone.name(), old.zone.name());
        let message = format!("clocks are those of {}, not of {}", zones.0, zones.1);
        found.push((Weight::MayWeaken, message));
    }
    if old.wrong_code != new.wrong_code {
        let message = "a wrong code is answered with another error code";
        found.push((Weight::Neutral, message.to_owned()));
    }
    if old.edition != new.edition {
        let message = format!("is edition {}, after {}", new.edition, old.edition);
        found.push((Weight::Neutral, message));
    }
    if pair.has_other_functions() {
        let message = "its functions have changed; whatever calls them is compared as changed";
        found.push((Weight::Neutral, message.to_owned()));
    }
    let subject = format!("lifecycle {}", new.name);
    for (weight, message) in found {
        let found = change(
            codes::SHARED,
            subject.as_str(),
            weight,
            message,
            (None, None),
        );
        pair.note(found);
    }
}
