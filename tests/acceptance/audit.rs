//! What an audit shows: tampering of every kind, denials, and accounts that were erased.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use stateward::account::{Gate, Outcome, Revision};
use stateward::engine::audit::Flaw;
use stateward::engine::{Engine, Run};
use stateward::name::AccountId;

use crate::fixture::*;

const BIND: &str = "mobile_phone.bind";
const INPUT: [(&str, &str); 1] = [("phone", BRITISH)];

type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;
const ACCOUNTS: Table = Table::new("accounts");
const RECORDS: Table = Table::new("records");
const ATTEMPTS: Table = Table::new("attempts");
const TIMERS: Table = Table::new("timers");
const CLAIMS: Table = Table::new("claims");
const DATA_KEYS: Table = Table::new("data_keys");
const DENIALS: Table = Table::new("denials");
const DENIAL_HEADS: Table = Table::new("denial_heads");
const BUNDLES: Table = Table::new("bundles");
const OUTBOX: Table = Table::new("outbox");
const SHARED: Table = Table::new("shared");

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn bind(account: &str) -> Run {
    request(&full(), account, BIND, &INPUT)
}

/// A row of a table: its key and its value.
type Row = (Vec<u8>, Vec<u8>);

/// The rows of a table whose keys begin so.
fn rows(file: &Path, table: Table, prefix: &[u8]) -> Vec<Row> {
    let database = Database::open(file).unwrap();
    let table = database.begin_read().unwrap().open_table(table).unwrap();
    let rows = table.iter().unwrap().map(|row| {
        let (key, value) = row.unwrap();
        (key.value().to_vec(), value.value().to_vec())
    });
    rows.filter(|(key, _)| key.starts_with(prefix)).collect()
}

/// A key with the value to put there, or none to take it out.
type Write<'r> = (&'r [u8], Option<&'r [u8]>);

/// Puts rows into a table, or takes them out of it.
fn write(file: &Path, table: Table, rows: &[Write<'_>]) {
    let database = Database::open(file).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(table).unwrap();
        for (key, value) in rows {
            match value {
                Some(value) => drop(table.insert(*key, *value).unwrap()),
                None => drop(table.remove(*key).unwrap()),
            }
        }
    }
    transaction.commit().unwrap();
}

/// The flaws of one account.
fn flaws(world: &World, account: &str) -> Vec<Flaw> {
    let verified = world.engine().verify(&[id(account)], &mut |_| {});
    verified.unwrap().flaws
}

/// An account with a journal of its creation, an attempt and a change, with denials, and with an
/// attempt that is open.
fn eventful() -> World {
    let world = World::on_disk();
    let asked = world.ask(&bind(RA1));
    world.prove(&full(), &asked).applied();
    for _ in 0..3 {
        world.run(&nobody(), RA1, BIND, &INPUT).denial();
    }
    world.ask(&bind(RA3)).waiting();
    assert_eq!(world.verify().flaws, []);
    world
}

/// The rows of an account's records, the oldest first.
fn journal(file: &Path, id: &str) -> Vec<Row> {
    // Version, revision and two links stand before the account.
    let account = format!("{id}\0");
    let mut rows = rows(file, RECORDS, b"");
    rows.retain(|(_, row)| row[25..].starts_with(account.as_bytes()));
    rows
}

/// Many accounts with a like journal, so that a byte of each can be changed at once.
const MANY: usize = 40;

