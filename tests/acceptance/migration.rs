//! From one definition to another: what fits is put in force as it is, what does not is refused with
//! the counts, and a migration brings every account over by a record of its journal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stateward::account::{Account, Closing, Command, Event, Outcome, Revision, Timer};
use stateward::bundle::Bundle;
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::engine::replay::{Again, Replay, Under};
use stateward::engine::{
    AdmitError, BuildError, Create, Engine, EngineBuilder, MigrateError, Run, StateMap, Survey,
};
use stateward::entropy::SeededEntropy;
use stateward::name::AccountId;
use stateward::source::SourceMap;
use stateward::store::{
    Changes, CommitError, Delivery, Header, NewDenial, Place, RedbOptions, RedbStore, Snapshot,
    Store, StoreError, StoredBundle, Sweep,
};
use stateward::testing::ManualClock;
use stateward::time::Timestamp;

use crate::fixture::{days, principal};

const ACCOUNT: &str = r#"
lifecycle: club
edition: 2026-01
attributes:
  name: text
  email: email
  nickname: { type: text, optional: true }
principal_kinds: { member: { owns_account: true } }
callers: { member: { kinds: [member], of: account.id } }
verifications: { friend: { approval: member } }
"#;

const MEMBERSHIP: &str = r#"
workflow: membership
initial: guest
states: { guest: {}, regular: {}, left: { final: true } }
transitions:
  join:
    from: guest
    to: regular
    permission: club:Join
    resource: "acs:club:*:${account.id}:membership"
    caller: member
  leave:
    from: [guest, regular]
    to: left
    permission: club:Leave
    resource: "acs:club:*:${account.id}:membership"
    caller: member
    verify: [friend]
"#;

const EDITION: &str = r#"
edition: 2027-01
migration:
  from: 2026-01
  states: { membership: { regular: full } }
"#;

/// The later edition calls regular members full ones, and guests do not stay for ever.
fn later_membership() -> String {
    let renamed = MEMBERSHIP.replace("regular", "full");
    format!("{renamed}  expire: {{ from: guest, to: left, after: 30d }}\n")
}

/// A definition: the files of the first edition, with changes.
#[derive(Clone)]
struct Club {
    account: String,
    membership: String,
    more: Vec<(&'static str, String)>,
    name: &'static str,
}

impl Club {
    fn first() -> Self {
        Self {
            account: ACCOUNT.to_owned(),
            membership: MEMBERSHIP.to_owned(),
            more: Vec::new(),
            name: "club",
        }
    }

    fn later() -> Self {
        Self {
            more: vec![
                (
                    "workflows/club/editions/2027-01/edition.yaml",
                    EDITION.to_owned(),
                ),
                (
                    "workflows/club/editions/2027-01/membership.yaml",
                    later_membership(),
                ),
            ],
            name: "club@2027-01",
            ..Self::first()
        }
    }

    fn account(mut self, old: &str, new: &str) -> Self {
        assert!(self.account.contains(old));
        self.account = self.account.replace(old, new);
        self
    }

    fn membership(mut self, old: &str, new: &str) -> Self {
        assert!(self.membership.contains(old));
        self.membership = self.membership.replace(old, new);
        self
    }

    fn load(&self) -> Arc<Bundle> {
        let mut sources = SourceMap::default();
        sources.add("workflows/club/account.yaml", &self.account);
        sources.add("workflows/club/membership.yaml", &self.membership);
        for (path, text) in &self.more {
            sources.add(path, text);
        }
        let loaded = Bundle::load(sources, self.name);
        Arc::new(loaded.unwrap_or_else(|error| panic!("{:#?}", error.diagnostics)))
    }
}

/// A store on disk with the accounts of the first edition.
struct House {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

/// Ann is a guest; ben and cid are regular members, and ben wants to leave.
const MEMBERS: [(&str, &str); 3] = [
    ("ann", "ann@example.com"),
    ("ben", "ben@example.com"),
    ("cid", "cid@example.com"),
];

impl House {
    fn new() -> Self {
        Self::with(&MEMBERS)
    }

