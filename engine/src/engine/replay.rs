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

pub use answers::Effect;

use self::world::World;
use crate::account::{
    Account, Actor, Attempt, Command, Digest, Event, GateReport, JournalError, Outcome, Record,
    Request, Revision, StoredRecord,
};
use crate::bundle::Bundle;
use crate::lifecycle::model::Transition;
use crate::name::{AccountId, Name};
use crate::policy::Principal;
use crate::store::{Header, Snapshot, StoreError};

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

/// Why a journal cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A journal does not hold together.
    #[error("the journal of `{account}` is damaged: {error}")]
    Journal {
        /// Whose.
        account: AccountId,
        /// How.
        error: JournalError,
    },
}

/// Records read at a time.
const PAGE: usize = 64;

/// Replays the journals of a store.
pub struct Replay<'s> {
    snapshot: &'s dyn Snapshot,
    header: Header,
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
    pub fn new(snapshot: &'s dyn Snapshot, header: Header) -> Self {
        Self {
            snapshot,
            header,
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
        let mut journals = self.journals()?;
        let mut world = World::new(self.header.key_id);
        while let Some(account) = self.next(&journals, &world)? {
            let Some(journal) = journals.get_mut(&account) else {
                break;
            };
            let Some((record, digest)) = journal.take(self.snapshot, &account)? else {
                journals.remove(&account);
                continue;
            };
            let again = self.again(under, &world, &account, &record)?;
            world.fold(&account, &record, digest)?;
            tell(Redecided {
                account: &account,
                record: &record,
                again,
            });
        }
        Ok(())
    }

    fn journals(&self) -> Result<BTreeMap<AccountId, Journal>, ReplayError> {
        let mut journals = BTreeMap::new();
        let mut last: Option<AccountId> = None;
        loop {
            let page = self.snapshot.accounts(last.as_ref(), PAGE)?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            for id in page {
                let mut journal = Journal::default();
                journal.fill(self.snapshot, &id)?;
                journals.insert(id, journal);
            }
        }
        Ok(journals)
    }

    /// The account whose record comes next: the earliest. Where several are of one instant, their
    /// order is nowhere written: the first is taken that gets its recorded answer now, and among
    /// those one that leaves to the others what they read.
    fn next(
        &mut self,
        journals: &BTreeMap<AccountId, Journal>,
        world: &World,
    ) -> Result<Option<AccountId>, ReplayError> {
        let heads = journals.iter();
        let heads = heads.filter_map(|(id, journal)| Some((id, journal.head()?)));
        let Some(earliest) = heads.clone().map(|(_, record)| record.at).min() else {
            return Ok(None);
        };
        let tied = heads.filter(|(_, record)| record.at == earliest);
        let mut tied: Vec<(&AccountId, &Record)> = tied.collect();
        tied.sort_by_key(|(_, record)| reach(record));
        if let [_, _, ..] = tied.as_slice() {
            for (id, record) in &tied {
                let own = self.again(Under::ItsOwn, world, id, record)?;
                if matches!(own, Again::Same) {
                    return Ok(Some((*id).clone()));
                }
            }
        }
        Ok(tied.first().map(|(id, _)| (*id).clone()))
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
            let decision = world.decide(&own, id, record, &record.request, None);
            return Ok(answers::exactly(record, decision));
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
        let decision = world.decide(other, id, record, &request, Some((before, attempt)));
        let again = answers::alike(record, &translation, decision);
        if matches!(again, Again::Same) {
            return Ok(again);
        }
        // Where not even its own bundle gives the recorded answer, the facts are not those of then.
        let rebuilt = match &own {
            Some(own) => {
                let decision = world.decide(own, id, record, &record.request, None);
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

/// The records of one account that are still to come.
#[derive(Default)]
struct Journal {
    /// The next ones, each with the hash of its stored form; the last first.
    page: Vec<(Record, Digest)>,
    last: Revision,
}

impl Journal {
    fn fill(&mut self, snapshot: &dyn Snapshot, id: &AccountId) -> Result<(), ReplayError> {
        if self.page.is_empty() {
            let stored = snapshot.history(id, self.last, PAGE)?;
            let read = |stored: &StoredRecord| Ok((stored.decode()?, stored.digest()));
            let page: Result<_, JournalError> = stored.iter().rev().map(read).collect();
            self.page = page.map_err(|error| ReplayError::Journal {
                account: id.clone(),
                error,
            })?;
        }
        Ok(())
    }

    fn head(&self) -> Option<&Record> {
        self.page.last().map(|(record, _)| record)
    }

    fn take(
        &mut self,
        snapshot: &dyn Snapshot,
        id: &AccountId,
    ) -> Result<Option<(Record, Digest)>, ReplayError> {
        let record = self.page.pop();
        if let Some((record, _)) = &record {
            self.last = record.revision;
        }
        self.fill(snapshot, id)?;
        Ok(record)
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
