//! Stores of every format that was ever written open, and hold what they held.
//!
//! `tests/fixtures/stores/format-N.redb` was made by the last version that wrote format N, by the
//! commands in `format-N.sh`, with its log, where it has one, in `format-N.redb-log`; `format-N.key` is
//! its key and `format-N.txt` says what that version read in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stateward::account::{
    Actor, ClaimKey, DataKey, Entry, Gate, QuotaKey, RecordKeys, Revision, Timer,
};
use stateward::bundle::Bundle;
use stateward::challenge::KeyRing;
use stateward::courier::{MemoryCourier, SecretText};
use stateward::engine::replay::{Again, Replay, Under};
use stateward::engine::{Confirm, Create, Engine, Presented, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::AccountId;
use stateward::store::{RedbOptions, RedbStore, Store, StoreCopy};
use stateward::testing::ManualClock;
use stateward::time::Timestamp;

use crate::fixture::{Reply, code_in, principal};

/// The formats before the present one, and how many records their stores have.
const FORMATS: [(&str, usize); 2] = [("format-1", 13), ("format-2", 21)];
/// What is said of a record whose place among those of other accounts nobody noted.
const OF_OTHERS: &str =
    "it depends on other accounts, and an older version did not note in which order they changed";
/// An account that the last definition of each of these stores decided about.
const LAST: &str = "dee";

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
    /// The store that a committed copy is put back as.
    fn restored(name: &str, at: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.redb");
        let copy = StoreCopy::read(fixture(&format!("{name}-copy.redb")), &file, &mut |_| {});
        let store = copy.unwrap().put(&file, &RedbOptions::default()).unwrap();
        Self::of(store, name, at, folder)
    }

    fn open(name: &str, at: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.redb");
        std::fs::copy(fixture(&format!("{name}.redb")), &file).unwrap();
        let log = fixture(&format!("{name}.redb-log"));
        if log.exists() {
            std::fs::copy(log, folder.path().join("store.redb-log")).unwrap();
        }
        let store = RedbStore::upgrade(&file, &RedbOptions::default(), &mut |_| {}).unwrap();
        Self::of(store, name, at, folder)
    }

    fn of(store: RedbStore, name: &str, at: &str, folder: tempfile::TempDir) -> Self {
        let key = std::fs::read_to_string(fixture(&format!("{name}.key"))).unwrap();
        Self {
            store: Arc::new(store),
            keys: key.parse().unwrap(),
            clock: Arc::new(ManualClock::new(instant(at))),
            mailbox: Arc::default(),
            _folder: folder,
        }
    }

    /// The definition that decided the newest record of an account.
    fn bundle(&self, account: &str) -> Arc<Bundle> {
        let snapshot = self.store.snapshot().unwrap();
        let newest = self.history(&id(account)).pop().unwrap();
        let kept = snapshot.bundle(&newest.envelope.bundle).unwrap().unwrap();
        let lifecycle = self.store.header().unwrap().lifecycle;
        Arc::new(Bundle::load_again(&kept.files, &lifecycle).unwrap())
    }

    /// The records of an account, as far as they can be read.
    fn history(&self, account: &AccountId) -> Vec<Entry> {
        let snapshot = self.store.snapshot().unwrap();
        let row = snapshot.data_key(account).unwrap();
        let key = row.map(|row| DataKey::unwrap(&row, &self.keys, account).unwrap().0);
        let keys = RecordKeys {
            data: key.as_ref().map(DataKey::sealing),
            ring: &self.keys,
        };
        let stored = snapshot.history(account, Revision(0), 100).unwrap();
        let read = stored.iter().map(|it| it.read(account, keys).unwrap());
        read.collect()
    }

    fn engine(&self) -> Engine {
        Engine::builder()
            .bundle(self.bundle(LAST))
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

/// Everything that a store holds, a line each.
fn inventory(old: &Old) -> String {
    let header = old.store.header().unwrap();
    let snapshot = old.store.snapshot().unwrap();
    let mut text = format!(
        "{} store of {}, development {}, key {}\n",
        header.lifecycle, header.created_at, header.development, header.key_id
    );
    for bundle in snapshot.bundles().unwrap() {
        let files = snapshot.bundle(&bundle).unwrap().unwrap().files.len();
        writeln!(text, "bundle {bundle} of {files} files").unwrap();
    }
    for account in snapshot.accounts(None, 100).unwrap() {
        write_account(&mut text, old, &account);
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

fn write_account(text: &mut String, old: &Old, id: &AccountId) {
    let snapshot = old.store.snapshot().unwrap();
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
    for entry in old.history(id) {
        let Some(record) = entry.record else {
            let told = entry.envelope;
            writeln!(
                text,
                "  {} {} {} closed",
                told.revision.0, told.at, told.command
            )
            .unwrap();
            continue;
        };
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
fn a_store_of_an_older_format_holds_what_it_held() {
    for (format, _) in FORMATS {
        let old = Old::open(format, "2026-11-03T08:01:00Z");
        let manifest = std::fs::read_to_string(fixture(&format!("{format}.txt"))).unwrap();
        assert_eq!(inventory(&old), manifest, "{format}");
    }
}

#[test]
fn a_copy_of_an_older_format_is_put_back() {
    let old = Old::restored("format-2", "2026-11-03T08:01:00Z");
    let manifest = std::fs::read_to_string(fixture("format-2.txt")).unwrap();
    assert_eq!(inventory(&old), manifest);
    assert_eq!(old.engine().verify(&[], &mut |_| {}).unwrap().flaws, []);
}

#[test]
fn a_store_of_an_older_format_verifies() {
    for (format, records) in FORMATS {
        let old = Old::open(format, "2026-11-03T08:01:00Z");
        let found = old.engine().verify(&[], &mut |_| {}).unwrap();
        assert_eq!(found.flaws, [], "{format}");
        assert_eq!(found.records, records as u64, "{format}");
    }
}

/// The order of what happened at one instant was not noted then. Where it makes a difference, nothing is
/// claimed: amy has an address that zoe had left, and comes first.
#[test]
fn journals_of_older_formats_are_decided_alike() {
    for (format, records) in FORMATS {
        let old = Old::open(format, "2026-11-03T08:01:00Z");
        let snapshot = old.store.snapshot().unwrap();
        let header = old.store.header().unwrap();
        let mut replay = Replay::new(snapshot.as_ref(), header, &old.keys);
        let (mut same, mut unknown) = (0, Vec::new());
        replay
            .run(Under::ItsOwn, &mut |told| match told.again {
                Again::Same => same += 1,
                Again::Unknown(why) => unknown.push(format!("{}: {why}", told.account)),
                other => panic!("{format}: {} {other:#?}", told.account),
            })
            .unwrap();
        // Of two records of an erased account the second tells of the erasure, and follows the first.
        let (closed, told, of_one_instant) = match format {
            "format-1" => (0, records, vec![]),
            _ => (1, records - 2, vec![format!("amy: {OF_OTHERS}")]),
        };
        assert_eq!(unknown, of_one_instant, "{format}");
        assert_eq!(replay.closed(), closed, "{format}");
        assert_eq!(same + unknown.len(), told, "{format}");
    }
}

#[test]
fn a_store_of_an_older_format_goes_on_where_it_was() {
    for (format, _) in FORMATS {
        // The migration in the store of format 2 has closed what had lapsed.
        let overdue: &[&str] = if format == "format-1" { &["ben"] } else { &[] };
        goes_on(&Old::open(format, "2026-11-03T08:01:00Z"), overdue);
    }
}

fn goes_on(old: &Old, overdue: &[&str]) {
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

    // What was to happen by itself happens, each once: attempts lapse, cid is reminded, ann and cid are
    // back.
    let fired = |engine: &Engine| -> Vec<String> {
        let fired = engine.tick(10).unwrap().fired;
        fired
            .iter()
            .map(|(due, _)| due.account.to_string())
            .collect()
    };
    assert_eq!(fired(&engine), overdue);
    old.clock.set(instant("2026-12-03T08:00:00Z"));
    assert_eq!(fired(&engine), ["cid", "ann", "cid"]);
    assert_eq!(fired(&engine), [""; 0]);
}