#[test]
fn every_byte_of_a_record_that_is_changed_is_found() {
    let mut world = World::on_disk();
    let ids: Vec<String> = (0..MANY).map(|number| format!("t{number}")).collect();
    for (number, id) in ids.iter().enumerate() {
        world.create(&resource(id, "fd-A/").create()).applied();
        let phone = format!("+4474001234{number:02}");
        let asked = world.run(&full(), id, BIND, &[("phone", &phone)]);
        world.prove(&full(), &asked).applied();
        world.pass(seconds(1));
    }
    assert_eq!(world.verify().flaws, []);
    let journals: Vec<Vec<Row>> =
        world.behind_the_back(|file| ids.iter().map(|id| journal(file, id)).collect());
    for record in 0..3 {
        let longest = journals
            .iter()
            .map(|rows| rows[record].1.len())
            .max()
            .unwrap();
        for start in (0..longest).step_by(MANY) {
            let changed: Vec<(usize, Vec<u8>)> = journals
                .iter()
                .enumerate()
                .filter_map(|(of, rows)| {
                    let mut bytes = rows[record].1.clone();
                    *bytes.get_mut(start + of)? ^= 1 << (start % 8);
                    Some((of, bytes))
                })
                .collect();
            let put: Vec<_> = journals
                .iter()
                .enumerate()
                .map(|(of, rows)| {
                    let (key, whole) = &rows[record];
                    let other = changed.iter().find(|(changed, _)| *changed == of);
                    (
                        key.as_slice(),
                        Some(other.map_or(whole, |(_, bytes)| bytes).as_slice()),
                    )
                })
                .collect();
            world.behind_the_back(|file| write(file, RECORDS, &put));
            for (of, _) in &changed {
                let found = flaws(&world, &ids[*of]);
                assert_eq!(
                    found.len(),
                    1,
                    "byte {} of record {}",
                    start + of,
                    record + 1
                );
                // What is before the engine's bytes is the store's, which names the record.
                let revision = record as u64 + 1;
                let named = format!("record {revision}");
                assert!(
                    found[0].revision == Some(Revision(revision)) || found[0].what.contains(&named),
                    "byte {} of {named}: {}",
                    start + of,
                    found[0].what,
                );
            }
        }
        let put_back: Vec<_> = journals
            .iter()
            .map(|rows| {
                let (key, whole) = &rows[record];
                (key.as_slice(), Some(whole.as_slice()))
            })
            .collect();
        world.behind_the_back(|file| write(file, RECORDS, &put_back));
    }
    assert_eq!(world.verify().flaws, []);
}

