//! What every store must do: one suite, for our adapters and for anybody else's.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure here is the verdict on the store under test"
)]

#[cfg(all(test, feature = "redb"))]
mod equivalence;
mod sample;

use std::sync::Arc;
use std::thread;

use self::sample::{
    ACCOUNTS, ATTEMPTS, BUNDLES, KEYS, QUOTA_KEYS, VALUES, at, attempt, bundle, claim, denial,
    fold, message, named, rings,
};
pub use self::sample::{Dump, decision, dump, everything, header, next, quota_key, remembered};
use super::{
    Changes, CommitError, Delivery, Due, KeyChange, Place, RecordNumber, Snapshot, Store,
    StoreError, Sweep, Swept,
};
use crate::account::{Revision, StoredRecord, Timer};
use crate::name::AccountId;
use crate::quota::{CellChange, Cells};

/// Runs the suite; `make` makes a new, empty store each time.
///
/// # Panics
/// When the store does not do what the port says.
pub fn run(make: impl Fn() -> Box<dyn Store>) {
    for case in CASES {
        case(make().as_ref());
    }
}

const CASES: [fn(&dyn Store); 27] = [
    an_empty_store_has_nothing,
    an_account_is_created_once,
    a_stale_revision_conflicts,
    a_conflict_writes_nothing,
    changes_that_do_not_fit_are_refused,
    a_snapshot_is_of_one_moment,
    accounts_are_listed_in_order,
    attempts_are_put_and_removed,
    timers_come_due_in_order,
    the_bundle_in_force_is_noted,
    messages_keep_the_order_of_commits,
    settled_messages_go_and_failed_ones_wait,
    a_place_is_not_used_twice,
    shared_cells_have_a_revision,
    holders_are_sorted,
    answers_are_kept,
    kept_answers_are_forgotten,
    what_is_over_is_swept,
    waiting_messages_are_dropped,
    data_keys_are_put_and_destroyed,
    whole_tables_are_paged,
    denials_are_kept_in_rings,
    a_denial_out_of_turn_conflicts,
    journals_are_paged_and_fold_to_their_account,
    every_page_of_a_long_journal_is_found,
    records_are_in_the_order_of_commits,
    concurrent_commits_are_all_there_once,
];

#[track_caller]
fn commit(store: &dyn Store, changes: Changes) {
    store.commit(changes).unwrap();
}

#[track_caller]
fn conflicts(store: &dyn Store, changes: Changes) {
    let before = dump(store);
    let refused = store.commit(changes);
    assert!(matches!(refused, Err(CommitError::Conflict)), "{refused:?}");
    assert_eq!(dump(store), before);
}

fn snapshot(store: &dyn Store) -> Box<dyn Snapshot + '_> {
    store.snapshot().unwrap()
}

/// Changes on the first account, made by `change`, are committed.
fn commit_with(store: &dyn Store, change: impl FnOnce(&mut Changes)) {
    let mut changes = next(store, ACCOUNTS[0]);
    change(&mut changes);
    commit(store, changes);
}

fn an_empty_store_has_nothing(store: &dyn Store) {
    let snapshot = snapshot(store);
    assert_eq!(store.header().unwrap(), header());
    assert_eq!(snapshot.account(&named("1001")).unwrap(), None);
    assert!(snapshot.accounts(None, 9).unwrap().is_empty());
    assert_eq!(
        snapshot.history(&named("1001"), Revision(0), 9).unwrap(),
        []
    );
    assert_eq!(snapshot.shared(&quota_key("x")).unwrap().revision, 0);
    assert!(snapshot.holders(&claim("x")).unwrap().is_empty());
    assert_eq!(snapshot.outbox(at(i64::MAX), None, 9).unwrap(), []);
    assert_eq!(snapshot.next_due().unwrap(), None);
}

fn an_account_is_created_once(store: &dyn Store) {
    let changes = decision(ACCOUNTS[0], None);
    commit(store, changes.clone());
    let read = snapshot(store);
    assert_eq!(
        read.account(&changes.account.id).unwrap(),
        Some(Arc::new(changes.account.clone()))
    );
    let history = read.history(&changes.account.id, Revision(0), 9).unwrap();
    assert_eq!(history, std::slice::from_ref(&changes.record));
    let kept = read.bundle(&changes.bundle.fingerprint).unwrap();
    assert_eq!(kept.as_ref(), Some(changes.bundle.as_ref()));
    drop(read);
    conflicts(store, changes);
}

