//! What nobody learns: codes, and why a code was not accepted.

use std::fs;

use stateward::account::{Answer, Gate, Outcome, Revision};
use stateward::courier::SecretText;
use stateward::engine::Presented;

use crate::fixture::*;

const BIND: &str = "mobile_phone.bind";
const INPUT: [(&str, &str); 1] = [("phone", BRITISH)];

/// What an answer says, without the revision, which only counts.
fn words(answer: &Reply) -> Answer {
    let mut answer = answer.0.clone();
    answer.revision = Revision::default();
    answer
}

/// Whoever presents a code that is not accepted cannot tell a wrong one from one that was right a
/// moment ago.
fn wrong_and_expired_codes_are_answered_alike(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let (right, wrong) = (world.code_for(&asked), world.wrong_code_for(&asked));

    let wrong = world.confirm(&full(), &asked, &wrong);
    world.pass(minutes(10));
    let expired = world.confirm(&full(), &asked, &right);

    assert_eq!(words(&wrong), words(&expired));
}

/// Used, superseded and unknown ones name no attempt that is open; they say the same words.
fn used_and_unknown_codes_are_answered_alike(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let wrong = world.wrong_code_for(&asked);
    let wrong = world.confirm(&full(), &asked, &wrong);
    let code = world.code_for(&asked);
    world.confirm(&full(), &asked, &code).applied();
    let proof = || Presented::Code(SecretText::new(code.clone()));
    let unknown = "att_0123456789abcdef0123456789abcdef".parse().unwrap();

    let used = world.confirm(&full(), &asked, &code);
    let unknown = world.present(&full(), &unknown, proof());

    for answer in [&used, &unknown] {
        assert_eq!(answer.denial(), wrong.denial());
    }
}

/// An attempt is nobody's business but the requester's: to others it does not exist.
fn another_principal_cannot_use_a_code(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let code = world.code_for(&asked);
    let proof = || Presented::Code(SecretText::new(code.clone()));
    let unknown = "att_0123456789abcdef0123456789abcdef".parse().unwrap();

    let stolen = world.confirm(&administrator(), &asked, &code);
    let unknown = world.present(&administrator(), &unknown, proof());

    let refused = stolen.denial();
    assert_eq!(
        (refused.gate, &refused.message),
        (Gate::Verification, &unknown.denial().message)
    );
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
}

fn guessing_locks_the_attempt(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let (right, wrong) = (world.code_for(&asked), world.wrong_code_for(&asked));

    let answers: Vec<Answer> = (0..5)
        .map(|_| words(&world.confirm(&full(), &asked, &wrong)))
        .collect();
    let after = world.confirm(&full(), &asked, &right);

    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "not even which one was the last"
    );
    after.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
}

/// Guesses are counted over all attempts, and even if the program ends between two of them.
fn guessing_on_blocks_the_account(world: &mut World) {
    for _ in 0..4 {
        world.pass(seconds(1));
        let asked = world.run(&full(), RA1, BIND, &INPUT);
        let wrong = world.wrong_code_for(&asked);
        for _ in 0..5 {
            world
                .confirm(&full(), &asked, &wrong)
                .refused(Gate::Verification, Some("Invalid.VerificationCode"));
            world.restart();
        }
    }

    let blocked = world.run(&full(), RA1, BIND, &INPUT);

    assert_eq!(blocked.denial().gate, Gate::Verification);
    assert_eq!(
        blocked.denial().retry_at,
        Some(world.now().after(seconds(30)))
    );
    world.pass(seconds(30));
    world.run(&full(), RA1, BIND, &INPUT).waiting();
}

/// No digits in a row of `text` are the code.
fn says(text: &str, code: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits == code)
}

fn no_code_is_kept_or_shown(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let queued = world
        .engine()
        .history(&RA1.parse().unwrap(), Revision(1), 9)
        .unwrap();
    let code = world.code_for(&asked);
    world.confirm(&full(), &asked, &code).applied();

    let id = RA1.parse().unwrap();
    let journal = world.engine().history(&id, Revision::default(), 9).unwrap();
    let journal: Vec<_> = journal.into_iter().filter_map(|it| it.record).collect();
    let account = world.account(RA1);
    let shown = [
        format!("{journal:?} {queued:?} {account:?} {asked:?}"),
        serde_json::to_string(&journal).unwrap(),
        serde_json::to_string(&account).unwrap(),
    ];

    assert!(shown.iter().all(|text| !says(text, &code)));
    assert!(matches!(
        journal.last().unwrap().outcome,
        Outcome::Applied { .. }
    ));
}

/// Numbers and addresses are personal; logs that show values for debugging show them masked.
fn personal_data_are_masked_when_shown_for_debugging(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let run = request(&full(), RA1, BIND, &INPUT);
    let journal = world
        .engine()
        .history(&RA1.parse().unwrap(), Revision(1), 9)
        .unwrap();
    let attempt = world.engine().attempt(&asked.attempt()).unwrap();
    let account = world.account(CA1);

    let shown = format!("{asked:?} {run:?} {journal:?} {attempt:?} {account:?}");

    let personal = ["7400123456", "81234567", CA1_EMAIL, "new@example.org"];
    for text in personal {
        assert!(!shown.contains(text), "{text} in {shown}");
    }
}

on_every_store![
    wrong_and_expired_codes_are_answered_alike,
    used_and_unknown_codes_are_answered_alike,
    another_principal_cannot_use_a_code,
    guessing_locks_the_attempt,
    guessing_on_blocks_the_account,
    no_code_is_kept_or_shown,
    personal_data_are_masked_when_shown_for_debugging,
];

/// Six digits turn up in any file by chance, so this looks for the whole text of a message: it is
/// stored with a gap where the code goes, and never without the gap.
#[test]
fn no_byte_of_the_files_ever_holds_a_code() {
    let world = World::on_disk();
    let file = world.file().unwrap();
    let log = file.with_extension("redb-log");
    let contains = |text: &str| {
        [&file, &log].into_iter().any(|file| {
            let bytes = fs::read(file).unwrap();
            let mut windows = bytes.windows(text.len());
            windows.any(|window| window == text.as_bytes())
        })
    };
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let queued = contains("{code} is your code");
    let sent = world.pump().sent_to(BRITISH).remove(0);
    let code = code_in(&sent);
    let before = contains(&sent);
    world.confirm(&full(), &asked, &code).applied();

    assert!(queued, "the text with its gap is there while it waits");
    assert!(sent.starts_with(&format!("{code} is your code")), "{sent}");
    let held = contains(&format!("{code} is your code"));
    assert!(!before && !held && !contains(&sent));
}
