//! From a request that shows a failure to the smallest that shows it.
//!
//! Requests are shrunk as such, not by the draws they came from: each step offers a request that is
//! smaller in one respect, and is kept if it fails as well. What counts as smaller is one measure,
//! which falls with every step that is kept, so that shrinking ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::strategy::ValueTree;

use super::request::{Request, Wanted};
use super::size::Size;
use super::world::{Choice, World};
use super::{case, draw};
use crate::account::Account;
use crate::name::{AccountId, Name};
use crate::policy::{Principal, PrincipalName};
use crate::value::Value;

/// A request on its way to a smaller one.
#[derive(Debug, Clone)]
pub struct Shrinking {
    world: Arc<World>,
    /// The smallest that is known to fail.
    base: Request,
    /// What is offered instead.
    offered: Option<Request>,
    /// What will be offered after that, the next one last.
    offers: Option<Vec<Request>>,
}

impl Shrinking {
    pub(super) fn new(world: Arc<World>, request: Request) -> Self {
        Self {
            world,
            base: request,
            offered: None,
            offers: None,
        }
    }

    fn offer(&mut self) -> bool {
        let world = &self.world;
        let base = &self.base;
        let offers = self.offers.get_or_insert_with(|| {
            let mut offers = Offers { world, base }.all();
            offers.reverse();
            offers
        });
        self.offered = offers.pop();
        self.offered.is_some()
    }
}

impl ValueTree for Shrinking {
    type Value = Request;

    fn current(&self) -> Request {
        self.offered.as_ref().unwrap_or(&self.base).clone()
    }

    /// What is offered fails: the next has to be smaller than that.
    fn simplify(&mut self) -> bool {
        if let Some(smaller) = self.offered.take() {
            self.base = smaller;
            self.offers = None;
        }
        self.offer()
    }

    /// What is offered does not fail: the next is offered instead of it.
    fn complicate(&mut self) -> bool {
        self.offered = None;
        self.offer()
    }
}

/// The smaller requests that a request has beside it.
struct Offers<'a> {
    world: &'a World,
    base: &'a Request,
}

