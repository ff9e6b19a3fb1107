//! Quotas and throttles.

use super::conditions::one_line;
use super::pair::{Pair, both, change, more_is_weaker};
use super::{Weight, codes};
use crate::lifecycle::model::{Quota, Throttle};
use crate::quota::Window;
use crate::time::format_duration;

pub(super) fn compare(pair: &mut Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    for (name, one, other) in both(&old.lifecycle.quotas, &new.lifecycle.quotas) {
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        for (weight, message) in quota(pair, one, other) {
            let subject = format!("quota {name}");
            pair.note(change(codes::LIMIT, subject, weight, message, places));
        }
    }
    for (name, one, other) in both(&old.lifecycle.throttles, &new.lifecycle.throttles) {
        let places = (one.map(|it| it.span), other.map(|it| it.span));
        for (weight, message) in throttle(pair, one, other) {
            let subject = format!("throttle {name}");
            pair.note(change(codes::LIMIT, subject, weight, message, places));
        }
    }
}

type Found = Vec<(Weight, String)>;

fn quota(pair: &Pair<'_>, old: Option<&Quota>, new: Option<&Quota>) -> Found {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return vec![(Weight::Weakening, "it is gone".to_owned())],
        (None, Some(_)) => return vec![(Weight::Neutral, "it is new".to_owned())],
        (None, None) => return Found::new(),
    };
    let mut found = Found::new();
    let words = |quota: &Quota| format!("{} per {}", quota.limit, window(&quota.window));
    let weight = match (&old.window, &new.window) {
        (Window::Rolling(one), Window::Rolling(other)) => {
            rates(u64::from(old.limit), one, u64::from(new.limit), other)
        }
        (Window::Day(one), Window::Day(other)) if one == other => {
            more_is_weaker(&old.limit, &new.limit)
        }
        // Around midnight, calendar days admit twice their limit within any stretch of 24 h.
        _ => Weight::MayWeaken,
    };
    if weight != Weight::Neutral {
        found.push((weight, format!("{}, not {}", words(new), words(old))));
    }
    if !pair.same(&old.key, &new.key) {
        let keys = (one_line(new.key.text()), one_line(old.key.text()));
        let message = format!("is counted by `{}`, not by `{}`", keys.0, keys.1);
        found.push((Weight::MayWeaken, message));
    }
    found
}

/// More at once, or as many in a shorter time, weakens; fewer in a longer one strengthens.
fn rates<D: Ord>(limit: u64, per: &D, new_limit: u64, new_per: &D) -> Weight {
    let more = more_is_weaker(&limit, &new_limit);
    let sooner = more_is_weaker(new_per, per);
    match (more, sooner) {
        (Weight::Neutral, other) | (other, Weight::Neutral) => other,
        (one, other) if one == other => one,
        _ => Weight::MayWeaken,
    }
}

fn window(window: &Window) -> String {
    match window {
        Window::Rolling(length) => format_duration(*length),
        Window::Day(zone) => format!("day in {}", zone.name()),
    }
}

fn throttle(pair: &Pair<'_>, old: Option<&Throttle>, new: Option<&Throttle>) -> Found {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return vec![(Weight::Weakening, "it is gone".to_owned())],
        (None, Some(_)) => return vec![(Weight::Neutral, "it is new".to_owned())],
        (None, None) => return Found::new(),
    };
    let mut found = Found::new();
    let words = |it: &Throttle| format!("{} per {}", it.limit, format_duration(it.per));
    let limits = (u64::from(old.limit), u64::from(new.limit));
    let weight = rates(limits.0, &old.per, limits.1, &new.per);
    if weight != Weight::Neutral {
        found.push((weight, format!("{}, not {}", words(new), words(old))));
    }
    if !pair.same(&old.key, &new.key) {
        let keys = (one_line(new.key.text()), one_line(old.key.text()));
        let message = format!("is counted by `{}`, not by `{}`", keys.0, keys.1);
        found.push((Weight::MayWeaken, message));
    }
    found
}
