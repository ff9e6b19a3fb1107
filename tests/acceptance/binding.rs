//! Cases L1 to L17: a number is bound from the console, once, within limits that cannot be talked
//! round.

use stateward::account::{Gate, GateStatus};

use crate::fixture::*;

const BIND: &str = "mobile_phone.bind";
const CODES: &str = "verification_codes";

/// Asks for a binding code for the British number, one second after whatever came before.
fn send_code(world: &mut World, account: &str) -> Reply {
    world.pass(seconds(1));
    world.run(&full(), account, BIND, &[("phone", BRITISH)])
}

fn l01_a_sent_code_opens_an_attempt(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);

    let waiting = asked.waiting();
    assert_eq!(waiting.verification, "number_to_bind");
    assert_eq!(
        waiting.code_expires_at,
        Some(world.now().after(minutes(10)))
    );
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
    assert_eq!(world.attribute(RA1, "phone"), None);
    assert_eq!(world.spent(RA1, CODES), 1);
    assert_eq!(world.pump().sent_to(BRITISH).len(), 1);
}

fn l02_the_right_code_binds(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let code = world.code_for(&asked);

    world.confirm(&full(), &asked, &code).applied();

    assert_eq!(world.state(RA1, "mobile_phone"), "bound");
    assert_eq!(world.attribute(RA1, "phone").as_deref(), Some(BRITISH));
    assert_eq!(world.spent(RA1, CODES), 1);
}

fn l03_a_wrong_code_changes_nothing(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let wrong = world.wrong_code_for(&asked);

    let answer = world.confirm(&full(), &asked, &wrong);

    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
    assert_eq!(world.spent(RA1, CODES), 1);
}

fn l03_an_expired_code_changes_nothing(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let code = world.code_for(&asked);
    world.pass(minutes(10));

    let answer = world.confirm(&full(), &asked, &code);

    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
}

/// The number is part of the attempt, so a code can only ever be presented for the number that it
/// was sent to. What is left to try is the code of another attempt.
fn l04_a_code_is_no_good_for_another_number(world: &mut World) {
    let first = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let code = world.code_for(&first);
    let second = world.run(&full(), RA1, BIND, &[("phone", SINGAPOREAN)]);

    let answer = world.confirm(&full(), &second, &code);

    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
}

fn l05_a_code_is_used_once(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let code = world.code_for(&asked);
    world.confirm(&full(), &asked, &code).applied();
    let revision = world.revision(RA1);

    let again = world.confirm(&full(), &asked, &code);

    again.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.revision(RA1), revision);
    let elsewhere = world.run(&full(), RA3, BIND, &[("phone", BRITISH)]);
    let answer = world.confirm(&full(), &elsewhere, &code);
    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
}

fn l06_a_bound_number_is_not_bound_again(world: &mut World) {
    let answer = world.run(&full(), RA2, BIND, &[("phone", BRITISH)]);

    answer.refused(Gate::State, Some("AccountSecureMobileAlreadyExists"));
    world.is_untouched(RA2);
}

fn l07_a_cloud_account_is_not_bound_from_the_console(world: &mut World) {
    let answer = world.run(&full(), CA2, BIND, &[("phone", BRITISH)]);

    answer.refused(Gate::Guard, Some("AccountTypeMismatch"));
    world.is_untouched(CA2);
    // Where it already has a number too, that is said first: the state comes before the guards.
    let answer = world.run(&full(), CA1, BIND, &[("phone", BRITISH)]);
    answer.refused(Gate::State, Some("AccountSecureMobileAlreadyExists"));
}

fn l08_the_managements_root_user_passes_policy_and_is_refused(world: &mut World) {
    let answer = world.run(&root_of(M), RA1, BIND, &[("phone", BRITISH)]);

    assert_eq!(answer.gate(Gate::Policy), GateStatus::Passed);
    answer.refused(Gate::Caller, Some("CallerIdentityError"));
    world.is_untouched(RA1);
}