impl Offers<'_> {
    /// All of them, those that cut most away first.
    fn all(&self) -> Vec<Request> {
        let mut all = Vec::new();
        self.without_account(&mut all);
        self.without_facts(&mut all);
        self.other_principals(&mut all);
        self.other_wants(&mut all);
        self.simpler_account(&mut all);
        self.simpler_values(&mut all);
        self.simpler_times(&mut all);
        let now = Size::of(self.base, self.world);
        all.retain(|request| Size::of(request, self.world) < now);
        all
    }

    fn with(&self, change: impl FnOnce(&mut Request)) -> Request {
        let mut request = self.base.clone();
        change(&mut request);
        request
    }

    fn with_account(&self, change: impl FnOnce(&mut Account)) -> Request {
        self.with(|request| {
            if let Some(account) = &mut request.account {
                change(account);
            }
        })
    }

    fn without_account(&self, all: &mut Vec<Request>) {
        if matches!(self.base.wanted, Wanted::Action { .. }) {
            all.push(self.with(|request| request.account = None));
        }
    }

    fn without_facts(&self, all: &mut Vec<Request>) {
        for name in self.base.context.keys() {
            all.push(self.with(|request| drop(request.context.remove(name))));
        }
        for name in self.base.inputs.keys() {
            all.push(self.with(|request| drop(request.inputs.remove(name))));
        }
        let Some(account) = &self.base.account else {
            return;
        };
        for name in account.attributes.keys() {
            // A case would have the default again.
            let has_default = |choice: &Choice| choice.name == *name && choice.default.is_some();
            if !self.world.attributes.iter().any(has_default) {
                all.push(self.with_account(|account| drop(account.attributes.remove(name))));
            }
        }
        for workflow in account.states.keys() {
            all.push(self.with_account(|account| drop(account.states.remove(workflow))));
        }
        for policy in &self.base.principal.policies {
            let policies = |request: &mut Request| {
                request.principal.policies.retain(|it| it != policy);
            };
            if self.base.described {
                all.push(self.with(policies));
            }
        }
    }

    fn other_principals(&self, all: &mut Vec<Request>) {
        let mut others: Vec<&Principal> = self.world.listed.iter().collect();
        others.sort_by_key(|other| other.name.as_str().len());
        for other in others {
            all.push(self.with(|request| {
                request.principal = other.clone();
                request.described = false;
            }));
        }
        for account in &self.world.accounts {
            let kind = &self.base.principal.kind;
            let owner = self.world.owners.contains(kind);
            let name = PrincipalName::new(kind, account.as_str()).ok();
            if let Some(name) = name.filter(|_| owner) {
                all.push(self.of_owner(name.clone(), account));
                all.push(renamed(
                    self.of_owner(name, account),
                    &self.base.principal.account,
                ));
            } else if self.base.described {
                all.push(self.with(|request| request.principal.account = account.clone()));
            }
        }
    }

    /// The same request of another owner.
    fn of_owner(&self, name: PrincipalName, account: &AccountId) -> Request {
        self.with(|request| {
            let policies = std::mem::take(&mut request.principal.policies);
            request.principal = Principal::new(name, account.clone());
            request.principal.policies = policies;
        })
    }

    fn other_wants(&self, all: &mut Vec<Request>) {
        let wanted = |wanted: Wanted| {
            self.with(|request| {
                request
                    .inputs
                    .retain(|name, _| self.world.takes(&wanted, name));
                request.wanted = wanted;
            })
        };
        let Wanted::Action { action, resources } = &self.base.wanted else {
            let transitions = &self.world.transitions;
            let others = transitions.iter().map(|asked| asked.name.clone());
            return all.extend(others.map(Wanted::Transition).map(wanted));
        };
        let with =
            |action: Arc<str>, resources: Vec<String>| wanted(Wanted::Action { action, resources });
        for index in 0..resources.len() {
            let mut fewer = resources.clone();
            fewer.remove(index);
            if !fewer.is_empty() {
                all.push(with(action.clone(), fewer));
            }
        }
        let known = self.world.actions.iter().cloned();
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        let shorter = shorter(name).map(|name| format!("{service}:{name}").into());
        for action in known.chain(shorter) {
            all.push(with(action, resources.clone()));
        }
        for (index, resource) in resources.iter().enumerate() {
            for shorter in self.shorter_resources(service, resource) {
                let mut resources = resources.clone();
                if let Some(place) = resources.get_mut(index) {
                    *place = shorter;
                }
                all.push(with(action.clone(), resources));
            }
        }
    }

    /// The same resource of the action's service, of another account, or with a shorter path.
    fn shorter_resources(&self, wanted: &str, resource: &str) -> Vec<String> {
        let parts: Vec<&str> = resource.splitn(5, ':').collect();
        let [scheme, service, region, account, path] = parts.as_slice() else {
            return Vec::new();
        };
        let accounts = self.world.accounts.iter().map(AccountId::as_str);
        let elsewhere = std::iter::once("*").chain(accounts);
        let elsewhere = elsewhere.map(|other| format!("{scheme}:{service}:*:{other}:{path}"));
        let shorter = shorter(path).filter(|path| !path.starts_with('/') && !path.ends_with('/'));
        let last = path.rsplit_once('/').map(|(head, _)| format!("{head}/a"));
        let shorter = shorter.chain(["a".to_owned()]).chain(last);
        let shorter = shorter.map(|path| format!("{scheme}:{service}:{region}:{account}:{path}"));
        let own = format!("{scheme}:{wanted}:{region}:{account}:{path}");
        std::iter::once(own)
            .chain(elsewhere)
            .chain(shorter)
            .collect()
    }

    fn simpler_account(&self, all: &mut Vec<Request>) {
        for id in &self.world.accounts {
            all.push(self.with_account(|account| account.id = id.clone()));
        }
    }

    fn simpler_values(&self, all: &mut Vec<Request>) {
        for choice in &self.world.context {
            for value in simpler(choice, &self.base.context) {
                let set =
                    |request: &mut Request| request.context.insert(choice.name.clone(), value);
                all.push(self.with(|request| drop(set(request))));
            }
        }
        for choice in &self.world.inputs {
            for value in simpler(choice, &self.base.inputs) {
                let set = |request: &mut Request| request.inputs.insert(choice.name.clone(), value);
                all.push(self.with(|request| drop(set(request))));
            }
        }
        let Some(account) = &self.base.account else {
            return;
        };
        for choice in &self.world.attributes {
            for value in simpler(choice, &account.attributes) {
                all.push(self.with_account(|account| {
                    account.attributes.insert(choice.name.clone(), value);
                }));
            }
        }
    }

    fn simpler_times(&self, all: &mut Vec<Request>) {
        all.push(self.with(|request| request.now = case::UNSAID));
        all.push(self.with_account(|account| account.created_at = case::UNSAID));
        for hour in 0..24 {
            let at = draw::at_hour(&self.world.zone, 0, hour, 0);
            if self.world.time_matters {
                all.push(self.with(|request| request.now = at));
            }
            if self.world.creation_matters {
                all.push(self.with_account(|account| account.created_at = at));
            }
        }
    }
}

/// A request in which what belonged to an account belongs to that of the principal.
fn renamed(mut request: Request, old: &AccountId) -> Request {
    let new = request.principal.account.clone();
    if let Some(account) = &mut request.account {
        if account.id == *old {
            account.id = new.clone();
        }
        let ids = account.attributes.values_mut();
        ids.filter(|it| **it == Value::AccountId(old.clone()))
            .for_each(|it| *it = Value::AccountId(new.clone()));
    }
    if let Wanted::Action { resources, .. } = &mut request.wanted {
        for resource in resources {
            let mut fields: Vec<&str> = resource.splitn(5, ':').collect();
            if let Some(field) = fields.get_mut(3).filter(|field| **field == old.as_str()) {
                *field = new.as_str();
            }
            *resource = fields.join(":");
        }
    }
    request
}

/// The values of a choice that are simpler than the one it has.
fn simpler(choice: &Choice, facts: &BTreeMap<Name, Value>) -> Vec<Value> {
    let value = facts.get(&choice.name);
    let place = value.and_then(|value| choice.values.iter().position(|it| it == value));
    choice
        .values
        .iter()
        .take(place.unwrap_or(0))
        .cloned()
        .collect()
}

/// A name without some of its letters: first without long runs of them, at last without single
/// ones. None is empty.
fn shorter(name: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = name.chars().collect();
    let count = letters.len();
    let lengths = std::iter::successors(Some(count / 2), |length| Some(length / 2));
    let lengths: Vec<usize> = lengths.take_while(|length| *length > 0).collect();
    lengths.into_iter().flat_map(move |length| {
        let letters = letters.clone();
        (0..=count - length).step_by(length).map(move |from| {
            let kept = letters.iter().enumerate();
            let kept = kept.filter(|(at, _)| !(from..from + length).contains(at));
            kept.map(|(_, letter)| letter).collect()
        })
    })
}