    fn with(members: &[(&str, &str)]) -> Self {
        let house = Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(start())),
        };
        let header = Header {
            lifecycle: "club".parse().unwrap(),
            development: true,
            created_at: start(),
            key_id: key().id(),
        };
        drop(RedbStore::create(house.file(), &header, &RedbOptions::default()).unwrap());
        let engine = house.engine(&Club::first()).unwrap();
        for (name, email) in members {
            let attributes = [("name", *name), ("email", *email)];
            let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let create = Create::new(id(name), BTreeMap::from(attributes));
            engine.create(&create).unwrap();
            if *name != "ann" {
                ask(&engine, name, "membership.join");
            }
        }
        ask(&engine, "ben", "membership.leave");
        drop(engine);
        house.clock.advance(days(1));
        house
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("club.redb")
    }

    fn store(&self) -> Arc<RedbStore> {
        Arc::new(RedbStore::open(self.file(), &RedbOptions::default()).unwrap())
    }

    fn builder(&self, club: &Club) -> EngineBuilder {
        self.builder_over(self.store(), club)
    }

    fn builder_over(&self, store: Arc<dyn Store>, club: &Club) -> EngineBuilder {
        Engine::builder()
            .bundle(club.load())
            .store(store)
            .clock(Arc::clone(&self.clock) as _)
            .courier(Arc::new(MemoryCourier::default()))
            .entropy(Arc::new(SeededEntropy::new(1)))
            .keys(KeyRing::new(key()))
    }

    fn engine(&self, club: &Club) -> Result<Engine, BuildError> {
        self.builder(club).build()
    }

    /// Brings the accounts under a definition.
    fn migrate(&self, club: &Club, map: StateMap) -> Result<Survey, MigrateError> {
        let migration = self.builder(club).migration().unwrap().with_map(map);
        migration.run(&mut |_| {})
    }

    #[track_caller]
    fn unfit(&self, club: &Club) -> Survey {
        match self.engine(club) {
            Err(BuildError::Admit(AdmitError::Unfit(survey))) => *survey,
            other => panic!("{other:?}"),
        }
    }
}

fn start() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn key() -> CodeKey {
    CodeKey::from_bytes([4; 32])
}

fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}

fn ask(engine: &Engine, name: &str, what: &str) {
    let member = principal("member", name, name, &[]);
    let run = Run::new(member, id(name), what.parse().unwrap());
    let outcome = engine.run(&run).unwrap().outcome;
    assert!(!matches!(outcome, Outcome::Denied(_)), "{outcome:#?}");
}

fn read(engine: &Engine, name: &str) -> Account {
    engine
        .read(&id(name), None, &BTreeMap::new())
        .unwrap()
        .unwrap()
}

fn state(engine: &Engine, name: &str) -> String {
    read(engine, name).states["membership"].state.to_string()
}

/// `membership: { old: new }`
fn map(old: &str, new: &str) -> StateMap {
    let states = BTreeMap::from([(old.parse().unwrap(), new.parse().unwrap())]);
    BTreeMap::from([("membership".parse().unwrap(), states)])
}

#[test]
fn a_definition_that_fits_is_put_in_force_as_it_is() {
    let house = House::new();
    let clubs = [
        Club::first().account(
            "nickname: {",
            "alias: { type: text, optional: true }\n  nickname: {",
        ),
        Club::first().membership("states: { guest", "states: { patron: {}, guest"),
        Club::first().membership("verify: [friend]", "within: 7d\n    verify: [friend]"),
    ];
    for club in clubs {
        let before = read(&house.engine(&Club::first()).unwrap(), "ben");
        let engine = house.engine(&club).unwrap();
        let bundle = engine.bundle().fingerprint;
        assert_eq!(read(&engine, "ben"), before);
        drop(engine);
        let noted = house
            .store()
            .snapshot()
            .unwrap()
            .in_force()
            .unwrap()
            .unwrap();
        assert_eq!((noted.bundle, noted.settled), (bundle, true));
    }
}

