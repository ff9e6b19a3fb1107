//! Requests, drawn at random: most of them such as policies have something to say about.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::dice::Dice;
use super::focus::Focus;
use super::request::{Request, Wanted};
use super::shrink::Shrinking;
use super::world::{Choice, Said, World};
use super::{case, patterns, samples};
use crate::account::{Account, Occupancy};
use crate::bundle::Bundle;
use crate::expr::{Expression, Slot};
use crate::name::{AccountId, Name};
use crate::policy::{Pattern, Principal, PrincipalName, Verb};
use crate::time::{Timestamp, Zone};
use crate::value::Value;

/// Who asks in drawn requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Those whom the bundle knows: listed principals, owners of any account, and strangers, who
    /// have no policies.
    Known,
    /// Anybody, also principals that have any of the policies.
    Anybody,
}

/// A strategy for requests over a bundle. What fails is shrunk to the smallest request: the fewest
/// facts, the shortest names, what is there by default.
#[derive(Debug, Clone)]
pub struct Requests {
    pub(super) world: Arc<World>,
    who: Who,
}

impl Requests {
    /// Requests over a bundle.
    pub fn of(bundle: &Bundle, who: Who) -> Self {
        Self::with_conditions(bundle, who, [], None)
    }

    /// Requests over a bundle, at the turning points of these conditions as well, some of which
    /// belong together; in them `by` is the policy that decides.
    pub(super) fn with_conditions<'b>(
        bundle: &'b Bundle,
        who: Who,
        conditions: impl IntoIterator<Item = Vec<&'b Expression>>,
        by: Option<Slot>,
    ) -> Self {
        let world = Arc::new(World::of(bundle, conditions, by));
        Self { world, who }
    }

    /// A request; none, where the lifecycle has no principals that could make one.
    fn draw(&self, dice: &mut Dice<'_>) -> Option<Request> {
        Drawing {
            world: &self.world,
            who: self.who,
            focus: dice.pick(&self.world.focuses),
            agreeable: dice.odds(1, 2),
            dice,
        }
        .request()
    }
}

impl Strategy for Requests {
    type Tree = Shrinking;
    type Value = Request;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let request = self.draw(&mut Dice::new(runner.rng()));
        let request = request.ok_or("there are no kinds of principals that could ask")?;
        Ok(Shrinking::new(self.world.clone(), request))
    }
}

struct Drawing<'w, 'd, 'r> {
    world: &'w World,
    who: Who,
    /// The property that it is drawn for.
    focus: Option<&'w Focus>,
    /// Whether facts are to be such as conditions name: few would be met by chance.
    agreeable: bool,
    dice: &'d mut Dice<'r>,
}

