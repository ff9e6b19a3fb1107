//! Cases L18 to L26: an account is switched to cloud, does what only a root user can, and is
//! switched back.

use stateward::account::Gate;

use crate::fixture::*;

const TO_CLOUD: &str = "member_type.switch_to_cloud";
const TO_RESOURCE: &str = "member_type.switch_to_resource";

fn l18_a_resource_accounts_number_is_changed_by_way_of_cloud(world: &mut World) {
    world
        .acknowledge(&full(), RA2, TO_CLOUD, "root_risk")
        .applied();

    let asked = world.run(&visitor_of(RA2), RA2, "root_user.retrieve_password", &[]);
    world.prove(&visitor_of(RA2), &asked).applied();

    let asked = world.run(
        &root_of(RA2),
        RA2,
        "mobile_phone.change",
        &[("phone", OTHER_SINGAPOREAN)],
    );
    let second = world.prove(&root_of(RA2), &asked);
    assert_eq!(second.waiting().verification, "new_phone");
    world.prove(&root_of(RA2), &second).applied();

    let asked = world.acknowledge(&full(), RA2, TO_RESOURCE, "disable_risk");
    world.prove(&full(), &asked).applied();

    assert_eq!(
        world.attribute(RA2, "phone").as_deref(),
        Some(OTHER_SINGAPOREAN)
    );
    assert_eq!(world.state(RA2, "mobile_phone"), "bound");
    assert_eq!(world.state(RA2, "member_type"), "resource");
    assert_eq!(world.state(RA2, "root_user"), "suspended");
    assert!(
        world.account(RA2).obligations.is_empty(),
        "what was owed is done"
    );
}

fn l19_nobody_could_retrieve_a_password(world: &mut World) {
    let answer = world.acknowledge(&full(), RA1, TO_CLOUD, "root_risk");

    answer.refused(Gate::Guard, Some("MissingSecurityInfo"));
    world.is_untouched(RA1);
}

fn l20_a_risk_not_acknowledged_is_not_taken(world: &mut World) {
    let asked = world.run(&full(), RA2, TO_CLOUD, &[]);

    assert!(asked.waiting().risk.is_some());
    assert_eq!(world.state(RA2, "member_type"), "resource");
    assert_eq!(world.state(RA2, "root_user"), "disabled");
    assert!(world.pump().is_empty());
}

fn l20_an_acknowledged_switch_enables_the_root_user(world: &mut World) {
    world
        .acknowledge(&full(), RA2, TO_CLOUD, "root_risk")
        .applied();

    assert_eq!(world.state(RA2, "member_type"), "cloud");
    assert_eq!(
        world.state(RA2, "root_user"),
        "enabled",
        "enabled, but without a password"
    );
    let notices = world.pump();
    assert_eq!(notices.named("became_cloud"), [SINGAPOREAN]);
    let owed = world.account(RA2).obligations;
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0].owed.to_string(), TO_RESOURCE);
    assert_eq!(owed[0].due, world.now().after(hours(24)));
}

fn l20_a_risk_can_be_acknowledged_later(world: &mut World) {
    let asked = world.run(&full(), RA2, TO_CLOUD, &[]);

    world
        .acknowledge_attempt(&full(), &asked, "root_risk")
        .applied();

    assert_eq!(world.state(RA2, "member_type"), "cloud");
}

/// Logging on is what an active root user can do; the Account Center stands for it here.
fn l21_the_root_user_logs_on_after_retrieving_a_password(world: &mut World) {
    let enter = |world: &mut World| {
        world.run(
            &root_of(RA2),
            RA2,
            "profile.set_avatar",
            &[("avatar_colour", "green")],
        )
    };
    enter(world).refused(Gate::Caller, None);
    world
        .acknowledge(&full(), RA2, TO_CLOUD, "root_risk")
        .applied();
    enter(world).refused(Gate::Caller, None);

    let asked = world.run(&visitor_of(RA2), RA2, "root_user.retrieve_password", &[]);
    world.prove(&visitor_of(RA2), &asked).applied();

    enter(world).applied();
}

