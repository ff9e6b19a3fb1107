//! What made-up requests are made of: everything that the definition names, and the values at which
//! its conditions may turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::focus::{self, Focus, LookedAt, sorted};
use super::request::{Wanted, access_of};
use super::{patterns, samples};
use crate::bundle::Bundle;
use crate::expr::{Expression, Slot, Val};
use crate::lifecycle::model::Lifecycle;
use crate::name::{AccountId, Name, TransitionName};
use crate::policy::{Actions, Pattern, Policy, Principal, Statement, Verb};
use crate::time::{Timestamp, Zone};
use crate::value::{Value, ValueType};

/// The words of a definition, each list with the simplest first.
#[derive(Debug, Clone)]
pub(super) struct World {
    /// Everybody who is listed; who has policies comes first.
    pub(super) listed: Vec<Principal>,
    /// What each of the conditions besides is about.
    pub(super) focuses: Vec<Focus>,
    /// The kinds of principals; those that own accounts apart.
    pub(super) kinds: Vec<Name>,
    pub(super) owners: Vec<Name>,
    pub(super) accounts: Vec<AccountId>,
    /// The transitions that policies are asked for.
    pub(super) transitions: Vec<Asked>,
    /// Actions that something names in full.
    pub(super) actions: Vec<Arc<str>>,
    /// Resource patterns, of all statements.
    pub(super) resources: Vec<Arc<str>>,
    /// What each policy says, by its name.
    pub(super) policies: BTreeMap<Arc<str>, Vec<Said>>,
    /// Account attributes that something looks at.
    pub(super) attributes: Vec<Choice>,
    pub(super) context: Vec<Choice>,
    pub(super) inputs: Vec<Choice>,
    /// States that something looks at, the initial one first; and those of them that are named.
    pub(super) states: Vec<(Name, Vec<Name>, Vec<Name>)>,
    pub(super) hours: BTreeSet<i64>,
    pub(super) instants: BTreeSet<Timestamp>,
    pub(super) zone: Zone,
    /// Whether anything looks at the time, or at when the account was created.
    pub(super) time_matters: bool,
    pub(super) creation_matters: bool,
}

/// A transition that somebody can ask for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) name: TransitionName,
    pub(super) permission: Arc<str>,
    /// What it takes.
    pub(super) inputs: BTreeSet<Name>,
}

/// The patterns of one statement, as they are written.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) verb: Verb,
    /// Patterns of covered actions; none, where it covers all but some.
    pub(super) actions: Vec<Arc<str>>,
    pub(super) resources: Vec<Arc<str>>,
}

/// A fact with the values it may have.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) name: Name,
    /// Whether it may be unset.
    pub(super) optional: bool,
    /// What it is where nobody says; it cannot be left out then.
    pub(super) default: Option<Value>,
    pub(super) values: Vec<Value>,
    /// Those that conditions name.
    pub(super) meant: Vec<Value>,
}

impl World {
    /// The words of a bundle, and of conditions that are asked besides those of its policies, some
    /// of them together; in them `by` is the policy that decides.
    pub(super) fn of<'b>(
        bundle: &'b Bundle,
        conditions: impl IntoIterator<Item = Vec<&'b Expression>>,
        by: Option<Slot>,
    ) -> Self {
        let mut looked_at = LookedAt::default();
        let mut focuses = Vec::new();
        for together in conditions {
            let mut alone = LookedAt::default();
            for condition in together {
                alone.add(condition);
                looked_at.add(condition);
            }
            focuses.push(Focus::of(bundle, &alone, by));
        }
        for statement in bundle.policies.iter().flat_map(Policy::statements) {
            let both = [statement.when(), statement.unless()];
            both.into_iter().flatten().for_each(|it| looked_at.add(it));
        }
        if let Some(control) = bundle.principals.attachments().control() {
            let nodes = control.attached().map(|(node, _)| &**node);
            looked_at.add_control(control.reads(), nodes.chain([control.root()]));
        }
        let lifecycle = &bundle.lifecycle;
        for name in lifecycle.transitions.keys() {
            let templates = access_of(lifecycle, name).into_iter();
            let parts = templates.flat_map(|access| &access.resources);
            parts
                .flat_map(|template| template.expressions())
                .for_each(|it| looked_at.add(it));
        }
        Gathering {
            bundle,
            lifecycle,
            looked_at,
        }
        .world(focuses)
    }

    /// Every permission that a transition asks for, as a wish.
    pub(super) fn transition(&self, index: usize) -> Option<Wanted> {
        let asked = self.transitions.get(index)?;
        Some(Wanted::Transition(asked.name.clone()))
    }

    /// Whether an input may come with a wish: a transition takes its own, an action is nobody's own
    /// and may come with any.
    pub(super) fn takes(&self, wanted: &Wanted, input: &Name) -> bool {
        let Wanted::Transition(name) = wanted else {
            return true;
        };
        let mut asked = self.transitions.iter();
        asked.any(|it| it.name == *name && it.inputs.contains(input))
    }
}

