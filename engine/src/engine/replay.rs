//! Deciding recorded requests again: under the bundle that decided them, which proves that the
//! journal says what was decided; or under another, which tells what it would have changed.
//!
//! Every request is decided on what there was when it was recorded: the account, the open attempts,
//! the shared quota cells and the holders of values are rebuilt from the records before it. Requests
//! that were refused left no record, unless a wrong code was counted.

mod answers;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use super::journal::ReadError as ReplayError;
pub use answers::Effect;

use self::world::World;
use super::journal::Journal;
use crate::account::{
    Account, Actor, Attempt, Command, Digest, Entry, Event, GateReport, Outcome, Record, Request,
    Revision,
};
use crate::bundle::Bundle;
use crate::challenge::KeyRing;
use crate::lifecycle::model::Transition;
use crate::name::{AccountId, Name};
use crate::policy::Principal;
use crate::store::{Header, Snapshot};
use crate::time::Timestamp;

/// Under which definition requests are decided again.
#[derive(Debug, Clone, Copy)]
pub enum Under<'b> {
    /// The one that decided each.
    ItsOwn,
    /// This one, for all.
    Another(&'b Bundle),
}

/// A recorded request that was decided again.
#[derive(Debug)]
pub struct Redecided<'r> {
    /// The account.
    pub account: &'r AccountId,
    /// What was recorded.
    pub record: &'r Record,
    /// What came of it.
    pub again: Again,
}

/// What came of deciding again.
#[derive(Debug)]
pub enum Again {
    /// The same answer with the same effects.
    Same,
    /// Another answer.
    Other {
        /// The answer.
        outcome: Outcome,
        /// What each gate said.
        gates: Vec<GateReport>,
    },
    /// The same answer with other effects.
    OtherEffects {
        /// Those that there would be no more.
        gone: Vec<Effect>,
        /// Those that there would be.
        come: Vec<Effect>,
    },
    /// It cannot be told: what it was decided on cannot be rebuilt, for this reason.
    Unknown(&'static str),
}

/// Records of one account read at a time: all accounts wait side by side, so that it is few.
const PAGE: usize = 8;
/// Records of one instant that are tried for the next place. They are mostly independent, and then
/// the first one fits.
const TIED_MAX: usize = 256;

/// Why nothing can be said of what depends on other accounts, once one of them was erased.
const LOST: &str = "it depends on other accounts, of which one was erased";

/// Replays the journals of a store.
pub struct Replay<'s> {
    snapshot: &'s dyn Snapshot,
    header: Header,
    keys: &'s KeyRing,
    closed: u64,
    /// The bundles that decided, as far as they are needed and still load.
    bundles: BTreeMap<Digest, Option<Arc<Bundle>>>,
}

impl std::fmt::Debug for Replay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay").finish_non_exhaustive()
    }
}

impl<'s> Replay<'s> {
    /// A replay of everything that a snapshot holds.
    pub fn new(snapshot: &'s dyn Snapshot, header: Header, keys: &'s KeyRing) -> Self {
        Self {
            snapshot,
            header,
            keys,
            closed: 0,
            bundles: BTreeMap::new(),
        }
    }

    /// With a bundle that is loaded already, so that it need not be loaded from the store.
    #[must_use]
    pub fn knowing(mut self, bundle: Arc<Bundle>) -> Self {
        self.bundles.insert(bundle.fingerprint, Some(bundle));
        self
    }

