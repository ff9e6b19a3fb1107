//! What happens by itself has its effect once: with many tickers over one store on disk, over
//! restarts, and with a clock that is set back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use stateward::account::{Closing, Event, Outcome, Revision};
use stateward::bundle::Bundle;
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::engine::{Create, Driver, Engine, Run};
use stateward::entropy::SeededEntropy;
use stateward::name::AccountId;
use stateward::source::SourceMap;
use stateward::store::{Header, RedbOptions, RedbStore};
use stateward::testing::ManualClock;
use stateward::time::Timestamp;

use crate::fixture::{hours, minutes, principal, seconds};

const ACCOUNT: &str = r#"
lifecycle: clockwork
edition: 2026-11
attributes: { email: email }
principal_kinds: { owner: { owns_account: true } }
callers: { owner: { kinds: [owner], of: account.id } }
verifications: { second: { approval: owner } }
messages: { shut_it: "Your door is open." }
"#;

/// A door that is open has to be shut within the hour, can be sold with somebody's consent, and is
/// gone after a day, unless it has an alarm that is on.
const DOOR: &str = r#"
workflow: door
initial: shut
states: { shut: {}, open: {}, sold: { final: true }, gone: { final: true } }
transitions:
  open:
    from: shut
    to: open
    permission: clockwork:Open
    resource: "acs:clockwork:*:${account.id}:door"
    caller: owner
    restore:
      by: door.shut
      within: 1h
      notify: [{ message: shut_it, to: account.email, by: email }]
  shut:
    from: open
    to: shut
    permission: clockwork:Shut
    resource: "acs:clockwork:*:${account.id}:door"
    caller: owner
  sell:
    from: open
    to: sold
    permission: clockwork:Sell
    resource: "acs:clockwork:*:${account.id}:door"
    caller: owner
    verify: [second]
    within: 30m
  vanish: { from: open, to: gone, after: 1d, when: state.alarm == "off" }
"#;

const ALARM: &str = r#"
workflow: alarm
initial: "off"
states: { "off": {}, "on": {} }
transitions:
  switch_on:
    from: "off"
    to: "on"
    permission: clockwork:Alarm
    resource: "acs:clockwork:*:${account.id}:door"
    caller: owner
  switch_off:
    from: "on"
    to: "off"
    permission: clockwork:Alarm
    resource: "acs:clockwork:*:${account.id}:door"
    caller: owner
"#;

/// How many accounts, and how many engines tick at once.
const ACCOUNTS: usize = 48;
const TICKERS: usize = 6;

struct Clockwork {
    folder: tempfile::TempDir,
    bundle: Arc<Bundle>,
    clock: Arc<ManualClock>,
    mailbox: Arc<MemoryCourier>,
    entropy: Arc<SeededEntropy>,
}

impl Clockwork {
    /// Every account has opened its door and asked to sell it; every fourth has its alarm on.
    fn wound_up() -> Self {
        let mut sources = SourceMap::default();
        sources.add("workflows/clockwork/account.yaml", ACCOUNT);
        sources.add("workflows/clockwork/alarm.yaml", ALARM);
        sources.add("workflows/clockwork/door.yaml", DOOR);
        let bundle = Bundle::load(sources, "clockwork");
        let bundle = bundle.unwrap_or_else(|error| panic!("{:#?}", error.diagnostics));
        let clockwork = Self {
            folder: tempfile::tempdir().unwrap(),
            bundle: Arc::new(bundle),
            clock: Arc::new(ManualClock::new(start())),
            mailbox: Arc::default(),
            entropy: Arc::new(SeededEntropy::new(3)),
        };
        let header = Header {
            lifecycle: clockwork.bundle.lifecycle.name.clone(),
            development: true,
            created_at: start(),
            key_id: key().id(),
        };
        let file = clockwork.folder.path().join("store.redb");
        let store = RedbStore::create(file, &header, &RedbOptions::default()).unwrap();
        let engine = clockwork.engine(&Arc::new(store));
        for (index, id) in ids().enumerate() {
            let email = ("email".to_owned(), format!("{id}@example.com"));
            let create = Create::new(id.parse().unwrap(), BTreeMap::from([email]));
            engine.create(&create).unwrap();
            ask(&engine, &id, "door.open");
            ask(&engine, &id, "door.sell");
            if index % 4 == 0 {
                ask(&engine, &id, "alarm.switch_on");
            }
        }
        clockwork
    }

    fn open(&self) -> Arc<RedbStore> {
        let file = self.folder.path().join("store.redb");
        Arc::new(RedbStore::open(file, &RedbOptions::default()).unwrap())
    }

    fn engine(&self, store: &Arc<RedbStore>) -> Engine {
        Engine::builder()
            .bundle(Arc::clone(&self.bundle))
            .store(Arc::clone(store) as _)
            .clock(Arc::clone(&self.clock) as _)
            .courier(Arc::clone(&self.mailbox) as _)
            .entropy(Arc::clone(&self.entropy) as _)
            .keys(KeyRing::new(key()))
            .build()
            .unwrap()
    }

