//! Which definition the accounts are under, and bringing them under another.
//!
//! The store notes which bundle is in force. Another one is put in force as it is, where no account
//! has to change for it. Otherwise a [`Migration`] brings every account under it first, each by one
//! record of its journal. It says beforehand what it would change and what stands against it, and
//! changes nothing where anything does. One that was stopped is gone on with by running it again.

mod compare;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use self::compare::Comparison;
pub use self::survey::{Affected, Moves, Survey};
use super::{Definition, Engine, EngineError};
use crate::account::{Account, Actor, Command, Digest, Outcome, Request};
use crate::bundle::Bundle;
use crate::lifecycle::model::Lifecycle;
use crate::name::{AccountId, AttemptId, Name};
use crate::store::{InForce, Snapshot, StoreError};

/// Each old state that has another name now, by workflow.
pub type StateMap = BTreeMap<Name, BTreeMap<Name, Name>>;

/// Accounts read at a time, and accounts brought over at once: commits that meet share a sync.
const PAGE: usize = 256;
const WORKERS: usize = 16;

/// Why a definition cannot be put in force.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdmitError {
    /// Accounts have to change for it.
    #[error("{} of {} accounts do not fit the definition", .0.needing, .0.accounts)]
    Unfit(Box<Survey>),
    /// A migration was begun and has not ended.
    #[error("a migration was begun and has not ended")]
    Unsettled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a migration did not come to its end. What it did by then stays done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// Something stands against it, of the kinds that the survey tells. Nothing was changed.
    #[error("{} of {} accounts cannot be brought under the definition", .0.refused(), .0.accounts)]
    Conflicts(Box<Survey>),
    /// An account came to stand against it while it ran.
    #[error("account `{account}` cannot be brought under the definition: {message}")]
    Refused {
        /// Which.
        account: AccountId,
        /// Why.
        message: String,
    },
    /// The engine cannot answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for MigrateError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// Brings the accounts of a store under another definition.
#[derive(Debug)]
pub struct Migration {
    engine: Engine,
    plan: Plan,
}

/// What is the same for all accounts.
#[derive(Debug, Default)]
struct Plan {
    states: StateMap,
    released: BTreeSet<Name>,
}

impl Migration {
    /// A migration to the engine's definition, by the map of its edition.
    pub(super) fn to(engine: Engine) -> Result<Self, StoreError> {
        let definition = engine.definition();
        let before = engine.bundle_before()?;
        let plan = Plan::between(before.as_deref(), &definition.bundle);
        Ok(Self { engine, plan })
    }

    /// Says where accounts go that are in a state which is gone, besides what the edition says.
    #[must_use]
    pub fn with_map(mut self, map: StateMap) -> Self {
        for (workflow, states) in map {
            self.plan.states.entry(workflow).or_default().extend(states);
        }
        self
    }

    /// Fingerprint of the definition that accounts are brought under.
    pub fn definition(&self) -> Digest {
        self.engine.bundle().fingerprint
    }

    /// What it would change, and what stands against it. Nothing is changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn survey(&self, progress: &mut dyn FnMut(u64)) -> Result<Survey, EngineError> {
        survey::all(&self.engine, &self.plan, progress)
    }

    /// Brings every account under the definition, and puts it in force.
    ///
    /// From its beginning on requests are to be decided under the new definition alone: engines that
    /// run over the same store are given it with [`Engine::replace_bundle`] when this has ended, and
    /// had better be given no requests meanwhile.
    ///
    /// # Errors
    /// [`MigrateError::Conflicts`] before anything is changed; otherwise when the store fails.
    pub fn run(&self, progress: &mut dyn FnMut(u64)) -> Result<Survey, MigrateError> {
        let survey = self.survey(&mut |_| {})?;
        if !survey.conflicts.is_empty() {
            return Err(MigrateError::Conflicts(Box::new(survey)));
        }
        let definition = self.engine.definition();
        let store = &self.engine.store;
        store.put_in_force(&definition.stored, false)?;
        let (mut last, mut done): (Option<AccountId>, u64) = (None, 0);
        loop {
            let page = store.snapshot()?.accounts(last.as_ref(), PAGE)?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            self.bring_over(&page)?;
            done = done.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            progress(done);
        }
        store.put_in_force(&definition.stored, true)?;
        Ok(survey)
    }

    /// The engine, under the definition that accounts were brought under.
    ///
    /// # Errors
    /// When they were not.
    pub fn into_engine(self) -> Result<Engine, AdmitError> {
        self.engine.admit(&self.engine.definition())?;
        Ok(self.engine)
    }

    fn bring_over(&self, page: &[AccountId]) -> Result<(), MigrateError> {
        let share = page.len().div_ceil(WORKERS).max(1);
        thread::scope(|scope| {
            let work = |ids: &[AccountId]| ids.iter().try_for_each(|id| self.bring_one_over(id));
            let workers: Vec<_> = page
                .chunks(share)
                .map(|ids| scope.spawn(move || work(ids)))
                .collect();
            workers.into_iter().try_for_each(|worker| {
                let lost = || EngineError::Record("a migration's thread panicked".to_owned());
                worker.join().map_err(|_| lost())?
            })
        })
    }

    fn bring_one_over(&self, id: &AccountId) -> Result<(), MigrateError> {
        let before = self.engine.store.snapshot()?.account(id)?;
        if before.is_some_and(|account| account.erased_at.is_some()) {
            return Ok(());
        }
        let bundle = self.engine.bundle();
        let make = |snapshot: &dyn Snapshot| {
            let account = snapshot.account(id)?;
            let account = account.ok_or_else(|| EngineError::UnknownAccount(id.clone()))?;
            Ok(Ok(self.plan.request(
                &bundle.lifecycle,
                snapshot,
                &account,
            )?))
        };
        match self.engine.carry_out(&make, None)?.outcome {
            Outcome::Denied(denial) => Err(MigrateError::Refused {
                account: id.clone(),
                message: denial.message,
            }),
            Outcome::Applied { .. } | Outcome::Pending { .. } => Ok(()),
        }
    }
}

