//! Real commands, killed at any moment while others wait for the same store: whatever they printed is
//! there, whoever asks again with the same key gets one answer, and nothing went back.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use acceptance::contents::Contents;
use serde_json::Value;
use stateward::challenge::KeyRing;
use stateward::store::{RedbOptions, RedbStore};
use stateward::testing::Chance;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stateward-under-test");
/// Callers at a time, each with an account of its own.
const CALLERS: u64 = 3;
/// What each of them asks for in a round.
const REQUESTS: u64 = 5;

const PROJECT: &str = "\
lifecycle: resource_account
courier: { kind: file, path: .stateward/sent.jsonl }
";

/// Rounds of commands; `ROUNDS` sets another number.
fn rounds() -> u64 {
    let asked = std::env::var("ROUNDS").ok();
    asked.map_or(2, |asked| asked.parse().unwrap())
}

/// Starts a command in a project's folder, with something on standard input.
fn command(folder: &Path, arguments: &str, input: &str) -> std::process::Child {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).env_clear();
    command.args(arguments.split(' ')).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without having read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

#[track_caller]
fn done(folder: &Path, arguments: &str) -> Value {
    let output = command(folder, arguments, "").wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", shown(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    format!("{}\n{stdout}\n{stderr}", output.status)
}

/// One caller: asks for what its account can do, and again with the same key where it was killed.
struct Caller<'f> {
    folder: &'f Path,
    account: String,
    chance: Chance,
    /// The longest that a command lives before it is killed.
    lives: Duration,
    /// The newest revision that was answered.
    newest: u64,
    attempt: Option<String>,
    asked: u64,
    kills: u64,
    answers: u64,
}

impl Caller<'_> {
    fn work(&mut self) {
        for _ in 0..REQUESTS {
            self.asked += 1;
            let (arguments, input) = self.next();
            let arguments = format!("{arguments} --wait 60s -o json");
            while self.chance.percent(60) {
                self.kill(&arguments, &input);
            }
            let child = command(self.folder, &arguments, &input);
            let output = child.wait_with_output().unwrap();
            let code = output.status.code();
            assert!(
                matches!(code, Some(0 | 3..=7)),
                "{arguments}: {}",
                shown(&output)
            );
            self.note(&output);
        }
    }

    /// The next request. One that is repeated has the same key, and so the same answer.
    fn next(&mut self) -> (String, String) {
        let (account, asked) = (&self.account, self.asked);
        let by = "--as ram_user/ops-lin";
        let code = self.code().filter(|_| self.chance.percent(70));
        match (self.newest, &self.attempt, self.chance.below(5)) {
            (0, ..) => {
                let email = format!("{account}@rd-3g.virtual.example");
                let attributes = format!(
                    "-a display_name=payments -a country=SG -a manager=1000 \
                     -a path=rd-3G/r-Wm/fd-A/{account} -a email={email}"
                );
                let create = format!("account create {account} {attributes}");
                (create, String::new())
            }
            (_, Some(attempt), 0..=2) => {
                let key = format!("{account}-{asked}");
                let confirm = format!("{by} confirm {attempt} --code-file - --key {key}");
                (confirm, code.unwrap_or_else(|| "000000".to_owned()))
            }
            (_, _, 3) => ("tick".to_owned(), String::new()),
            (_, None, _) => {
                let phone = format!("65-9123456{}", self.chance.below(2));
                let run = format!("{by} run {account} mobile_phone.bind -i phone={phone}");
                (format!("{run} --key {account}-{asked}"), String::new())
            }
            (_, Some(_), _) => {
                let run = format!("{by} run {account} profile.rename -i display_name=n{asked}");
                (format!("{run} --key {account}-{asked}"), String::new())
            }
        }
    }

    /// The newest code that was sent for the account.
    fn code(&self) -> Option<String> {
        let sent = sent(self.folder);
        let own = |message: &&Value| message["account"] == self.account.as_str();
        let text = sent.iter().rev().find(own)?["text"].as_str()?;
        let mut runs = text.split(|letter: char| !letter.is_ascii_digit());
        runs.find(|run| run.len() == 6).map(str::to_owned)
    }

    fn kill(&mut self, arguments: &str, input: &str) {
        let mut child = command(self.folder, arguments, input);
        let most = u64::try_from(self.lives.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(self.chance.below(most)));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        self.kills += 1;
        // What it printed completely was an answer, whether it lived to end or not.
        if output.stdout.ends_with(b"\n") {
            self.note(&output);
        }
    }

    fn note(&mut self, output: &Output) {
        let Ok(answer) = serde_json::from_slice::<Value>(&output.stdout) else {
            return;
        };
        self.answers += 1;
        if let Some(revision) = answer["revision"].as_u64() {
            self.newest = self.newest.max(revision);
        }
        match answer["decision"].as_str() {
            Some("pending") => self.attempt = answer["attempt"].as_str().map(str::to_owned),
            Some("applied") if answer["transition"] == "mobile_phone.bind" => self.attempt = None,
            _ => {}
        }
    }
}

