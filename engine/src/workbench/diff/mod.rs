//! What a change of policies does: who gains and who loses which permission, in which situations.
//!
//! Both definitions are evaluated in every combination of values that a condition of either tells
//! apart: session facts, hours, states, attributes, and places that resources and control policies
//! name. What cannot be enumerated stays open; there the difference is said to be possible. Nothing
//! is left out: where neither a gain nor a loss is told, no situation has one.

pub(crate) mod cells;
pub(crate) mod domain;
mod pair;
mod statements;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use domain::Told;
pub use statements::{Edit, StatementChange};

use super::who_can::Who;
use crate::bundle::Bundle;
use crate::expr::Fact;
use crate::lifecycle::model::{Access, Trigger};
use crate::name::Name;
use crate::policy::{Actions, Pattern, Principal, PrincipalName};

/// What changed between two definitions.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// Who gains what: for sure first.
    pub gains: Vec<Shift>,
    /// Who loses what.
    pub losses: Vec<Shift>,
    /// The statements that came and went.
    pub statements: Vec<StatementChange>,
}

/// A permission that somebody gains or loses.
#[derive(Debug, Clone)]
pub struct Shift {
    /// Who.
    pub who: Who,
    /// What.
    pub permission: String,
    /// What asks for it: a transition, `read`, or nothing of the lifecycle.
    pub asked_by: Option<String>,
    /// Whether it is so for sure; otherwise it depends on what cannot be told apart.
    pub certain: bool,
    /// In which situations: any of these, each with a value for every name that matters. Empty where
    /// none matters.
    pub when: Vec<Situated>,
}

/// A situation, as far as it matters: names with their values.
pub type Situated = Vec<(Arc<str>, Told)>;

impl Difference {
    /// Whether somebody gains something, or may.
    pub fn widens(&self) -> bool {
        !self.gains.is_empty()
    }

    /// Whether nothing changed that policies say.
    pub fn is_empty(&self) -> bool {
        self.gains.is_empty() && self.losses.is_empty() && self.statements.is_empty()
    }
}

/// One of the two definitions, and somebody in it.
#[derive(Clone, Copy)]
pub(super) struct Side<'b> {
    bundle: &'b Bundle,
    /// Absent where nobody has the name: then nothing is allowed.
    principal: Option<&'b Principal>,
}

/// Something that can be asked for.
struct Asked<'b> {
    permission: String,
    asked_by: Option<String>,
    access: Option<&'b Access>,
}

/// Compares two definitions of one lifecycle.
pub fn diff(old: &Bundle, new: &Bundle) -> Difference {
    let mut difference = Difference {
        statements: statements::changes(old, new),
        ..Difference::default()
    };
    let (before, after) = (asked(old), asked(new));
    let same_language = language(old) == language(new);
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for (who, one, other) in people(old, new) {
        let sides = [
            Side {
                bundle: old,
                principal: one.as_ref(),
            },
            Side {
                bundle: new,
                principal: other.as_ref(),
            },
        ];
        for key in &keys {
            let (one, other) = (before.get(*key), after.get(*key));
            let Some(asked) = other.or(one) else { continue };
            let accesses = [one, other].map(|it| it.and_then(|it| it.access));
            let question = pair::Pair {
                same_language,
                sides,
                accesses,
                who: &who,
                permission: &asked.permission,
                asked_by: asked.asked_by.as_deref(),
            };
            question.compare(&mut difference);
        }
    }
    let order = |shift: &Shift| (!shift.certain, shift.permission.clone());
    difference.gains.sort_by_key(order);
    difference.losses.sort_by_key(order);
    difference
}

/// Everything of a lifecycle that the meaning of a policy depends on, besides what is asked for:
/// functions, names with their types, and who owns accounts.
fn language(bundle: &Bundle) -> (Option<&str>, BTreeMap<&str, &Fact>, BTreeMap<&Name, bool>) {
    let lifecycle = &bundle.lifecycle;
    let functions = lifecycle.functions.and_then(|id| bundle.sources.file(id));
    let names = lifecycle.vocabulary.facts();
    let kinds = lifecycle.principal_kinds.iter();
    (
        functions.map(|file| &*file.text),
        names.map(|(_, fact)| (&*fact.path, fact)).collect(),
        kinds
            .map(|(name, kind)| (name, kind.owns_account))
            .collect(),
    )
}

/// Everybody of either definition, with who they are in each.
fn people(old: &Bundle, new: &Bundle) -> Vec<(Who, Option<Principal>, Option<Principal>)> {
    let listed = |bundle: &Bundle| -> BTreeMap<PrincipalName, Principal> {
        let all = bundle.principals.listed().map(|it| it.principal.clone());
        all.map(|principal| (principal.name.clone(), principal))
            .collect()
    };
    let (one, other) = (listed(old), listed(new));
    let names: BTreeSet<&PrincipalName> = one.keys().chain(other.keys()).collect();
    let mut people: Vec<_> = names
        .into_iter()
        .map(|name| {
            let who = Who::Listed(name.clone());
            (who, one.get(name).cloned(), other.get(name).cloned())
        })
        .collect();
    let owners = |bundle: &Bundle| -> BTreeSet<Name> {
        let kinds = bundle.lifecycle.principal_kinds.keys();
        kinds
            .filter(|kind| bundle.principals.owns_account(kind))
            .cloned()
            .collect()
    };
    let (before, after) = (owners(old), owners(new));
    for kind in before.union(&after) {
        let owner = |of: &BTreeSet<Name>| {
            let id: crate::name::AccountId = OWNER.parse().ok()?;
            let name = PrincipalName::new(kind, OWNER).ok()?;
            of.contains(kind).then(|| Principal::new(name, id))
        };
        let who = Who::Owner {
            kind: kind.clone(),
            account: None,
        };
        people.push((who, owner(&before), owner(&after)));
    }
    people
}

/// Stands for the account of an owner: any one will do.
pub(super) const OWNER: &str = "account";

/// Everything that can be asked for, by a name that both definitions share.
fn asked(bundle: &Bundle) -> BTreeMap<String, Asked<'_>> {
    let lifecycle = &bundle.lifecycle;
    let transitions = lifecycle.transitions.iter().filter_map(|(name, it)| {
        let Trigger::Request { access, .. } = &it.trigger else {
            return None;
        };
        Some((name.to_string(), access))
    });
    let read = lifecycle
        .read
        .as_ref()
        .map(|read| ("read".to_owned(), read));
    let mut all: BTreeMap<String, Asked<'_>> = transitions
        .chain(read)
        .map(|(by, access)| {
            let asked = Asked {
                permission: access.permission.as_ref().to_owned(),
                asked_by: Some(by.clone()),
                access: Some(access),
            };
            (
                format!("{} {by}", access.permission).to_ascii_lowercase(),
                asked,
            )
        })
        .collect();
    let known: BTreeSet<String> = all
        .values()
        .map(|it: &Asked<'_>| it.permission.to_ascii_lowercase())
        .collect();
    let statements = bundle
        .policies
        .iter()
        .flat_map(|policy| policy.statements());
    let patterns = statements.flat_map(|it| match it.actions() {
        Actions::Of(patterns) | Actions::AllExcept(patterns) => patterns.iter(),
    });
    // What policies name that nothing of the lifecycle asks for. A pattern is tried as if it were an
    // action: whoever allows it allows what it covers.
    for pattern in patterns.map(Pattern::text) {
        let key = pattern.to_ascii_lowercase();
        if !known.contains(&key) {
            all.entry(key).or_insert(Asked {
                permission: pattern.to_owned(),
                asked_by: None,
                access: None,
            });
        }
    }
    all
}