#[test]
fn a_state_that_is_occupied_and_gone_is_refused_with_the_counts() {
    let house = House::new();
    let without_regulars = Club::first().membership("regular", "full");

    let survey = house.unfit(&without_regulars);

    assert_eq!(
        (survey.accounts, survey.needing, survey.refused()),
        (3, 2, 2)
    );
    let (what, whom) = survey.conflicts.first_key_value().unwrap();
    assert_eq!(
        what,
        "no place is given to accounts in `membership.regular`"
    );
    assert_eq!(whom.examples, [id("ben"), id("cid")]);
    // The one before is in force still, and goes on.
    ask(
        &house.engine(&Club::first()).unwrap(),
        "ann",
        "membership.join",
    );
    // A state that nobody is in may go.
    let without_leaving =
        Club::first().membership(", left: { final: true }", ", gone: { final: true }");
    house
        .engine(&without_leaving.membership("to: left", "to: gone"))
        .unwrap();
}

#[test]
fn an_edition_says_where_accounts_go() {
    let house = House::new();
    let survey = house.unfit(&Club::later());
    assert_eq!((survey.needing, survey.refused()), (3, 0));

    let done = house.migrate(&Club::later(), StateMap::new()).unwrap();

    assert_eq!(done, survey);
    assert_eq!((done.changing, done.closed), (3, 1));
    assert_eq!(done.armed.values().sum::<u64>(), 1);
    let engine = house.engine(&Club::later()).unwrap();
    assert_eq!(
        ["ann", "ben", "cid"].map(|name| state(&engine, name)),
        ["guest", "full", "full"]
    );
    // The guest's time begins with the migration.
    let expiry = Timer::After("membership.expire".parse().unwrap());
    assert_eq!(
        read(&engine, "ann").timers[&expiry],
        start().after(days(31))
    );
    assert!(read(&engine, "ben").timers.is_empty() && read(&engine, "ben").attempts.is_empty());
    house.clock.advance(days(30));
    assert_eq!(engine.tick(10).unwrap().fired.len(), 1);
    assert_eq!(state(&engine, "ann"), "left");
}

#[test]
fn every_step_is_on_record_chained_and_decided_alike_again() {
    let house = House::new();
    house.migrate(&Club::later(), StateMap::new()).unwrap();
    let engine = house.engine(&Club::later()).unwrap();

    let history = engine.history(&id("ben"), Revision(0), 100).unwrap();

    let newest = history.last().unwrap();
    assert_eq!(newest.envelope.bundle, engine.bundle().fingerprint);
    let newest = newest.record.as_ref().unwrap();
    assert!(matches!(newest.request.command, Command::Migrate { .. }));
    let void = |event: &Event| {
        matches!(
            event,
            Event::AttemptClosed {
                how: Closing::Void,
                ..
            }
        )
    };
    assert_eq!(newest.events.iter().filter(|event| void(event)).count(), 1);
    let folded = history.iter().fold(None, |before, entry| {
        let record = entry.record.as_ref().unwrap();
        Some(record.fold(before, &id("ben"), entry.digest).unwrap())
    });
    assert_eq!(folded, Some(read(&engine, "ben")));
    drop(engine);
    let store = house.store();
    let snapshot = store.snapshot().unwrap();
    let keys = KeyRing::new(key());
    let mut replay = Replay::new(snapshot.as_ref(), store.header().unwrap(), &keys);
    let mut count = 0;
    let mut tell = |again: stateward::engine::replay::Redecided<'_>| {
        count += 1;
        assert!(matches!(again.again, Again::Same), "{again:#?}");
    };
    replay.run(Under::ItsOwn, &mut tell).unwrap();
    assert_eq!(count, 3 + 2 + 1 + 3);
}

#[test]
fn a_migration_that_is_run_again_changes_nothing_more() {
    let house = House::new();
    house.migrate(&Club::later(), StateMap::new()).unwrap();
    let revisions = |engine: &Engine| MEMBERS.map(|(name, _)| read(engine, name).revision);
    let before = revisions(&house.engine(&Club::later()).unwrap());

    let again = house.migrate(&Club::later(), StateMap::new()).unwrap();

    assert_eq!((again.changing, again.needing), (0, 0));
    assert_eq!(revisions(&house.engine(&Club::later()).unwrap()), before);
}

