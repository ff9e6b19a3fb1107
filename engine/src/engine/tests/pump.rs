//! Messages: at least once, always under one id, and none is lost.

use super::*;
use crate::courier::{self, CourierError};
use crate::engine::{DeliveryError, EngineError, Pumped};
use crate::name::MessageId;

/// Pumps once; the one message that failed.
#[track_caller]
fn failing(engine: &Engine) -> (MessageId, DeliveryError) {
    let Pumped {
        delivered,
        mut failed,
        expired,
    } = engine.pump(10).unwrap();
    assert!(delivered.is_empty() && expired.is_empty());
    assert_eq!(failed.len(), 1, "{failed:?}");
    failed.remove(0)
}

/// Pumps once; what was delivered. Nothing else happens.
#[track_caller]
fn delivering(engine: &Engine) -> Vec<MessageId> {
    let pumped = engine.pump(10).unwrap();
    assert!(pumped.failed.is_empty() && pumped.expired.is_empty());
    pumped.delivered
}

impl World {
    /// A world with one message that waits.
    fn with_message() -> (Self, Engine) {
        let world = Self::new();
        let engine = world.engine();
        applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
        (world, engine)
    }
}

#[test]
fn a_message_keeps_its_id_and_waits_longer_after_every_failure() {
    let (world, engine) = World::with_message();
    world.mailbox.refuse_next(12);
    let mut ids = Vec::new();
    for wait in [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600] {
        let (id, error) = failing(&engine);
        assert!(!error.is_permanent(), "{error}");
        ids.push(id);
        world
            .clock
            .advance(seconds(wait) - Duration::from_millis(1));
        assert!(delivering(&engine).is_empty(), "{wait} s are not over");
        world.clock.advance(Duration::from_millis(1));
    }
    ids.extend(delivering(&engine));
    ids.extend(world.mailbox.take().into_iter().map(|message| message.id));
    assert_eq!(ids.len(), 14);
    assert!(ids.iter().all(|id| *id == ids[0]));
    world.clock.advance(seconds(10_000));
    assert!(delivering(&engine).is_empty(), "it has gone out");
}

/// Refuses everything for good.
struct Hopeless;

impl Courier for Hopeless {
    fn deliver(&self, _: &courier::Delivery) -> Result<(), CourierError> {
        let reason = "no such number".to_owned();
        Err(CourierError::Permanent {
            courier: "hopeless",
            reason,
        })
    }
}

#[test]
fn a_message_that_will_not_be_taken_waits_the_longest_at_once_and_is_kept() {
    let (world, engine) = World::with_message();
    let hopeless = world.engine_with(world.store.clone(), Arc::new(Hopeless), KeyRing::new(key()));
    let (id, error) = failing(&hopeless);
    assert!(error.is_permanent());
    assert!(matches!(error, DeliveryError::Courier(_)));
    world
        .clock
        .advance(seconds(3_600) - Duration::from_millis(1));
    assert!(delivering(&engine).is_empty());
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(delivering(&engine), [id]);
}

#[test]
fn a_code_whose_key_is_missing_is_not_sent() {
    let world = World::new();
    let rotated = KeyRing::new(CodeKey::from_bytes([8; 32])).with_older(key());
    let rotated = world.engine_with(world.store.clone(), world.mailbox.clone(), rotated);
    rotated.run(&world.asking("acc", "trial.keep")).unwrap();
    let (_, error) = failing(&world.engine());
    assert!(error.is_permanent());
    assert!(matches!(error, DeliveryError::Code(_)));
    assert!(world.mailbox.deliveries().is_empty());
}

#[test]
fn what_was_delivered_before_a_crash_goes_out_again_under_its_id() {
    let (world, engine) = World::with_message();
    let dying = world.engine_over(Meddling::without_settling(&world));
    assert!(matches!(dying.pump(10), Err(EngineError::Store(_))));
    let first = world.mailbox.take();
    assert_eq!(first.len(), 1);
    assert_eq!(delivering(&engine), [first[0].id.clone()]);
    let again = world.mailbox.take();
    assert_eq!(again[0].text.reveal(), first[0].text.reveal());
    assert!(delivering(&engine).is_empty());
}

#[test]
fn a_code_says_the_same_at_every_try_and_nothing_once_it_has_expired() {
    let world = World::new();
    let engine = world.engine();
    engine.run(&world.asking("acc", "trial.keep")).unwrap();
    let dying = world.engine_over(Meddling::without_settling(&world));
    for _ in 0..2 {
        assert!(dying.pump(10).is_err());
        world.clock.advance(seconds(299));
    }
    let sent = world.mailbox.take();
    assert_eq!(sent[0].id, sent[1].id);
    assert_eq!(sent[0].text.reveal(), sent[1].text.reveal());

    world.clock.advance(seconds(2));
    let pumped = engine.pump(10).unwrap();
    assert_eq!(pumped.expired, [sent[0].id.clone()]);
    assert!(pumped.delivered.is_empty() && pumped.failed.is_empty());
    assert!(world.mailbox.deliveries().is_empty());
    assert!(engine.pump(10).unwrap().expired.is_empty(), "it is gone");
}

#[test]
fn messages_go_out_in_the_order_they_were_committed_in() {
    let (world, engine) = World::with_message();
    for _ in 0..99 {
        applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
    }
    for limit in [1, 70, 100] {
        engine.pump(limit).unwrap();
    }
    let texts = world.mailbox.take();
    let texts: Vec<_> = texts.iter().map(|message| message.text.reveal()).collect();
    let counted: Vec<_> = (0..100)
        .map(|count| format!("There were {count} before."))
        .collect();
    assert_eq!(texts, counted);
}
