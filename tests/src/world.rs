//! The engine beside the model: one small lifecycle, run step by step on any store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use stateward::account::{Answer, Attempt, Denial, OutboxBody, OutboxMessage, Outcome};
use stateward::bundle::Bundle;
use stateward::challenge::{CodeKey, KeyRing, derive};
use stateward::courier::{Courier, CourierError, Delivery, MemoryCourier, SecretText};
use stateward::engine::replay::{Again, Redecided};
use stateward::engine::{Cancel, Confirm, Create, Engine, EngineError, Presented, Resend, Run};
use stateward::entropy::{EntropyError, EntropySource, SeededEntropy};
use stateward::name::{AccountId, AttemptId, IdempotencyKey, MessageId};
use stateward::policy::Principal;
use stateward::source::SourceMap;
use stateward::store::{Header, Store};
use stateward::testing::ManualClock;
use stateward::time::{Clock, Timestamp};

use crate::model::{Face, Ms, Seen, Step};

/// When every run of the model begins, in milliseconds of Unix time.
pub const START: Ms = 1_790_000_000_000;

const ACCOUNT: &str = include_str!("world/account.yaml");
const NUMBER: &str = include_str!("world/number.yaml");
const BADGE: &str = include_str!("world/badge.yaml");

const NUMBERS: [&str; 4] = ["+6591234567", "+6591234568", "+6581234567", "+6581234568"];

static BUNDLE: LazyLock<Arc<Bundle>> = LazyLock::new(|| {
    let mut sources = SourceMap::default();
    sources.add("workflows/model/account.yaml", ACCOUNT);
    sources.add("workflows/model/number.yaml", NUMBER);
    sources.add("workflows/model/badge.yaml", BADGE);
    sources.add("policies/Everything.rhai", "allow \"model:*\";\n");
    let principals = "principals:\n  user/one: { account: home, policies: [Everything] }\n";
    sources.add("policies/principals.yaml", principals);
    Arc::new(Bundle::load(sources, "model").expect("the model's lifecycle loads"))
});

/// The header of a store for the model's lifecycle.
pub fn header() -> Header {
    Header {
        lifecycle: BUNDLE.lifecycle.name.clone(),
        development: true,
        created_at: Timestamp::from_ms(START),
        key_id: keys().current().id(),
    }
}

/// The keys of every run.
pub fn keys() -> KeyRing {
    KeyRing::new(CodeKey::from_bytes([7; 32]))
}

/// The engine, and everything around it.
pub struct World {
    engine: Engine,
    around: Arc<Surroundings>,
}

/// What is there beside the engine and its store, and outlives them. Engines may share it: what one
/// caller hears of, all remember.
pub struct Surroundings {
    /// The clock.
    pub clock: ManualClock,
    /// Where messages go.
    pub mailbox: MemoryCourier,
    entropy: SeededEntropy,
    memory: Mutex<Memory>,
}

/// What users would remember.
#[derive(Default)]
struct Memory {
    /// The newest attempt of each account, open or not: people try old ids.
    attempts: BTreeMap<u8, AttemptId>,
    /// The newest code of each account.
    codes: BTreeMap<u8, String>,
    /// What every message said that was delivered.
    texts: BTreeMap<MessageId, String>,
    /// Messages that were dropped, because the code they carried had expired.
    expired: BTreeSet<MessageId>,
    /// When it was last not told which messages were delivered or dropped.
    untold: Option<Ms>,
}

impl Surroundings {
    /// Where a run begins; `seed` determines what is drawn.
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            clock: ManualClock::new(Timestamp::from_ms(START)),
            mailbox: MemoryCourier::default(),
            entropy: SeededEntropy::new(seed),
            memory: Mutex::default(),
        })
    }

    /// The messages that were delivered so far.
    pub fn delivered(&self) -> BTreeSet<MessageId> {
        self.memory().texts.keys().cloned().collect()
    }

    /// Whether a message was delivered, or carried a code that had expired before.
    pub fn is_done(&self, message: &OutboxMessage) -> bool {
        let memory = self.memory();
        let expired = || match &message.body {
            OutboxBody::Text(_) => false,
            OutboxBody::Code { challenge, .. } => {
                let untold = memory.untold.map(Timestamp::from_ms);
                memory.expired.contains(&message.id) || untold >= Some(challenge.expires_at)
            }
        };
        memory.texts.contains_key(&message.id) || expired()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("nobody panics while remembering")
    }
}

fn id(account: u8) -> AccountId {
    format!("acc-{account}").parse().expect("a valid id")
}

fn user() -> Principal {
    BUNDLE
        .principals
        .resolve("user/one")
        .expect("a listed principal")
}

