//! Case L53: whoever manages an account gives it another logon address, if somebody there agrees.

use stateward::account::Gate;

use crate::fixture::*;

const START: &str = "email_change.start";
const CONFIRM: &str = "email_change.confirm";
const NEW: &str = "new@example.com";
const TO_NEW: [(&str, &str); 1] = [("email", NEW)];

fn l53_one_change_waits_until_it_is_cancelled(world: &mut World) {
    world.run(&full(), RA1, START, &TO_NEW).applied();
    assert_eq!(world.state(RA1, "email_change"), "waiting");
    assert_eq!(world.pump().named("email_to_confirm"), [NEW]);

    let again = world.run(&full(), RA1, START, &[("email", "other@example.com")]);
    again.refused(
        Gate::State,
        Some("NotSupportedOperation.Account.EmailModify"),
    );

    world
        .run(&full(), RA1, "email_change.cancel", &[])
        .applied();
    let outcome = world.attribute(RA1, "email_change_outcome");
    assert_eq!(outcome.as_deref(), Some("cancelled"));
    let retry = world.run(&full(), RA1, "email_change.retry", &[]);
    retry.refused(Gate::State, Some("EntityNotExists.EmailModifyRecord"));
    let late = world.run(&visitor_of(RA1), RA1, CONFIRM, &[]);
    late.refused(Gate::State, Some("EntityNotExists.EmailModifyRecord"));
}

fn l53_a_retry_gives_the_link_its_time_again(world: &mut World) {
    world.run(&full(), RA1, START, &TO_NEW).applied();
    world.pass(hours(20));
    world.run(&full(), RA1, "email_change.retry", &[]).applied();
    world.pass(hours(23));
    assert!(world.engine().tick(10).unwrap().fired.is_empty());
    world.pass(hours(1));
    assert_eq!(world.engine().tick(10).unwrap().fired.len(), 1);

    assert_eq!(world.state(RA1, "email_change"), "none");
    let outcome = world.attribute(RA1, "email_change_outcome");
    assert_eq!(outcome.as_deref(), Some("expired"));
    assert_eq!(world.attribute(RA1, "pending_email"), None);
}

fn l53_the_address_changes_when_somebody_there_agrees(world: &mut World) {
    let old = world.attribute(RA1, "email");
    world.run(&full(), RA1, START, &TO_NEW).applied();
    assert_eq!(
        world.attribute(RA1, "email"),
        old,
        "until then nothing has changed"
    );

    let asked = world.run(&visitor_of(RA1), RA1, CONFIRM, &[]);
    assert_eq!(asked.waiting().verification, "pending_email");
    world.prove(&visitor_of(RA1), &asked).applied();

    assert_eq!(world.attribute(RA1, "email").as_deref(), Some(NEW));
    assert_eq!(world.state(RA1, "logon_email"), "real");
    assert_eq!(world.state(RA1, "email_change"), "none");
}

fn l53_an_invited_accounts_address_is_its_owners(world: &mut World) {
    let invited = Member {
        attributes: &[("join_method", "invited")],
        ..resource("3000", "fd-A/")
    };
    world.create(&invited.create()).applied();

    let refused = world.run(&full(), "3000", START, &TO_NEW);

    refused.refused(Gate::Guard, Some("NotSupport.InvitedAccount"));
}

fn an_address_that_another_account_has_is_not_taken(world: &mut World) {
    world
        .run(&full(), RA1, START, &[("email", CA1_EMAIL)])
        .applied();
    let asked = world.run(&visitor_of(RA1), RA1, CONFIRM, &[]);

    asked.refused(Gate::Guard, Some("InvalidParameter.Email.AlreadyUsed"));
}

/// Whoever manages it names its address, and only as long as that lasts.
fn a_wish_ends_with_the_say(world: &mut World) {
    world.run(&full(), CA1, START, &TO_NEW).applied();
    world
        .acknowledge(&full(), CA1, "membership.remove", "removal_risk")
        .applied();

    assert_eq!(world.state(CA1, "email_change"), "none");
    assert_eq!(world.attribute(CA1, "pending_email"), None);
}

on_every_store![
    l53_one_change_waits_until_it_is_cancelled,
    l53_a_retry_gives_the_link_its_time_again,
    l53_the_address_changes_when_somebody_there_agrees,
    l53_an_invited_accounts_address_is_its_owners,
    an_address_that_another_account_has_is_not_taken,
    a_wish_ends_with_the_say,
];
