//! Stores of every format that was ever written open, and hold what they held.
//!
//! `tests/fixtures/stores/format-N.redb` was made by the last version that wrote format N, by the
//! commands in `format-N.sh`; `format-N.key` is its key and `format-N.txt` says what is in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stateward::account::{
    Actor, ClaimKey, Digest, Gate, QuotaKey, Record, RecordKeys, Revision, Timer,
};
use stateward::bundle::Bundle;
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::{MemoryCourier, SecretText};
use stateward::engine::replay::{Again, Replay, Under};
use stateward::engine::{Confirm, Create, Engine, Presented, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::AccountId;
use stateward::store::{RedbOptions, RedbStore, Snapshot, Store};
use stateward::testing::ManualClock;
use stateward::time::Timestamp;

use crate::fixture::{Reply, code_in, principal};

/// The account that the last definition of the store of format 1 decided about.
const LAST_OF_FORMAT_1: &str = "dee";

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores");
    folder.join(name)
}

/// A copy of a committed store, brought to the present format.
struct Old {
    store: Arc<RedbStore>,
    keys: KeyRing,
    clock: Arc<ManualClock>,
    mailbox: Arc<MemoryCourier>,
    _folder: tempfile::TempDir,
}

impl Old {
    fn open(name: &str, at: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.redb");
        std::fs::copy(fixture(&format!("{name}.redb")), &file).unwrap();
        let key = std::fs::read_to_string(fixture(&format!("{name}.key"))).unwrap();
        Self {
            store: Arc::new(RedbStore::upgrade(&file, &RedbOptions::default()).unwrap()),
            keys: key.parse().unwrap(),
            clock: Arc::new(ManualClock::new(instant(at))),
            mailbox: Arc::default(),
            _folder: folder,
        }
    }

    /// The definition that decided the newest record of an account.
    fn bundle(&self, account: &str) -> Arc<Bundle> {
        let snapshot = self.store.snapshot().unwrap();
        let (newest, _) = history(snapshot.as_ref(), &id(account)).pop().unwrap();
        let kept = snapshot.bundle(&newest.bundle).unwrap().unwrap();
        let lifecycle = self.store.header().unwrap().lifecycle;
        Arc::new(Bundle::load_again(&kept.files, &lifecycle).unwrap())
    }

    fn engine(&self) -> Engine {
        Engine::builder()
            .bundle(self.bundle(LAST_OF_FORMAT_1))
            .store(Arc::clone(&self.store) as _)
            .clock(Arc::clone(&self.clock) as _)
            .courier(Arc::clone(&self.mailbox) as _)
            .entropy(Arc::new(SeededEntropy::new(9)))
            .keys(self.keys.clone())
            .build()
            .unwrap()
    }
}

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn history(snapshot: &dyn Snapshot, account: &AccountId) -> Vec<(Record, Digest)> {
    let stored = snapshot.history(account, Revision(0), 100).unwrap();
    let ring = KeyRing::new(CodeKey::from_bytes([0; 32]));
    let keys = RecordKeys {
        data: None,
        ring: &ring,
    };
    let read = stored.iter().map(|it| it.read(account, keys).unwrap());
    read.map(|entry| (entry.record.unwrap(), entry.digest))
        .collect()
}

/// Everything that a store holds, a line each.
fn inventory(store: &dyn Store) -> String {
    let header = store.header().unwrap();
    let snapshot = store.snapshot().unwrap();
    let mut text = format!(
        "{} store of {}, development {}, key {}\n",
        header.lifecycle, header.created_at, header.development, header.key_id
    );
    for bundle in snapshot.bundles().unwrap() {
        let files = snapshot.bundle(&bundle).unwrap().unwrap().files.len();
        writeln!(text, "bundle {bundle} of {files} files").unwrap();
    }
    for account in snapshot.accounts(None, 100).unwrap() {
        write_account(&mut text, snapshot.as_ref(), &account);
    }
    for due in snapshot
        .due(Timestamp::from_ms(i64::MAX), None, 100)
        .unwrap()
    {
        let what = match &due.timer {
            Timer::After(transition) => format!("{transition} happens"),
            Timer::Lapse(attempt) => format!("{attempt} lapses"),
            Timer::Overdue(owed) => format!("{owed} is overdue"),
        };
        writeln!(text, "timer {} {}: {what}", due.at, due.account).unwrap();
    }
    let ever = Timestamp::from_ms(i64::MAX);
    for queued in snapshot.outbox(ever, None, 100).unwrap() {
        let (place, message) = (queued.place.0, queued.message);
        writeln!(
            text,
            "outbox {place} {} {} to {}, failed {}, not before {}",
            message.id, message.message, message.to, message.failures, message.not_before
        )
        .unwrap();
    }
    text
}