    /// Decides every recorded request again, in the order of their times, and tells each.
    ///
    /// # Errors
    /// When the store cannot be read, or a journal does not hold together.
    pub fn run(
        &mut self,
        under: Under<'_>,
        tell: &mut dyn FnMut(Redecided<'_>),
    ) -> Result<(), ReplayError> {
        let mut coming = self.coming()?;
        let mut world = World::new(self.header.key_id);
        while let Some(account) = self.next(&coming, &world)? {
            let Some((record, digest)) = coming.take(self, &account)? else {
                break;
            };
            let again = self.again(under, &world, &account, &record)?;
            let own = self.bundle(&record.bundle)?;
            world.fold(own.as_deref(), &account, &record, digest)?;
            tell(Redecided {
                account: &account,
                record: &record,
                again,
            });
        }
        Ok(())
    }

    /// How many records could not be opened when it was run, because their accounts were erased.
    pub fn closed(&self) -> u64 {
        self.closed
    }

    fn coming(&mut self) -> Result<Queue, ReplayError> {
        let mut queue = Queue::default();
        let mut last: Option<AccountId> = None;
        self.closed = 0;
        loop {
            let page = self.snapshot.accounts(last.as_ref(), PAGE)?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            for id in page {
                let coming = Coming::of(self, &id)?;
                self.closed += coming.closed;
                queue.put(id, coming);
            }
        }
        Ok(queue)
    }

    /// The account whose record comes next: the earliest. Where several are of one instant, their
    /// order is nowhere written: the first is taken that gets its recorded answer now, and among
    /// those one that leaves to the others what they read.
    fn next(&mut self, queue: &Queue, world: &World) -> Result<Option<AccountId>, ReplayError> {
        let Some(tied) = queue.earliest() else {
            return Ok(None);
        };
        if tied.len() > 1 {
            for (_, _, id) in tied.iter().take(TIED_MAX) {
                let Some(record) = queue.head(id) else {
                    continue;
                };
                let own = self.again(Under::ItsOwn, world, id, record)?;
                if matches!(own, Again::Same) {
                    return Ok(Some(id.clone()));
                }
            }
        }
        Ok(tied.first().map(|(_, _, id)| id.clone()))
    }

    fn again(
        &mut self,
        under: Under<'_>,
        world: &World,
        id: &AccountId,
        record: &Record,
    ) -> Result<Again, ReplayError> {
        let own = self.bundle(&record.bundle)?;
        let Under::Another(other) = under else {
            let Some(own) = own else {
                return Ok(Again::Unknown(
                    "the bundle that decided does not load any more",
                ));
            };
            let (decision, of_others) = world.decide(&own, id, record, &record.request, None);
            return Ok(match answers::exactly(record, decision) {
                Again::Same => Again::Same,
                // An erased account may have spent a shared quota, or held a value.
                _ if of_others && self.closed > 0 => Again::Unknown(LOST),
                other => other,
            });
        };
        if other.fingerprint == record.bundle {
            return self.again(Under::ItsOwn, world, id, record);
        }
        let translation = Translation {
            own: own.as_deref(),
            other,
        };
        let before = world
            .account(id)
            .map(|account| translation.account(account));
        let attempt = match world.named(&record.request.command) {
            Some(attempt) => match translation.attempt(attempt) {
                Some(attempt) => Some(attempt),
                None => return Ok(Again::Unknown("its attempt was opened with other proofs")),
            },
            None => None,
        };
        let request = translation.request(&record.request);
        let (decision, _) = world.decide(other, id, record, &request, Some((before, attempt)));
        let again = answers::alike(record, &translation, decision);
        if matches!(again, Again::Same) {
            return Ok(again);
        }
        // Where not even its own bundle gives the recorded answer, the facts are not those of then.
        let rebuilt = match &own {
            Some(own) => {
                let (decision, _) = world.decide(own, id, record, &record.request, None);
                matches!(answers::exactly(record, decision), Again::Same)
            }
            None => true,
        };
        Ok(match rebuilt {
            true => again,
            false => Again::Unknown("what it was decided on cannot be rebuilt"),
        })
    }

    fn bundle(&mut self, fingerprint: &Digest) -> Result<Option<Arc<Bundle>>, ReplayError> {
        if let Some(known) = self.bundles.get(fingerprint) {
            return Ok(known.clone());
        }
        let stored = self.snapshot.bundle(fingerprint)?;
        let lifecycle = &self.header.lifecycle;
        let loaded = stored.and_then(|it| Bundle::load_again(&it.files, lifecycle).ok());
        let loaded = loaded.map(Arc::new);
        self.bundles.insert(*fingerprint, loaded.clone());
        Ok(loaded)
    }
}

/// How much a record takes from other accounts: nothing, room in a shared quota, or a value that
/// only so many may hold. One that gives a value back comes before what takes it.
fn reach(record: &Record) -> u8 {
    let of = |event: &Event| match event {
        Event::Claimed(_) => 3,
        Event::QuotaSpent { key, .. } if !key.own => 2,
        Event::Released(_) => 1,
        _ => 0,
    };
    record.events.iter().map(of).max().unwrap_or_default()
}

/// Where an account has its place among those whose next records are of one instant.
type Tied = (u8, Revision, AccountId);

fn place(record: &Record, id: &AccountId) -> Tied {
    (reach(record), record.revision, id.clone())
}

/// What is still to come of all accounts, by the instant of the next record of each.
#[derive(Default)]
struct Queue {
    accounts: BTreeMap<AccountId, Coming>,
    /// At each instant the accounts whose next record is of it; first those that take the least
    /// from others, and of these those that have come the least far.
    instants: BTreeMap<Timestamp, BTreeSet<Tied>>,
}

impl Queue {
    fn put(&mut self, id: AccountId, coming: Coming) {
        if let Some(record) = coming.head() {
            let tied = self.instants.entry(record.at).or_default();
            tied.insert(place(record, &id));
            self.accounts.insert(id, coming);
        }
    }

    fn earliest(&self) -> Option<&BTreeSet<Tied>> {
        self.instants.first_key_value().map(|(_, tied)| tied)
    }

    fn head(&self, id: &AccountId) -> Option<&Record> {
        self.accounts.get(id)?.head()
    }

