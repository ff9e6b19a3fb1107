//! Who can ask for what: principals that gain a transition, and in which states.

use std::collections::{BTreeMap, BTreeSet};

use super::pair::{Pair, change, listed};
use super::{Change, Weight, codes};
use crate::bundle::Bundle;
use crate::expr::Truth;
use crate::lifecycle::model::{Access, Transition, Trigger};
use crate::name::{Name, TransitionName};
use crate::workbench::diff::{Shift, Situated, diff as policy_diff};
use crate::workbench::who_can::{Asking, On, Who, who_can};

pub(super) fn compare(pair: &mut Pair<'_>) {
    let mut found = Vec::new();
    for (name, new) in &pair.new.lifecycle.transitions {
        found.extend(gained(pair, name, new));
    }
    if policies_differ(pair) {
        found.extend(by_policies(pair));
    }
    found.into_iter().for_each(|found| pair.note(found));
}

/// Whether policies may answer otherwise: they, the principals, or what they read has changed.
fn policies_differ(pair: &Pair<'_>) -> bool {
    let files = |bundle: &Bundle| {
        let mut files = bundle.files();
        files.retain(|(path, _)| path.starts_with("policies/"));
        files
    };
    let read = ["attribute ", "context ", "principal kind "];
    let mut subjects = pair.changes.iter().map(|change| change.subject.as_str());
    files(pair.old) != files(pair.new)
        || pair.has_other_functions()
        || subjects.any(|subject| read.iter().any(|what| subject.starts_with(what)))
}

/// Who can ask for a transition, for sure or under a condition.
type Askers = BTreeMap<String, Truth>;

/// Who can ask for a transition that could not, as policies are on each side.
fn gained(pair: &Pair<'_>, name: &TransitionName, new: &Transition) -> Option<Change> {
    let (access, caller) = request(new)?;
    let old = pair.old.lifecycle.transitions.get(name);
    let before = old.and_then(|old| Some((old, request(old)?)));
    if let Some((old, (old_access, old_caller))) = &before {
        let same_caller = caller_says(pair.old, *old_caller) == caller_says(pair.new, caller);
        let same = old.from == new.from && old_access.permission == access.permission;
        if same && same_caller {
            return None;
        }
    }
    let now = askers(pair.new, access, caller);
    let then = match before {
        Some((_, (access, caller))) => askers(pair.old, access, caller),
        None => Askers::new(),
    };
    let added: Vec<&Name> = match before {
        Some((old, _)) => {
            let from = new.from.iter();
            from.filter(|state| !old.from.contains(state)).collect()
        }
        None => new.from.iter().collect(),
    };
    let could = |who: &String| then.get(who).is_some_and(|may| *may != Truth::False);
    let gains = now.iter().filter(|(who, may)| {
        let gains = !could(who) || !added.is_empty();
        **may != Truth::False && gains
    });
    let gains: Askers = gains.map(|(who, may)| (who.clone(), *may)).collect();
    let newcomers = gains.keys().any(|who| !could(who));
    let states: Vec<&Name> = match newcomers || added.is_empty() {
        true => new.from.iter().collect(),
        false => added,
    };
    let of = |wanted: Truth| {
        let these = gains.iter().filter(move |(_, may)| **may == wanted);
        listed(these.map(|(who, _)| who))
    };
    let (sure, perhaps) = (of(Truth::True), of(Truth::Unknown));
    let states = listed(states);
    let role = caller.map_or_else(String::new, |caller| format!(", as `{caller}`"));
    let (weight, message) = match (sure.is_empty(), perhaps.is_empty()) {
        (true, true) => return None,
        (false, _) => (
            Weight::Weakening,
            format!("can be asked for in {states}{role}, by {sure}"),
        ),
        (true, false) => (
            Weight::MayWeaken,
            format!("can be asked for in {states}{role}, under a condition, by {perhaps}"),
        ),
    };
    let places = (old.map(|old| old.span), Some(new.span));
    let found = change(codes::GAINED, name.to_string(), weight, message, places);
    Some(match !sure.is_empty() && !perhaps.is_empty() {
        true => found.detail(format!("under a condition by {perhaps}")),
        false => found,
    })
}

fn request(transition: &Transition) -> Option<(&Access, Option<&Name>)> {
    match &transition.trigger {
        Trigger::Request { access, caller, .. } => Some((access, caller.as_ref())),
        Trigger::TriggeredBy(_) | Trigger::After(_) => None,
    }
}