fn write_account(text: &mut String, snapshot: &dyn Snapshot, id: &AccountId) {
    let account = snapshot.account(id).unwrap().unwrap();
    writeln!(
        text,
        "account {id} at {}, head {}",
        account.revision.0, account.head
    )
    .unwrap();
    for (name, value) in &account.attributes {
        writeln!(text, "  {name} = {}", value.text()).unwrap();
        let key = ClaimKey {
            attribute: name.clone(),
            value: value.clone(),
        };
        writeln!(text, "  held by {:?}", snapshot.holders(&key).unwrap()).unwrap();
        let shared = QuotaKey {
            quota: "codes_per_address".parse().unwrap(),
            key: value.text(),
            own: false,
        };
        let spent = snapshot.shared(&shared).unwrap();
        writeln!(text, "  {} codes to that address", spent.revision).unwrap();
    }
    for (workflow, at) in &account.states {
        writeln!(text, "  {workflow}.{} since {}", at.state, at.since).unwrap();
    }
    for owed in &account.obligations {
        writeln!(text, "  owes {} by {}", owed.owed, owed.due).unwrap();
    }
    for (transition, attempt) in &account.attempts {
        let attempt = snapshot.attempt(attempt).unwrap().unwrap();
        let (id, until) = (&attempt.id, attempt.expires_at);
        writeln!(text, "  attempt {id} at {transition} until {until}").unwrap();
    }
    for (record, _) in history(snapshot, id) {
        let kinds: Vec<String> = record.events.iter().map(kind).collect();
        writeln!(
            text,
            "  {} {} {} {} by {}: {} [{}]",
            record.revision.0,
            record.at,
            &record.bundle.to_string()[..8],
            kind(&record.request.command),
            match record.request.actor {
                Actor::Principal(who) => who.name.to_string(),
                other => kind(&other),
            },
            kind(&record.outcome),
            kinds.join(" ")
        )
        .unwrap();
    }
}

/// The first word of what a value is printed as: its variant.
fn kind(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|letter: char| !letter.is_alphanumeric());
    text[..end.unwrap_or(text.len())].to_owned()
}

#[test]
fn format_1_holds_what_it_held() {
    let old = Old::open("format-1", "2026-11-03T08:00:00Z");
    let manifest = std::fs::read_to_string(fixture("format-1.txt")).unwrap();
    assert_eq!(inventory(old.store.as_ref()), manifest);
}

#[test]
fn journals_of_format_1_fold_to_their_accounts_and_are_decided_alike() {
    let old = Old::open("format-1", "2026-11-03T08:00:00Z");
    let snapshot = old.store.snapshot().unwrap();
    for account in snapshot.accounts(None, 100).unwrap() {
        let folded = history(snapshot.as_ref(), &account)
            .iter()
            .fold(None, |before, (record, digest)| {
                Some(record.fold(before, &account, *digest).unwrap())
            });
        assert_eq!(folded.map(Arc::new), snapshot.account(&account).unwrap());
    }
    let mut replay = Replay::new(snapshot.as_ref(), old.store.header().unwrap(), &old.keys);
    let mut records = 0;
    replay
        .run(Under::ItsOwn, &mut |again| {
            records += 1;
            assert!(matches!(again.again, Again::Same), "{again:#?}");
        })
        .unwrap();
    assert_eq!(records, 13);
}

#[test]
fn a_store_of_format_1_goes_on_where_it_was() {
    let old = Old::open("format-1", "2026-11-03T08:01:00Z");
    let engine = old.engine();
    let reader = |name: &str| principal("reader", name, name, &[]);

    // The idempotency key still answers.
    let repeated = Run {
        key: Some("join-dee".parse().unwrap()),
        ..Run::new(
            reader("dee"),
            id("dee"),
            "subscription.join".parse().unwrap(),
        )
    };
    let attempt = Reply(engine.run(&repeated).unwrap()).attempt();
    assert_eq!(engine.history(&id("dee"), Revision(0), 9).unwrap().len(), 2);

    // The message that waits carries a code that proves the attempt that was opened then.
    engine.pump(10).unwrap();
    let code = code_in(old.mailbox.take()[0].text.reveal());
    let confirm = Confirm {
        attempt,
        by: Some(reader("dee")),
        proof: Presented::Code(SecretText::new(code)),
        key: None,
    };
    Reply(engine.confirm(&confirm).unwrap()).applied();

    // Values that are held are held.
    let email = BTreeMap::from([("email".to_owned(), "ann@example.com".to_owned())]);
    let eve = Reply(engine.create(&Create::new(id("eve"), email)).unwrap());
    assert_eq!(eve.denial().gate, Gate::Guard);

    // What was to happen by itself happens: ben's attempt lapses, cid is reminded, ann and cid are
    // back, each once.
    let fired = |engine: &Engine| -> Vec<String> {
        let fired = engine.tick(10).unwrap().fired;
        fired
            .iter()
            .map(|(due, _)| due.account.to_string())
            .collect()
    };
    assert_eq!(fired(&engine), ["ben"]);
    old.clock.set(instant("2026-12-03T08:00:00Z"));
    assert_eq!(fired(&engine), ["cid", "ann", "cid"]);
    assert_eq!(fired(&engine), [""; 0]);
}