impl World {
    /// The engine over a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::among(Surroundings::new(1), store)
    }

    /// The engine over a store, among what is there already.
    pub fn among(around: Arc<Surroundings>, store: Arc<dyn Store>) -> Self {
        let engine = Engine::builder()
            .bundle(BUNDLE.clone())
            .store(store)
            .clock(Arc::new(Shared(around.clone())))
            .courier(Arc::new(Shared(around.clone())))
            .entropy(Arc::new(Shared(around.clone())))
            .keys(keys())
            .build()
            .expect("all ports are given");
        Self { engine, around }
    }

    /// Drops the engine's hold on its store, so that it can be opened again.
    pub fn release(self) -> impl FnOnce(Arc<dyn Store>) -> Self {
        let around = self.around;
        move |store| Self::among(around, store)
    }

    /// Makes a step and says what it looked like.
    pub fn step(&mut self, step: Step) -> Seen {
        self.try_step(step, None).expect("an answer")
    }

    /// The same, under an idempotency key, where the engine may fail to answer.
    ///
    /// # Errors
    /// The engine's.
    pub fn try_step(&self, step: Step, key: Option<&IdempotencyKey>) -> Result<Seen, EngineError> {
        let key = key.cloned();
        match step {
            Step::Create(account) => self.create(account, key),
            Step::Bind(account, number, known) => self.bind(account, number, known, key),
            Step::Acknowledge(account) => {
                let risks = BTreeSet::from(["risk".parse().expect("a name")]);
                self.confirm(account, Presented::Acknowledge(risks), key)
            }
            Step::Code(account, right) => {
                let code = self.code(account)?;
                let code = if right { code } else { wrong(&code) };
                self.confirm(account, Presented::Code(SecretText::new(code)), key)
            }
            Step::Resend(account) => {
                let answer = self.engine.resend(&Resend {
                    attempt: self.newest(account),
                    by: Some(user()),
                    prefer: None,
                    key,
                })?;
                self.seen(account, answer)
            }
            Step::Cancel(account) => {
                let answer = self.engine.cancel(&Cancel {
                    attempt: self.newest(account),
                    by: Some(user()),
                    key,
                })?;
                self.seen(account, answer)
            }
            Step::Unbind(account) => {
                let what = "number.unbind".parse().expect("a name");
                let mut run = Run::new(user(), id(account), what);
                run.key = key;
                let answer = self.engine.run(&run)?;
                self.seen(account, answer)
            }
            Step::Advance(by) => {
                let now = self.now().saturating_add(by);
                self.around.clock.set(Timestamp::from_ms(now));
                Ok(Seen::Nothing)
            }
            Step::Tick => self.engine.tick(1_000).map(|_| Seen::Nothing),
            Step::Restart => Ok(Seen::Nothing),
        }
    }

    /// Hands over every message that may be tried, and reads the mail.
    ///
    /// # Errors
    /// The engine's.
    pub fn pump(&self) -> Result<(), EngineError> {
        let pumped = self.engine.pump(1_000);
        let now = self.now();
        let mut memory = self.around.memory();
        match &pumped {
            Ok(pumped) => memory.expired.extend(pumped.expired.iter().cloned()),
            Err(_) => memory.untold = memory.untold.max(Some(now)),
        }
        for delivery in self.around.mailbox.take() {
            let text = delivery.text.reveal().to_owned();
            if delivery.message == "verification_code" {
                let code = text.split(' ').next().unwrap_or_default().to_owned();
                let account = delivery.account.as_str().trim_start_matches("acc-");
                let account = account.parse().expect("one of ours");
                memory.codes.insert(account, code);
            }
            let said = memory.texts.entry(delivery.id).or_insert(text.clone());
            assert_eq!(*said, text, "a message says the same at every try");
        }
        pumped.map(drop)
    }

    /// What an account looks like.
    pub fn face(&self, account: u8) -> Option<Face> {
        let found = match self.engine.read(&id(account), None, &BTreeMap::new()) {
            Err(EngineError::Store(error)) => panic!("account {account}: {error}"),
            found => found.ok()?,
        };
        let found = found.expect("the owner may read");
        let state = |workflow: &str| {
            let name = workflow.parse().expect("a name");
            found.state(&name).expect("a state").to_string()
        };
        let phone = found.attributes.get("phone").map(|phone| phone.text());
        assert_eq!(
            phone.is_some(),
            state("number") == "bound",
            "number and attribute agree"
        );
        let quotas = self.engine.quotas(&id(account)).expect("quotas");
        Some(Face {
            phone: phone
                .and_then(|phone| NUMBERS.iter().position(|known| **known == phone))
                .and_then(|index| u8::try_from(index).ok()),
            badge: state("badge") == "lit",
            codes_left: quotas.first().map_or(0, |quota| quota.remaining as usize),
            open: !found.attempts.is_empty(),
        })
    }

    /// Checks that the journal of an account is a chain that folds to the account.
    pub fn audit(&self, account: u8) {
        let id = id(account);
        let records = self
            .engine
            .history(&id, Default::default(), usize::MAX)
            .expect("history");
        let folded = records.iter().fold(None, |so_far, entry| {
            let record = entry.record.as_ref().expect("it opens");
            let account = record.fold(so_far, &id, entry.digest);
            Some(account.expect("the record follows"))
        });
        let found = self
            .engine
            .read(&id, None, &BTreeMap::new())
            .expect("an account");
        assert_eq!(
            folded,
            found.ok(),
            "the journal of {id} folds to the account"
        );
    }

    /// Checks that the store holds together, as an audit does.
    pub fn verify(&self) {
        let verified = self.engine.verify(&[], &mut |_| {});
        assert_eq!(verified.expect("a store that answers").flaws, []);
    }

    /// Checks that every recorded decision comes out the same when it is made again.
    pub fn replay(&self) {
        let mut replayed = |redecided: Redecided<'_>| {
            let (account, revision) = (redecided.account, redecided.record.revision);
            let same = matches!(redecided.again, Again::Same);
            assert!(same, "{account} {revision:?}: {:?}", redecided.again);
        };
        let closed = self.engine.replay(&mut replayed);
        assert_eq!(
            closed.expect("a store that answers"),
            0,
            "records stay closed"
        );
    }

    /// How many changes an account has seen.
    pub fn revision(&self, account: u8) -> u64 {
        let found = self.engine.read(&id(account), None, &BTreeMap::new());
        let found = found.expect("an account").expect("the owner may read");
        found.revision.0
    }

    /// The present, as the engine's clock has it.
    pub fn now(&self) -> Ms {
        self.around.clock.now().as_ms()
    }

    fn newest(&self, account: u8) -> AttemptId {
        let unknown = || "att_0000000000000000".parse().expect("an id");
        let newest = self.around.memory().attempts.get(&account).cloned();
        newest.unwrap_or_else(unknown)
    }

    /// The newest code of an account: as it was delivered, or is about to be.
    fn code(&self, account: u8) -> Result<String, EngineError> {
        let attempt = self.engine.attempt(&self.newest(account))?;
        let sent = attempt.as_ref().and_then(Attempt::challenge);
        if let Some(challenge) = sent {
            let code = derive(&keys(), challenge).expect("the key is known");
            return Ok(code.reveal().to_owned());
        }
        let delivered = self.around.memory().codes.get(&account).cloned();
        Ok(delivered.unwrap_or_else(|| "000000".to_owned()))
    }

    fn create(&self, account: u8, key: Option<IdempotencyKey>) -> Result<Seen, EngineError> {
        let attributes = BTreeMap::from([("home".to_owned(), "home".to_owned())]);
        let mut create = Create::new(id(account), attributes);
        create.key = key;
        let answer = self.engine.create(&create)?;
        self.seen(account, answer)
    }

    fn bind(
        &self,
        account: u8,
        number: u8,
        acknowledged: bool,
        key: Option<IdempotencyKey>,
    ) -> Result<Seen, EngineError> {
        let mut run = Run::new(user(), id(account), "number.bind".parse().expect("a name"));
        let number = NUMBERS[usize::from(number) % NUMBERS.len()];
        run.inputs.insert("phone".to_owned(), number.to_owned());
        if acknowledged {
            run.acknowledged.insert("risk".parse().expect("a name"));
        }
        run.key = key;
        let answer = self.engine.run(&run)?;
        self.seen(account, answer)
    }

    fn confirm(
        &self,
        account: u8,
        proof: Presented,
        key: Option<IdempotencyKey>,
    ) -> Result<Seen, EngineError> {
        let answer = self.engine.confirm(&Confirm {
            attempt: self.newest(account),
            by: Some(user()),
            proof,
            key,
        })?;
        self.seen(account, answer)
    }

    /// Puts an answer in the model's words, and reads the mail.
    fn seen(&self, account: u8, answer: Answer) -> Result<Seen, EngineError> {
        let seen = match answer.outcome {
            Outcome::Applied { .. } => Seen::Applied,
            Outcome::Pending { attempt, waiting } => {
                self.around.memory().attempts.insert(account, attempt);
                if waiting.verification == "risk" {
                    Seen::WaitsForRisk
                } else {
                    Seen::WaitsForCode
                }
            }
            Outcome::Denied(denial) => Seen::Denied(known(&denial)),
        };
        self.pump()?;
        Ok(seen)
    }
}

/// A port of an engine that is among others.
struct Shared(Arc<Surroundings>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

impl Courier for Shared {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        self.0.mailbox.deliver(delivery)
    }
}

impl EntropySource for Shared {
    fn seed(&self) -> Result<[u8; 32], EntropyError> {
        self.0.entropy.seed()
    }
}

/// Another code of the same length.
fn wrong(code: &str) -> String {
    code.chars()
        .map(|digit| if digit == '9' { '0' } else { '9' })
        .collect()
}

/// The code as the model writes it; one that it does not know is told.
fn known(denial: &Denial) -> &'static str {
    const KNOWN: [&str; 10] = [
        "D0004", "D0005", "D0009", "D0012", "Q0001", "V0002", "V0005", "V0006", "V0007", "V0009",
    ];
    let known = KNOWN.into_iter().find(|known| *known == denial.code);
    known.unwrap_or_else(|| panic!("the model knows of no {}: {}", denial.code, denial.message))
}
