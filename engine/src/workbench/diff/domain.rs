//! The situations that two definitions are compared in: one for each combination of values that a
//! condition of either tells apart.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::Side;
use crate::expr::{Cases, Expression, Fact, Slot, Type, Val};
use crate::lifecycle::model::Access;
use crate::policy::{Actions, Statement};
use crate::value::Value;
use crate::workbench::trace::kind_of;

/// Most combinations that one principal and permission are compared in. Names with many values are
/// left open beyond that.
const CELLS_MAX: usize = 800;

/// A value of a name, as far as it is told apart from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// None.
    Unset,
    /// This one.
    Is(Value),
    /// This text, whatever the type.
    Text(Arc<str>),
    /// Any whole number from the first to the last; they are all the same.
    Within(i64, i64),
    /// Any text that no condition names; they are all the same.
    Another,
    /// Any other; which, may matter.
    Open,
}

/// Stands for every text that no condition names.
const ANOTHER: &str = "\u{3}";

impl Told {
    /// The value, to evaluate with; none, where it is open.
    pub(crate) fn val(&self) -> Option<Val<'_>> {
        match self {
            Self::Unset => Some(Val::Unset),
            Self::Is(value) => Some(Val::from(value)),
            Self::Text(text) => Some(Val::Text(text)),
            // The end that is nearer to zero: the other may be none of a type's values.
            Self::Within(first, last) => Some(Val::Int(0.clamp(*first, *last))),
            Self::Another => Some(Val::Text(ANOTHER)),
            Self::Open => None,
        }
    }
}

/// A name, and its values that are told apart.
#[derive(Debug, Clone)]
pub(crate) struct Dimension {
    pub(crate) path: Arc<str>,
    pub(crate) values: Vec<Told>,
}

