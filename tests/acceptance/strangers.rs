//! What nobody learns of somebody else's account, attempt or request.

use std::collections::BTreeSet;

use stateward::account::{Answer, Gate, Outcome};
use stateward::courier::SecretText;
use stateward::engine::{Cancel, Confirm, EngineError, Presented, Resend, Run};
use stateward::name::AttemptId;

use crate::fixture::*;

const BIND: &str = "mobile_phone.bind";
const INPUT: [(&str, &str); 1] = [("phone", BRITISH)];
const NOWHERE: &str = "999999";

/// An account of another directory, whose policies allow its user everything.
fn strangers() -> [Principal; 2] {
    [administrator_of("4711"), nobody()]
}

fn unknown() -> AttemptId {
    "att_0123456789abcdef".parse().unwrap()
}

/// An answer about an account, in the words for another one.
fn as_of(account: &str, answer: &Answer) -> String {
    format!("{answer:?}").replace(account, NOWHERE)
}

fn a_foreign_account_is_answered_for_like_none(world: &mut World) {
    world.run(&full(), RA1, BIND, &INPUT).waiting();
    for stranger in strangers() {
        let foreign = world.run(&stranger, RA1, BIND, &INPUT);
        let none = world.run(&stranger, NOWHERE, BIND, &INPUT);

        assert_eq!(as_of(RA1, &foreign.0), as_of(NOWHERE, &none.0));
    }
}

fn a_foreign_attempt_is_answered_for_like_none(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let code = world.code_for(&asked);
    for stranger in strangers() {
        let answers = |attempt: &AttemptId| everything(world, &stranger, attempt, &code);

        assert_eq!(answers(&asked.attempt()), answers(&unknown()));
    }
    world.confirm(&full(), &asked, &code).applied();
}

/// Whatever a principal can do about an attempt.
fn everything(
    world: &World,
    who: &Principal,
    attempt: &AttemptId,
    code: &str,
) -> Vec<Result<Answer, String>> {
    let (attempt, by, key) = (attempt.clone(), Some(who.clone()), None);
    let proofs = [
        Presented::Code(SecretText::new(code)),
        Presented::Acknowledge(BTreeSet::new()),
        Presented::Approve,
    ];
    let confirm = proofs.map(|proof| {
        let (attempt, by, key) = (attempt.clone(), by.clone(), key.clone());
        let confirm = Confirm {
            attempt,
            by,
            proof,
            key,
        };
        world.engine().confirm(&confirm)
    });
    let resend = world.engine().resend(&Resend {
        attempt: attempt.clone(),
        by: by.clone(),
        prefer: Some("no_such_way".parse().unwrap()),
        key: key.clone(),
    });
    let cancel = world.engine().cancel(&Cancel { attempt, by, key });
    let answers = confirm.into_iter().chain([resend, cancel]);
    answers
        .map(|answer| answer.map_err(|error| error.to_string()))
        .collect()
}

/// Asking for codes in somebody else's name would wear out their throttle.
fn a_stranger_spends_nobodys_throttle(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &INPUT);
    let resend = Resend {
        attempt: asked.attempt(),
        by: Some(administrator()),
        prefer: None,
        key: None,
    };
    for _ in 0..100 {
        let answer = world.engine().resend(&resend).unwrap();
        assert_eq!(Reply(answer).denial().gate, Gate::Verification);
    }
    world.run(&full(), RA1, BIND, &INPUT).waiting();
}

fn a_key_belongs_to_one_principal(world: &mut World) {
    let key = Some("once".parse().unwrap());
    let asked = world.ask(&Run {
        key: key.clone(),
        ..request(&full(), RA1, BIND, &INPUT)
    });
    let code = world.code_for(&asked);
    let confirm = |who: Principal| {
        let confirm = Confirm {
            attempt: asked.attempt(),
            by: Some(who),
            proof: Presented::Code(SecretText::new(code.clone())),
            key: Some("proof".parse().unwrap()),
        };
        Reply(world.engine().confirm(&confirm).unwrap())
    };
    confirm(full()).applied();

    confirm(administrator()).refused(Gate::Verification, Some("Invalid.VerificationCode"));
    let other = world.engine().run(&Run {
        key,
        ..request(&administrator(), RA3, BIND, &INPUT)
    });
    assert!(
        matches!(other.unwrap().outcome, Outcome::Pending { .. }),
        "a key in other hands is another key"
    );
}

fn a_key_is_for_one_acknowledgement(world: &mut World) {
    let asked = world.run(&full(), RA2, "member_type.switch_to_cloud", &[]);
    let acknowledge = |risks: &[&str]| {
        let risks = risks.iter().map(|risk| risk.parse().unwrap()).collect();
        world.engine().confirm(&Confirm {
            attempt: asked.attempt(),
            by: Some(full()),
            proof: Presented::Acknowledge(risks),
            key: Some("once".parse().unwrap()),
        })
    };
    Reply(acknowledge(&["root_risk"]).unwrap()).applied();

    let other = acknowledge(&["disable_risk"]).unwrap_err();
    assert!(matches!(other, EngineError::KeyReused), "{other}");
}

on_every_store![
    a_foreign_account_is_answered_for_like_none,
    a_foreign_attempt_is_answered_for_like_none,
    a_stranger_spends_nobodys_throttle,
    a_key_belongs_to_one_principal,
    a_key_is_for_one_acknowledgement,
];
