//! What is sent, to whom, and that it goes out once more rather than not at all.

use stateward::account::Gate;

use crate::fixture::*;

fn the_platforms_reports_reach_the_bound_number(world: &mut World) {
    let reports = [
        (
            "notices.instance_password_reset",
            "payments: the password of i-1 was reset.",
        ),
        ("notices.resource_release", "payments: i-1 was released."),
        (
            "notices.fee_change",
            "payments: the fee of i-1 has changed.",
        ),
    ];
    for (what, text) in reports {
        world
            .run(&service(), RA2, what, &[("subject", "i-1")])
            .applied();
        assert_eq!(world.pump().sent_to(SINGAPOREAN), [text]);
    }
}

fn an_account_without_a_number_gets_no_reports(world: &mut World) {
    let report = [("subject", "i-1")];

    world
        .run(&service(), RA1, "notices.fee_change", &report)
        .refused(Gate::Guard, None);

    world.is_untouched(RA1);
    assert!(world.pump().is_empty());
}

fn only_the_platform_reports(world: &mut World) {
    let report = [("subject", "i-1")];

    world
        .run(&administrator(), RA2, "notices.fee_change", &report)
        .refused(Gate::Caller, None);
}

fn a_bound_number_is_told_so(world: &mut World) {
    let asked = world.run(&full(), RA1, "mobile_phone.bind", &[("phone", BRITISH)]);
    world.prove(&full(), &asked).applied();

    let told = world.pump().sent_to(BRITISH);

    assert_eq!(
        told,
        ["payments: this number now receives its codes and notices."]
    );
}

/// The owner of the old number learns of the change, whoever made it.
fn a_changed_number_is_told_to_the_old_one(world: &mut World) {
    let new = [("phone", OTHER_SINGAPOREAN)];
    let asked = world.run(&root_of(CA1), CA1, "mobile_phone.change", &new);
    let asked = world.prove(&root_of(CA1), &asked);
    world.prove(&root_of(CA1), &asked).applied();

    let mail = world.pump();

    assert_eq!(mail.named("phone_bound"), [OTHER_SINGAPOREAN]);
    assert_eq!(mail.named("phone_replaced"), [CA1_PHONE]);
    assert_eq!(mail.named("phone_changed"), [CA1_EMAIL]);
}

fn an_overdue_switch_back_is_reminded_of_once(world: &mut World) {
    world
        .acknowledge(&full(), RA2, "member_type.switch_to_cloud", "root_risk")
        .applied();
    world.pump();
    world.pass(hours(24));

    world.engine().tick(10).unwrap();
    world.engine().tick(10).unwrap();

    assert_eq!(world.pump().named("switch_back_due"), [SINGAPOREAN]);
    assert!(world.account(RA2).obligations[0].reminded, "and still owed");
}

fn a_message_that_fails_goes_out_later(world: &mut World) {
    let asked = world.run(&full(), RA1, "mobile_phone.bind", &[("phone", BRITISH)]);
    world.refuse_next_message();

    let failed = world.engine().pump(10).unwrap().failed;
    assert_eq!(failed.len(), 1);
    assert!(
        world.engine().pump(10).unwrap().delivered.is_empty(),
        "not at once"
    );
    world.pass(minutes(1));
    let mail = world.pump();

    let ids: Vec<_> = mail.0.iter().map(|message| &message.id).collect();
    assert_eq!(
        ids,
        [&failed[0].0],
        "the same message, so that a receiver can drop repeats"
    );
    world
        .confirm(&full(), &asked, &code_in(&mail.sent_to(BRITISH)[0]))
        .applied();
}

fn a_code_that_expired_unsent_is_not_sent(world: &mut World) {
    world
        .run(&full(), RA1, "mobile_phone.bind", &[("phone", BRITISH)])
        .waiting();
    world.pass(minutes(10));

    let pumped = world.engine().pump(10).unwrap();

    assert_eq!((pumped.delivered.len(), pumped.expired.len()), (0, 1));
    assert!(world.pump().is_empty());
}

on_every_store![
    the_platforms_reports_reach_the_bound_number,
    an_account_without_a_number_gets_no_reports,
    only_the_platform_reports,
    a_bound_number_is_told_so,
    a_changed_number_is_told_to_the_old_one,
    an_overdue_switch_back_is_reminded_of_once,
    a_message_that_fails_goes_out_later,
    a_code_that_expired_unsent_is_not_sent,
];