/// What a caller rule says, to compare it.
fn caller_says(bundle: &Bundle, caller: Option<&Name>) -> Option<(BTreeSet<Name>, String)> {
    let caller = bundle.lifecycle.callers.get(caller?)?;
    let texts = [&caller.of, &caller.when].map(|it| it.as_ref().map(|it| it.text().to_owned()));
    Some((caller.kinds.iter().cloned().collect(), format!("{texts:?}")))
}

/// Everybody who is listed, and the owners, as far as policies and the kinds of a caller rule go.
fn askers(bundle: &Bundle, access: &Access, caller: Option<&Name>) -> Askers {
    let nothing = BTreeMap::new();
    let asking = Asking {
        bundle,
        action: &access.permission,
        on: On::Access(access),
        account: None,
        context: &nothing,
        inputs: &nothing,
        at: None,
    };
    let candidates = who_can(&asking).unwrap_or_default();
    let admitted = candidates
        .iter()
        .filter(|it| is_called(bundle, caller, &it.who));
    admitted.map(|it| (in_words(&it.who), it.may())).collect()
}

fn is_called(bundle: &Bundle, caller: Option<&Name>, who: &Who) -> bool {
    let rule = caller.and_then(|caller| bundle.lifecycle.callers.get(caller));
    let kind = match who {
        Who::Listed(name) => name.kind(),
        Who::Owner { kind, .. } => kind,
    };
    caller.is_none() || rule.is_some_and(|rule| rule.kinds.contains(kind))
}

fn in_words(who: &Who) -> String {
    match who {
        Who::Listed(name) => name.to_string(),
        Who::Owner { kind, .. } => format!("{kind} of the account"),
    }
}

/// Who gains and loses what by a change of policies, those of one situation together.
fn by_policies(pair: &Pair<'_>) -> Vec<Change> {
    let difference = policy_diff(pair.old, pair.new);
    let mut found = Vec::new();
    for (shifts, gain) in [(&difference.gains, true), (&difference.losses, false)] {
        let mut groups: BTreeMap<_, (Vec<String>, Vec<Situated>)> = BTreeMap::new();
        for shift in shifts.iter().filter(|shift| concerns(pair, shift)) {
            let subject = match &shift.asked_by {
                Some(by) if by != "read" => by.clone(),
                _ => format!("permission {}", shift.permission),
            };
            let when = format!("{:?}", shift.when);
            let group = groups.entry((subject, shift.certain, when)).or_default();
            group.0.push(in_words(&shift.who));
            group.1.clone_from(&shift.when);
        }
        for ((subject, certain, _), (who, when)) in groups {
            found.push(shifted(pair, subject, gain, certain, &who, when));
        }
    }
    found
}

/// Whether a shift is about something that is there on both sides, asked for by somebody whom the
/// caller rule admits.
fn concerns(pair: &Pair<'_>, shift: &Shift) -> bool {
    let Some(by) = shift.asked_by.as_ref().filter(|by| *by != "read") else {
        return true;
    };
    let named = |bundle: &Bundle| {
        let name = by.parse::<TransitionName>().ok()?;
        let transition = bundle.lifecycle.transitions.get(&name)?;
        let (_, caller) = request(transition)?;
        Some(is_called(bundle, caller, &shift.who))
    };
    named(pair.old).is_some() && named(pair.new) == Some(true)
}

fn shifted(
    pair: &Pair<'_>,
    subject: String,
    gain: bool,
    certain: bool,
    who: &[String],
    when: Vec<Situated>,
) -> Change {
    let place = |bundle: &Bundle| {
        let name = subject.parse::<TransitionName>().ok()?;
        Some(bundle.lifecycle.transitions.get(&name)?.span)
    };
    let places = (place(pair.old), place(pair.new));
    let who = listed(who);
    let (code, weight, message) = match (gain, certain) {
        (true, true) => (
            codes::GAINED,
            Weight::Weakening,
            format!("policies allow it to {who}"),
        ),
        (true, false) => (
            codes::GAINED,
            Weight::MayWeaken,
            format!("policies may allow it to {who}"),
        ),
        (false, true) => (
            codes::LOST,
            Weight::Strengthening,
            format!("policies no longer allow it to {who}"),
        ),
        (false, false) => (
            codes::LOST,
            Weight::Strengthening,
            format!("policies may no longer allow it to {who}"),
        ),
    };
    let mut found = change(code, subject, weight, message, places);
    found.when = when;
    found
}