/// The names that may make a difference to a request, on either side.
pub(super) fn dimensions(
    sides: [&Side<'_>; 2],
    action: &str,
    accesses: [Option<&Access>; 2],
) -> Vec<Dimension> {
    let sides = sides.iter().zip(accesses);
    merged(sides.map(|(side, access)| side.told(action, access)))
}

/// The values that any of several tells apart.
pub(crate) fn merged(
    several: impl Iterator<Item = BTreeMap<Arc<str>, Vec<Told>>>,
) -> Vec<Dimension> {
    let mut found: BTreeMap<Arc<str>, Vec<Told>> = BTreeMap::new();
    for (path, values) in several.flatten() {
        let all = found.entry(path).or_default();
        for value in values {
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    let mut dimensions: Vec<Dimension> = found
        .into_iter()
        .map(|(path, values)| Dimension {
            path,
            values: refined(without_doubt(values)),
        })
        .collect();
    let cells = |all: &[Dimension]| all.iter().map(|it| it.values.len()).product::<usize>();
    while cells(&dimensions) > CELLS_MAX {
        let widest = dimensions.iter_mut().max_by_key(|it| it.values.len());
        let Some(widest) = widest else { break };
        widest.values = vec![Told::Open];
    }
    dimensions
}

/// Where one side leaves the other values open, the other's word that they are all the same is void.
fn without_doubt(mut values: Vec<Told>) -> Vec<Told> {
    if values.contains(&Told::Open) {
        values.retain(|it| match it {
            Told::Within(first, last) => first == last,
            _ => *it != Told::Another,
        });
    }
    values
}

/// Numbers that any side tells apart, in as many ranges as that takes. Each side has all numbers in
/// ranges of its own, unless others are open.
fn refined(mut values: Vec<Told>) -> Vec<Told> {
    if values.contains(&Told::Open) {
        return values;
    }
    let (mut firsts, mut last) = (BTreeSet::new(), None);
    values.retain(|it| match it {
        Told::Within(from, to) => {
            firsts.insert(*from);
            last = last.max(Some(*to));
            false
        }
        _ => true,
    });
    values.extend(ranges(&firsts, last));
    values
}

/// The ranges that begin with these numbers, the last of which has this end.
fn ranges(firsts: &BTreeSet<i64>, end: Option<i64>) -> impl Iterator<Item = Told> {
    let ends = firsts.iter().skip(1).map(|first| first.saturating_sub(1));
    let ranges = firsts.iter().zip(ends.chain(end));
    ranges.map(|(first, last)| Told::Within(*first, last))
}

impl Side<'_> {
    /// The values that this side tells apart, by name.
    fn told(&self, action: &str, access: Option<&Access>) -> BTreeMap<Arc<str>, Vec<Told>> {
        let bundle = self.bundle;
        let vocabulary = &bundle.lifecycle.vocabulary;
        let statements: Vec<&Arc<Statement>> = covering(self, action);
        let conditions = || {
            let each = statements
                .iter()
                .map(|it| it.when().into_iter().chain(it.unless()));
            each.flatten()
        };
        let mut told = BTreeMap::new();
        let slots: BTreeSet<_> = conditions()
            .flat_map(|it| it.reads().iter().copied())
            .collect();
        for slot in slots {
            let Some(fact) = vocabulary.fact(slot) else {
                continue;
            };
            if fact.path.starts_with("principal")
                || !fact.path.contains('.') && &*fact.path != "now"
            {
                continue;
            }
            told.insert(fact.path.clone(), told_apart(slot, fact, conditions()));
        }
        self.told_by_names(&statements, access, &mut told);
        told
    }

    /// Adds what the names of resources are made of, and where control policies are.
    fn told_by_names(
        &self,
        statements: &[&Arc<Statement>],
        access: Option<&Access>,
        told: &mut BTreeMap<Arc<str>, Vec<Told>>,
    ) {
        let vocabulary = &self.bundle.lifecycle.vocabulary;
        let templates = access.into_iter().flat_map(|access| &access.resources);
        let read = templates
            .flat_map(|it| it.expressions())
            .flat_map(|it| it.reads());
        let slots: BTreeSet<_> = read.copied().collect();
        let attachments = self.bundle.principals.attachments();
        let place = attachments.control().map(|control| control.place());
        for slot in slots.into_iter().chain(place) {
            let Some(fact) = vocabulary.fact(slot) else {
                continue;
            };
            if !fact.path.starts_with("account.") {
                continue;
            }
            // A name may be covered or not whatever conditions say: other values are not alike.
            let mut values = vec![Told::Open];
            if fact.ty == Type::AccountId {
                let own = self
                    .principal
                    .map(|it| Told::Text(it.account.as_str().into()));
                values.splice(0..0, own);
            } else if place == Some(slot) || place.is_none() {
                let paths = statements
                    .iter()
                    .flat_map(|it| it.resources())
                    .filter_map(|pattern| {
                        let (_, kind) = kind_of(pattern.text())?;
                        let path = pattern.text().split(':').nth(4)?;
                        let below = path.strip_prefix(kind)?.strip_prefix('/')?;
                        (!below.is_empty()).then(|| below.replace(['*', '?'], "x"))
                    });
                let control = attachments.control().into_iter();
                let nodes = control.flat_map(|it| {
                    let own = it.attached().map(|(node, _)| format!("{node}/x"));
                    own.chain([format!("{}/x", it.root())])
                });
                let texts: BTreeSet<String> = paths.chain(nodes).collect();
                values.splice(0..0, texts.into_iter().map(|text| Told::Text(text.into())));
            }
            told.entry(fact.path.clone()).or_default().extend(values);
        }
    }
}

/// The statements that are about an action, of the policies that have a say over the principal.
pub(super) fn covering<'b>(side: &Side<'b>, action: &str) -> Vec<&'b Arc<Statement>> {
    let action = action.to_ascii_lowercase();
    let named = side.in_effect().into_iter();
    let policies = named.filter_map(|name| side.bundle.policies.get(&name));
    let about = |it: &&Arc<Statement>| match it.actions() {
        Actions::Of(patterns) => patterns.iter().any(|p| p.matches(&action)),
        Actions::AllExcept(patterns) => !patterns.iter().any(|p| p.matches(&action)),
    };
    policies
        .flat_map(|policy| policy.statements())
        .filter(about)
        .collect()
}