    /// Many tickers at once, each of few timers; the store is opened for it and closed again.
    fn tick_together(&self) {
        let store = self.open();
        let engines: Vec<Engine> = (0..TICKERS).map(|_| self.engine(&store)).collect();
        thread::scope(|scope| {
            for engine in &engines {
                scope.spawn(|| engine.tick(ACCOUNTS / 3).unwrap());
            }
        });
    }

    /// Ticks until there is nothing left to do, over a restart each time.
    fn tick_all(&self) {
        for _ in 0..6 {
            self.tick_together();
        }
    }

    /// How often something happened to each account, by its journal.
    #[track_caller]
    fn each(&self, times: impl Fn(usize) -> usize, what: impl Fn(&Event) -> bool) {
        let engine = self.engine(&self.open());
        for (index, id) in ids().enumerate() {
            let records = engine.history(&account(&id), Revision(0), 1_000).unwrap();
            let records = records.iter().filter_map(|entry| entry.record.as_ref());
            let events = records.flat_map(|record| &record.events);
            assert_eq!(
                events.filter(|event| what(event)).count(),
                times(index),
                "{id}"
            );
        }
    }
}

fn start() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn key() -> CodeKey {
    CodeKey::from_bytes([5; 32])
}

fn ids() -> impl Iterator<Item = String> {
    (0..ACCOUNTS).map(|index| format!("door-{index}"))
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn ask(engine: &Engine, id: &str, what: &str) {
    let run = Run::new(
        principal("owner", id, id, &[]),
        account(id),
        what.parse().unwrap(),
    );
    let answer = engine.run(&run).unwrap();
    assert!(!matches!(answer.outcome, Outcome::Denied(_)), "{answer:#?}");
}

fn lapsed(event: &Event) -> bool {
    matches!(
        event,
        Event::AttemptClosed {
            how: Closing::Expired,
            ..
        }
    )
}

fn reminded(event: &Event) -> bool {
    matches!(event, Event::ObligationReminded { .. })
}

fn vanished(event: &Event) -> bool {
    matches!(event, Event::Moved { to, .. } if to == "gone")
}

#[test]
fn every_timer_has_its_effect_once_whoever_ticks_and_however_often_it_begins_anew() {
    let clockwork = Clockwork::wound_up();
    clockwork.clock.set(start().after(minutes(29)));
    clockwork.tick_together();
    clockwork.each(|_| 0, lapsed);

    clockwork.clock.set(start().after(minutes(30)));
    clockwork.tick_all();
    clockwork.each(|_| 1, lapsed);
    clockwork.each(|_| 0, reminded);

    clockwork.clock.set(start().after(hours(2)));
    clockwork.tick_together();
    clockwork.clock.set(start());
    clockwork.tick_together();
    clockwork.clock.set(start().after(hours(2)));
    clockwork.tick_all();
    clockwork.each(|_| 1, reminded);

    clockwork.clock.set(start().after(hours(25)));
    clockwork.tick_all();
    let unguarded = |index: usize| usize::from(!index.is_multiple_of(4));
    clockwork.each(unguarded, vanished);
    let put_off = |event: &Event| matches!(event, Event::TimerPostponed { .. });
    clockwork.each(|index| 1 - unguarded(index), put_off);

    // The alarms are switched off, and what waited for that does not wait any longer.
    let engine = clockwork.engine(&clockwork.open());
    for (_, id) in ids().enumerate().filter(|(index, _)| index % 4 == 0) {
        ask(&engine, &id, "alarm.switch_off");
    }
    drop(engine);
    clockwork.tick_all();
    clockwork.each(|_| 1, vanished);
    clockwork.each(|_| 1, lapsed);
    clockwork.each(|_| 1, reminded);
}

#[test]
fn drivers_that_share_a_store_do_everything_once() {
    let clockwork = Clockwork::wound_up();
    let store = clockwork.open();
    let drivers: Vec<Driver> = (0..3)
        .map(|_| {
            let driver = Driver::of(Arc::new(clockwork.engine(&store)));
            driver.longest_nap(seconds(1)).batch(5).start().unwrap()
        })
        .collect();
    for ahead in [minutes(30), hours(2), hours(25)] {
        clockwork.clock.set(start().after(ahead));
        drivers.iter().for_each(Driver::wake);
        thread::sleep(std::time::Duration::from_millis(50));
    }
    let engine = clockwork.engine(&store);
    let settled = || engine.tick(1).unwrap().fired.is_empty();
    let begun = std::time::Instant::now();
    while !settled() {
        assert!(begun.elapsed() < seconds(60), "they did not come to an end");
    }
    drop((drivers, engine, store));
    clockwork.each(|_| 1, lapsed);
    clockwork.each(|_| 1, reminded);
    clockwork.each(|index| usize::from(!index.is_multiple_of(4)), vanished);
}
