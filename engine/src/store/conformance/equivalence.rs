//! Whatever happens to them, two stores answer alike.

use proptest::collection::vec;
use proptest::prelude::*;

use super::sample::*;
use crate::account::{Revision, Timer};
use crate::store::{
    Changes, Delivery, KeyChange, MemoryStore, Place, RedbStore, Store, Sweep, Swept,
};

/// What happens to a store.
#[derive(Debug, Clone)]
enum Happening {
    /// A decision on an account, with these parts; a stale one was decided too early.
    Commit {
        account: usize,
        stale: bool,
        parts: Vec<Part>,
    },
    /// A message was tried.
    Settle { place: u64, again_at: Option<i64> },
    /// A request was refused.
    Deny { ring: usize, keep: u64 },
    /// What has come with a key goes.
    Sweep { key: usize, spent: u64 },
    /// Rows of the log come into the state, or only begin to.
    Feed { whole: bool },
}

/// What a decision changes. Indices go into the sample's lists; `wrong` parts rely on what is not
/// so.
#[derive(Debug, Clone)]
enum Part {
    Attempt { attempt: usize, put: bool },
    Timer { at: i64, attempt: usize, arm: bool },
    Queue { not_before: i64 },
    Spend { key: usize, wrong: bool },
    Look { value: usize, wrong: bool },
    Hold { value: usize, claim: bool },
    Remember { key: usize },
    Forget { key: usize },
    Drop { place: u64 },
    Key { put: bool },
    Bundle { bundle: usize },
}

