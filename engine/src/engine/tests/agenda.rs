//! A driver's agenda: nothing that is due is overlooked, whoever else is at the outbox.

use proptest::prelude::*;

use super::*;
use crate::engine::agenda::Agenda;
use crate::time::Clock as _;

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    Commit,
    Wait(i64),
    /// The courier refuses so many.
    Refuse(usize),
    /// The driver's turn, with a limit.
    Turn(usize),
    /// Somebody else's.
    Other(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Commit),
        2 => (1..60_i64).prop_map(Step::Wait),
        1 => (600..8_000_i64).prop_map(Step::Wait),
        1 => (-600..0_i64).prop_map(Step::Wait),
        2 => (1..20_usize).prop_map(Step::Refuse),
        4 => (1..5_usize).prop_map(Step::Turn),
        1 => (1..5_usize).prop_map(Step::Other),
    ];
    proptest::collection::vec(step, 1..80)
}

fn due(world: &World) -> usize {
    let snapshot = world.store.snapshot().unwrap();
    snapshot.outbox(world.clock.now(), None, 100).unwrap().len()
}

fn waits(world: &World) -> Option<Timestamp> {
    let snapshot = world.store.snapshot().unwrap();
    let ever = Timestamp::from_ms(i64::MAX);
    let all = snapshot.outbox(ever, None, usize::MAX).unwrap();
    all.iter().map(|queued| queued.message.not_before).min()
}

proptest! {
    #[test]
    fn whatever_is_due_is_tried_and_goes_out_once(steps in steps()) {
        let world = World::new();
        let engine = world.engine();
        let (mut agenda, mut committed) = (Agenda::default(), 0);
        for step in steps {
            match step {
                Step::Commit => {
                    applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
                    committed += 1;
                }
                Step::Wait(wait) => {
                    let now = world.clock.now().as_ms() + wait * 1_000;
                    world.clock.set(Timestamp::from_ms(now));
                }
                Step::Refuse(count) => world.mailbox.refuse_next(count),
                Step::Turn(limit) => {
                    let before = due(&world);
                    let pumped = engine.pump_by(&mut agenda, limit).unwrap();
                    let tried = pumped.delivered.len() + pumped.failed.len();
                    prop_assert_eq!(tried, before.min(limit));
                    if tried < limit {
                        prop_assert_eq!(due(&world), 0);
                        // Those that others delivered meanwhile are looked for in vain, once.
                        let next = agenda.next();
                        prop_assert!(waits(&world).is_none_or(|at| next <= Some(at)));
                        prop_assert!(next.is_some() || waits(&world).is_none());
                    }
                }
                Step::Other(limit) => drop(engine.pump(limit).unwrap()),
            }
        }
        world.mailbox.refuse_next(0);
        while waits(&world).is_some() {
            world.clock.advance(seconds(3_600));
            engine.pump_by(&mut agenda, usize::MAX).unwrap();
        }
        let delivered = world.mailbox.take();
        let mut ids: Vec<_> = delivered.iter().map(|it| it.id.clone()).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!((ids.len(), delivered.len()), (committed, committed));
    }
}

/// A driver looks at what waits for a late retry once, and not whenever something else comes.
#[test]
fn what_waits_is_not_looked_at_before_its_time() {
    let world = World::new();
    let engine = world.engine();
    world.mailbox.refuse_next(100);
    for _ in 0..100 {
        applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
    }
    let mut agenda = Agenda::default();
    let pumped = engine.pump_by(&mut agenda, 100).unwrap();
    assert_eq!(pumped.failed.len(), 100);
    let retry = world.clock.now().after(seconds(5));
    assert_eq!(agenda.next(), Some(retry));
    applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
    let pumped = engine.pump_by(&mut agenda, 100).unwrap();
    assert_eq!((pumped.delivered.len(), pumped.failed.len()), (1, 0));
    assert_eq!(agenda.next(), Some(retry));
    world.clock.set(retry);
    let pumped = engine.pump_by(&mut agenda, 60).unwrap();
    assert_eq!(pumped.delivered.len(), 60);
    assert_eq!(engine.pump_by(&mut agenda, 60).unwrap().delivered.len(), 40);
    assert_eq!(agenda.next(), None);
}
