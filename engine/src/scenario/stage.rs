//! The stage: a real engine over a store that is thrown away, a clock that is set by hand, and a
//! courier whose messages can be read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::load::expect::CODE_MESSAGE;
use crate::account::{Account, Answer, Event, Outcome, Revision};
use crate::bundle::Bundle;
use crate::challenge::{AppSecret, Challenge, CodeKey, KeyRing, verify};
use crate::courier::{Delivery, MemoryCourier};
use crate::engine::{BuildError, Create, Engine, EngineError};
use crate::entropy::SeededEntropy;
use crate::lifecycle::model::{Channel, Method};
use crate::name::{AccountId, AttemptId, Name, NameError, TransitionName};
use crate::policy::Principal;
use crate::store::{Header, MemoryStore, Store, StoreError};
use crate::time::{Clock as _, ManualClock, Timestamp};

/// Where the accounts of a scenario live while it is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Home {
    /// In memory.
    #[default]
    Memory,
    /// In a file that is removed afterwards.
    #[cfg(feature = "redb")]
    Disk,
}

/// A message that arrived.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The account it is about.
    pub account: AccountId,
    /// Which message of the lifecycle.
    pub message: Name,
    /// How it travelled.
    pub by: Channel,
    /// Where it arrived.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// An attempt that the scenario opened.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) id: AttemptId,
    /// Who asked for it.
    pub(super) by: Principal,
    /// The codes that were sent for it, by the verification that they are for.
    codes: BTreeMap<Name, Vec<String>>,
}

impl Open {
    /// The code that was sent for a verification, `back` sendings before the last.
    pub(super) fn code(&self, verification: &Name, back: usize) -> Option<&str> {
        let codes = self.codes.get(verification)?;
        codes.iter().nth_back(back).map(String::as_str)
    }
}

/// Which attempt: that of a transition of an account.
pub(super) type Attempted = (AccountId, TransitionName);

/// What happened since the stage was last asked.
#[derive(Debug, Default)]
pub(super) struct Happened {
    pub(super) events: Vec<(AccountId, Event)>,
    pub(super) sent: Vec<Sent>,
}

/// A real engine, and everything around it.
pub(super) struct Stage {
    bundle: Arc<Bundle>,
    clock: Arc<ManualClock>,
    courier: Arc<MemoryCourier>,
    entropy: Arc<SeededEntropy>,
    keys: KeyRing,
    house: House,
    engine: Option<Engine>,
    /// How far the journals were read.
    seen: BTreeMap<AccountId, Revision>,
    /// The attempts that were opened, by what for.
    pub(super) attempts: BTreeMap<Attempted, Open>,
    /// The attempt that was moved last.
    pub(super) last: Option<Attempted>,
    /// The secrets that apps were shown, by account and authenticator.
    apps: BTreeMap<(AccountId, Option<Name>), Vec<AppSecret>>,
}

/// The store, and the folder that it is in.
struct House {
    store: Option<Arc<dyn Store>>,
    #[cfg(feature = "redb")]
    folder: Option<tempfile::TempDir>,
}

/// Why a stage cannot go on: nothing that a scenario says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The engine cannot answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine cannot be put together.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name that is made up is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no folder for the store.
    #[error("no folder for a store: {0}")]
    Folder(std::io::Error),
}

impl Stage {
    /// A stage without accounts.
    pub(super) fn new(
        bundle: &Arc<Bundle>,
        now: Timestamp,
        home: Home,
    ) -> Result<Self, StageError> {
        let keys = KeyRing::new(CodeKey::from_bytes([1; 32]));
        let header = Header {
            lifecycle: bundle.lifecycle.name.clone(),
            development: true,
            created_at: now,
            key_id: keys.current().id(),
        };
        let mut stage = Self {
            bundle: bundle.clone(),
            clock: Arc::new(ManualClock::new(now)),
            courier: Arc::default(),
            entropy: Arc::default(),
            keys,
            house: House::new(home, header)?,
            engine: None,
            seen: BTreeMap::new(),
            attempts: BTreeMap::new(),
            last: None,
            apps: BTreeMap::new(),
        };
        stage.engine = Some(stage.another_engine()?);
        Ok(stage)
    }

