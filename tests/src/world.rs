//! The engine beside the model: one small lifecycle, run step by step on any store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use stateward::account::{Answer, Outcome};
use stateward::bundle::Bundle;
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::{MemoryCourier, SecretText};
use stateward::engine::{Cancel, Confirm, Create, Engine, Presented, Resend, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::{AccountId, AttemptId};
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
        key_id: key().id(),
    }
}

fn key() -> CodeKey {
    CodeKey::from_bytes([7; 32])
}

/// The engine, its clock, its mailbox, and what its user would remember.
pub struct World {
    engine: Engine,
    clock: Arc<ManualClock>,
    mailbox: Arc<MemoryCourier>,
    /// The newest attempt of each account, open or not: people try old ids.
    attempts: BTreeMap<u8, AttemptId>,
    /// The newest code of each account.
    codes: BTreeMap<u8, String>,
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
        let clock = Arc::new(ManualClock::new(Timestamp::from_ms(START)));
        let mailbox = Arc::new(MemoryCourier::default());
        let engine = assemble(store, &clock, &mailbox);
        Self {
            engine,
            clock,
            mailbox,
            attempts: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    /// Replaces the store, as a program does that is started again.
    pub fn restart(&mut self, store: Arc<dyn Store>) {
        self.engine = assemble(store, &self.clock, &self.mailbox);
    }

    /// Drops the engine's hold on its store, so that it can be opened again.
    pub fn release(self) -> impl FnOnce(Arc<dyn Store>) -> Self {
        let Self {
            engine,
            clock,
            mailbox,
            attempts,
            codes,
        } = self;
        drop(engine);
        move |store| {
            let engine = assemble(store, &clock, &mailbox);
            Self {
                engine,
                clock,
                mailbox,
                attempts,
                codes,
            }
        }
    }

    /// Makes a step and says what it looked like.
    pub fn step(&mut self, step: Step) -> Seen {
        match step {
            Step::Create(account) => self.create(account),
            Step::Bind(account, number, acknowledged) => self.bind(account, number, acknowledged),
            Step::Acknowledge(account) => {
                let risks = BTreeSet::from(["risk".parse().expect("a name")]);
                self.confirm(account, Presented::Acknowledge(risks))
            }
            Step::Code(account, right) => {
                let code = self
                    .codes
                    .get(&account)
                    .cloned()
                    .unwrap_or_else(|| "000000".to_owned());
                let code = if right { code } else { wrong(&code) };
                self.confirm(account, Presented::Code(SecretText::new(code)))
            }
            Step::Resend(account) => {
                let (attempt, by) = (self.attempt(account), Some(user()));
                let resend = Resend {
                    attempt,
                    by,
                    prefer: None,
                    key: None,
                };
                let answer = self.engine.resend(&resend).expect("an answer");
                self.seen(account, answer)
            }
            Step::Cancel(account) => {
                let cancel = Cancel {
                    attempt: self.attempt(account),
                    by: Some(user()),
                    key: None,
                };
                let answer = self.engine.cancel(&cancel).expect("an answer");
                self.seen(account, answer)
            }
            Step::Unbind(account) => {
                let run = Run::new(
                    user(),
                    id(account),
                    "number.unbind".parse().expect("a name"),
                );
                let answer = self.engine.run(&run).expect("an answer");
                self.seen(account, answer)
            }
            Step::Advance(by) => {
                self.clock.advance(Duration::from_millis(by.unsigned_abs()));
                Seen::Nothing
            }
            Step::Tick => {
                self.engine.tick(1_000).expect("a tick");
                Seen::Nothing
            }
            Step::Restart => Seen::Nothing,
        }
    }

    /// What an account looks like.
    pub fn face(&self, account: u8) -> Option<Face> {
        let found = self
            .engine
            .read(&id(account), None, &BTreeMap::new())
            .ok()?;
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

    /// The present, as the engine's clock has it.
    pub fn now(&self) -> Ms {
        self.clock.now().as_ms()
    }

    fn attempt(&self, account: u8) -> AttemptId {
        let unknown = || "att_0000000000000000".parse().expect("an id");
        self.attempts.get(&account).cloned().unwrap_or_else(unknown)
    }

    fn create(&mut self, account: u8) -> Seen {
        let create = Create {
            account: id(account),
            attributes: BTreeMap::from([("home".to_owned(), "home".to_owned())]),
            states: BTreeMap::new(),
            key: None,
        };
        let answer = self.engine.create(&create).expect("an answer");
        self.seen(account, answer)
    }

    fn bind(&mut self, account: u8, number: u8, acknowledged: bool) -> Seen {
        let mut run = Run::new(user(), id(account), "number.bind".parse().expect("a name"));
        let number = NUMBERS[usize::from(number) % NUMBERS.len()];
        run.inputs.insert("phone".to_owned(), number.to_owned());
        if acknowledged {
            run.acknowledged.insert("risk".parse().expect("a name"));
        }
        let answer = self.engine.run(&run).expect("an answer");
        self.seen(account, answer)
    }

    fn confirm(&mut self, account: u8, proof: Presented) -> Seen {
        let (attempt, by) = (self.attempt(account), Some(user()));
        let answer = self.engine.confirm(&Confirm {
            attempt,
            by,
            proof,
            key: None,
        });
        self.seen(account, answer.expect("an answer"))
    }

    /// Reads the mail, and puts an answer in the model's words.
    fn seen(&mut self, account: u8, answer: Answer) -> Seen {
        self.engine.pump(1_000).expect("a pump");
        for delivery in self.mailbox.take() {
            if delivery.message == "verification_code" {
                let text = delivery.text.reveal();
                let code = text.split(' ').next().unwrap_or_default().to_owned();
                self.codes.insert(account, code);
            }
        }
        match answer.outcome {
            Outcome::Applied { .. } => Seen::Applied,
            Outcome::Pending { attempt, waiting } => {
                self.attempts.insert(account, attempt);
                if waiting.verification == "risk" {
                    Seen::WaitsForRisk
                } else {
                    Seen::WaitsForCode
                }
            }
            Outcome::Denied(denial) => Seen::Denied(known(&denial.code)),
        }
    }
}

fn assemble(
    store: Arc<dyn Store>,
    clock: &Arc<ManualClock>,
    mailbox: &Arc<MemoryCourier>,
) -> Engine {
    Engine::builder()
        .bundle(BUNDLE.clone())
        .store(store)
        .clock(clock.clone())
        .courier(mailbox.clone())
        .entropy(Arc::new(SeededEntropy::new(1)))
        .keys(KeyRing::new(key()))
        .build()
        .expect("all ports are given")
}

/// Another code of the same length.
fn wrong(code: &str) -> String {
    code.chars()
        .map(|digit| if digit == '9' { '0' } else { '9' })
        .collect()
}

/// The code as the model writes it.
fn known(code: &str) -> &'static str {
    const KNOWN: [&str; 10] = [
        "D0004", "D0005", "D0009", "D0012", "Q0001", "V0002", "V0005", "V0006", "V0007", "V0009",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == code)
        .unwrap_or("another code")
}