/// The process died when some accounts were over and others were not.
#[test]
fn a_migration_that_was_stopped_is_gone_on_with() {
    let names: Vec<String> = (0..40).map(|index| format!("m{index:02}")).collect();
    let mut members: Vec<(&str, &str)> = MEMBERS.to_vec();
    members.extend(names.iter().map(|name| (name.as_str(), "many@example.com")));
    let house = House::with(&members);
    let migration = house.builder(&Club::later()).migration().unwrap();
    assert_eq!(migration.survey(&mut |_| {}).unwrap().needing, 43);
    drop(migration);
    let store = Arc::new(Dying {
        store: house.store(),
        left: AtomicUsize::new(17),
    });
    let dying = house.builder_over(store, &Club::later());
    let dying = dying.migration().unwrap();
    let stopped = dying.run(&mut |_| {}).unwrap_err();
    assert!(matches!(stopped, MigrateError::Engine(_)), "{stopped:?}");
    drop(dying);

    // Nothing else is done meanwhile, under whichever definition.
    for club in [Club::first(), Club::later()] {
        let refused = house.engine(&club).unwrap_err();
        assert!(
            matches!(refused, BuildError::Admit(AdmitError::Unsettled)),
            "{refused:?}"
        );
    }
    let done = house.migrate(&Club::later(), StateMap::new()).unwrap();
    assert_eq!(done.changing, 43 - 17);
    let engine = house.engine(&Club::later()).unwrap();
    for name in &names {
        assert_eq!(state(&engine, name), "full");
    }
}

/// A store that dies after so many commits.
struct Dying {
    store: Arc<RedbStore>,
    left: AtomicUsize,
}

impl Store for Dying {
    fn header(&self) -> Result<Header, StoreError> {
        self.store.header()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let one_less = |left: usize| left.checked_sub(1);
        match self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
        {
            Ok(_) => self.store.commit(changes),
            Err(_) => Err(StoreError::Io("the power went".to_owned()).into()),
        }
    }

    fn settle(&self, place: Place, delivery: Delivery) -> Result<(), StoreError> {
        self.store.settle(place, delivery)
    }

    fn keep_denial(&self, denial: NewDenial) -> Result<(), CommitError> {
        self.store.keep_denial(denial)
    }

    fn sweep(&self, sweep: Sweep) -> Result<(), StoreError> {
        self.store.sweep(sweep)
    }

    fn put_in_force(&self, bundle: &StoredBundle, settled: bool) -> Result<(), StoreError> {
        self.store.put_in_force(bundle, settled)
    }
}

#[test]
fn names_that_change_places_are_mapped_once() {
    let house = House::new();
    let swapped = Club::first()
        .membership("initial: guest", "initial: regular")
        .membership(
            "from: guest\n    to: regular",
            "from: regular\n    to: guest",
        );
    let both = {
        let mut both = map("guest", "regular");
        both.get_mut("membership")
            .unwrap()
            .extend(map("regular", "guest").remove("membership").unwrap());
        both
    };
    for _ in 0..2 {
        house.migrate(&swapped, both.clone()).unwrap();
        let engine = house.engine(&swapped).unwrap();
        assert_eq!(
            ["ann", "ben", "cid"].map(|name| state(&engine, name)),
            ["regular", "guest", "guest"]
        );
    }
}

#[test]
fn what_stands_against_it_is_said_before_anything_is_changed() {
    let mut members = MEMBERS.to_vec();
    members.push(("dee", "ann@example.com"));
    members.push(("eve", "ann@example.com"));
    let house = House::with(&members);
    let unique = Club::first()
        .account("email: email", "email: { type: email, unique: true }")
        .account("nickname: { type: text, optional: true }", "motto: text");

    for map in [StateMap::new(), map("regular", "guest")] {
        let Err(MigrateError::Conflicts(survey)) = house.migrate(&unique, map) else {
            panic!("there are conflicts");
        };
        assert_eq!(survey.refused(), 5);
    }
    let engine = house.engine(&Club::first()).unwrap();
    assert_eq!(read(&engine, "dee").revision, Revision(2));

    let unique = Club::first().account("email: email", "email: { type: email, unique: true }");
    drop(engine);
    let Err(MigrateError::Conflicts(survey)) = house.migrate(&unique, StateMap::new()) else {
        panic!("there are conflicts");
    };
    let (what, whom) = survey.conflicts.first_key_value().unwrap();
    assert_eq!(what, "`email` has a value that another account has");
    assert_eq!(
        (whom.count, &whom.examples[..]),
        (2, &[id("dee"), id("eve")][..])
    );
}