fn l21_a_password_is_remembered_over_a_switch_back(world: &mut World) {
    world
        .acknowledge(&full(), CA1, TO_RESOURCE, "disable_risk")
        .waiting();
    let asked = world.acknowledge(&full(), CA1, TO_RESOURCE, "disable_risk");
    world.prove(&full(), &asked).applied();

    world
        .acknowledge(&full(), CA1, TO_CLOUD, "root_risk")
        .applied();

    assert_eq!(world.state(CA1, "root_user"), "active");
}

fn l22_an_active_access_key_keeps_the_account_cloud(world: &mut World) {
    let asked = world.run(&root_of(CA1), CA1, "root_access_key.create", &[]);
    world.prove(&root_of(CA1), &asked).applied();
    let revision = world.revision(CA1);

    let answer = world.acknowledge(&full(), CA1, TO_RESOURCE, "disable_risk");

    answer.refused(Gate::Guard, Some("PrimaryAkInUse"));
    assert_eq!(world.revision(CA1), revision);
    world
        .run(&root_of(CA1), CA1, "root_access_key.deactivate", &[])
        .applied();
    world
        .acknowledge(&full(), CA1, TO_RESOURCE, "disable_risk")
        .waiting();
}

fn l23_another_legal_entitys_account_stays_cloud(world: &mut World) {
    let answer = world.acknowledge(&full(), CB1, TO_RESOURCE, "disable_risk");

    answer.refused(Gate::Guard, Some("LegalEntityDifferent"));
    world.is_untouched(CB1);
}

fn l24_switching_back_takes_a_code(world: &mut World) {
    let asked = world.acknowledge(&full(), CA1, TO_RESOURCE, "disable_risk");
    let wrong = world.wrong_code_for(&asked);
    world
        .confirm(&full(), &asked, &wrong)
        .refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(CA1, "member_type"), "cloud");
    assert_eq!(world.state(CA1, "root_user"), "active");

    world.prove(&full(), &asked).applied();

    assert_eq!(world.state(CA1, "member_type"), "resource");
    assert_eq!(world.state(CA1, "root_user"), "suspended");
    assert_eq!(world.pump().named("became_resource"), [CA1_PHONE]);
    let answer = world.run(
        &root_of(CA1),
        CA1,
        "profile.set_avatar",
        &[("avatar_colour", "red")],
    );
    answer.refused(Gate::Caller, None);
}

fn l25_an_update_says_what_it_updates(world: &mut World) {
    let neither = world.run(&full(), RA1, "profile.rename", &[]);
    neither.refused(Gate::State, Some("MissingDisplayNameOrAccountType"));

    let both = [("display_name", "payments"), ("account_type", "cloud")];
    let both = world.run(&full(), RA1, "profile.rename", &both);
    assert_eq!(both.denial().gate, Gate::State);

    world.is_untouched(RA1);
    world
        .run(
            &full(),
            RA1,
            "profile.rename",
            &[("display_name", "payments")],
        )
        .applied();
    assert_eq!(
        world.attribute(RA1, "display_name").as_deref(),
        Some("payments")
    );
}

fn l26_a_dry_run_answers_and_changes_nothing(world: &mut World) {
    let would = world.dry_run(&full(), RA2, TO_CLOUD, "root_risk");
    would.applied();
    let would_not = world.dry_run(&full(), RA1, TO_CLOUD, "root_risk");
    would_not.refused(Gate::Guard, Some("MissingSecurityInfo"));

    world.is_untouched(RA2);
    world.is_untouched(RA1);
    assert!(world.pump().is_empty());
}

on_every_store![
    l18_a_resource_accounts_number_is_changed_by_way_of_cloud,
    l19_nobody_could_retrieve_a_password,
    l20_a_risk_not_acknowledged_is_not_taken,
    l20_an_acknowledged_switch_enables_the_root_user,
    l20_a_risk_can_be_acknowledged_later,
    l21_the_root_user_logs_on_after_retrieving_a_password,
    l21_a_password_is_remembered_over_a_switch_back,
    l22_an_active_access_key_keeps_the_account_cloud,
    l23_another_legal_entitys_account_stays_cloud,
    l24_switching_back_takes_a_code,
    l25_an_update_says_what_it_updates,
    l26_a_dry_run_answers_and_changes_nothing,
];