fn l09_a_reader_sends_no_code(world: &mut World) {
    let answer = world.run(&read_only(), RA1, BIND, &[("phone", BRITISH)]);

    answer.refused(Gate::Policy, None);
    assert_eq!(answer.denial().effect.as_deref(), Some("ImplicitDeny"));
    assert_eq!(world.spent(RA1, CODES), 0);
    world.is_untouched(RA1);
}

fn l10_the_101st_code_of_a_day_is_refused(world: &mut World) {
    send_code(world, RA1).waiting();
    let first = world.now();
    (1..100).for_each(|_| {
        send_code(world, RA1).waiting();
    });

    let answer = send_code(world, RA1);

    answer.refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));
    assert_eq!(answer.denial().retry_at, Some(first.after(hours(24))));
    assert_eq!(world.spent(RA1, CODES), 100);
    world.set_clock(first.after(hours(24)));
    world
        .run(&full(), RA1, BIND, &[("phone", BRITISH)])
        .waiting();
    world
        .run(&full(), RA1, BIND, &[("phone", BRITISH)])
        .refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));
}

fn l11_the_limit_is_per_member(world: &mut World) {
    (0..100).for_each(|_| {
        send_code(world, RA1).waiting();
    });
    send_code(world, RA1).refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));

    // To the very same number, but for another account.
    send_code(world, RA3).waiting();

    assert_eq!(world.spent(RA3, CODES), 1);
}

fn l12_a_restart_does_not_forget_codes(world: &mut World) {
    (0..60).for_each(|_| {
        send_code(world, RA1).waiting();
    });

    world.restart();

    (0..40).for_each(|_| {
        send_code(world, RA1).waiting();
    });
    send_code(world, RA1).refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));
    assert_eq!(world.spent(RA1, CODES), 100);
}

fn l14_a_burst_is_shed_before_it_costs_anything(world: &mut World) {
    (0..10).for_each(|_| {
        world
            .run(&full(), RA1, BIND, &[("phone", BRITISH)])
            .waiting();
    });

    let answer = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);

    answer.refused(Gate::Throttle, None);
    assert_eq!(world.spent(RA1, CODES), 10);
    world.pass(seconds(1));
    world
        .run(&full(), RA1, BIND, &[("phone", BRITISH)])
        .waiting();
}

fn l15_the_international_site_takes_no_chinese_number(world: &mut World) {
    let answer = world.run(&full(), RA1, BIND, &[("phone", CHINESE)]);

    answer.refused(Gate::Guard, Some("InvalidParameter.MobileCountryCode"));
    world.is_untouched(RA1);
}

fn l16_directory_codes_are_counted_by_caller(world: &mut World) {
    let ask = |world: &mut World, who: &Principal, account: &str| {
        world.pass(seconds(1));
        world.run(who, account, "directory.enable", &[("phone", BRITISH)])
    };
    (0..100).for_each(|_| {
        ask(world, &full(), M).waiting();
    });

    let spent = world.revision(M);

    let answer = ask(world, &full(), M);

    answer.refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));
    assert_eq!(world.revision(M), spent, "a refused code spends nothing");
    assert_eq!(
        world.spent(M, CODES),
        0,
        "another limit than that of bindings"
    );
    ask(world, &root_of(X1), X1).waiting();
    ask(world, &root_of(M), M).refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));
}

fn l17_a_number_is_not_changed_from_the_console(world: &mut World) {
    let input = [("phone", SINGAPOREAN)];

    // The console's policies do not cover the Account Center,
    world
        .run(&full(), RA2, "mobile_phone.change", &input)
        .refused(Gate::Policy, None);
    // policies that do are not enough,
    world
        .run(&administrator(), RA2, "mobile_phone.change", &input)
        .refused(Gate::Caller, None);
    // and what the console can do is for accounts without a number.
    world
        .run(&administrator(), RA2, BIND, &input)
        .refused(Gate::State, Some("AccountSecureMobileAlreadyExists"));
    world.is_untouched(RA2);
}