#[test]
fn values_that_become_unique_are_claimed() {
    let house = House::new();
    let unique = Club::first().account("email: email", "email: { type: email, unique: true }");
    assert_eq!(house.unfit(&unique).claims.values().sum::<u64>(), 3);

    house.migrate(&unique, StateMap::new()).unwrap();

    let engine = house.engine(&unique).unwrap();
    let taken = |name: &str| {
        let attributes = [("name", name), ("email", "ann@example.com")];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let create = Create::new(id(name), BTreeMap::from(attributes));
        matches!(engine.create(&create).unwrap().outcome, Outcome::Denied(_))
    };
    assert!(taken("dee"));
    // And back: they are let go of.
    drop(engine);
    house.migrate(&Club::first(), StateMap::new()).unwrap();
    let engine = house.engine(&unique);
    assert!(matches!(
        engine,
        Err(BuildError::Admit(AdmitError::Unfit(_)))
    ));
}

#[test]
fn attributes_are_dropped_read_anew_and_given_their_defaults() {
    let house = House::new();
    let other = Club::first().account("  email: email\n", "").account(
        "name: text",
        "name: { one_of: [ann, ben, cid] }\n  tier: { one_of: [one, two], default: one }",
    );
    let survey = house.unfit(&other);
    assert_eq!(
        survey.attributes.values().copied().collect::<Vec<u64>>(),
        [3, 3, 3]
    );

    house.migrate(&other, StateMap::new()).unwrap();

    let ann = read(&house.engine(&other).unwrap(), "ann");
    let texts: Vec<String> = ann.attributes.values().map(|value| value.text()).collect();
    assert_eq!(texts, ["ann", "one"]);
    // A value that the attribute cannot have any more stands against it.
    let narrower = other.account("[ann, ben, cid]", "[ann, ben]");
    let survey = house.unfit(&narrower);
    assert_eq!(
        survey.conflicts.keys().collect::<Vec<_>>(),
        ["attribute `name` has a value that is no one_of"]
    );
}

#[test]
fn workflows_come_and_go() {
    let house = House::new();
    let badge = "workflow: badge\ninitial: none\nstates: { none: {}, worn: {} }\ntransitions:\n  \
                 pin: { from: none, to: worn, after: 1d }\n";
    let mut with_badges = Club::first();
    with_badges
        .more
        .push(("workflows/club/badge.yaml", badge.to_owned()));
    assert_eq!(house.unfit(&with_badges).needing, 3);
    house.migrate(&with_badges, StateMap::new()).unwrap();
    let engine = house.engine(&with_badges).unwrap();
    assert_eq!(read(&engine, "ann").states["badge"].state.as_str(), "none");
    house.clock.advance(days(1));
    // Besides, what ben asked for lapses.
    assert_eq!(engine.tick(10).unwrap().fired.len(), 3 + 1);
    drop(engine);

    house.migrate(&Club::first(), StateMap::new()).unwrap();

    let ann = read(&house.engine(&Club::first()).unwrap(), "ann");
    assert!(!ann.states.contains_key("badge") && ann.timers.is_empty());
}

#[test]
fn a_running_engine_takes_over_what_fits_and_refuses_the_rest() {
    let house = House::new();
    let engine = house.engine(&Club::first()).unwrap();
    let refused = engine.replace_bundle(Club::later().load());
    assert!(matches!(refused, Err(AdmitError::Unfit(_))), "{refused:?}");
    assert_eq!(
        engine.bundle().fingerprint,
        Club::first().load().fingerprint
    );
    let fits = Club::first().membership("verify: [friend]", "within: 7d\n    verify: [friend]");
    engine.replace_bundle(fits.load()).unwrap();
    assert_eq!(engine.bundle().fingerprint, fits.load().fingerprint);
}
