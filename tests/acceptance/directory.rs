//! Cases L56, L57 and L59: who can open a directory, and the identity that it takes.

use stateward::account::Gate;

use crate::fixture::*;

const ENABLE: &str = "directory.enable";
const BRITISH_NUMBER: [(&str, &str); 1] = [("phone", BRITISH)];

/// An account outside any directory, verified as little or as much as a case needs.
fn stranger(world: &World, identity: &str) -> &'static str {
    let member = Member {
        attributes: &[("manager", "2000"), ("email", "root@s.example")],
        states: &[
            ("member_type", "cloud"),
            ("root_user", "active"),
            ("logon_email", "real"),
            ("identity_verification", identity),
        ],
        ..resource("2000", "")
    };
    world.create(&member.create()).applied();
    "2000"
}

fn a_verified_enterprise_opens_a_directory(world: &mut World) {
    let asked = world.run(&root_of(M), M, ENABLE, &BRITISH_NUMBER);

    world.prove(&root_of(M), &asked).applied();

    assert_eq!(world.state(M, "directory"), "enabled");
    assert_eq!(world.pump().named("directory_enabled"), ["root@m.example"]);
}

/// Without a number in the request, the code goes to the one that the account has.
fn the_accounts_own_number_serves(world: &mut World) {
    world.run(&root_of(M), M, ENABLE, &[]).waiting();
    assert_eq!(world.pump().sent_to("+6567890123").len(), 1);

    let without = world.run(&root_of(X1), X1, ENABLE, &[]);
    without.refused(Gate::Guard, Some("MissingSecureMobilePhone"));
}

fn l56_a_person_opens_no_directory(world: &mut World) {
    let account = stranger(world, "verified_personal");

    let answer = world.run(&root_of(account), account, ENABLE, &BRITISH_NUMBER);

    answer.refused(Gate::Guard, Some("EnterpriseRealNameVerificationError"));
    world.is_untouched(account);
}

fn l56_a_directory_is_opened_once(world: &mut World) {
    let asked = world.run(&root_of(M), M, ENABLE, &BRITISH_NUMBER);
    world.prove(&root_of(M), &asked).applied();

    let again = world.run(&root_of(M), M, ENABLE, &BRITISH_NUMBER);

    again.refused(Gate::State, Some("EntityAlreadyExists.ResourceDirectory"));
}

fn l56_a_member_opens_no_directory_of_its_own(world: &mut World) {
    let answer = world.run(&root_of(CA1), CA1, ENABLE, &BRITISH_NUMBER);

    answer.refused(
        Gate::Guard,
        Some("NotSupport.AccountInAnotherResourceDirectory"),
    );
    world.is_untouched(CA1);
}

fn l57_a_code_for_another_number_opens_nothing(world: &mut World) {
    let first = world.run(&root_of(M), M, ENABLE, &BRITISH_NUMBER);
    let code = world.code_for(&first);
    let second = world.run(&root_of(M), M, ENABLE, &[("phone", SINGAPOREAN)]);

    let answer = world.confirm(&root_of(M), &second, &code);

    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(M, "directory"), "none");
}

fn a_person_becomes_an_enterprise(world: &mut World) {
    let account = stranger(world, "unverified");
    let owner = root_of(account);
    let name = |name| [("legal_entity", name)];
    let step = |what: &str, who: &Principal, input: &[(&str, &str)]| {
        let what = format!("identity_verification.{what}");
        world.run(who, account, &what, input).applied();
    };

    step("submit_personal", &owner, &[]);
    step("accept_personal", &reviewer(), &name("Lin"));
    step("submit_upgrade", &owner, &[]);
    step("refuse_upgrade", &reviewer(), &[]);
    assert_eq!(
        world.state(account, "identity_verification"),
        "verified_personal"
    );
    step("submit_upgrade", &owner, &[]);
    step("accept_enterprise", &reviewer(), &name("Lin Ltd"));

    assert_eq!(
        world.state(account, "identity_verification"),
        "verified_enterprise"
    );
    assert_eq!(
        world.attribute(account, "legal_entity").as_deref(),
        Some("Lin Ltd")
    );
    let mail = world.pump();
    assert_eq!(mail.named("identity_verified").len(), 2);
    assert_eq!(mail.named("identity_refused").len(), 1);
}

fn nobody_reviews_their_own_identity(world: &mut World) {
    let account = stranger(world, "enterprise_in_review");
    let own = [("legal_entity", "Anything Ltd")];

    for who in [root_of(account), administrator_of(account)] {
        let what = "identity_verification.accept_enterprise";
        world
            .run(&who, account, what, &own)
            .refused(Gate::Caller, None);
    }
    world.is_untouched(account);
}

fn a_review_that_nobody_finishes_lapses(world: &mut World) {
    let account = stranger(world, "unverified");
    world
        .run(
            &root_of(account),
            account,
            "identity_verification.submit_enterprise",
            &[],
        )
        .applied();
    world.pass(days(30) - seconds(1));
    assert!(world.engine().tick(10).unwrap().fired.is_empty());

    world.pass(seconds(1));
    assert_eq!(world.engine().tick(10).unwrap().fired.len(), 1);

    assert_eq!(world.state(account, "identity_verification"), "unverified");
    assert_eq!(world.pump().named("identity_refused"), ["root@s.example"]);
    assert!(world.engine().tick(10).unwrap().fired.is_empty(), "once");
}

fn l59_an_enterprise_does_not_become_a_person(world: &mut World) {
    let answer = world.run(&root_of(M), M, "identity_verification.submit_personal", &[]);

    answer.refused(Gate::State, None);
    world.is_untouched(M);
}

on_every_store![
    a_verified_enterprise_opens_a_directory,
    the_accounts_own_number_serves,
    l56_a_person_opens_no_directory,
    l56_a_directory_is_opened_once,
    l56_a_member_opens_no_directory_of_its_own,
    l57_a_code_for_another_number_opens_nothing,
    a_person_becomes_an_enterprise,
    nobody_reviews_their_own_identity,
    a_review_that_nobody_finishes_lapses,
    l59_an_enterprise_does_not_become_a_person,
];
