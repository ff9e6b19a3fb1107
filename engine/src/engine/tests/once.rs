//! Callers that repeat themselves, and callers that come at once.

use super::*;
use crate::engine::EngineError;

impl World {
    fn counting_under(&self, key: &str) -> Run {
        let mut run = self.asking("acc", "tally.count");
        run.key = Some(key.parse().unwrap());
        run
    }
}

#[test]
fn a_request_that_is_repeated_under_its_key_gets_the_first_answer() {
    let world = World::new();
    let run = world.counting_under("once");
    let first = world.engine().run(&run).unwrap();
    applied(&first);
    world.clock.advance(seconds(3_600));
    assert_eq!(world.engine().run(&run).unwrap(), first);
    assert_eq!(world.count(), Value::Int(1));

    assert_ne!(
        world.engine().run(&world.counting_under("twice")).unwrap(),
        first
    );
    assert_eq!(world.count(), Value::Int(2));
}

#[test]
fn another_request_under_a_used_key_is_refused() {
    let world = World::new();
    let engine = world.engine();
    engine.run(&world.counting_under("once")).unwrap();
    let mut other = world.counting_under("once");
    other.transition = "trial.keep".parse().unwrap();
    assert!(matches!(engine.run(&other), Err(EngineError::KeyReused)));
    assert_eq!(world.history("acc").len(), 2, "its creation and its count");
}

#[test]
fn of_two_callers_under_one_key_both_get_the_answer_of_the_first() {
    let world = World::new();
    let run = world.counting_under("once");
    let (other, same) = (world.engine(), run.clone());
    let meddling = Meddling::before_commit(&world, move || applied(&other.run(&same).unwrap()));
    let answer = world.engine_over(meddling).run(&run).unwrap();
    assert_eq!(answer.revision, Revision(2));
    assert_eq!(world.count(), Value::Int(1));
}

#[test]
fn a_decision_on_what_has_changed_meanwhile_is_made_again() {
    let world = World::new();
    let run = world.asking("acc", "tally.count");
    let (other, same) = (world.engine(), run.clone());
    let meddling = Meddling::before_commit(&world, move || applied(&other.run(&same).unwrap()));
    let answer = world.engine_over(meddling).run(&run).unwrap();
    assert_eq!(answer.revision, Revision(3));
    assert_eq!(world.count(), Value::Int(2));
}

#[test]
fn callers_that_race_on_one_account_lose_nothing() {
    const EACH: u64 = 100;
    let world = World::new();
    let engine = world.engine();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..EACH {
                    applied(&engine.run(&world.asking("acc", "tally.count")).unwrap());
                }
            });
        }
    });
    assert_eq!(world.count(), Value::Int(200));
    let history = world.entries("acc");
    assert_eq!(history.len(), 201);
    for (previous, record) in history.iter().zip(&history[1..]) {
        let (record, before) = (&record.envelope, previous.envelope.revision);
        assert_eq!(record.revision, before.next());
        assert_eq!(record.previous, previous.digest);
    }
    let pumped = engine.pump(1_000).unwrap();
    assert_eq!(pumped.delivered.len(), 200, "each with its message");
}