#[test]
fn records_that_are_dropped_swapped_cut_or_doubled_are_found() {
    let mut world = eventful();
    let records = world.behind_the_back(|file| journal(file, RA1));
    let restore: Vec<_> = records
        .iter()
        .map(|(k, v)| (k.as_slice(), Some(v.as_slice())))
        .collect();
    let key = |index: usize| records[index].0.as_slice();
    let value = |index: usize| records[index].1.as_slice();
    let all = world.behind_the_back(|file| rows(file, RECORDS, b"")).len() as u64;
    let beyond = (all + 1).to_be_bytes();
    let other = world.behind_the_back(|file| journal(file, RA3));
    let attacks: [(&str, Vec<Write<'_>>); 9] = [
        ("the first is dropped", vec![(key(0), None)]),
        ("the second is dropped", vec![(key(1), None)]),
        ("the newest is dropped", vec![(key(2), None)]),
        (
            "all are dropped",
            vec![(key(0), None), (key(1), None), (key(2), None)],
        ),
        (
            "two are swapped",
            vec![(key(1), Some(value(2))), (key(2), Some(value(1)))],
        ),
        (
            "the newest is cut",
            vec![(key(2), Some(&value(2)[..value(2).len() / 2]))],
        ),
        ("the newest is doubled", vec![(&beyond, Some(value(2)))]),
        (
            "the second takes the place of the newest",
            vec![(key(2), Some(value(1)))],
        ),
        (
            "another account's takes its place",
            vec![(key(1), Some(&other[1].1))],
        ),
    ];
    for (what, attack) in attacks {
        world.behind_the_back(|file| write(file, RECORDS, &attack));
        // One that nothing leads to is none of the account's: only among all of them it is too many.
        let own = usize::from(!what.contains("doubled"));
        assert_eq!(flaws(&world, RA1).len(), own, "{what}");
        assert!(!world.verify().flaws.is_empty(), "{what}");
        world.behind_the_back(|file| {
            write(file, RECORDS, &[(&beyond, None)]);
            write(file, RECORDS, &restore);
        });
    }
    assert_eq!(world.verify().flaws, []);
}

#[test]
fn every_byte_of_a_denial_that_is_changed_and_every_one_that_is_dropped_is_found() {
    let mut world = eventful();
    let heads = world.behind_the_back(|file| rows(file, DENIAL_HEADS, b"1001"));
    let denials = world.behind_the_back(|file| rows(file, DENIALS, b"1001\0"));
    assert_eq!((heads.len(), denials.len()), (1, 3));
    let tables = [(DENIAL_HEADS, &heads[..]), (DENIALS, &denials[..1])];
    for (table, rows) in tables {
        for (key, whole) in rows {
            for place in 0..whole.len() {
                let mut changed = whole.clone();
                changed[place] ^= 1 << (place % 8);
                world.behind_the_back(|file| write(file, table, &[(key, Some(&changed))]));
                assert_eq!(flaws(&world, RA1).len(), 1, "byte {place}");
            }
            world.behind_the_back(|file| write(file, table, &[(key, Some(whole))]));
        }
    }
    for (table, rows) in [(DENIAL_HEADS, &heads), (DENIALS, &denials)] {
        for (key, whole) in rows {
            world.behind_the_back(|file| write(file, table, &[(key, None)]));
            assert_eq!(flaws(&world, RA1).len(), 1);
            world.behind_the_back(|file| write(file, table, &[(key, Some(whole))]));
        }
    }
    assert_eq!(world.verify().flaws, []);
}

/// A row beside the journal that says something else than the journal, or is gone.
#[test]
fn rows_that_the_journal_does_not_tell_of_are_found() {
    let mut world = eventful();
    let tables = [ACCOUNTS, ATTEMPTS, TIMERS, CLAIMS, DATA_KEYS, BUNDLES];
    for table in tables {
        let name = redb::TableHandle::name(&table).to_owned();
        let all = world.behind_the_back(|file| rows(file, table, b""));
        assert!(!all.is_empty(), "{name} holds something");
        for (key, value) in all.iter().take(4) {
            let put_back = |world: &mut World| {
                world.behind_the_back(|file| write(file, table, &[(key, Some(value))]));
            };
            world.behind_the_back(|file| write(file, table, &[(key, None)]));
            assert_ne!(world.verify().flaws, [], "a row of {name} is gone");
            put_back(&mut world);
            if let Some(last) = value.last() {
                let mut changed = value.clone();
                *changed.last_mut().unwrap() = last ^ 1;
                world.behind_the_back(|file| write(file, table, &[(key, Some(&changed))]));
                assert_ne!(world.verify().flaws, [], "a row of {name} is another");
                put_back(&mut world);
            }
            // A key that is nobody's opens nothing, and is not looked for.
            if name == "data_keys" {
                continue;
            }
            let mut more = key.clone();
            more.push(b'1');
            world.behind_the_back(|file| write(file, table, &[(&more, Some(value))]));
            assert_ne!(world.verify().flaws, [], "a row of {name} is too many");
            world.behind_the_back(|file| write(file, table, &[(&more, None)]));
        }
    }
    assert_eq!(world.verify().flaws, []);
}

/// An account that has codes sent to its old number and to a new one; both are limited over all
/// accounts.
fn sharing() -> World {
    let world = World::on_disk();
    let input = [("phone", OTHER_SINGAPOREAN)];
    for _ in 0..2 {
        let asked = world.run(&root_of(CA1), CA1, "mobile_phone.change", &input);
        world.prove(&root_of(CA1), &asked).waiting();
        world.pass(days(1));
    }
    assert_eq!(world.verify().flaws, []);
    world
}

#[test]
fn shared_cells_that_no_record_tells_of_are_found() {
    let mut world = sharing();
    let found = |world: &mut World, attack: &[Write<'_>]| {
        world.behind_the_back(|file| write(file, SHARED, attack));
        world.verify().flaws
    };
    let all = world.behind_the_back(|file| rows(file, SHARED, b""));
    assert_eq!(all.len(), 2);
    for (key, whole) in &all {
        let world = &mut world;
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1 << (place % 8);
            let flaws = found(world, &[(key, Some(&changed))]);
            assert!(!flaws.is_empty(), "byte {place} of {}", whole.len());
        }
        let flaws = found(world, &[(key, None)]);
        let number = str::from_utf8(&key[key.len() - 8..]).unwrap();
        assert!(!flaws[0].what.contains(number), "a number is masked");
        let told = "quota codes_per_address of +***: it was spent 2 times, and its row tells of 0";
        assert_eq!(flaws[0].what, told);
        let mut more = key.clone();
        more.push(b'1');
        let flaws = found(world, &[(key, Some(whole)), (&more, Some(whole))]);
        assert_eq!(flaws.len(), 1, "{flaws:?}");
        assert_eq!(found(world, &[(&more, None)]), []);
    }
}

