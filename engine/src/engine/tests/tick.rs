//! Time: what is due has its effect once, whoever lets it.

use super::*;
use crate::account::Timer;
use crate::courier::SecretText;
use crate::engine::{Confirm, Presented};
use crate::time::Clock as _;

const A_DAY: Duration = Duration::from_secs(86_400);

#[test]
fn a_timed_transition_happens_when_it_is_due_and_once() {
    let world = World::new();
    let engine = world.engine();
    world.clock.advance(A_DAY - Duration::from_millis(1));
    assert!(engine.tick(10).unwrap().fired.is_empty());
    world.clock.advance(Duration::from_millis(1));
    let ticked = engine.tick(10).unwrap();
    let [(due, answer)] = ticked.fired.as_slice() else {
        panic!("{ticked:?}");
    };
    assert_eq!(due.timer, Timer::After("trial.end".parse().unwrap()));
    applied(answer);
    assert_eq!(world.state("acc", "trial"), "over");
    assert!(engine.tick(10).unwrap().fired.is_empty());
}

#[test]
fn of_two_tickers_that_see_a_timer_one_lets_it_have_its_effect() {
    let world = World::new();
    world.clock.advance(A_DAY);
    let other = world.engine();
    let meddling = Meddling::before_commit(&world, move || {
        assert_eq!(other.tick(10).unwrap().fired.len(), 1);
    });
    let ticked = world.engine_over(meddling).tick(10).unwrap();
    assert!(ticked.fired.is_empty() && ticked.waiting.is_empty());
    assert_eq!(world.history("acc").len(), 2, "its creation and its end");
}

#[test]
fn many_tickers_let_every_timer_have_its_effect_once() {
    const ACCOUNTS: usize = 40;
    let world = World::new();
    for account in 1..ACCOUNTS {
        world.create(&format!("acc-{account}"));
    }
    world.clock.advance(A_DAY);
    let engines: [Engine; 4] = std::array::from_fn(|_| world.engine());
    let fired: usize = std::thread::scope(|scope| {
        let tick = |engine: &Engine| engine.tick(ACCOUNTS).unwrap().fired.len();
        let tickers: Vec<_> = engines
            .iter()
            .map(|engine| scope.spawn(move || tick(engine)))
            .collect();
        tickers
            .into_iter()
            .map(|ticker| ticker.join().unwrap())
            .sum()
    });
    assert_eq!(fired, ACCOUNTS);
    for account in world.engine().accounts(None, 100).unwrap() {
        assert_eq!(world.state(account.as_str(), "trial"), "over");
        assert_eq!(world.history(account.as_str()).len(), 2);
    }
}

#[test]
fn a_transition_made_meanwhile_is_not_undone_by_a_timer() {
    let world = World::new();
    let engine = world.engine();
    let Outcome::Pending { attempt, .. } = engine
        .run(&world.asking("acc", "trial.keep"))
        .unwrap()
        .outcome
    else {
        panic!("a code was to be sent");
    };
    engine.pump(1).unwrap();
    let sent = world.mailbox.take();
    let digits = |c: &char| c.is_ascii_digit();
    let code: String = sent[0]
        .text
        .reveal()
        .chars()
        .filter(digits)
        .take(6)
        .collect();
    let confirm = Confirm {
        attempt,
        by: None,
        proof: Presented::Code(SecretText::new(code)),
        key: None,
    };
    applied(&engine.confirm(&confirm).unwrap());
    world.clock.advance(A_DAY);
    let ticked = engine.tick(10).unwrap();
    assert!(ticked.fired.is_empty() && ticked.waiting.is_empty());
    assert_eq!(world.state("acc", "trial"), "kept");
}

/// A tick of few timers at a time still comes to those behind the ones that cannot happen yet.
#[test]
fn timers_that_wait_do_not_hold_up_those_behind_them() {
    let mut world = World::new();
    let guarded = format!("{TRIAL}    when: account.id == \"last\"\n");
    world.bundle = Arc::new(bundle_with(&guarded));
    for account in ["acc-1", "acc-2", "last"] {
        world.create(account);
    }
    world.clock.advance(A_DAY);

    let ticked = world.engine().tick(1).unwrap();

    assert_eq!(ticked.fired.len(), 1);
    assert_eq!(ticked.waiting.len(), 3);
    assert_eq!(world.state("last", "trial"), "over");
}

/// What waits is looked at again after as long as it has waited, so that it costs ever less.
#[test]
fn a_timer_that_waits_is_tried_again_ever_more_rarely() {
    let mut world = World::new();
    let guarded = format!("{TRIAL}    when: account.count == 3\n");
    world.bundle = Arc::new(bundle_with(&guarded));
    let engine = world.engine();
    world.clock.advance(A_DAY);
    let due = world.clock.now();

    assert_eq!(engine.tick(10).unwrap().waiting.len(), 1);
    assert!(engine.tick(10).unwrap().waiting.is_empty());
    let mut looks = 0;
    for _ in 0..7 * 24 * 60 {
        world.clock.advance(seconds(60));
        looks += engine.tick(10).unwrap().waiting.len();
    }
    // After 1, 2, 4, … 1024 minutes and then once a day.
    assert_eq!(looks, 11 + 6);
    let end = Timer::After("trial.end".parse().unwrap());
    assert_eq!(world.account("acc").waiting[&end], due);

    // What it waits for comes, and it has its effect without delay.
    for _ in 0..3 {
        applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
        engine.tick(10).unwrap();
    }
    assert_eq!(world.state("acc", "trial"), "over");
    assert!(world.account("acc").waiting.is_empty());
}

#[test]
fn a_clock_that_is_set_back_holds_timers_back_and_repeats_none() {
    let world = World::new();
    let engine = world.engine();
    let start = world.clock.now();
    world.clock.advance(A_DAY);
    world.clock.set(start);
    let early = engine.tick(10).unwrap();
    assert!(early.fired.is_empty() && early.waiting.is_empty());
    world.clock.advance(A_DAY);
    assert_eq!(engine.tick(10).unwrap().fired.len(), 1);
    world.clock.set(start);
    assert!(engine.tick(10).unwrap().fired.is_empty());
    world.clock.advance(A_DAY + A_DAY);
    assert!(engine.tick(10).unwrap().fired.is_empty());
    assert_eq!(world.history("acc").len(), 2);
}

/// The clock is set back between the listing of a timer and its effect.
#[test]
fn a_timer_that_is_not_due_any_more_is_not_said_to_wait() {
    let world = World::new();
    let start = world.clock.now();
    world.clock.advance(A_DAY);
    let slow = Stepping::back_to(start, &world);
    let engine = Engine::builder()
        .bundle(world.bundle.clone())
        .store(world.store.clone())
        .clock(Arc::new(slow))
        .courier(world.mailbox.clone())
        .entropy(world.entropy.clone())
        .keys(KeyRing::new(key()))
        .build()
        .unwrap();
    let ticked = engine.tick(10).unwrap();
    assert!(ticked.fired.is_empty() && ticked.waiting.is_empty());
    assert_eq!(world.history("acc").len(), 1);
}

/// A clock that tells the world's time once, and an earlier one from then on.
struct Stepping {
    first: Timestamp,
    told: AtomicBool,
    then: Timestamp,
}

impl Stepping {
    fn back_to(then: Timestamp, world: &World) -> Self {
        Self {
            first: world.clock.now(),
            told: AtomicBool::new(false),
            then,
        }
    }
}

impl crate::time::Clock for Stepping {
    fn now(&self) -> Timestamp {
        match self.told.swap(true, Ordering::Relaxed) {
            false => self.first,
            true => self.then,
        }
    }
}