impl Plan {
    fn between(before: Option<&Bundle>, now: &Bundle) -> Self {
        let lifecycle = &now.lifecycle;
        let migration = lifecycle.migration.as_ref();
        // Without the definition before, the map of an edition is the best that is known.
        let comes_from_there =
            |from: &str| before.is_none_or(|before| *before.lifecycle.edition == *from);
        let states = migration
            .filter(|migration| comes_from_there(&migration.from))
            .map(|migration| migration.states.clone());
        let limited = |lifecycle: &Lifecycle, name: &Name| {
            let declared = lifecycle.attributes.get(name);
            declared.is_some_and(|it| it.shared_by_at_most.is_some())
        };
        let released = before.map(|before| {
            let names = before.lifecycle.attributes.keys();
            let names = names.filter(|name| limited(&before.lifecycle, name));
            names
                .filter(|name| !limited(lifecycle, name))
                .cloned()
                .collect()
        });
        Self {
            states: states.unwrap_or_default(),
            released: released.unwrap_or_default(),
        }
    }

    /// What is asked for one account.
    fn request(
        &self,
        lifecycle: &Lifecycle,
        snapshot: &dyn Snapshot,
        account: &Account,
    ) -> Result<Request, EngineError> {
        let mut void: BTreeSet<AttemptId> = BTreeSet::new();
        for (transition, id) in &account.attempts {
            let known = lifecycle.transitions.get(transition);
            let attempt = snapshot.attempt(id)?;
            let fits = known.zip(attempt.as_ref());
            if fits.is_none_or(|(now, open)| open.definition != Digest(now.fingerprint)) {
                void.insert(id.clone());
            }
        }
        Ok(Request {
            account: account.id.clone(),
            actor: Actor::Owner,
            context: BTreeMap::new(),
            command: Command::Migrate {
                states: self.states.clone(),
                void,
                released: self.released.clone(),
            },
            drawn: None,
        })
    }
}

impl Engine {
    /// Puts a definition in force, if no account has to change for it. Accounts are looked at only
    /// where the difference to the definition before makes that necessary.
    pub(super) fn admit(&self, definition: &Definition) -> Result<(), AdmitError> {
        let in_force = self.store.snapshot()?.in_force()?;
        let same = |noted: InForce| noted.bundle == definition.bundle.fingerprint;
        match in_force {
            Some(noted) if !noted.settled => return Err(AdmitError::Unsettled),
            Some(noted) if same(noted) => return Ok(()),
            _ => {}
        }
        let before = self.bundle_before()?;
        if Comparison::of(before.as_deref(), &definition.bundle).is_to_be_looked_at() {
            let plan = Plan::between(before.as_deref(), &definition.bundle);
            let survey = survey::of(self, definition, &plan, &mut |_| {});
            let survey = survey.map_err(|error| match error {
                EngineError::Store(error) => error,
                other => StoreError::Damaged(other.to_string()),
            })?;
            if survey.needing > 0 {
                return Err(AdmitError::Unfit(Box::new(survey)));
            }
        }
        Ok(self.store.put_in_force(&definition.stored, true)?)
    }

    /// The bundle that accounts are under or come from, if it is noted and still loads.
    fn bundle_before(&self) -> Result<Option<Arc<Bundle>>, StoreError> {
        let snapshot = self.store.snapshot()?;
        let Some(noted) = snapshot.in_force()? else {
            return Ok(None);
        };
        let before = match noted.settled {
            true => noted.bundle,
            false => match noted.before {
                Some(before) => before,
                None => return Ok(None),
            },
        };
        let current = self.bundle();
        if current.fingerprint == before {
            return Ok(Some(current));
        }
        let stored = snapshot.bundle(&before)?;
        let lifecycle = &current.lifecycle.name;
        let loaded = stored.and_then(|it| Bundle::load_again(&it.files, lifecycle).ok());
        Ok(loaded.map(Arc::new))
    }
}
