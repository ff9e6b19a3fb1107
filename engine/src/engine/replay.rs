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
use super::journal::{damaged, data_key};
use crate::account::{
    Account, Actor, Attempt, Command, DataKey, Digest, Entry, GateReport, Outcome, Record,
    RecordKeys, Request, StoredRecord,
};
use crate::bundle::Bundle;
use crate::challenge::KeyRing;
use crate::lifecycle::model::Transition;
use crate::name::{AccountId, Name};
use crate::policy::Principal;
use crate::store::{Header, RecordNumber, Snapshot};

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

/// Records read at a time.
const PAGE: usize = 64;

/// Why nothing can be said of what depends on other accounts, once one of them was erased.
const LOST: &str = "it depends on other accounts, of which one was erased";
/// Why nothing can be said of what depends on other accounts, of the time when records had no numbers.
const UNORDERED: &str =
    "it depends on other accounts, and an older version did not note in which order they changed";

/// Replays the journals of a store.
pub struct Replay<'s> {
    snapshot: &'s dyn Snapshot,
    header: Header,
    keys: &'s KeyRing,
    closed: u64,
    /// Up to where the numbers of records do not tell the order of their commits.
    unordered: RecordNumber,
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
            unordered: RecordNumber::default(),
            bundles: BTreeMap::new(),
        }
    }

    /// With a bundle that is loaded already, so that it need not be loaded from the store.
    #[must_use]
    pub fn knowing(mut self, bundle: Arc<Bundle>) -> Self {
        self.bundles.insert(bundle.fingerprint, Some(bundle));
        self
    }

    /// Decides every recorded request again, in the order of their commits, and tells each.
    ///
    /// # Errors
    /// When the store cannot be read, or a journal does not hold together.
    pub fn run(
        &mut self,
        under: Under<'_>,
        tell: &mut dyn FnMut(Redecided<'_>),
    ) -> Result<(), ReplayError> {
        self.closed = 0;
        self.unordered = self.snapshot.numbered_later()?;
        let mut world = World::new(self.header.key_id);
        let (mut opener, mut closed) = (Opener::default(), BTreeSet::new());
        let mut last = RecordNumber::default();
        loop {
            let page = self.snapshot.records(last, PAGE)?;
            let Some(newest) = page.last() else {
                return Ok(());
            };
            last = newest.number;
            for found in page {
                let (number, account) = (found.number, found.account);
                let entry = opener.open(self, &account, &found.record)?;
                let Some(record) = entry.record else {
                    self.closed += 1;
                    closed.insert(account);
                    continue;
                };
                // What follows one that is closed was decided on what is not known.
                if closed.contains(&account) {
                    continue;
                }
                let again = self.again(under, &world, number, &account, &record)?;
                let own = self.bundle(&record.bundle)?;
                world.fold(own.as_deref(), &account, &record, entry.digest)?;
                tell(Redecided {
                    account: &account,
                    record: &record,
                    again,
                });
            }
        }
    }

    /// How many records could not be opened when it was run, because their accounts were erased.
    pub fn closed(&self) -> u64 {
        self.closed
    }

    fn again(
        &mut self,
        under: Under<'_>,
        world: &World,
        number: RecordNumber,
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
                _ if of_others && number <= self.unordered => Again::Unknown(UNORDERED),
                other => other,
            });
        };
        if other.fingerprint == record.bundle {
            return self.again(Under::ItsOwn, world, number, id, record);
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

/// Opens records, of whichever account.
#[derive(Default)]
struct Opener {
    keys: BTreeMap<AccountId, Option<DataKey>>,
}

impl Opener {
    fn open(
        &mut self,
        replay: &Replay<'_>,
        id: &AccountId,
        record: &StoredRecord,
    ) -> Result<Entry, ReplayError> {
        if !self.keys.contains_key(id) {
            let key = data_key(replay.snapshot, replay.keys, id)?;
            self.keys.insert(id.clone(), key.map(|(key, _)| key));
        }
        let data = self.keys.get(id).and_then(Option::as_ref);
        let keys = RecordKeys {
            data: data.map(DataKey::sealing),
            ring: replay.keys,
        };
        record.read(id, keys).map_err(|error| damaged(id, error))
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