impl Side<'_> {
    /// The names of the policies that have a say over the principal, at any stage.
    fn in_effect(&self) -> BTreeSet<Arc<str>> {
        let Some(principal) = self.principal else {
            return BTreeSet::new();
        };
        let attachments = self.bundle.principals.attachments();
        let control = attachments.control().into_iter();
        let control = control.flat_map(|it| {
            let own = it.attached().flat_map(|(_, policies)| policies);
            own.chain(it.default_policies())
        });
        let of_resources = attachments
            .resource_policies()
            .iter()
            .flat_map(|it| &it.policies);
        let attached = control.chain(of_resources).map(|policy| policy.name());
        let own = principal
            .policies
            .iter()
            .chain(principal.session.iter().flatten());
        let groups = principal.resource_groups.values().flatten();
        own.chain(groups).chain(attached).cloned().collect()
    }
}

/// The values of a name that any of some conditions tells apart.
pub(crate) fn told_apart<'c>(
    slot: Slot,
    fact: &Fact,
    conditions: impl Iterator<Item = &'c Expression>,
) -> Vec<Told> {
    let mut cases = Cases {
        values: Vec::new(),
        exact: true,
    };
    for condition in conditions.filter(|it| it.reads().contains(&slot)) {
        let these = condition.cases(slot, &fact.ty);
        cases.exact &= these.exact;
        for value in these.values {
            if !cases.values.contains(&value) {
                cases.values.push(value);
            }
        }
    }
    values(fact, cases)
}

/// The values of a name that conditions tell apart, and what stands for all others.
fn values(fact: &Fact, cases: Cases) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    // Inputs of one transition are unset in another.
    if fact.optional || fact.path.starts_with("input.") {
        told.push(Told::Unset);
    }
    if fact.ty == Type::Int {
        told.extend(numbers(lawful(&fact.path), &cases));
        return told;
    }
    let complete = matches!(cases.values.first(), Some(Value::Bool(_) | Value::OneOf(_)));
    let other = match cases.values.first() {
        _ if complete => None,
        Some(Value::Time(_) | Value::Duration(_) | Value::Ip(_)) => Some(Told::Open),
        _ if cases.exact => Some(Told::Another),
        _ => Some(Told::Open),
    };
    told.extend(cases.values.into_iter().map(Told::Is));
    told.extend(other);
    told
}

/// The whole numbers that a name can be.
fn lawful(path: &str) -> RangeInclusive<i64> {
    match path {
        "now.hour" => 0..=23,
        "now.minute" => 0..=59,
        "now.weekday" => 1..=7,
        _ => i64::MIN..=i64::MAX,
    }
}

/// The numbers that conditions name, and those before, between and after them: no condition tells
/// these apart, unless it says more of a number than where it stands.
fn numbers(lawful: RangeInclusive<i64>, cases: &Cases) -> Vec<Told> {
    let named = cases.values.iter().filter_map(|value| match value {
        Value::Int(number) => Some(*number).filter(|number| lawful.contains(number)),
        _ => None,
    });
    if !cases.exact {
        let named = named.map(|number| Told::Within(number, number));
        return named.chain([Told::Open]).collect();
    }
    // Every named number begins a range, and so does the one after it.
    let named: Vec<i64> = named.collect();
    let after = named.iter().filter_map(|number| number.checked_add(1));
    let firsts = named.iter().copied().chain(after).chain([*lawful.start()]);
    let firsts = firsts.filter(|first| lawful.contains(first)).collect();
    ranges(&firsts, Some(*lawful.end())).collect()
}