fn a_stale_revision_conflicts(store: &dyn Store) {
    commit_with(store, |_| {});
    let stale = next(store, ACCOUNTS[0]);
    commit_with(store, |_| {});
    conflicts(store, stale);
    let mut nobody = next(store, ACCOUNTS[0]);
    nobody.account.id = named("nobody");
    conflicts(store, nobody);
}

fn a_conflict_writes_nothing(store: &dyn Store) {
    commit(store, everything(store, ACCOUNTS[0]));
    let fresh = || {
        let mut changes = everything(store, ACCOUNTS[1]);
        changes.remember = Some((named(KEYS[1]), remembered(ACCOUNTS[1])));
        changes
    };
    let mut changes = fresh();
    changes.expected = Some(Revision(1));
    changes.account.revision = Revision(2);
    changes.record.revision = Revision(2);
    conflicts(store, changes);
    let mut changes = fresh();
    changes.shared[0].1 = 0;
    conflicts(store, changes);
    let mut changes = fresh();
    changes.claims_seen[0].1.clear();
    conflicts(store, changes);
    let mut changes = fresh();
    changes.remember = Some((named(KEYS[0]), remembered(ACCOUNTS[1])));
    conflicts(store, changes);
    commit(store, fresh());
}

fn changes_that_do_not_fit_are_refused(store: &dyn Store) {
    let breaks: [fn(&mut Changes); 3] = [
        |changes| changes.expected = Some(Revision(7)),
        |changes| changes.account.revision = Revision(7),
        |changes| changes.record.revision = Revision(7),
    ];
    for spoil in breaks {
        let mut changes = everything(store, ACCOUNTS[0]);
        spoil(&mut changes);
        let refused = store.commit(changes);
        let malformed = matches!(refused, Err(CommitError::Store(StoreError::Malformed(_))));
        assert!(malformed, "{refused:?}");
        assert!(snapshot(store).accounts(None, 9).unwrap().is_empty());
    }
}