fn part() -> impl Strategy<Value = Part> {
    let rarely = || prop::bool::weighted(0.1);
    prop_oneof![
        (0..ATTEMPTS.len(), any::<bool>())
            .prop_map(|(attempt, put)| Part::Attempt { attempt, put }),
        (-2..3_i64, 0..ATTEMPTS.len(), any::<bool>()).prop_map(|(at, attempt, arm)| Part::Timer {
            at,
            attempt,
            arm
        }),
        (0..3_i64).prop_map(|not_before| Part::Queue { not_before }),
        (0..QUOTA_KEYS.len(), rarely()).prop_map(|(key, wrong)| Part::Spend { key, wrong }),
        (0..VALUES.len(), rarely()).prop_map(|(value, wrong)| Part::Look { value, wrong }),
        (0..VALUES.len(), any::<bool>()).prop_map(|(value, claim)| Part::Hold { value, claim }),
        (0..KEYS.len()).prop_map(|key| Part::Remember { key }),
        (0..KEYS.len()).prop_map(|key| Part::Forget { key }),
        (0..8_u64).prop_map(|place| Part::Drop { place }),
        any::<bool>().prop_map(|put| Part::Key { put }),
        (0..BUNDLES.len()).prop_map(|bundle| Part::Bundle { bundle }),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let commit = (
        0..ACCOUNTS.len(),
        prop::bool::weighted(0.1),
        vec(part(), 0..6),
    );
    prop_oneof![
        4 => commit.prop_map(|(account, stale, parts)| Happening::Commit { account, stale, parts }),
        1 => (0..8_u64, prop::option::of(0..3_i64))
            .prop_map(|(place, again_at)| Happening::Settle { place, again_at }),
        1 => (0..rings().len(), 1..4_u64)
            .prop_map(|(ring, keep)| Happening::Deny { ring, keep }),
        1 => (0..KEYS.len().min(QUOTA_KEYS.len()), 0..3_u64)
            .prop_map(|(key, spent)| Happening::Sweep { key, spent }),
        1 => any::<bool>().prop_map(|whole| Happening::Feed { whole }),
    ]
}

fn changes(store: &dyn Store, account: usize, stale: bool, parts: &[Part]) -> Changes {
    let id = ACCOUNTS[account];
    let mut changes = next(store, id);
    if stale {
        let later = changes.account.revision;
        changes.expected = Some(later);
        changes.account.revision = Revision(later.0 + 1);
        changes.record.revision = changes.account.revision;
    }
    let snapshot = store.snapshot().unwrap();
    for part in parts {
        match *part {
            Part::Attempt {
                attempt: one,
                put: true,
            } => {
                changes.attempts_put.push(attempt(ATTEMPTS[one], id));
            }
            Part::Attempt {
                attempt: one,
                put: false,
            } => {
                changes.attempts_removed.push(named(ATTEMPTS[one]));
            }
            Part::Timer {
                at: due,
                attempt,
                arm,
            } => {
                let timer = (at(due), Timer::Lapse(named(ATTEMPTS[attempt])));
                let timers = match arm {
                    true => &mut changes.timers_armed,
                    false => &mut changes.timers_disarmed,
                };
                timers.push(timer);
            }
            Part::Queue { not_before } => {
                let mut message = message("msg_any", id);
                message.not_before = at(not_before);
                changes.queued.push(message);
            }
            Part::Spend { key, wrong } => {
                let key = quota_key(QUOTA_KEYS[key]);
                let spent = snapshot.shared(&key).unwrap();
                changes
                    .shared
                    .push((key, spent.revision + u64::from(wrong), spent.cells));
            }
            Part::Look { value, wrong } => {
                let key = claim(VALUES[value]);
                let mut seen = snapshot.holders(&key).unwrap();
                if wrong {
                    seen.push(named("nobody"));
                }
                changes.claims_seen.push((key, seen));
            }
            Part::Hold { value, claim: true } => changes.claimed.push(claim(VALUES[value])),
            Part::Hold {
                value,
                claim: false,
            } => changes.released.push(claim(VALUES[value])),
            Part::Remember { key } => changes.remember = Some((named(KEYS[key]), remembered(id))),
            Part::Forget { key } => changes.forgotten.push(named(KEYS[key])),
            Part::Drop { place } => changes.dropped.push(Place(place)),
            Part::Key { put: true } => changes.data_key = KeyChange::Put(id.as_bytes().to_vec()),
            Part::Key { put: false } => changes.data_key = KeyChange::Destroy,
            Part::Bundle { bundle: one } => changes.bundle = bundle(BUNDLES[one]),
        }
    }
    changes
}

/// What a store answers to what happens.
fn answer(store: &dyn Store, happening: &Happening) -> String {
    match happening {
        Happening::Commit {
            account,
            stale,
            parts,
        } => {
            let changes = changes(store, *account, *stale, parts);
            format!("{:?}", store.commit(changes))
        }
        Happening::Settle {
            place,
            again_at: None,
        } => {
            format!("{:?}", store.settle(Place(*place), Delivery::Delivered))
        }
        Happening::Settle {
            place,
            again_at: Some(again),
        } => {
            let delivery = Delivery::Failed {
                not_before: at(*again),
            };
            format!("{:?}", store.settle(Place(*place), delivery))
        }
        Happening::Deny { ring, keep } => {
            let denial = denial(store, &rings()[*ring], *keep);
            format!("{:?}", store.keep_denial(denial))
        }
        Happening::Sweep { key, spent } => {
            let swept = Swept {
                answers: Some(named(KEYS[*key])),
                cells: None,
                over: None,
            };
            let sweep = Sweep {
                answers: vec![named(KEYS[*key])],
                cells: vec![(quota_key(QUOTA_KEYS[*key]), *spent)],
                swept,
            };
            format!("{:?}", store.sweep(sweep))
        }
        Happening::Feed { .. } => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_stores_answer_alike(happenings in vec(happening(), 1..25)) {
        let memory = MemoryStore::new(header());
        let redb = RedbStore::in_memory(&header());
        for happening in &happenings {
            match happening {
                Happening::Feed { whole: true } => redb.checkpoint().unwrap(),
                Happening::Feed { whole: false } => redb.begin_to_feed(),
                _ => {}
            }
            prop_assert_eq!(answer(&memory, happening), answer(&redb, happening));
            prop_assert_eq!(dump(&memory), dump(&redb));
        }
        for end in -2..3 {
            let due = |store: &dyn Store| store.snapshot().unwrap().due(at(end), None, 2).unwrap();
            let ready =
                |store: &dyn Store| store.snapshot().unwrap().outbox(at(end), None, 2).unwrap();
            prop_assert_eq!(due(&memory), due(&redb));
            prop_assert_eq!(ready(&memory), ready(&redb));
        }
    }
}