fn l33_a_members_own_administrator_is_not_the_management(world: &mut World) {
    let answer = world.run(&administrator_of(RA1), RA1, BIND, &[("phone", BRITISH)]);

    assert_eq!(answer.gate(Gate::Policy), GateStatus::Passed);
    answer.refused(Gate::Caller, Some("CallerIdentityError"));
    world.is_untouched(RA1);
}

/// Sending anew waits a little longer each time, spends the quota, and voids the older code.
fn a_code_is_sent_again_but_not_at_once(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let older = world.code_for(&asked);

    let at_once = world.resend(&full(), &asked);
    assert_eq!(
        at_once.denial().retry_at,
        Some(world.now().after(seconds(30)))
    );
    for wait in [30, 60, 120, 300] {
        world.pass(seconds(wait));
        world.resend(&full(), &asked).waiting();
        assert!(world.resend(&full(), &asked).denial().retry_at.is_some() || wait == 300);
    }
    world.pass(hours(1) / 6);

    assert_eq!(
        world.resend(&full(), &asked).denial().gate,
        Gate::Verification,
        "five in all"
    );
    assert_eq!(world.spent(RA1, CODES), 5);
    let again = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    world
        .confirm(&full(), &again, &older)
        .refused(Gate::Verification, Some("Invalid.VerificationCode"));
    world.prove(&full(), &again).applied();
}

fn a_resent_code_voids_the_older(world: &mut World) {
    let asked = world.run(&full(), RA1, BIND, &[("phone", BRITISH)]);
    let older = world.code_for(&asked);
    world.pass(seconds(30));
    let again = world.resend(&full(), &asked);

    world
        .confirm(&full(), &again, &older)
        .refused(Gate::Verification, Some("Invalid.VerificationCode"));

    world.prove(&full(), &again).applied();
}

on_every_store![
    l01_a_sent_code_opens_an_attempt,
    l02_the_right_code_binds,
    l03_a_wrong_code_changes_nothing,
    l03_an_expired_code_changes_nothing,
    l04_a_code_is_no_good_for_another_number,
    l05_a_code_is_used_once,
    l06_a_bound_number_is_not_bound_again,
    l07_a_cloud_account_is_not_bound_from_the_console,
    l08_the_managements_root_user_passes_policy_and_is_refused,
    l09_a_reader_sends_no_code,
    l10_the_101st_code_of_a_day_is_refused,
    l11_the_limit_is_per_member,
    l12_a_restart_does_not_forget_codes,
    l14_a_burst_is_shed_before_it_costs_anything,
    l15_the_international_site_takes_no_chinese_number,
    l16_directory_codes_are_counted_by_caller,
    l17_a_number_is_not_changed_from_the_console,
    l33_a_members_own_administrator_is_not_the_management,
    a_code_is_sent_again_but_not_at_once,
    a_resent_code_voids_the_older,
];

in_the_later_edition![
    l01_a_sent_code_opens_an_attempt,
    l02_the_right_code_binds,
    l03_a_wrong_code_changes_nothing,
    l03_an_expired_code_changes_nothing,
    l04_a_code_is_no_good_for_another_number,
    l05_a_code_is_used_once,
    l06_a_bound_number_is_not_bound_again,
    l08_the_managements_root_user_passes_policy_and_is_refused,
    l09_a_reader_sends_no_code,
    l10_the_101st_code_of_a_day_is_refused,
    l11_the_limit_is_per_member,
    l12_a_restart_does_not_forget_codes,
    l14_a_burst_is_shed_before_it_costs_anything,
    l15_the_international_site_takes_no_chinese_number,
    l16_directory_codes_are_counted_by_caller,
    l33_a_members_own_administrator_is_not_the_management,
    a_code_is_sent_again_but_not_at_once,
    a_resent_code_voids_the_older,
];