/// What is swept is gone, and what is not yet over is not.
#[test]
fn shared_cells_may_be_gone_once_they_were_over() {
    let mut world = sharing();
    let kept = world.behind_the_back(|file| rows(file, SHARED, b""));
    world.pass(days(2));
    world.engine().tick(usize::MAX).unwrap();
    assert_eq!(world.verify().flaws, []);
    let left = world.behind_the_back(|file| rows(file, SHARED, b""));
    assert_eq!(left, [], "they were over, {} rows", kept.len());

    let input = [("phone", OTHER_SINGAPOREAN)];
    let change = |world: &mut World| {
        world
            .run(&root_of(CA1), CA1, "mobile_phone.change", &input)
            .waiting();
    };
    change(&mut world);
    assert_eq!(world.verify().flaws, []);
    let (key, _) = world.behind_the_back(|file| rows(file, SHARED, b""))[0].clone();
    world.behind_the_back(|file| write(file, SHARED, &[(&key, None)]));
    assert_eq!(world.verify().flaws.len(), 1, "it was spent since");
    // What was swept once does not come again either.
    let old = kept.iter().find(|(old, _)| *old == key).unwrap();
    world.behind_the_back(|file| write(file, SHARED, &[(&key, Some(&old.1))]));
    assert_eq!(world.verify().flaws.len(), 1, "an older row");
}