/// The messages that were delivered. One whose sender was killed may have broken off.
fn sent(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(".stateward/sent.jsonl")).unwrap_or_default();
    let lines = text.lines().map(serde_json::from_str);
    lines.filter_map(Result::ok).collect()
}

/// What the store holds; it agrees with itself.
fn found(folder: &Path) -> Contents {
    let keys: KeyRing = fs::read_to_string(folder.join(".stateward/key"))
        .unwrap()
        .parse()
        .unwrap();
    let path = folder.join(".stateward/store.redb");
    let store = RedbStore::open(path, &RedbOptions::default()).unwrap();
    let contents = Contents::read(&store, &keys).unwrap();
    assert_eq!(contents.disagreements(), [""; 0]);
    contents
}

/// Journals only grew, so that no quota, attempt or wrong code went back; and messages have their
/// ids and places for good.
#[track_caller]
fn only_grew(before: &Contents, after: &Contents) {
    for (id, (_, records)) in &before.accounts {
        let now = &after.accounts[id].1;
        assert!(now.starts_with(records), "the journal of {id} went back");
    }
    for queued in &after.outbox {
        let was = before.outbox.iter().find(|was| was.place == queued.place);
        assert!(was.is_none_or(|was| was.message.id == queued.message.id));
    }
}

/// Every message that went out was committed, and said the same each time.
#[track_caller]
fn sent_what_was_queued(folder: &Path, contents: &Contents) -> usize {
    let mut texts = std::collections::BTreeMap::new();
    let queued = contents.journals.queued();
    for message in sent(folder) {
        let id = message["id"].as_str().unwrap().to_owned();
        assert!(
            queued.keys().any(|queued| queued.as_str() == id),
            "{id} was never committed"
        );
        let text = texts.entry(id).or_insert_with(|| message["text"].clone());
        assert_eq!(*text, message["text"]);
    }
    texts.len()
}

#[test]
fn commands_that_are_killed_under_load_keep_what_they_printed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("stateward.yaml"), PROJECT).unwrap();
    let begun = Instant::now();
    done(folder, "init --dev -o json");
    let lives = begun.elapsed() * 2;
    let mut callers: Vec<Caller<'_>> = (0..CALLERS)
        .map(|caller| Caller {
            folder,
            account: (1001 + caller).to_string(),
            chance: Chance::new(caller),
            lives,
            newest: 0,
            attempt: None,
            asked: 0,
            kills: 0,
            answers: 0,
        })
        .collect();
    let mut before: Option<Contents> = None;
    let mut messages = 0;
    for round in 0..rounds() {
        std::thread::scope(|scope| {
            for caller in &mut callers {
                scope.spawn(|| caller.work());
            }
        });
        let now = found(folder);
        for caller in &callers {
            let (account, _) = &now.accounts[caller.account.as_str()];
            assert!(account.revision.0 >= caller.newest, "round {round}");
        }
        if let Some(before) = &before {
            only_grew(before, &now);
        }
        messages = sent_what_was_queued(folder, &now);
        before = Some(now);
        let verified = done(folder, "audit verify -o json");
        let replayed = done(folder, "audit replay -o json");
        assert_eq!(verified["records"], replayed["same"], "round {round}");
    }
    let kills: u64 = callers.iter().map(|caller| caller.kills).sum();
    let answers: u64 = callers.iter().map(|caller| caller.answers).sum();
    println!("{kills} kills, {answers} answers, {messages} messages");
    assert!(kills > 0 && answers > 0 && messages > 0);
}
