//! The proofs that a transition demands, step by step.

use std::collections::BTreeSet;

use super::pair::{Pair, change};
use super::{Change, Weight, codes};
use crate::lifecycle::model::{Lifecycle, Method, Transition, VerifyStep};
use crate::name::Name;
use crate::source::Span;

/// Whether everything that some steps demand is demanded by others, in as few ways or fewer.
pub(super) fn covers(these: &[VerifyStep], those: &[VerifyStep]) -> bool {
    let matched = match_up(those, these);
    matched.iter().all(|(_, found)| {
        let (step, other) = found;
        other.is_some_and(|other| ways(other).is_subset(&ways(step)))
    })
}

/// `a, then b or c`
pub(super) fn in_words(steps: &[VerifyStep]) -> String {
    let steps: Vec<String> = steps.iter().map(step_in_words).collect();
    match steps.is_empty() {
        true => "nothing".to_owned(),
        false => steps.join(", then "),
    }
}

fn step_in_words(step: &VerifyStep) -> String {
    let names: Vec<&str> = step.any.iter().map(Name::as_str).collect();
    names.join(" or ")
}

/// What became of the steps of a transition.
pub(super) fn compare(pair: &Pair<'_>, old: &Transition, new: &Transition) -> Vec<Change> {
    let matched = match_up(&old.verify, &new.verify);
    let mut found = Vec::new();
    let note = |weight: Weight, message: String, places: (Option<Span>, Option<Span>)| {
        let places = (places.0.or(Some(old.span)), places.1.or(Some(new.span)));
        change(codes::STEPS, new.name.to_string(), weight, message, places)
    };
    for (_, (step, other)) in &matched {
        let places = (Some(step.span), other.map(|other| other.span));
        let own = own_addresses(&pair.old.lifecycle, old, step);
        let own = match own.as_slice() {
            [] => String::new(),
            own => format!(
                "; the {} that the account has proves it no more",
                own.join(" and ")
            ),
        };
        let Some(other) = other else {
            let message = format!("no longer demands {}{own}", step_in_words(step));
            found.push(note(Weight::Weakening, message, places));
            continue;
        };
        let (before, after) = (ways(step), ways(other));
        if before == after {
            continue;
        }
        let words = (step_in_words(other), step_in_words(step));
        if before.is_subset(&after) {
            let message = format!("demands {}, where it demanded {}", words.0, words.1);
            found.push(note(Weight::Weakening, message, places));
        } else if after.is_subset(&before) {
            let message = format!("demands only {}, where it demanded {}", words.0, words.1);
            found.push(note(Weight::Strengthening, message, places));
        } else {
            let message = format!("demands {} in place of {}", words.0, words.1);
            found.push(note(Weight::MayWeaken, message, places));
        }
    }
    let taken: BTreeSet<usize> = matched.iter().filter_map(|(place, _)| *place).collect();
    for (place, step) in new.verify.iter().enumerate() {
        if !taken.contains(&place) {
            let message = format!("also demands {}", step_in_words(step));
            found.push(note(
                Weight::Strengthening,
                message,
                (None, Some(step.span)),
            ));
        }
    }
    let order: Vec<usize> = matched.iter().filter_map(|(place, _)| *place).collect();
    if !order.is_sorted() {
        let words = (in_words(&new.verify), in_words(&old.verify));
        let message = format!("demands {}, in another order than {}", words.0, words.1);
        found.push(note(Weight::MayWeaken, message, (None, None)));
    }
    found
}

/// A step with the place and the step that stands for it on the other side, if one does.
type Match<'s> = (Option<usize>, (&'s VerifyStep, Option<&'s VerifyStep>));

/// For each step one of the others, each used once: one with the same proofs, else one with fewer,
/// else one with more, else one that shares a proof.
fn match_up<'s>(steps: &'s [VerifyStep], others: &'s [VerifyStep]) -> Vec<Match<'s>> {
    let mut found: Vec<Match<'s>> = steps.iter().map(|step| (None, (step, None))).collect();
    let mut taken = BTreeSet::new();
    type Fits = fn(&BTreeSet<&Name>, &BTreeSet<&Name>) -> bool;
    let rules: [Fits; 4] = [
        |step, other| step == other,
        |step, other| other.is_subset(step),
        |step, other| step.is_subset(other),
        |step, other| !step.is_disjoint(other),
    ];
    for fits in rules {
        for (place, (step, other)) in found.iter_mut().filter(|(place, _)| place.is_none()) {
            let free = others.iter().enumerate();
            let mut free = free.filter(|(index, _)| !taken.contains(index));
            if let Some((index, fitting)) = free.find(|(_, it)| fits(&ways(step), &ways(it))) {
                taken.insert(index);
                *place = Some(index);
                *other = Some(fitting);
            }
        }
    }
    found
}

fn ways(step: &VerifyStep) -> BTreeSet<&Name> {
    step.any.iter().collect()
}

/// The attributes that a step proves possession of, and that the transition changes.
fn own_addresses(lifecycle: &Lifecycle, transition: &Transition, step: &VerifyStep) -> Vec<String> {
    let proofs = step
        .any
        .iter()
        .filter_map(|name| lifecycle.verifications.get(name));
    let read = proofs.flat_map(|proof| match &proof.method {
        Method::Code { to, .. } => to.reads(),
        Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => &[],
    });
    let names = read.filter_map(|slot| {
        let fact = lifecycle.vocabulary.fact(*slot)?;
        let name = fact.path.strip_prefix("account.")?;
        transition.set.contains_key(name).then(|| name.to_owned())
    });
    let names: BTreeSet<String> = names.collect();
    names.into_iter().collect()
}
