//! What survives: restarts, repeated requests, clocks that jump, callers that race, and changes of
//! the definition.

use std::sync::Barrier;
use std::thread;

use stateward::account::{Gate, Outcome, Revision};
use stateward::courier::SecretText;
use stateward::engine::replay::Again;
use stateward::engine::{Confirm, Engine, EngineError, Presented, Run};

use crate::fixture::*;

const BIND: &str = "mobile_phone.bind";
const CODES: &str = "verification_codes";

fn bind(account: &str) -> Run {
    request(&full(), account, BIND, &[("phone", BRITISH)])
}

fn with_key(key: &str) -> Run {
    Run {
        key: Some(key.parse().unwrap()),
        ..bind(RA1)
    }
}

fn an_attempt_survives_a_restart(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let code = world.code_for(&asked);

    world.restart();

    world.confirm(&full(), &asked, &code).applied();
    assert_eq!(world.state(RA1, "mobile_phone"), "bound");
}

fn a_message_survives_a_restart(world: &mut World) {
    world.ask(&bind(RA1)).waiting();

    world.restart();

    assert_eq!(world.pump().sent_to(BRITISH).len(), 1);
    assert!(world.pump().is_empty());
}

fn a_repeated_request_gets_its_first_answer(world: &mut World) {
    let first = world.ask(&with_key("once"));
    world.pass(minutes(1));

    assert_eq!(world.ask(&with_key("once")), first);
    world.restart();
    assert_eq!(world.ask(&with_key("once")), first);

    assert_eq!(world.spent(RA1, CODES), 1);
    assert_eq!(world.pump().sent_to(BRITISH).len(), 1);
    assert_ne!(world.ask(&with_key("twice")), first);
}

fn answers_and_shared_quotas_that_are_over_are_swept(world: &mut World) {
    let first = world.ask(&with_key("once"));
    world.prove(&full(), &first).applied();
    let change = |world: &World| {
        let input = [("phone", OTHER_SINGAPOREAN)];
        world.run(&root_of(CA1), CA1, "mobile_phone.change", &input)
    };
    change(world).waiting();
    let swept = |world: &World, after| {
        world.pass(after);
        world.engine().tick(usize::MAX).unwrap().swept
    };
    assert_eq!(swept(world, hours(23)), 0);
    assert_eq!(world.ask(&with_key("once")), first);
    assert_eq!(swept(world, hours(2)), 1, "the answer");
    let taken = Some("AccountSecureMobileAlreadyExists");
    world.ask(&with_key("once")).refused(Gate::State, taken);
    assert_eq!(swept(world, hours(24 * 3)), 1, "the cells of the number");

    change(world).waiting();

    assert_eq!(world.verify().flaws, []);
    let replayed = world.engine().replay(&mut |redecided| {
        assert!(matches!(redecided.again, Again::Same), "{redecided:?}");
    });
    assert_eq!(replayed.unwrap(), 0);
}

fn a_repeated_confirmation_gets_its_first_answer(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let code = world.code_for(&asked);
    let confirm = Confirm {
        attempt: asked.attempt(),
        by: Some(full()),
        proof: Presented::Code(SecretText::new(code)),
        key: Some("once".parse().unwrap()),
    };
    let first = Reply(world.engine().confirm(&confirm).unwrap());
    first.applied();

    assert_eq!(Reply(world.engine().confirm(&confirm).unwrap()), first);
}

fn a_key_is_for_one_request(world: &mut World) {
    world.ask(&with_key("once")).waiting();
    let other = Run {
        account: RA3.parse().unwrap(),
        ..with_key("once")
    };

    let error = world.engine().run(&other).unwrap_err();

    assert!(matches!(error, EngineError::KeyReused), "{error}");
    world.is_untouched(RA3);
}

/// A clock that is set back opens no new quota, and closes none for good.
fn a_clock_set_back_sends_no_more(world: &mut World) {
    let start = world.now();
    for count in 0..100 {
        world.set_clock(start.after(seconds(count)));
        world.ask(&bind(RA1)).waiting();
    }

    for hours_back in [1, 12, 48] {
        world.set_clock(start.before(hours(hours_back)));
        assert_eq!(world.ask(&bind(RA1)).denial().gate, Gate::Quota);
    }

    world.set_clock(start.after(hours(24) + minutes(2)));
    world.ask(&bind(RA1)).waiting();
}

fn a_clock_set_forward_and_back_expires_nothing(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let code = world.code_for(&asked);
    let start = world.now();

    world.set_clock(start.after(days(1)));
    world.set_clock(start.before(minutes(5)));

    world.confirm(&full(), &asked, &code).applied();
}

fn a_changed_definition_voids_its_attempts(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let code = world.code_for(&asked);
    let file = "workflows/resource_account/mobile_phone.yaml";
    let change =
        Definition::shipped().edited(file, "verify: [number_to_bind]", "verify: [new_phone]");
    world.engine().replace_bundle(change.load()).unwrap();

    let answer = world.confirm(&full(), &asked, &code);

    assert_eq!(answer.denial().gate, Gate::Verification);
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
    let again = world.ask(&bind(RA1));
    world.prove(&full(), &again).applied();
}

fn a_change_elsewhere_voids_nothing(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let code = world.code_for(&asked);
    let file = "workflows/resource_account/identity_verification.yaml";
    let change = Definition::shipped().edited(file, "after: 30d", "after: 60d");
    world.engine().replace_bundle(change.load()).unwrap();

    world.confirm(&full(), &asked, &code).applied();
}

