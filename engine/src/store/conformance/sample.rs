//! Decisions made up for the suite: small, and such that their journal folds to their account.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

use crate::account::{
    Account, Actor, Answer, Attempt, ClaimKey, Command, Digest, Event, OutboxBody, OutboxMessage,
    Outcome, QuotaKey, Record, RecordKey, RecordKeys, Request, Revision, Step, StoredRecord, Timer,
};
use crate::challenge::{CodeKey, KeyRing};
use crate::lifecycle::model::Channel;
use crate::name::AccountId;
use crate::policy::Principal;
use crate::sealed::SealKey;
use crate::store::{
    Changes, DenialHead, DenialRing, Due, Header, KeyChange, NewDenial, NumberedRecord, Queued,
    RecordNumber, Remembered, SharedCells, Store, StoredBundle, StoredDenial, Swept,
};
use crate::time::Timestamp;
use crate::value::Value;

/// The accounts, attempts, quota keys, values, idempotency keys and bundles that occur.
pub const ACCOUNTS: [&str; 4] = ["1001", "1002", "10", "ops@example.com"];
pub const ATTEMPTS: [&str; 3] = ["att_a", "att_b", "att_c"];
pub const QUOTA_KEYS: [&str; 2] = ["+6591234567", ""];
pub const VALUES: [&str; 3] = ["+6591234567", "+6598765432", ""];
pub const KEYS: [&str; 3] = ["first", "second", "third"];
pub const BUNDLES: [&str; 2] = ["workflow: a", "workflow: b"];

/// Reads a name or an id.
pub fn named<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// An instant.
pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

/// What a store is created with.
pub fn header() -> Header {
    Header {
        lifecycle: named("sample"),
        development: true,
        created_at: at(1_767_225_600_000),
        key_id: CodeKey::from_bytes([7; 32]).id(),
    }
}

/// The changes of a decision on an account as it was before, or that creates it: one more record,
/// and nothing else.
pub fn decision(id: &str, before: Option<&Account>) -> Changes {
    let id: AccountId = named(id);
    let expected = before.map(|account| account.revision);
    let event = match before {
        None => Event::Created {
            attributes: BTreeMap::from([(named("phone"), Value::Phone("+6591234567".into()))]),
            states: BTreeMap::from([(named("mobile_phone"), named("unbound"))]),
        },
        Some(_) => Event::CodeFailed,
    };
    let bundle = bundle(BUNDLES[0]);
    let revision = expected.unwrap_or_default().next();
    let record = Record {
        revision,
        at: at(i64::try_from(revision.0).unwrap()),
        previous: before.map_or_else(Digest::default, |account| account.head),
        bundle: bundle.fingerprint,
        seed: Digest([7; 32]),
        kept_under: None,
        request: Request {
            account: id.clone(),
            actor: Actor::Owner,
            context: BTreeMap::new(),
            command: Command::Create {
                attributes: BTreeMap::new(),
                states: BTreeMap::new(),
            },
            drawn: None,
        },
        outcome: Outcome::Applied { moves: Vec::new() },
        gates: Vec::new(),
        events: vec![event],
    };
    let stored = record
        .seal(&id, None, RecordKey::Data(&data_key()))
        .unwrap();
    let account = record.fold(before.cloned(), &id, stored.digest());
    Changes {
        account: account.unwrap(),
        expected,
        record: stored,
        data_key: KeyChange::Keep,
        bundle,
        attempts_put: Vec::new(),
        attempts_removed: Vec::new(),
        timers_armed: Vec::new(),
        timers_disarmed: Vec::new(),
        queued: Vec::new(),
        shared: Vec::new(),
        claims_seen: Vec::new(),
        claimed: Vec::new(),
        released: Vec::new(),
        remember: None,
        forgotten: Vec::new(),
        dropped: Vec::new(),
    }
}

fn data_key() -> SealKey {
    SealKey::from_bytes([7; 32])
}