impl Drawing<'_, '_, '_> {
    fn request(&mut self) -> Option<Request> {
        let (principal, described) = self.principal()?;
        let wanted = self.wanted(&principal);
        let account = self.account(&principal, &wanted);
        let world = self.world;
        let context = self.facts(&world.context);
        let mut inputs = self.facts(&world.inputs);
        inputs.retain(|name, _| world.takes(&wanted, name));
        Some(Request {
            account,
            wanted,
            context,
            inputs,
            now: self.now(),
            principal,
            described,
        })
    }

    /// Who asks, and whether it has to be described.
    fn principal(&mut self) -> Option<(Principal, bool)> {
        let listed = &self.world.listed;
        let with_policies = listed
            .iter()
            .take_while(|it| !it.policies.is_empty())
            .count();
        let known = match self.dice.below(16) {
            0..=4 => {
                let named = self.focus.map_or(&[][..], |focus| &focus.principals);
                self.dice.pick(named).or(listed.first()).cloned()
            }
            5..=9 => listed.get(self.dice.below(with_policies)).cloned(),
            10 => self.dice.pick(listed).cloned(),
            11..=13 => self.owner(),
            _ => None,
        };
        if self.who == Who::Anybody && self.dice.odds(1, 2) {
            let principal = known.or_else(|| self.stranger())?;
            return Some((self.with_any_policies(principal), true));
        }
        match known {
            Some(principal) => Some((principal, false)),
            None => Some((self.stranger()?, true)),
        }
    }

    fn owner(&mut self) -> Option<Principal> {
        let kind = self.dice.pick(&self.world.owners)?;
        let account = self.dice.pick(&self.world.accounts)?.clone();
        let name = PrincipalName::new(kind, account.as_str()).ok()?;
        Some(Principal::new(name, account))
    }

    /// Somebody without policies; an owner, where there is no other kind.
    fn stranger(&mut self) -> Option<Principal> {
        let Some(kind) = self.dice.pick(&self.world.kinds) else {
            return self.owner();
        };
        let name = PrincipalName::new(kind, "x").ok()?;
        Some(Principal::new(
            name,
            self.dice.pick(&self.world.accounts)?.clone(),
        ))
    }

    fn with_any_policies(&mut self, mut principal: Principal) -> Principal {
        let names: Vec<&Arc<str>> = self.world.policies.keys().collect();
        let many = 1 + self.dice.below(3);
        for _ in 0..many {
            let name = self.dice.pick(&names).map(|name| Arc::clone(name));
            let new = name.filter(|name| !principal.policies.contains(name));
            principal.policies.extend(new);
        }
        principal
    }

    fn wanted(&mut self, principal: &Principal) -> Wanted {
        let transitions = self.world.transitions.len();
        let covered = self.covered(principal);
        match (self.dice.below(8), covered) {
            (0..=4, Some(said)) => self.action(principal, Some(&said)),
            (0..=6, _) if transitions > 0 => {
                let index = self.dice.below(transitions);
                let wanted = self.world.transition(index);
                wanted.unwrap_or_else(|| self.action(principal, None))
            }
            _ => self.action(principal, None),
        }
    }

    /// A statement of one of a principal's policies, an allow more often than not.
    fn covered(&mut self, principal: &Principal) -> Option<Said> {
        let policy = self.dice.pick(&principal.policies)?;
        let said = self.world.policies.get(policy)?;
        let verb = if self.dice.odds(3, 5) {
            Verb::Allow
        } else {
            Verb::Deny
        };
        let of_verb: Vec<&Said> = said.iter().filter(|said| said.verb == verb).collect();
        let of_any = || said.iter().collect::<Vec<&Said>>();
        let among = if of_verb.is_empty() {
            of_any()
        } else {
            of_verb
        };
        // One with many patterns has more to say.
        let weight = |said: &&Said| said.resources.len().max(1);
        let mut at = self.dice.below(among.iter().map(weight).sum());
        let mut weighed = among.into_iter().map(|said| (weight(&said), said));
        let found = weighed.find(|(weight, _)| {
            let is_here = at < *weight;
            at = at.saturating_sub(*weight);
            is_here
        });
        found.map(|(_, said)| said.clone())
    }

    fn action(&mut self, principal: &Principal, said: Option<&Said>) -> Wanted {
        let action = self.action_of(said.map_or(&[], |said| said.actions.as_slice()));
        let patterns = said.map(|said| &said.resources).filter(|it| !it.is_empty());
        let patterns = patterns.unwrap_or(&self.world.resources).clone();
        // As often as not it is about what belongs to who asks.
        let own = self.dice.odds(1, 2).then_some(&principal.account);
        let accounts = own.map_or(self.world.accounts.as_slice(), std::slice::from_ref);
        let accounts: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
        let many = if self.dice.odds(1, 12) { 2 } else { 1 };
        let resources = (0..many)
            .map(|_| self.resource(&patterns, &accounts))
            .collect();
        Wanted::Action { action, resources }
    }

    fn action_of(&mut self, patterns: &[Arc<str>]) -> Arc<str> {
        let known = self.dice.pick(&self.world.actions).cloned();
        let named = self.focus.map_or(&[][..], |focus| &focus.actions);
        if let Some(named) = self.dice.pick(named).filter(|_| self.dice.odds(1, 2)) {
            return named.clone();
        }
        let Some(pattern) = self.dice.pick(patterns) else {
            let action = known.unwrap_or_else(|| "service:Action".into());
            return self.perhaps_near(&action).into();
        };
        // A known action that the pattern covers says more than a made-up one.
        let covered = Pattern::action(pattern).ok().and_then(|pattern| {
            let covers = |it: &&Arc<str>| pattern.matches(&it.to_ascii_lowercase());
            let covered: Vec<_> = self.world.actions.iter().filter(covers).collect();
            self.dice.pick(&covered).map(|action| Arc::clone(action))
        });
        let made_up = self.dice.odds(1, 3);
        match covered.filter(|_| !made_up) {
            Some(action) => action,
            None => {
                let (service, name) = pattern.split_once(':').unwrap_or(("service", "*"));
                let name = Some(patterns::run(name, self.dice)).filter(|name| !name.is_empty());
                let service = patterns::run(service, self.dice);
                let action = format!("{service}:{}", name.as_deref().unwrap_or("A"));
                self.perhaps_near(&action).into()
            }
        }
    }

    fn resource(&mut self, patterns: &[Arc<str>], accounts: &[&str]) -> String {
        let named = self.focus.map_or(&[][..], |focus| &focus.resources);
        let named = self.dice.pick(named).filter(|_| self.dice.odds(1, 4));
        let pattern = named.or_else(|| self.dice.pick(patterns));
        let pattern = pattern.map_or("acs:service:*:*:a", |pattern| pattern);
        let resource = patterns::resource(pattern, accounts, self.dice);
        match resource.rsplit_once(':') {
            // Only its path: other services and accounts are drawn as such.
            Some((head, path)) => format!("{head}:{}", self.perhaps_near(path)),
            None => resource,
        }
    }

    fn perhaps_near(&mut self, name: &str) -> String {
        if !self.dice.odds(1, 6) {
            return name.to_owned();
        }
        let near = patterns::near(name, self.dice);
        // One that has lost its form would be nothing that anybody can ask for.
        let keeps_form =
            !near.is_empty() && !near.starts_with([':', '/']) && !near.ends_with([':', '/']);
        if keeps_form { near } else { name.to_owned() }
    }

    fn account(&mut self, principal: &Principal, wanted: &Wanted) -> Option<Account> {
        let is_needed = matches!(wanted, Wanted::Transition(_));
        if !is_needed && !self.agreeable && self.dice.odds(1, 2) {
            return None;
        }
        let own = self.dice.odds(1, 3);
        let other = self.dice.pick(&self.world.accounts).filter(|_| !own);
        let id = other.unwrap_or(&principal.account).clone();
        let world = self.world;
        let mut attributes = self.facts(&world.attributes);
        for choice in &world.attributes {
            // Most often the account is one that has to do with who asks.
            let related = Value::AccountId(principal.account.clone());
            if choice.values.contains(&related) && self.dice.odds(1, 2) {
                attributes.insert(choice.name.clone(), related);
            }
        }
        let created_at = if world.creation_matters {
            self.instant()
        } else {
            case::UNSAID
        };
        let mut account = Account::new(id, created_at, attributes, []);
        account.states = self.states(created_at);
        Some(account)
    }

    fn states(&mut self, since: Timestamp) -> BTreeMap<Name, Occupancy> {
        let mut states = BTreeMap::new();
        for (workflow, all, named) in &self.world.states {
            let named = self.dice.pick(named).filter(|_| self.agrees());
            let state = named.or_else(|| self.dice.pick(all)).cloned();
            // The first is the initial one, where the account is anyway.
            if let Some(state) = state.filter(|state| all.first() != Some(state)) {
                states.insert(workflow.clone(), Occupancy { state, since });
            }
        }
        states
    }

    /// Whether this fact is to be as conditions name it.
    fn agrees(&mut self) -> bool {
        self.agreeable && self.dice.odds(3, 4)
    }

    fn facts(&mut self, choices: &[Choice]) -> BTreeMap<Name, Value> {
        let mut facts = BTreeMap::new();
        for choice in choices {
            let meant = self.dice.pick(&choice.meant).filter(|_| self.agrees());
            let may_be_unset = choice.optional && choice.default.is_none();
            let unset = meant.is_none() && may_be_unset && self.dice.odds(1, 2);
            let value = meant.or_else(|| self.dice.pick(&choice.values));
            if let Some(value) = value.filter(|_| !unset) {
                facts.insert(choice.name.clone(), value.clone());
            }
        }
        facts
    }

    fn now(&mut self) -> Timestamp {
        if self.world.time_matters {
            self.instant()
        } else {
            case::UNSAID
        }
    }

    /// An instant at which conditions may turn: around the hours and instants they name.
    fn instant(&mut self) -> Timestamp {
        let instants: Vec<Timestamp> = self.world.instants.iter().copied().collect();
        if let Some(at) = self.dice.pick(&instants)
            && self.dice.odds(1, 2)
        {
            let step = Duration::from_millis(1);
            return match self.dice.below(3) {
                0 => at.before(step),
                1 => *at,
                _ => at.after(step),
            };
        }
        let around = |hour: &i64| [hour - 1, *hour, hour + 1];
        let mut hours: Vec<i64> = self.world.hours.iter().flat_map(around).collect();
        if hours.is_empty() || !self.agrees() {
            hours.extend([0, 12, 23]);
        }
        let hour = self.dice.pick(&hours).copied().unwrap_or_default();
        let days = if self.dice.odds(1, 2) {
            0
        } else {
            self.dice.below(7)
        };
        let minute = if self.dice.odds(1, 2) { 0 } else { 59 };
        at_hour(&self.world.zone, days, hour, minute)
    }
}

/// An instant of the sample week, by a clock of a zone.
pub(super) fn at_hour(zone: &Zone, days: usize, hour: i64, minute: u64) -> Timestamp {
    let of_days = u64::try_from(days).unwrap_or_default() * 24;
    let hours = of_days + u64::try_from(hour.clamp(0, 23)).unwrap_or_default();
    let start = zone.start_of(zone.date(samples::MONDAY.after(Duration::from_secs(43_200))));
    start.after(Duration::from_secs(hours * 3_600 + minute * 60))
}