struct Gathering<'b> {
    bundle: &'b Bundle,
    lifecycle: &'b Lifecycle,
    looked_at: LookedAt<'b>,
}

impl Gathering<'_> {
    fn world(&self, focuses: Vec<Focus>) -> World {
        let policies = self.policies();
        let resources = self.resources(&policies);
        let accounts = self.accounts(&resources);
        let slots = &self.lifecycle.slots;
        let times = [
            slots.now,
            slots.now_hour,
            slots.now_minute,
            slots.now_weekday,
        ];
        let constants = self.looked_at.0.values().flatten();
        let instants = constants.filter_map(|constant| match constant {
            Val::Time(at) => Some(*at),
            _ => None,
        });
        World {
            listed: self.listed(),
            focuses,
            kinds: self.kinds(false),
            owners: self.kinds(true),
            transitions: self.transitions(),
            actions: self.actions(&policies),
            attributes: self.attributes(&accounts, &resources),
            context: self.context(&accounts),
            inputs: self.inputs(&accounts),
            states: self.states(),
            hours: self.looked_at.numbers(slots.now_hour).collect(),
            instants: instants.collect(),
            zone: self.lifecycle.zone.clone(),
            time_matters: times.iter().any(|slot| self.looked_at.at(*slot).is_some()),
            creation_matters: self.looked_at.at(slots.account_created_at).is_some(),
            resources,
            accounts,
            policies,
        }
    }

    fn listed(&self) -> Vec<Principal> {
        let listed = self.bundle.principals.listed();
        let mut listed: Vec<Principal> = listed.map(|it| it.principal.clone()).collect();
        listed.sort_by_key(|it| (it.policies.is_empty(), it.name.as_str().len()));
        listed
    }

    fn kinds(&self, owning: bool) -> Vec<Name> {
        let kinds = self.lifecycle.principal_kinds.iter();
        let of = kinds.filter(|(_, kind)| kind.owns_account == owning);
        of.map(|(name, _)| name.clone()).collect()
    }

    fn transitions(&self) -> Vec<Asked> {
        let asked = self.lifecycle.transitions.iter();
        let asked = asked.filter_map(|(name, transition)| {
            let access = access_of(self.lifecycle, name)?;
            Some(Asked {
                name: name.clone(),
                permission: access.permission.clone(),
                inputs: transition.inputs.keys().cloned().collect(),
            })
        });
        let mut asked: Vec<_> = asked.collect();
        asked.sort_by_key(|asked| asked.name.to_string().len());
        asked
    }

    fn policies(&self) -> BTreeMap<Arc<str>, Vec<Said>> {
        let said = |statement: &Arc<Statement>| Said {
            verb: statement.verb(),
            actions: match statement.actions() {
                Actions::Of(patterns) => texts(patterns),
                Actions::AllExcept(_) => Vec::new(),
            },
            resources: texts(statement.resources()),
        };
        let policies = self.bundle.policies.iter();
        policies
            .map(|policy| {
                (
                    policy.name().clone(),
                    policy.statements().map(said).collect(),
                )
            })
            .collect()
    }

    /// Actions that transitions, statements or conditions name without a wildcard.
    fn actions(&self, policies: &BTreeMap<Arc<str>, Vec<Said>>) -> Vec<Arc<str>> {
        let read = self
            .lifecycle
            .read
            .iter()
            .map(|access| access.permission.clone());
        let asked = self.transitions().into_iter().map(|asked| asked.permission);
        let excepted = self.bundle.policies.iter().flat_map(Policy::statements);
        let excepted = excepted.flat_map(|statement| match statement.actions() {
            Actions::AllExcept(patterns) => texts(patterns),
            Actions::Of(_) => Vec::new(),
        });
        let written = policies
            .values()
            .flatten()
            .flat_map(|said| said.actions.clone());
        let actions = read.chain(asked).chain(written).chain(excepted);
        let actions = actions.chain(focus::actions(&self.looked_at, self.lifecycle));
        let actions = sorted(actions.filter(|it| focus::is_action(it)));
        // Capitals come first, so that of two spellings the usual one stays.
        let mut seen = BTreeSet::new();
        let is_new = |action: &Arc<str>| seen.insert(action.to_ascii_lowercase());
        actions.into_iter().filter(is_new).collect()
    }

    fn resources(&self, policies: &BTreeMap<Arc<str>, Vec<Said>>) -> Vec<Arc<str>> {
        let written = policies
            .values()
            .flatten()
            .flat_map(|said| said.resources.clone());
        let compared = self.looked_at.texts(self.lifecycle.slots.resource);
        sorted(written.chain(compared.map(Arc::from)))
    }

    /// Accounts that somebody belongs to, or that a resource or condition names.
    fn accounts(&self, resources: &[Arc<str>]) -> Vec<AccountId> {
        let slots = &self.lifecycle.slots;
        let of = self.bundle.principals.listed();
        let of = of.map(|listed| listed.principal.account.to_string());
        let named = resources.iter().filter_map(|it| patterns::account_of(it));
        let compared = [slots.account_id, slots.principal_account];
        let compared = compared
            .into_iter()
            .flat_map(|slot| self.looked_at.texts(slot));
        let all: BTreeSet<String> = of
            .chain(named)
            .chain(compared.map(str::to_owned))
            .chain(["1".to_owned(), "2".to_owned()])
            .collect();
        let mut accounts: Vec<AccountId> = all.iter().filter_map(|it| it.parse().ok()).collect();
        accounts.sort_by_key(|account| account.as_str().len());
        accounts
    }

    fn choice(&self, name: &Name, ty: &ValueType, slot: Slot, from: &[Value]) -> Choice {
        let constants = self.looked_at.at(slot).unwrap_or_default();
        let mut values = samples::values(ty, constants);
        for value in from {
            if !values.contains(value) && ty.parse(&value.text()).as_ref() == Ok(value) {
                values.push(value.clone());
            }
        }
        Choice {
            name: name.clone(),
            optional: true,
            default: None,
            meant: samples::meant(ty, constants),
            values,
        }
    }

    fn attributes(&self, accounts: &[AccountId], resources: &[Arc<str>]) -> Vec<Choice> {
        // A text that is part of a resource's name should at times be what patterns look for.
        let paths = resources.iter().flat_map(|it| patterns::paths_of(it));
        let paths = paths.map(|path| Value::Text(path.into()));
        let ids = accounts.iter().cloned().map(Value::AccountId);
        let from: Vec<Value> = paths.chain(ids).collect();
        let attributes = self.lifecycle.attributes.iter();
        let looked_at = attributes.filter(|(_, it)| self.looked_at.at(it.slot).is_some());
        looked_at
            .map(|(name, attribute)| Choice {
                optional: attribute.optional,
                default: attribute.default.clone(),
                ..self.choice(name, &attribute.ty, attribute.slot, &from)
            })
            .collect()
    }

    fn context(&self, accounts: &[AccountId]) -> Vec<Choice> {
        let ids: Vec<Value> = accounts.iter().cloned().map(Value::AccountId).collect();
        let facts = self.lifecycle.context.iter();
        let looked_at = facts.filter(|(_, it)| self.looked_at.at(it.slot).is_some());
        looked_at
            .map(|(name, fact)| self.choice(name, &fact.ty, fact.slot, &ids))
            .collect()
    }

    fn inputs(&self, accounts: &[AccountId]) -> Vec<Choice> {
        let ids: Vec<Value> = accounts.iter().cloned().map(Value::AccountId).collect();
        let transitions = self.lifecycle.transitions.values();
        let inputs: BTreeMap<&Name, _> = transitions.flat_map(|it| &it.inputs).collect();
        let looked_at = inputs
            .into_iter()
            .filter(|(_, it)| self.looked_at.at(it.slot).is_some());
        looked_at
            .map(|(name, input)| self.choice(name, &input.ty, input.slot, &ids))
            .collect()
    }

    fn states(&self) -> Vec<(Name, Vec<Name>, Vec<Name>)> {
        let workflows = self.lifecycle.workflows.iter();
        let looked_at = workflows.filter(|(_, it)| self.looked_at.at(it.slot).is_some());
        let states = looked_at.map(|(name, workflow)| {
            let others = workflow.states.keys().filter(|it| **it != workflow.initial);
            let others = others.cloned();
            let all = std::iter::once(workflow.initial.clone()).chain(others);
            let named = self.looked_at.texts(workflow.slot);
            let named = named.filter_map(|state| state.parse().ok());
            (name.clone(), all.collect(), named.collect())
        });
        states.collect()
    }
}

fn texts(patterns: &[Pattern]) -> Vec<Arc<str>> {
    patterns
        .iter()
        .map(|pattern| pattern.text().into())
        .collect()
}