fn a_snapshot_is_of_one_moment(store: &dyn Store) {
    commit(store, everything(store, ACCOUNTS[0]));
    let before = snapshot(store);
    let account = before.account(&named(ACCOUNTS[0])).unwrap();
    commit(store, next(store, ACCOUNTS[0]));
    commit(store, next(store, ACCOUNTS[1]));
    store.settle(Place(0), Delivery::Delivered).unwrap();
    assert_eq!(before.account(&named(ACCOUNTS[0])).unwrap(), account);
    assert_eq!(before.accounts(None, 9).unwrap().len(), 1);
    assert_eq!(
        before
            .history(&named(ACCOUNTS[0]), Revision(0), 9)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(before.outbox(at(0), None, 9).unwrap().len(), 2);
    let after = snapshot(store);
    assert_eq!(after.accounts(None, 9).unwrap().len(), 2);
    assert_eq!(after.outbox(at(0), None, 9).unwrap().len(), 1);
}

fn accounts_are_listed_in_order(store: &dyn Store) {
    for id in ACCOUNTS {
        commit(store, next(store, id));
    }
    let mut sorted: Vec<AccountId> = ACCOUNTS.map(named).to_vec();
    sorted.sort();
    let snapshot = snapshot(store);
    assert_eq!(snapshot.accounts(None, 9).unwrap(), sorted);
    assert_eq!(snapshot.accounts(None, 2).unwrap(), sorted[..2]);
    assert_eq!(snapshot.accounts(Some(&sorted[1]), 9).unwrap(), sorted[2..]);
    assert_eq!(
        snapshot.accounts(Some(&named("1")), 1).unwrap(),
        sorted[..1]
    );
    assert!(snapshot.accounts(None, 0).unwrap().is_empty());
}

fn attempts_are_put_and_removed(store: &dyn Store) {
    let read = |id: &str| snapshot(store).attempt(&named(id)).unwrap();
    let mut put = attempt(ATTEMPTS[0], ACCOUNTS[0]);
    commit_with(store, |changes| changes.attempts_put = vec![put.clone()]);
    assert_eq!(read(ATTEMPTS[0]), Some(put.clone()));
    put.sends = 2;
    commit_with(store, |changes| {
        changes.attempts_put = vec![put.clone(), attempt(ATTEMPTS[1], ACCOUNTS[0])];
    });
    assert_eq!(read(ATTEMPTS[0]), Some(put.clone()));
    commit_with(store, |changes| {
        changes.attempts_put = vec![put.clone()];
        changes.attempts_removed = vec![put.id.clone(), named(ATTEMPTS[2])];
    });
    assert_eq!(read(ATTEMPTS[0]), None);
    assert!(read(ATTEMPTS[1]).is_some());
}

fn timers_come_due_in_order(store: &dyn Store) {
    let lapse = Timer::Lapse(named(ATTEMPTS[0]));
    let after = Timer::After(named("member_type.expire"));
    let owed = Timer::Overdue(named("member_type.restore"));
    commit_with(store, |changes| {
        changes.timers_armed = vec![
            (at(3), owed),
            (at(2), lapse.clone()),
            (at(-1), after.clone()),
        ];
    });
    let mut other = next(store, ACCOUNTS[2]);
    other.timers_armed = vec![(at(2), after.clone()), (at(2), lapse.clone())];
    commit(store, other);
    let due = |end, from: Option<&Due>, limit| snapshot(store).due(at(end), from, limit).unwrap();
    let all = due(3, None, 9);
    let seen: Vec<_> = all
        .iter()
        .map(|due| (due.at.as_ms(), due.account.as_str()))
        .collect();
    assert_eq!(
        seen,
        [(-1, "1001"), (2, "10"), (2, "10"), (2, "1001"), (3, "1001")]
    );
    assert!(all.is_sorted());
    assert_eq!(due(2, None, 9), all[..4]);
    assert_eq!(due(3, None, 2), all[..2]);
    assert_eq!(due(3, Some(&all[1]), 2), all[2..4]);
    assert_eq!(due(-2, None, 9), []);
    commit_with(store, |changes| {
        changes.timers_disarmed = vec![(at(-1), after.clone()), (at(2), lapse.clone())];
        changes.timers_armed = vec![(at(2), lapse)];
    });
    assert_eq!(due(3, None, 9), all[1..]);
    assert_eq!(snapshot(store).next_due().unwrap(), Some(at(2)));
}

fn the_bundle_in_force_is_noted(store: &dyn Store) {
    let in_force = || snapshot(store).in_force().unwrap();
    assert_eq!(in_force(), None);
    for (text, settled) in [(BUNDLES[0], true), (BUNDLES[1], false), (BUNDLES[1], true)] {
        let bundle = bundle(text);
        store.put_in_force(&bundle, settled).unwrap();
        let noted = in_force().unwrap();
        assert_eq!((noted.bundle, noted.settled), (bundle.fingerprint, settled));
        let kept = snapshot(store).bundle(&bundle.fingerprint).unwrap();
        assert_eq!(kept.as_ref(), Some(bundle.as_ref()));
    }
    assert_eq!(in_force().unwrap().before, None);
    commit_with(store, |_| {});
    assert_eq!(in_force().unwrap().bundle, bundle(BUNDLES[1]).fingerprint);
    for _ in 0..2 {
        store.put_in_force(&bundle(BUNDLES[0]), false).unwrap();
        let from = in_force().unwrap().before;
        assert_eq!(from, Some(bundle(BUNDLES[1]).fingerprint));
    }
}

fn messages_keep_the_order_of_commits(store: &dyn Store) {
    let ids = ["msg_z", "msg_b", "msg_y", "msg_a"];
    for pair in ids.chunks(2) {
        commit_with(store, |changes| {
            changes.queued = pair.iter().map(|id| message(id, ACCOUNTS[0])).collect();
        });
    }
    let outbox = |from, limit| snapshot(store).outbox(at(0), from, limit).unwrap();
    let all = outbox(None, 9);
    assert_eq!(
        all.iter()
            .map(|queued| queued.message.id.as_str())
            .collect::<Vec<_>>(),
        ids
    );
    assert!(all.is_sorted_by_key(|queued| queued.place));
    assert_eq!(outbox(None, 3), all[..3]);
    store.settle(all[2].place, Delivery::Delivered).unwrap();
    assert_eq!(outbox(Some(all[2].place), 9), all[3..]);
    assert_eq!(snapshot(store).outbox(at(-1), None, 9).unwrap(), []);
}

fn settled_messages_go_and_failed_ones_wait(store: &dyn Store) {
    commit_with(store, |changes| {
        changes.queued = vec![message("msg_a", ACCOUNTS[0]), message("msg_b", ACCOUNTS[0])];
    });
    let outbox = |now| snapshot(store).outbox(at(now), None, 9).unwrap();
    let all = outbox(0);
    for failures in 1..=2 {
        let not_before = at(i64::from(failures) * 10);
        store
            .settle(all[0].place, Delivery::Failed { not_before })
            .unwrap();
        assert_eq!(outbox(not_before.as_ms() - 1), all[1..]);
        let retried = &outbox(not_before.as_ms())[0];
        let at_its_place = snapshot(store).message(retried.place).unwrap();
        assert_eq!(at_its_place.as_ref(), Some(&retried.message));
        assert_eq!(
            (retried.place, retried.message.failures),
            (all[0].place, failures)
        );
    }
    for _ in 0..2 {
        store.settle(all[0].place, Delivery::Delivered).unwrap();
        assert_eq!(outbox(99), all[1..]);
        assert_eq!(snapshot(store).message(all[0].place).unwrap(), None);
    }
    store
        .settle(all[0].place, Delivery::Failed { not_before: at(0) })
        .unwrap();
    store.settle(Place(u64::MAX), Delivery::Delivered).unwrap();
    assert_eq!(outbox(99), all[1..]);
}

fn a_place_is_not_used_twice(store: &dyn Store) {
    let queue = || {
        commit_with(store, |changes| {
            changes.queued = vec![message("msg_a", ACCOUNTS[0])]
        });
        snapshot(store).outbox(at(0), None, 9).unwrap()[0].place
    };
    let first = queue();
    store.settle(first, Delivery::Delivered).unwrap();
    let second = queue();
    assert!(first < second);
    store.settle(first, Delivery::Delivered).unwrap();
    assert_eq!(snapshot(store).outbox(at(0), None, 9).unwrap().len(), 1);
}

fn shared_cells_have_a_revision(store: &dyn Store) {
    let read = |key: &str| snapshot(store).shared(&quota_key(key)).unwrap();
    let mut cells = Cells::default();
    for spent in 0..3 {
        assert_eq!(read(QUOTA_KEYS[0]).revision, u64::from(spent));
        let change = CellChange::Used {
            at: at(spent.into()),
            forget: spent / 2,
        };
        cells.apply(&change).unwrap();
        commit_with(store, |changes| {
            changes.shared = vec![(quota_key(QUOTA_KEYS[0]), spent.into(), cells.clone())];
        });
        assert_eq!(read(QUOTA_KEYS[0]).cells, cells);
    }
    assert_eq!(read(QUOTA_KEYS[1]).revision, 0);
}

fn holders_are_sorted(store: &dyn Store) {
    let hold = |id: &str, released: &[&str], claimed: &[&str]| {
        let mut changes = next(store, id);
        changes.claimed = claimed.iter().map(|value| claim(value)).collect();
        changes.released = released.iter().map(|value| claim(value)).collect();
        commit(store, changes);
    };
    let holders = |value: &str| snapshot(store).holders(&claim(value)).unwrap();
    hold("1002", &[], &[VALUES[0]]);
    hold("10", &[], &[VALUES[0], VALUES[1]]);
    hold("1001", &[VALUES[1]], &[VALUES[0], VALUES[0]]);
    assert_eq!(holders(VALUES[0]), ["10", "1001", "1002"]);
    hold("10", &[VALUES[0], VALUES[1]], &[VALUES[1]]);
    assert_eq!(holders(VALUES[0]), ["1001", "1002"]);
    assert_eq!(holders(VALUES[1]), ["10"]);
    hold("10", &[VALUES[1]], &[]);
    assert!(holders(VALUES[1]).is_empty());
}

fn answers_are_kept(store: &dyn Store) {
    let keep = Some((named(KEYS[0]), remembered(ACCOUNTS[0])));
    commit_with(store, |changes| changes.remember = keep.clone());
    let read = |key: &str| snapshot(store).remembered(&named(key)).unwrap();
    assert_eq!(read(KEYS[0]), Some(remembered(ACCOUNTS[0])));
    assert_eq!(read(KEYS[1]), None);
}

fn kept_answers_are_forgotten(store: &dyn Store) {
    for key in &KEYS[..2] {
        let keep = Some((named(key), remembered(ACCOUNTS[0])));
        commit_with(store, |changes| changes.remember = keep);
    }
    commit_with(store, |changes| {
        changes.forgotten = vec![named(KEYS[0]), named(KEYS[2])];
    });
    let read = |key: &str| snapshot(store).remembered(&named(key)).unwrap();
    assert_eq!(read(KEYS[0]), None);
    assert_eq!(read(KEYS[1]), Some(remembered(ACCOUNTS[0])));
    let keep = Some((named(KEYS[0]), remembered(ACCOUNTS[0])));
    commit_with(store, |changes| changes.remember = keep);
}

fn what_is_over_is_swept(store: &dyn Store) {
    for (key, quota) in KEYS.iter().zip(QUOTA_KEYS) {
        commit_with(store, |changes| {
            changes.remember = Some((named(key), remembered(ACCOUNTS[0])));
            changes.shared = vec![(quota_key(quota), 0, Cells::default())];
        });
    }
    let before = snapshot(store);
    let answers = before.answers(None, 9).unwrap();
    let cells = before.shared_keys(None, 9).unwrap();
    assert!(answers.is_sorted() && answers.iter().all(|(_, given)| *given == Some(at(7))));
    assert!(cells.iter().is_sorted_by_key(|(key, _)| key));
    let second = before.answers(Some(&answers[0].0), 1).unwrap();
    assert_eq!(second, answers[1..2]);
    let second = before.shared_keys(Some(&cells[0].0), 1).unwrap();
    assert_eq!(second, cells[1..2]);
    assert_eq!(before.swept().unwrap(), Swept::default());
    let sweep = Sweep {
        answers: vec![answers[0].0.clone(), named("never-kept")],
        // The second was spent after it was looked at.
        cells: vec![(cells[0].0.clone(), 1), (cells[1].0.clone(), 0)],
        swept: Swept {
            answers: Some(answers[0].0.clone()),
            cells: Some(cells[1].0.clone()),
            over: Some(at(8)),
        },
    };
    for _ in 0..2 {
        store.sweep(sweep.clone()).unwrap();
        let after = snapshot(store);
        assert_eq!(after.answers(None, 9).unwrap(), answers[1..]);
        assert_eq!(after.shared_keys(None, 9).unwrap(), cells[1..]);
        assert_eq!(after.swept().unwrap(), sweep.swept);
    }
    assert_eq!(before.answers(None, 9).unwrap(), answers);
}

fn waiting_messages_are_dropped(store: &dyn Store) {
    commit(store, everything(store, ACCOUNTS[0]));
    let outbox = || snapshot(store).outbox(at(0), None, 9).unwrap();
    let all = outbox();
    for _ in 0..2 {
        commit_with(store, |changes| {
            changes.dropped = vec![all[0].place, Place(u64::MAX)]
        });
        assert_eq!(outbox(), all[1..]);
    }
}

fn data_keys_are_put_and_destroyed(store: &dyn Store) {
    let read = |id: &str| snapshot(store).data_key(&named(id)).unwrap();
    assert_eq!(read(ACCOUNTS[0]), None);
    let put = |row: &[u8]| {
        let row = KeyChange::Put(row.to_vec());
        commit_with(store, |changes| changes.data_key = row);
    };
    put(b"one");
    commit_with(store, |_| {});
    assert_eq!(read(ACCOUNTS[0]).as_deref(), Some(b"one".as_slice()));
    put(b"another");
    assert_eq!(read(ACCOUNTS[0]).as_deref(), Some(b"another".as_slice()));
    assert_eq!(read(ACCOUNTS[2]), None);
    for _ in 0..2 {
        commit_with(store, |changes| changes.data_key = KeyChange::Destroy);
        assert_eq!(read(ACCOUNTS[0]), None);
    }
}

fn whole_tables_are_paged(store: &dyn Store) {
    for (account, id) in ACCOUNTS.iter().zip(ATTEMPTS) {
        for _ in 0..2 {
            let mut changes = next(store, account);
            changes.attempts_put = vec![attempt(id, account)];
            changes.claimed = VALUES.map(claim).to_vec();
            commit(store, changes);
        }
    }
    let snapshot = snapshot(store);
    let accounts = snapshot.accounts(None, 9).unwrap();
    let attempts = snapshot.attempts(None, 9).unwrap();
    let ids: Vec<&str> = attempts.iter().map(|attempt| attempt.id.as_str()).collect();
    assert_eq!(ids, ATTEMPTS);
    let later = snapshot.attempts(Some(&attempts[0].id), 1).unwrap();
    assert_eq!(later, attempts[1..2]);
    let claims = snapshot.claims(None, 9).unwrap();
    assert_eq!(claims.len(), VALUES.len());
    assert!(claims.iter().all(|(_, holders)| *holders == accounts));
    let later = snapshot.claims(Some(&claims[0].0), 1).unwrap();
    assert_eq!(later, claims[1..2]);
}

fn denials_are_kept_in_rings(store: &dyn Store) {
    let numbers = |ring, after, limit| {
        let denials = snapshot(store).denials(ring, after, limit).unwrap();
        let told = denials.iter().map(|denial| {
            let number = denial.number.to_string();
            assert_eq!(denial.bytes, number.into_bytes());
            denial.number
        });
        told.collect::<Vec<_>>()
    };
    let rings = rings();
    for _ in 0..5 {
        store.keep_denial(denial(store, &rings[1], 3)).unwrap();
    }
    assert_eq!(numbers(&rings[1], 0, 9), [3, 4, 5]);
    assert_eq!(numbers(&rings[1], 3, 1), [4]);
    assert!(snapshot(store).denial_head(&rings[2]).unwrap().is_none());
    for ring in [&rings[2], &rings[0], &rings[1]] {
        store.keep_denial(denial(store, ring, 1)).unwrap();
    }
    assert_eq!(numbers(&rings[1], 0, 9), [6]);
    assert_eq!(numbers(&rings[0], 0, 9), [1]);
    let snapshot = snapshot(store);
    assert_eq!(snapshot.denial_rings(None, 9).unwrap(), rings);
    let later = snapshot.denial_rings(Some(&rings[0]), 1).unwrap();
    assert_eq!(later, rings[1..2]);
    assert!(snapshot.accounts(None, 9).unwrap().is_empty());
}

fn a_denial_out_of_turn_conflicts(store: &dyn Store) {
    let ring = &rings()[1];
    let denial = || denial(store, ring, 9);
    let stale = denial();
    store.keep_denial(stale.clone()).unwrap();
    let before = dump(store);
    let mut early = denial();
    early.head.newest += 1;
    for denial in [stale, early] {
        let refused = store.keep_denial(denial);
        assert!(matches!(refused, Err(CommitError::Conflict)), "{refused:?}");
    }
    let mut beyond = denial();
    beyond.head.oldest = 3;
    let mut back = denial();
    back.head.oldest = 0;
    for denial in [beyond, back] {
        let refused = store.keep_denial(denial);
        let malformed = matches!(refused, Err(CommitError::Store(StoreError::Malformed(_))));
        assert!(malformed, "{refused:?}");
    }
    assert_eq!(dump(store), before);
}

/// What the records of a journal make of nothing.
fn folded(records: &[StoredRecord], id: &AccountId) -> Option<crate::account::Account> {
    records
        .iter()
        .fold(None, |account, stored| Some(fold(account, stored, id)))
}

fn journals_are_paged_and_fold_to_their_account(store: &dyn Store) {
    for _ in 0..5 {
        commit(store, next(store, "10"));
        commit(store, next(store, "1001"));
    }
    commit_with(store, |changes| changes.bundle = bundle(BUNDLES[1]));
    let snapshot = snapshot(store);
    let id: AccountId = named("10");
    let page = |after, limit| snapshot.history(&id, Revision(after), limit).unwrap();
    let all = page(0, 9);
    assert_eq!(
        all.iter()
            .map(|record| record.revision.0)
            .collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(page(1, 2), all[1..3]);
    assert_eq!(page(5, 9), []);
    assert_eq!(page(u64::MAX, 9), []);
    assert_eq!(
        folded(&all, &id).map(Arc::new),
        snapshot.account(&id).unwrap()
    );
    for text in BUNDLES {
        let kept = snapshot.bundle(&bundle(text).fingerprint).unwrap();
        assert_eq!(kept.as_ref(), Some(bundle(text).as_ref()));
    }
    let mut all = BUNDLES.map(|text| bundle(text).fingerprint);
    all.sort();
    assert_eq!(snapshot.bundles().unwrap(), all);
}

fn every_page_of_a_long_journal_is_found(store: &dyn Store) {
    const LENGTH: u64 = 35;
    for _ in 0..LENGTH {
        commit(store, next(store, "10"));
        commit(store, next(store, "1001"));
    }
    let snapshot = snapshot(store);
    let id: AccountId = named("10");
    let all = snapshot.history(&id, Revision(0), usize::MAX).unwrap();
    for after in 0..=all.len() {
        for limit in 0..=all.len() + 1 {
            let page = snapshot.history(&id, Revision(after as u64), limit);
            let end = all.len().min(after + limit);
            assert_eq!(page.unwrap(), all[after..end], "{limit} after {after}");
        }
    }
}

fn records_are_in_the_order_of_commits(store: &dyn Store) {
    let order = ["1001", "10", "1001", "1002", "10", "1001"];
    for account in order {
        let changes = next(store, account);
        commit(store, changes.clone());
        conflicts(store, changes);
    }
    let snapshot = snapshot(store);
    let page = |after, limit| snapshot.records(RecordNumber(after), limit).unwrap();
    let all = page(0, 9);
    let accounts: Vec<&str> = all.iter().map(|it| it.account.as_str()).collect();
    assert_eq!(accounts, order);
    let numbers: Vec<u64> = all.iter().map(|it| it.number.0).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    for found in &all {
        let before = Revision(found.record.revision.0 - 1);
        let own = snapshot.history(&found.account, before, 1).unwrap();
        assert_eq!(own, std::slice::from_ref(&found.record));
    }
    assert_eq!(page(2, 3), all[2..5]);
    assert_eq!(page(6, 9), []);
    assert_eq!(page(u64::MAX, 9), []);
    assert_eq!(snapshot.numbered_later().unwrap(), RecordNumber(0));
}

/// Callers that decide anew at each conflict all get through, each exactly once.
fn concurrent_commits_are_all_there_once(store: &dyn Store) {
    const CALLERS: u64 = 8;
    const EACH: u64 = 50;
    commit(store, next(store, ACCOUNTS[0]));
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            scope.spawn(move || {
                for turn in 0..EACH {
                    let key = format!("{caller}.{turn}");
                    loop {
                        let mut changes = next(store, ACCOUNTS[0]);
                        changes.remember = Some((named(&key), remembered(ACCOUNTS[0])));
                        match store.commit(changes) {
                            Ok(()) => break,
                            Err(error) => assert!(matches!(error, CommitError::Conflict)),
                        }
                    }
                }
            });
        }
    });
    let snapshot = snapshot(store);
    let id: AccountId = named(ACCOUNTS[0]);
    let records = snapshot.history(&id, Revision(0), usize::MAX).unwrap();
    let revisions: Vec<u64> = records.iter().map(|record| record.revision.0).collect();
    assert_eq!(revisions, (1..=CALLERS * EACH + 1).collect::<Vec<_>>());
    assert_eq!(
        folded(&records, &id).map(Arc::new),
        snapshot.account(&id).unwrap()
    );
}
