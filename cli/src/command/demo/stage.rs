//! The stage of the demonstration: a throw-away store, a clock set by hand and a readable inbox.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use stateward::account::{Answer, Outcome};
use stateward::bundle::Bundle;
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::{MemoryCourier, SecretText};
use stateward::engine::{Confirm, Create, Engine, Presented, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::{AccountId, AttemptId, TransitionName};
use stateward::source::SourceMap;
use stateward::store::{Header, RedbOptions, RedbStore};
use stateward::time::{Clock, Timestamp};

use crate::embedded::RESOURCE_ACCOUNT;
use crate::error::CliError;
use crate::output::account::AccountDocument;
use crate::output::change::channel;
use crate::output::decision::{About, DecisionDocument};
use crate::output::demo::{Act, DemoDocument, Message, Part};
use crate::output::veil::Veil;
use crate::project::load;

/// The account that the demonstration is about.
const ACCOUNT: &str = "1002";

/// When it is played.
const OPENING: &str = "2026-11-22T08:30:00Z";

/// What its random choices begin with.
const SEED: u64 = 2026;

/// How long each act takes.
const ACT: Duration = Duration::from_secs(20);

const ATTRIBUTES: [(&str, &str); 8] = [
    ("display_name", "payments"),
    ("country", "SG"),
    ("site", "intl"),
    ("path", "rd-3G/r-Wm/fd-A/1002"),
    ("manager", "1000"),
    ("legal_entity", "Example Ltd"),
    ("manager_legal_entity", "Example Ltd"),
    ("email", "1002@rd-3g.virtual.example"),
];

/// A clock that moves when it is told to.
struct StageClock(AtomicI64);

impl Clock for StageClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::Relaxed))
    }
}

/// Everything that the play needs, and what was played so far.
pub struct Stage {
    engine: Engine,
    bundle: Arc<Bundle>,
    clock: Arc<StageClock>,
    inbox: Arc<MemoryCourier>,
    account: AccountId,
    parts: Vec<Part>,
    /// The attempt that waits.
    waiting: Option<AttemptId>,
    /// The code that was sent last.
    code: String,
    /// Removed with everything in it when the stage is.
    _directory: tempfile::TempDir,
}

impl Stage {
    /// An empty stage with one account.
    ///
    /// # Errors
    /// When the store cannot be made.
    pub fn new() -> Result<Self, CliError> {
        let mut sources = SourceMap::default();
        for (path, text) in RESOURCE_ACCOUNT.files {
            sources.add(path, text);
        }
        let bundle = load(sources, RESOURCE_ACCOUNT.lifecycle)?;
        let opening: Timestamp = fixed(OPENING)?;
        let clock = Arc::new(StageClock(AtomicI64::new(opening.as_ms())));
        let entropy = Arc::new(SeededEntropy::new(SEED));
        let keys = KeyRing::new(CodeKey::generate(entropy.as_ref())?);
        let directory = tempfile::tempdir();
        let directory = directory.map_err(CliError::file("create", std::env::temp_dir()))?;
        let header = Header {
            lifecycle: bundle.lifecycle.name.clone(),
            development: true,
            created_at: opening,
            key_id: keys.current().id(),
        };
        let path = directory.path().join("store.redb");
        let store = RedbStore::create(path, &header, &RedbOptions::default())?;
        let inbox = Arc::new(MemoryCourier::new());
        let engine = Engine::builder()
            .bundle(bundle.clone())
            .store(Arc::new(store))
            .clock(clock.clone())
            .courier(inbox.clone())
            .entropy(entropy)
            .keys(keys)
            .build()?;
        let account: AccountId = fixed(ACCOUNT)?;
        let attributes = texts(&ATTRIBUTES);
        let states = BTreeMap::new();
        engine.create(&Create {
            account: account.clone(),
            attributes,
            states,
            key: None,
        })?;
        Ok(Self {
            engine,
            bundle,
            clock,
            inbox,
            account,
            parts: Vec::new(),
            waiting: None,
            code: String::new(),
            _directory: directory,
        })
    }

    /// Begins a part.
    pub fn part(&mut self, title: &str, about: &str) {
        let (title, about) = (title.to_owned(), about.to_owned());
        self.parts.push(Part {
            title,
            about,
            acts: Vec::new(),
        });
    }