/// A policy that is taken away between request and confirmation counts.
fn gates_are_passed_again_at_the_end(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let code = world.code_for(&asked);
    let file = "policies/AliyunResourceDirectoryFullAccess.rhai";
    let change = Definition::shipped().edited(file, "resourcemanager:*", "resourcemanager:Get*");
    world.engine().replace_bundle(change.load()).unwrap();

    world
        .confirm(&full(), &asked, &code)
        .refused(Gate::Policy, None);

    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
}

fn an_attempt_lapses(world: &mut World) {
    let asked = world.acknowledge(
        &full(),
        CA1,
        "member_type.switch_to_resource",
        "disable_risk",
    );
    let code = world.code_for(&asked);
    world.pass(minutes(30));

    world
        .confirm(&full(), &asked, &code)
        .refused(Gate::Verification, Some("Invalid.VerificationCode"));
    world.engine().tick(10).unwrap();

    assert!(
        world
            .engine()
            .attempts(&CA1.parse().unwrap())
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.state(CA1, "member_type"), "cloud");
}

fn a_newer_request_voids_the_older_code(world: &mut World) {
    let older = world.ask(&bind(RA1));
    let code = world.code_for(&older);
    let newer = world.ask(&bind(RA1));

    world
        .confirm(&full(), &older, &code)
        .refused(Gate::Verification, Some("Invalid.VerificationCode"));

    world.prove(&full(), &newer).applied();
}

/// Runs one thing on two engines over the same store at the same moment.
fn race<T: Send>(world: &World, run: impl Fn(&Engine) -> T + Sync) -> [T; 2] {
    let engines = [(); 2].map(|()| world.another_engine(shipped()));
    let together = Barrier::new(2);
    thread::scope(|scope| {
        let racers = engines.each_ref().map(|engine| {
            scope.spawn(|| {
                together.wait();
                run(engine)
            })
        });
        racers.map(|racer| racer.join().unwrap())
    })
}

/// Case L58: of two writes at once one is decided anew, after the other, and both are kept.
fn l58_two_writers_take_turns(world: &mut World) {
    for round in 0..20 {
        world.pass(seconds(1));
        let revisions = race(world, |engine| engine.run(&bind(RA1)).unwrap().revision);

        let first = 1 + 2 * round;
        let (low, high) = (
            revisions[0].min(revisions[1]),
            revisions[0].max(revisions[1]),
        );
        assert_eq!((low, high), (Revision(first + 1), Revision(first + 2)));
    }
    assert_eq!(world.spent(RA1, CODES), 40);
}

fn the_last_code_goes_to_one_of_two(world: &mut World) {
    for _ in 0..99 {
        world.pass(seconds(1));
        world.ask(&bind(RA1)).waiting();
    }
    world.pass(seconds(1));

    let sent = race(world, |engine| {
        let answer = engine.run(&bind(RA1)).unwrap();
        matches!(answer.outcome, Outcome::Pending { .. })
    });

    assert_ne!(sent[0], sent[1]);
    assert_eq!(world.spent(RA1, CODES), 100);
}

fn a_code_is_used_by_one_of_two(world: &mut World) {
    let asked = world.ask(&bind(RA1));
    let confirm = Confirm {
        attempt: asked.attempt(),
        by: Some(full()),
        proof: Presented::Code(SecretText::new(world.code_for(&asked))),
        key: None,
    };

    let applied = race(world, |engine| {
        let answer = engine.confirm(&confirm).unwrap();
        matches!(answer.outcome, Outcome::Applied { .. })
    });

    assert_ne!(applied[0], applied[1]);
}

/// A number is shared by six accounts at most, however many claim it at once.
fn a_number_is_shared_by_six(world: &mut World) {
    let ids: Vec<String> = (3000..3007).map(|id| id.to_string()).collect();
    let mut last = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        world.create(&resource(id, "fd-A/").create()).applied();
        world.pass(seconds(1));
        let asked = world.ask(&bind(id));
        match index {
            0..5 => {
                world.prove(&full(), &asked).applied();
            }
            _ => last.push((asked.attempt(), world.code_for(&asked))),
        }
    }

    let turn = std::sync::atomic::AtomicUsize::new(0);
    let applied = race(world, |engine| {
        let mine = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let (attempt, code) = last[mine].clone();
        let confirm = Confirm {
            attempt,
            by: Some(full()),
            proof: Presented::Code(SecretText::new(code)),
            key: None,
        };
        matches!(
            engine.confirm(&confirm).unwrap().outcome,
            Outcome::Applied { .. }
        )
    });

    assert_ne!(applied[0], applied[1]);
    let bound = ids
        .iter()
        .filter(|id| world.state(id, "mobile_phone") == "bound");
    assert_eq!(bound.count(), 6);
}

on_every_store![
    an_attempt_survives_a_restart,
    a_message_survives_a_restart,
    a_repeated_request_gets_its_first_answer,
    answers_and_shared_quotas_that_are_over_are_swept,
    a_repeated_confirmation_gets_its_first_answer,
    a_key_is_for_one_request,
    a_clock_set_back_sends_no_more,
    a_clock_set_forward_and_back_expires_nothing,
    a_changed_definition_voids_its_attempts,
    a_change_elsewhere_voids_nothing,
    gates_are_passed_again_at_the_end,
    an_attempt_lapses,
    a_newer_request_voids_the_older_code,
    l58_two_writers_take_turns,
    the_last_code_goes_to_one_of_two,
    a_code_is_used_by_one_of_two,
    a_number_is_shared_by_six,
];