    /// Takes the next record of an account, and puts the one after it in its place.
    fn take(
        &mut self,
        replay: &mut Replay<'_>,
        id: &AccountId,
    ) -> Result<Option<(Record, Digest)>, ReplayError> {
        let Some(mut coming) = self.accounts.remove(id) else {
            return Ok(None);
        };
        let Some((record, digest)) = coming.page.pop() else {
            return Ok(None);
        };
        if let Some(tied) = self.instants.get_mut(&record.at) {
            tied.remove(&place(&record, id));
            if tied.is_empty() {
                self.instants.remove(&record.at);
            }
        }
        let before = coming.closed;
        coming.fill(replay)?;
        replay.closed += coming.closed - before;
        self.put(id.clone(), coming);
        Ok(Some((record, digest)))
    }
}

/// The records of one account that are still to come.
struct Coming {
    journal: Journal,
    /// The next ones, each with the hash of its stored form; the last first.
    page: Vec<(Record, Digest)>,
    /// How many could not be opened.
    closed: u64,
}

impl Coming {
    fn of(replay: &Replay<'_>, id: &AccountId) -> Result<Self, ReplayError> {
        let journal = Journal::open(replay.snapshot, replay.keys, id, Revision(0))?;
        let mut coming = Self {
            journal,
            page: Vec::new(),
            closed: 0,
        };
        coming.fill(replay)?;
        Ok(coming)
    }

    fn fill(&mut self, replay: &Replay<'_>) -> Result<(), ReplayError> {
        while self.page.is_empty() {
            let page = self.journal.page(replay.snapshot, replay.keys, PAGE)?;
            if page.is_empty() {
                break;
            }
            for entry in page.into_iter().rev() {
                match entry {
                    Entry {
                        record: Some(record),
                        digest,
                        ..
                    } if self.closed == 0 => self.page.push((record, digest)),
                    // What follows one that is closed was decided on what is not known.
                    _ => self.closed += 1,
                }
            }
            if self.closed > 0 {
                self.page.clear();
            }
        }
        Ok(())
    }

    fn head(&self) -> Option<&Record> {
        self.page.last().map(|(record, _)| record)
    }
}

/// What was recorded under one bundle, as it would have been under another.
struct Translation<'b> {
    /// The bundle that decided, if it still loads.
    own: Option<&'b Bundle>,
    other: &'b Bundle,
}

impl Translation<'_> {
    /// A state as the other bundle calls it.
    fn state<'n>(&'n self, workflow: &Name, state: &'n Name) -> &'n Name {
        let edition = self.own.map(|own| &own.lifecycle.edition);
        let migration = self.other.lifecycle.migration.as_ref();
        match migration.filter(|migration| Some(&migration.from) == edition) {
            Some(migration) => migration.target(workflow, state),
            None => state,
        }
    }

    fn account(&self, account: &Account) -> Account {
        let mut account = account.clone();
        for (workflow, occupancy) in &mut account.states {
            occupancy.state = self.state(workflow, &occupancy.state).clone();
        }
        account
    }

    /// A principal with what the other bundle attaches to it. One that was listed and is no more
    /// holds nothing; one that never was is who it said it was.
    fn principal(&self, principal: &Principal) -> Principal {
        let was_listed = self.own.is_some_and(|own| {
            let mut listed = own.principals.listed();
            listed.any(|it| it.principal.name == principal.name)
        });
        if !was_listed {
            return principal.clone();
        }
        let now = self.other.principals.resolve(principal.name.as_str());
        let nobody = |_| Principal::new(principal.name.clone(), principal.account.clone());
        now.unwrap_or_else(nobody)
    }

    fn request(&self, request: &Request) -> Request {
        let actor = match &request.actor {
            Actor::Principal(principal) => Actor::Principal(self.principal(principal)),
            Actor::Owner => Actor::Owner,
            Actor::System => Actor::System,
        };
        let command = match &request.command {
            Command::Create { attributes, states } => Command::Create {
                attributes: attributes.clone(),
                states: states
                    .iter()
                    .map(|(workflow, state)| {
                        (workflow.clone(), self.state(workflow, state).clone())
                    })
                    .collect(),
            },
            other => other.clone(),
        };
        Request {
            account: request.account.clone(),
            actor,
            context: request.context.clone(),
            command,
            drawn: request.drawn.clone(),
        }
    }

    /// An attempt as if it had been opened under the other bundle; `None`, where that one would have
    /// demanded other proofs of it.
    fn attempt(&self, attempt: &Attempt) -> Option<Attempt> {
        let mut attempt = attempt.clone();
        attempt.requester = self.principal(&attempt.requester);
        let transition = |bundle: Option<&Bundle>| {
            let transitions = &bundle?.lifecycle.transitions;
            transitions.get(&attempt.transition).cloned()
        };
        let (old, new) = (transition(self.own), transition(Some(self.other)));
        let (Some(old), Some(new)) = (old, new) else {
            return Some(attempt);
        };
        if attempt.definition == Digest(old.fingerprint) {
            if proofs(&old) != proofs(&new) {
                return None;
            }
            attempt.definition = Digest(new.fingerprint);
        }
        Some(attempt)
    }
}

fn proofs(transition: &Transition) -> Vec<BTreeSet<&Name>> {
    let steps = transition.verify.iter();
    steps.map(|step| step.any.iter().collect()).collect()
}