    /// Somebody asks for a transition.
    ///
    /// # Errors
    /// When the engine cannot answer.
    pub fn run(
        &mut self,
        who: &str,
        transition: &str,
        inputs: &[(&str, &str)],
    ) -> Result<(), CliError> {
        let mut command = format!("stateward --as {who} run {ACCOUNT} {transition}");
        for (name, value) in inputs {
            command.push_str(&format!(" -i {name}={value}"));
        }
        let principal = self.bundle.principals.resolve(who);
        let principal = principal.map_err(|error| CliError::Bug(error.to_string()))?;
        let transition: TransitionName = fixed(transition)?;
        let mut run = Run::new(principal, self.account.clone(), transition);
        run.inputs = texts(inputs);
        let answer = self.engine.run(&run)?;
        self.played(command, &answer)
    }

    /// A wrong code is presented.
    ///
    /// # Errors
    /// When the engine cannot answer.
    pub fn confirm_wrong(&mut self) -> Result<(), CliError> {
        let wrong = if self.code == "000000" {
            "000001"
        } else {
            "000000"
        };
        self.present(wrong.to_owned())
    }

    /// The code that was sent last is presented.
    ///
    /// # Errors
    /// When the engine cannot answer.
    pub fn confirm(&mut self) -> Result<(), CliError> {
        self.present(self.code.clone())
    }

    fn present(&mut self, code: String) -> Result<(), CliError> {
        let attempt = self.open_attempt()?;
        let command = format!("echo {code} | stateward confirm {attempt} --code-file -");
        let proof = Presented::Code(SecretText::new(code));
        let answer = self.engine.confirm(&Confirm {
            attempt,
            by: None,
            proof,
            key: None,
        })?;
        self.played(command, &answer)
    }

    /// A risk is acknowledged.
    ///
    /// # Errors
    /// When the engine cannot answer.
    pub fn acknowledge(&mut self, risk: &str) -> Result<(), CliError> {
        let attempt = self.open_attempt()?;
        let command = format!("stateward confirm {attempt} --ack {risk}");
        let proof = Presented::Acknowledge([fixed(risk)?].into());
        let answer = self.engine.confirm(&Confirm {
            attempt,
            by: None,
            proof,
            key: None,
        })?;
        self.played(command, &answer)
    }

    fn open_attempt(&self) -> Result<AttemptId, CliError> {
        let waiting = self.waiting.clone();
        waiting.ok_or_else(|| CliError::Bug("no attempt waits in the demonstration".to_owned()))
    }

    /// Notes an act with the messages that it sent.
    fn played(&mut self, command: String, answer: &Answer) -> Result<(), CliError> {
        if let Outcome::Pending { attempt, .. } = &answer.outcome {
            self.waiting = Some(attempt.clone());
        }
        self.engine.pump(usize::MAX)?;
        let mut messages = Vec::new();
        for delivery in self.inbox.take() {
            let text = delivery.text.reveal().to_owned();
            if let Some(code) = code_in(&text) {
                self.code = code;
            }
            let by = channel(delivery.by);
            messages.push(Message {
                by,
                to: delivery.to,
                message: delivery.message.to_string(),
                text,
            });
        }
        let decision = DecisionDocument::new(answer, About::default(), self.clock.now());
        if let Some(part) = self.parts.last_mut() {
            part.acts.push(Act {
                command,
                decision,
                messages,
            });
        }
        let later = self.clock.now().after(ACT);
        self.clock.0.store(later.as_ms(), Ordering::Relaxed);
        Ok(())
    }

    /// Everything that was played, and the account as it is now.
    ///
    /// # Errors
    /// When the account cannot be read.
    pub fn curtain(&mut self) -> Result<DemoDocument, CliError> {
        let read = self.engine.read(&self.account, None, &BTreeMap::new())?;
        let account = read.map_err(|denial| CliError::Bug(denial.message))?;
        let veil = Veil::new(&self.bundle.lifecycle, true);
        let account = AccountDocument::new(&account, &[], veil, self.clock.now());
        Ok(DemoDocument {
            parts: std::mem::take(&mut self.parts),
            account,
        })
    }
}

/// The code in a message: its run of at least six digits.
fn code_in(text: &str) -> Option<String> {
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    runs.filter(|run| run.len() >= 6).map(str::to_owned).next()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// A constant of the play, in its type.
fn fixed<T: std::str::FromStr>(text: &str) -> Result<T, CliError> {
    text.parse()
        .map_err(|_| CliError::Bug(format!("`{text}` cannot be played")))
}