/// What a stored record makes of an account, or of nothing.
pub fn fold(account: Option<Account>, stored: &StoredRecord, id: &AccountId) -> Account {
    let ring = KeyRing::new(CodeKey::from_bytes([7; 32]));
    let keys = RecordKeys {
        data: Some(&data_key()),
        ring: &ring,
    };
    let entry = stored.read(id, keys).unwrap();
    entry
        .record
        .unwrap()
        .fold(account, id, entry.digest)
        .unwrap()
}

/// The changes of the next decision on an account as it is in the store.
pub fn next(store: &dyn Store, id: &str) -> Changes {
    let account = store.snapshot().unwrap().account(&named(id)).unwrap();
    decision(id, account.as_deref())
}

/// A decision that has a row in every table.
pub fn everything(store: &dyn Store, id: &str) -> Changes {
    let mut changes = next(store, id);
    let snapshot = store.snapshot().unwrap();
    changes.attempts_put = vec![attempt(ATTEMPTS[0], id)];
    changes.timers_armed = vec![(at(5), Timer::Lapse(named(ATTEMPTS[0])))];
    changes.queued = vec![message("msg_first", id), message("msg_second", id)];
    let spent = snapshot.shared(&quota_key(QUOTA_KEYS[0])).unwrap();
    changes.shared = vec![(quota_key(QUOTA_KEYS[0]), spent.revision, spent.cells)];
    let holders = snapshot.holders(&claim(VALUES[0])).unwrap();
    changes.claims_seen = vec![(claim(VALUES[0]), holders)];
    changes.claimed = vec![claim(VALUES[0])];
    changes.remember = Some((named(KEYS[0]), remembered(id)));
    changes.data_key = KeyChange::Put(id.as_bytes().to_vec());
    changes
}

/// An attempt at binding a phone.
pub fn attempt(attempt: &str, account: &str) -> Attempt {
    Attempt {
        id: named(attempt),
        account: named(account),
        transition: named("mobile_phone.bind"),
        definition: Digest::of(b"definition"),
        requester: requester(),
        listed: true,
        context: BTreeMap::from([(named("mfa"), Value::Bool(true))]),
        inputs: BTreeMap::from([(named("phone"), Value::Phone("+6591234567".into()))]),
        opened_at: at(1),
        expires_at: at(1_800_000),
        sends: 1,
        steps: vec![Step::Waiting],
        enrolling: BTreeMap::new(),
    }
}

fn requester() -> Principal {
    Principal::new(named("ram_user/ops-lin"), named("1000"))
}

/// A message that may be tried from the beginning of time on.
pub fn message(id: &str, account: &str) -> OutboxMessage {
    OutboxMessage {
        id: named(id),
        account: named(account),
        queued_at: at(1),
        to: "+6591234567".to_owned(),
        by: Channel::Sms,
        message: named("phone_bound"),
        body: OutboxBody::Text("This number now receives notices.".to_owned()),
        failures: 0,
        not_before: at(0),
    }
}

/// A key of a quota that accounts share.
pub fn quota_key(key: &str) -> QuotaKey {
    QuotaKey {
        quota: named("codes_per_address"),
        key: key.to_owned(),
        own: false,
    }
}

/// A value that few may hold.
pub fn claim(value: &str) -> ClaimKey {
    ClaimKey {
        attribute: named("phone"),
        value: Value::Phone(value.into()),
    }
}

/// An answer.
pub fn remembered(account: &str) -> Remembered {
    Remembered {
        request: Digest::of(account.as_bytes()),
        answer: Answer {
            account: Some(named(account)),
            outcome: Outcome::Applied { moves: Vec::new() },
            gates: Vec::new(),
            revision: Revision(1),
            enrolment: None,
        },
        at: Some(at(7)),
    }
}

/// A bundle of one file.
pub fn bundle(text: &str) -> Arc<StoredBundle> {
    Arc::new(StoredBundle {
        fingerprint: Digest::of(text.as_bytes()),
        files: vec![("a.yaml".to_owned(), text.to_owned())],
    })
}