    fn another_engine(&self) -> Result<Engine, StageError> {
        let builder = Engine::builder()
            .bundle(self.bundle.clone())
            .clock(self.clock.clone())
            .courier(self.courier.clone())
            .entropy(self.entropy.clone())
            .keys(self.keys.clone());
        let builder = match &self.house.store {
            Some(store) => builder.store(store.clone()),
            None => builder,
        };
        Ok(builder.build()?)
    }

    /// Ends the engine and starts another; a store on disk is closed and opened, too.
    pub(super) fn restart(&mut self) -> Result<(), StageError> {
        self.engine = None;
        self.house.reopen()?;
        self.engine = Some(self.another_engine()?);
        Ok(())
    }

    pub(super) fn bundle(&self) -> &Arc<Bundle> {
        &self.bundle
    }

    /// The engine.
    pub(super) fn engine(&self) -> Result<&Engine, StageError> {
        let engine = self.engine.as_ref();
        engine.ok_or(StageError::Build(BuildError::Missing("store")))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn create(&self, create: &Create) -> Result<Answer, StageError> {
        Ok(self.engine()?.create(create)?)
    }

    /// An account, if there is one.
    pub(super) fn account(&self, id: &AccountId) -> Result<Option<Account>, StageError> {
        match self.engine()?.read(id, None, &BTreeMap::new()) {
            Ok(read) => Ok(read.ok()),
            Err(EngineError::UnknownAccount(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets time pass. What is due meanwhile happens when it is due, and not only in the end.
    pub(super) fn pass(&mut self, time: Duration) -> Result<(), StageError> {
        let end = self.now().after(time);
        while let Some(due) = self.next_due(end)? {
            self.clock.set(due);
            self.settle()?;
        }
        self.clock.set(end);
        self.settle()
    }

    fn settle(&self) -> Result<(), StageError> {
        let engine = self.engine()?;
        engine.tick(usize::MAX)?;
        engine.pump(usize::MAX)?;
        Ok(())
    }

    /// The next instant at which something is due; what waited in vain before does not count.
    fn next_due(&self, end: Timestamp) -> Result<Option<Timestamp>, StageError> {
        let Some(store) = &self.house.store else {
            return Ok(None);
        };
        let due = store.snapshot()?.due(end, None, usize::MAX)?;
        let now = self.now();
        Ok(due.iter().map(|due| due.at).find(|at| *at > now))
    }

    /// Sends what waits, and tells what happened since it was last asked.
    pub(super) fn happened(&mut self) -> Result<Happened, StageError> {
        self.engine()?.pump(usize::MAX)?;
        let mut happened = Happened {
            sent: self.courier.take().iter().map(sent).collect(),
            events: Vec::new(),
        };
        for id in self.engine()?.accounts(None, usize::MAX)? {
            let seen = self.seen.get(&id).copied().unwrap_or_default();
            for entry in self.engine()?.history(&id, seen, usize::MAX)? {
                self.seen.insert(id.clone(), entry.envelope.revision);
                let events = entry.record.map(|record| record.events);
                let events = events.unwrap_or_default().into_iter();
                happened
                    .events
                    .extend(events.map(|event| (id.clone(), event)));
            }
        }
        Ok(happened)
    }

    /// Keeps the attempt that an answer is about, with the code that was sent for it.
    pub(super) fn follow(
        &mut self,
        (account, transition): Attempted,
        by: &Principal,
        answer: &Answer,
        sent: &[Sent],
    ) -> Result<(), StageError> {
        let Outcome::Pending { attempt, waiting } = &answer.outcome else {
            return Ok(());
        };
        let stored = self.engine()?.attempt(attempt)?;
        let challenge = stored.as_ref().and_then(|it| it.challenge());
        let code = challenge.and_then(|challenge| self.code_in(challenge, &account, sent));
        let key = (account, transition);
        let open = self.attempts.entry(key.clone()).or_insert_with(|| Open {
            id: attempt.clone(),
            by: by.clone(),
            codes: BTreeMap::new(),
        });
        if open.id != *attempt {
            open.id = attempt.clone();
            open.by = by.clone();
        }
        if let Some(enrolment) = &answer.enrolment {
            let app = (
                key.0.clone(),
                authenticator(&self.bundle, &waiting.verification),
            );
            let secrets = self.apps.entry(app).or_default();
            secrets.extend(AppSecret::of_uri(enrolment.reveal()));
        }
        if let Some(code) = code {
            let codes = open.codes.entry(waiting.verification.clone());
            codes.or_default().push(code);
        }
        self.last = Some(key);
        Ok(())
    }

    /// The code of a challenge, read from the message that carries it.
    fn code_in(&self, challenge: &Challenge, account: &AccountId, sent: &[Sent]) -> Option<String> {
        let carries = |it: &&Sent| {
            it.message == *CODE_MESSAGE && it.account == *account && *it.to == *challenge.address
        };
        let messages = sent.iter().filter(carries);
        let mut runs = messages.flat_map(|it| it.text.split(|c: char| !c.is_ascii_digit()));
        runs.find(|run| verify(&self.keys, Some(challenge), run))
            .map(str::to_owned)
    }

    /// The code that an app shows now, of the secret that was shown `back` enrolments before the last.
    pub(super) fn app_code(
        &self,
        account: &AccountId,
        verification: &Name,
        back: usize,
    ) -> Option<String> {
        let app = (account.clone(), authenticator(&self.bundle, verification));
        let secret = self.apps.get(&app)?.iter().nth_back(back)?;
        Some(secret.code(self.now()).to_string())
    }

    /// A code that is not the one that an attempt waits for.
    pub(super) fn wrong_code(&self, open: &Open) -> Result<&'static str, StageError> {
        let stored = self.engine()?.attempt(&open.id)?;
        let challenge = stored.as_ref().and_then(|it| it.challenge());
        let is_right = challenge.is_some() && verify(&self.keys, challenge, "000000");
        Ok(if is_right { "000001" } else { "000000" })
    }
}

/// The authenticator whose codes prove a verification.
fn authenticator(bundle: &Bundle, verification: &Name) -> Option<Name> {
    match &bundle.lifecycle.verifications.get(verification)?.method {
        Method::Totp { authenticator, .. } => Some(authenticator.clone()),
        _ => None,
    }
}

fn sent(delivery: &Delivery) -> Sent {
    Sent {
        account: delivery.account.clone(),
        message: delivery.message.clone(),
        by: delivery.by,
        to: delivery.to.clone(),
        text: delivery.text.reveal().to_owned(),
    }
}

#[cfg(not(feature = "redb"))]
impl House {
    fn new(_: Home, header: Header) -> Result<Self, StageError> {
        let store = Arc::new(MemoryStore::new(header));
        Ok(Self { store: Some(store) })
    }

    fn reopen(&mut self) -> Result<(), StageError> {
        Ok(())
    }
}

#[cfg(feature = "redb")]
impl House {
    fn new(home: Home, header: Header) -> Result<Self, StageError> {
        use crate::store::{RedbOptions, RedbStore};

        if home == Home::Memory {
            let store: Arc<dyn Store> = Arc::new(MemoryStore::new(header));
            let (store, folder) = (Some(store), None);
            return Ok(Self { store, folder });
        }
        let folder = tempfile::tempdir().map_err(StageError::Folder)?;
        let file = folder.path().join(Self::FILE);
        let store = RedbStore::create(file, &header, &RedbOptions::default())?;
        Ok(Self {
            store: Some(Arc::new(store)),
            folder: Some(folder),
        })
    }

    const FILE: &str = "scenario.redb";

    fn reopen(&mut self) -> Result<(), StageError> {
        use crate::store::{RedbOptions, RedbStore};

        if let Some(folder) = &self.folder {
            // Whoever holds the file keeps it from being opened.
            self.store = None;
            let file = folder.path().join(Self::FILE);
            self.store = Some(Arc::new(RedbStore::open(file, &RedbOptions::default())?));
        }
        Ok(())
    }
}
