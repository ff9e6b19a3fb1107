//! What nobody learns of somebody else's account, attempt or request.

use std::collections::{BTreeMap, BTreeSet};

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
        Presented::Approve {
            context: BTreeMap::new(),
        },
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

/// The shipped definition, with the policy `Narrow`.
fn with_policy(world: &World, text: &str) {
    let shipped = Definition::shipped();
    let bundle = shipped.with("policies/Narrow.rhai", text).load();
    world.engine().replace_bundle(bundle).unwrap();
}

/// An operator whom the caller rule of binding admits, with the policy `Narrow` alone.
fn narrow() -> Principal {
    principal("ram_user", M, "narrow", &["Narrow"])
}

/// Fails unless asking, asking what would happen and reading go for an account as for none.
#[track_caller]
fn is_answered_for_like_none(world: &World, who: &Principal, account: &str, what: &str) {
    let inputs: &[(&str, &str)] = if what == BIND { &INPUT } else { &[] };
    let answers = |account: &str| {
        let run = world.run(who, account, what, inputs).0;
        assert!(matches!(run.outcome, Outcome::Denied(_)), "{run:#?}");
        let asked = request(who, account, what, inputs);
        let explained = world.engine().explain(&asked).unwrap().answer;
        let id = account.parse().unwrap();
        let read = world.engine().read(&id, Some(who), &BTreeMap::new());
        (
            as_of(account, &run),
            as_of(account, &explained),
            read.unwrap().map(|read| read.id),
        )
    };
    assert_eq!(answers(account), answers(NOWHERE));
    world.is_untouched(account);
}

const IN_FOLDER_B: &str = "\"acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-B/*\"";

fn a_deny_by_folder_tells_no_stranger(world: &mut World) {
    with_policy(
        world,
        &format!(
            r#"allow "resourcemanager:*" on "acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*";
            deny "resourcemanager:BindSecureMobilePhone" on {IN_FOLDER_B} because "fd-B is secret";"#
        ),
    );
    is_answered_for_like_none(world, &narrow(), RB1, BIND);
}

fn a_deny_by_state_tells_no_stranger(world: &mut World) {
    with_policy(
        world,
        r#"allow "resourcemanager:BindSecureMobilePhone";
        deny "resourcemanager:BindSecureMobilePhone" when state.mobile_phone == "unbound"
            because "no phone yet";"#,
    );
    is_answered_for_like_none(world, &narrow(), RA1, BIND);
}

fn a_deny_of_reading_tells_no_stranger(world: &mut World) {
    with_policy(
        world,
        &format!(
            r#"allow "*";
            deny "resourcemanager:*" on {IN_FOLDER_B} because "fd-B is secret";"#
        ),
    );
    is_answered_for_like_none(world, &narrow(), RB1, BIND);
}

/// Nor whom the caller rule admits: the administrator of an account that it may not read.
fn a_control_policy_tells_no_stranger(world: &mut World) {
    let rule = "deny \"resourcemanager:*\" because \"not in folder A\";\n";
    let allow = "allow \"resourcemanager:EnableResourceDirectory\";\n";
    let bundle = Definition::shipped()
        .with("policies/Frozen.rhai", rule)
        .with("policies/Narrow.rhai", allow)
        .edited(
            "policies/principals.yaml",
            "  attached:\n",
            "  attached:\n    rd-3G/r-Wm/fd-A: [FullAliyunAccess, Frozen]\n",
        )
        .load();
    world.engine().replace_bundle(bundle).unwrap();
    let own = principal("ram_user", RA1, "narrow", &["Narrow"]);

    is_answered_for_like_none(world, &own, RA1, "directory.enable");
}

/// A sum that is too large: a condition that can be evaluated for no account.
const FAILS: &str = "len(account.display_name) + 9223372036854775807 > 0";

fn a_condition_that_fails_tells_no_stranger(world: &mut World) {
    for policy in [
        format!("allow \"resourcemanager:BindSecureMobilePhone\" when {FAILS};"),
        format!("allow all; deny \"resourcemanager:*\" when {FAILS} because \"no sum\";"),
    ] {
        with_policy(world, &policy);
        is_answered_for_like_none(world, &narrow(), RA1, BIND);
    }
}

/// Whoever may read the account is told why, and where that is written.
fn a_reader_is_told_the_reason(world: &mut World) {
    with_policy(
        world,
        &format!(
            r#"allow "resourcemanager:GetAccount";
            deny "resourcemanager:BindSecureMobilePhone" on {IN_FOLDER_B}
                when {FAILS} because "fd-B is secret";"#
        ),
    );
    let answer = world.run(&narrow(), RB1, BIND, &INPUT);

    let denial = answer.denial();
    assert_eq!((denial.gate, denial.code.as_str()), (Gate::Policy, "D0002"));
    assert_eq!(
        denial.place.as_deref(),
        Some("policies/Narrow.rhai:2:13"),
        "{denial:?}"
    );
    assert_eq!(
        denial.message,
        "denied by `Narrow`: fd-B is secret (the condition of policies/Narrow.rhai:2:13#1 in \
         policy `Narrow` failed: the result is too large)"
    );
}

on_every_store![
    a_foreign_account_is_answered_for_like_none,
    a_foreign_attempt_is_answered_for_like_none,
    a_stranger_spends_nobodys_throttle,
    a_key_belongs_to_one_principal,
    a_key_is_for_one_acknowledgement,
    a_deny_by_folder_tells_no_stranger,
    a_deny_by_state_tells_no_stranger,
    a_deny_of_reading_tells_no_stranger,
    a_control_policy_tells_no_stranger,
    a_condition_that_fails_tells_no_stranger,
    a_reader_is_told_the_reason,
];