/// The rings of denials that occur.
pub fn rings() -> [DenialRing; 3] {
    let account = |id| DenialRing::Account(named(id));
    [
        DenialRing::Strangers,
        account(ACCOUNTS[2]),
        account(ACCOUNTS[0]),
    ]
}

/// The next denial of a ring that keeps so many.
pub fn denial(store: &dyn Store, ring: &DenialRing, keep: u64) -> NewDenial {
    let before = store.snapshot().unwrap().denial_head(ring).unwrap();
    let (oldest, newest) = before.map_or((1, 1), |head| (head.oldest, head.newest + 1));
    NewDenial {
        ring: ring.clone(),
        bytes: newest.to_string().into_bytes(),
        head: DenialHead {
            oldest: oldest.max((newest + 1).saturating_sub(keep)),
            newest,
            proof: vec![7; 3],
        },
    }
}

/// Everything that can be read of a store.
#[derive(Debug, PartialEq)]
pub struct Dump {
    accounts: Vec<Arc<Account>>,
    journals: Vec<Vec<StoredRecord>>,
    records: Vec<NumberedRecord>,
    data_keys: Vec<Option<Vec<u8>>>,
    attempts: Vec<Option<Attempt>>,
    all_attempts: Vec<Attempt>,
    shared: Vec<SharedCells>,
    holders: Vec<Vec<AccountId>>,
    claims: Vec<(ClaimKey, Vec<AccountId>)>,
    due: Vec<Due>,
    outbox: Vec<Queued>,
    remembered: Vec<Option<Remembered>>,
    swept: Swept,
    bundles: Vec<Option<StoredBundle>>,
    denials: Vec<(DenialRing, Option<DenialHead>, Vec<StoredDenial>)>,
}

/// Reads all of it at one moment.
pub fn dump(store: &dyn Store) -> Dump {
    let snapshot = store.snapshot().unwrap();
    let ids = snapshot.accounts(None, usize::MAX).unwrap();
    let account = |id: &AccountId| snapshot.account(id).unwrap().unwrap();
    let journal = |id| snapshot.history(id, Revision(0), usize::MAX).unwrap();
    let end = at(i64::MAX);
    let mut claims = snapshot.claims(None, usize::MAX).unwrap();
    claims.sort();
    let denials = |ring: DenialRing| {
        let head = snapshot.denial_head(&ring).unwrap();
        let kept = snapshot.denials(&ring, 0, usize::MAX).unwrap();
        (ring, head, kept)
    };
    let records = snapshot.records(RecordNumber(0), usize::MAX).unwrap();
    Dump {
        accounts: ids.iter().map(account).collect(),
        journals: ids.iter().map(journal).collect(),
        records,
        data_keys: ACCOUNTS
            .map(|id| snapshot.data_key(&named(id)).unwrap())
            .to_vec(),
        all_attempts: snapshot.attempts(None, usize::MAX).unwrap(),
        claims,
        attempts: ATTEMPTS
            .map(|id| snapshot.attempt(&named(id)).unwrap())
            .to_vec(),
        shared: QUOTA_KEYS
            .map(|key| snapshot.shared(&quota_key(key)).unwrap())
            .to_vec(),
        holders: VALUES
            .map(|value| snapshot.holders(&claim(value)).unwrap())
            .to_vec(),
        due: snapshot.due(end, None, usize::MAX).unwrap(),
        outbox: snapshot.outbox(end, None, usize::MAX).unwrap(),
        remembered: KEYS
            .map(|key| snapshot.remembered(&named(key)).unwrap())
            .to_vec(),
        swept: snapshot.swept().unwrap(),
        bundles: BUNDLES
            .map(|text| snapshot.bundle(&bundle(text).fingerprint).unwrap())
            .to_vec(),
        denials: rings().map(denials).to_vec(),
    }
}