#[test]
fn messages_that_no_record_queued_are_found() {
    let mut world = eventful();
    let waiting = world.behind_the_back(|file| rows(file, OUTBOX, b""));
    let (key, whole) = waiting.last().unwrap();
    let to = BRITISH.trim_start_matches("+44");
    let at = whole
        .windows(to.len())
        .position(|part| part == to.as_bytes());
    let mut redirected = whole.clone();
    redirected[at.unwrap()] ^= 1;
    let elsewhere = u64::MAX.to_be_bytes();
    let attacks: [(_, &[Write<'_>]); 2] = [
        ("sent to somebody else", &[(key, Some(&redirected))]),
        ("sent twice", &[(&elsewhere, Some(whole))]),
    ];
    for (what, attack) in attacks {
        world.behind_the_back(|file| write(file, OUTBOX, attack));
        let found = world.verify().flaws;
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        assert!(found[0].what.contains("is not as the journal tells"));
        let restore = [(&elsewhere[..], None), (key, Some(whole.as_slice()))];
        world.behind_the_back(|file| write(file, OUTBOX, &restore));
    }
    assert_eq!(world.verify().flaws, []);
}

fn an_erased_account_is_closed_and_verifies(world: &mut World) {
    let once = Run {
        key: Some("once".parse().unwrap()),
        ..bind(RA1)
    };
    let first = world.ask(&once);
    world.prove(&full(), &first).applied();
    world
        .run(&full(), CA1, "mobile_phone.bind", &INPUT)
        .denial();
    world.ask(&bind(RA3)).waiting();
    let before = world.account(RA1);

    let erasure = world.engine().erase(&id(RA1)).unwrap();

    assert!(
        !erasure.before && erasure.attributes > 0 && erasure.sealed == 3 && erasure.answers == 1
    );
    world.restart();
    let account = world.account(RA1);
    assert_eq!(account.erased_at, Some(world.now()));
    assert_eq!(account.states, before.states);
    for gone in ["phone", "email"] {
        assert!(before.attributes.contains_key(gone) && !account.attributes.contains_key(gone));
    }
    let verified = world.verify();
    assert_eq!((verified.erased, verified.flaws), (1, vec![]));
    let history = world.engine().history(&id(RA1), Revision(0), 9).unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|it| it.envelope.command.as_str())
        .collect();
    assert_eq!(told, ["create", "run", "confirm", "erase"]);
    let subject = history[2].envelope.subject.as_deref();
    assert_eq!(subject, Some(BIND), "an attempt is told by its transition");
    assert!(history[..3].iter().all(|entry| entry.record.is_none()));
    let shown = format!("{history:?} {account:?}");
    assert!(!shown.contains("7400123456"), "{shown}");

    let again = world.ask(&once);
    again.refused(Gate::State, None);
    assert_eq!(again.denial().code, "D0013");
    assert_eq!(world.create(&MEMBERS[1].create()).denial().code, "D0013");
    world
        .run(&nobody(), RA1, BIND, &INPUT)
        .refused(Gate::Policy, None);
    world.pass(days(400));
    world.engine().tick(usize::MAX).unwrap();
    assert_eq!(world.account(RA1).revision, account.revision);
    assert!(world.engine().erase(&id(RA1)).unwrap().before);
}

fn erasing_ends_what_is_open(world: &mut World) {
    let asked = world.ask(&bind(RA1));

    let erasure = world.engine().erase(&id(RA1)).unwrap();

    assert_eq!((erasure.attempts, erasure.messages), (1, 1));
    assert!(world.is_closed(&asked));
    assert!(world.pump().is_empty(), "what waited does not go out");
    assert_eq!(world.verify().flaws, []);
    // The number is free again, and others are not disturbed.
    world.ask(&bind(RA3)).waiting();
}

fn denials_are_kept_and_change_nothing(world: &mut World) {
    world.run(&nobody(), RA1, BIND, &INPUT).denial();
    world.run(&nobody(), "999999", BIND, &INPUT).denial();
    world.restart();

    world.is_untouched(RA1);
    let kept = world.engine().denials(Some(&id(RA1))).unwrap();
    let told = &kept[0].refusal;
    assert_eq!((told.gate, told.at), (Gate::Policy, world.now()));
    assert_eq!(
        (told.command.as_str(), told.subject.as_deref()),
        ("run", Some(BIND))
    );
    let strangers = world.engine().denials(None).unwrap();
    assert_eq!(strangers[0].refusal.account, Some(id("999999")));
    assert_eq!(world.verify().flaws, []);
}

/// Asking what would happen leaves nothing behind.
fn a_dry_run_keeps_no_denial(world: &mut World) {
    let run = request(&nobody(), RA1, BIND, &INPUT);
    let told = world.engine().explain(&run).unwrap();
    assert!(matches!(told.answer.outcome, Outcome::Denied(_)));
    assert_eq!(world.engine().denials(Some(&id(RA1))).unwrap(), []);
}

fn numbers(engine: &Engine, account: Option<&str>) -> Vec<u64> {
    let account = account.map(id);
    let kept = engine.denials(account.as_ref()).unwrap();
    kept.iter().map(|kept| kept.number).collect()
}

/// Whoever asks and asks fills no disk, and pushes out no evidence about another account.
fn denials_are_bounded(world: &mut World) {
    world.run(&nobody(), RA3, BIND, &INPUT).denial();
    for _ in 0..50 {
        for _ in 0..5 {
            world.run(&nobody(), RA1, BIND, &INPUT).denial();
            world.run(&nobody(), "999999", BIND, &INPUT).denial();
        }
        world.pass(seconds(2));
    }
    let engine = world.engine();
    assert_eq!(numbers(engine, Some(RA3)), [1]);
    for account in [Some(RA1), None] {
        let kept = numbers(engine, account);
        assert_eq!(kept.len(), 100, "only the newest are kept");
        assert!(kept.is_sorted() && kept[0] > 1);
    }
    let all = [Some(id(RA1)), None].map(|ring| {
        let kept = engine.denials(ring.as_ref()).unwrap();
        let (first, last) = (&kept[0], &kept[99]);
        let mut uncounted = kept.iter().map(|kept| kept.refusal.uncounted);
        assert!(
            uncounted.any(|more| more > 0),
            "those beyond the rate are told"
        );
        last.number - first.number
    });
    assert_eq!(all, [99, 99]);
    assert_eq!(world.verify().flaws, []);
}

on_every_store![
    an_erased_account_is_closed_and_verifies,
    erasing_ends_what_is_open,
    denials_are_kept_and_change_nothing,
    a_dry_run_keeps_no_denial,
    denials_are_bounded,
];
