//! Cases L27 to L32: what the root user changes in the Account Center, and how it proves itself.

use stateward::account::Gate;

use crate::fixture::*;

const CHANGE: &str = "mobile_phone.change";
const NEW: [(&str, &str); 1] = [("phone", OTHER_SINGAPOREAN)];

fn l27_only_the_root_user_changes_its_number(world: &mut World) {
    for kind in ["ram_user", "ram_role", "sso_session"] {
        let who = principal(kind, CA1, "admin", &["AdministratorAccess"]);

        let answer = world.run(&who, CA1, CHANGE, &NEW);

        answer.refused(Gate::Caller, None);
    }
    world.is_untouched(CA1);
}

fn l28_the_old_phone_proves_the_root_user(world: &mut World) {
    let first = world.run(&root_of(CA1), CA1, CHANGE, &NEW);
    assert_eq!(first.waiting().verification, "old_phone");
    let second = world.prove(&root_of(CA1), &first);
    assert_eq!(
        world.attribute(CA1, "phone").as_deref(),
        Some(CA1_PHONE),
        "not yet"
    );

    world.prove(&root_of(CA1), &second).applied();

    assert_eq!(
        world.attribute(CA1, "phone").as_deref(),
        Some(OTHER_SINGAPOREAN)
    );
}

fn l28_the_logon_email_proves_the_root_user(world: &mut World) {
    let first = world.run_by(&root_of(CA1), CA1, CHANGE, &NEW, "old_email");
    assert_eq!(first.waiting().verification, "old_email");
    let second = world.prove(&root_of(CA1), &first);

    world.prove(&root_of(CA1), &second).applied();

    assert_eq!(
        world.attribute(CA1, "phone").as_deref(),
        Some(OTHER_SINGAPOREAN)
    );
}

/// Without a proof of the old there is not even a code to the new.
fn l28_neither_proves_nothing(world: &mut World) {
    let first = world.run(&root_of(CA1), CA1, CHANGE, &NEW);
    let wrong = world.wrong_code_for(&first);

    let answer = world.confirm(&root_of(CA1), &first, &wrong);

    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert!(world.pump().sent_to(OTHER_SINGAPOREAN).is_empty());
    assert_eq!(world.attribute(CA1, "phone").as_deref(), Some(CA1_PHONE));
}

fn l29_a_number_of_another_country_is_refused(world: &mut World) {
    let answer = world.run(&root_of(CA1), CA1, CHANGE, &[("phone", BRITISH)]);

    answer.refused(Gate::Guard, Some("InvalidParameter.MobileCountryCode"));
    world.is_untouched(CA1);
}

fn l31_a_wrong_code_from_the_new_number_keeps_the_old(world: &mut World) {
    let first = world.run(&root_of(CA1), CA1, CHANGE, &NEW);
    let second = world.prove(&root_of(CA1), &first);
    let wrong = world.wrong_code_for(&second);

    let answer = world.confirm(&root_of(CA1), &second, &wrong);

    answer.refused(Gate::Verification, Some("Invalid.VerificationCode"));
    assert_eq!(world.state(CA1, "mobile_phone"), "bound");
    assert_eq!(world.attribute(CA1, "phone").as_deref(), Some(CA1_PHONE));
}

fn l32_a_changed_email_is_told_to_both_addresses(world: &mut World) {
    let address = "new@example.org";
    let first = world.run(
        &root_of(CA1),
        CA1,
        "logon_email.change",
        &[("email", address)],
    );
    let second = world.prove(&root_of(CA1), &first);
    assert_eq!(second.waiting().verification, "new_email");

    world.prove(&root_of(CA1), &second).applied();

    assert_eq!(world.attribute(CA1, "email").as_deref(), Some(address));
    assert_eq!(
        world.account(CA1).id.as_str(),
        CA1,
        "the account's id stays"
    );
    let notices = world.pump();
    assert_eq!(notices.named("email_changed"), [address]);
    assert_eq!(notices.named("email_replaced"), [CA1_EMAIL]);
}

/// A cloud account without a number proves itself by mail, then the number by a code to it.
fn a_first_number_is_set_by_the_root_user(world: &mut World) {
    let input = [("phone", OTHER_SINGAPOREAN)];
    let first = world.run(&root_of(CA2), CA2, "mobile_phone.add", &input);
    assert_eq!(first.waiting().verification, "old_email");
    let second = world.prove(&root_of(CA2), &first);
    assert_eq!(second.waiting().verification, "new_phone");

    world.prove(&root_of(CA2), &second).applied();

    assert_eq!(
        world.attribute(CA2, "phone").as_deref(),
        Some(OTHER_SINGAPOREAN)
    );
    assert_eq!(world.pump().named("phone_changed"), ["root@ca2.example"]);
}

/// Every limit must admit a code, and a refused one spends none of them.
fn a_number_gets_ten_codes_a_day_whoever_asks(world: &mut World) {
    let ask = |world: &World| world.run(&root_of(CA1), CA1, CHANGE, &NEW);
    (0..10).for_each(|_| {
        ask(world).waiting();
    });

    let eleventh = ask(world);

    eleventh.refused(Gate::Quota, None);
    assert_eq!(world.spent(CA1, "verification_codes"), 10);
    world
        .run_by(&root_of(CA1), CA1, CHANGE, &NEW, "old_email")
        .waiting();
    assert_eq!(world.spent(CA1, "verification_codes"), 11);
    world.pass(hours(24));
    ask(world).waiting();
}

fn a_changed_password_is_told_to_both_addresses(world: &mut World) {
    let asked = world.run(&root_of(CA1), CA1, "root_user.change_password", &[]);
    world.prove(&root_of(CA1), &asked).applied();

    assert_eq!(world.pump().named("password_set"), [CA1_PHONE, CA1_EMAIL]);
}

fn a_mailbox_names_one_account(world: &mut World) {
    let input = [("email", "root@ca2.example")];

    let answer = world.run(&root_of(CA1), CA1, "logon_email.change", &input);

    answer.refused(Gate::Guard, Some("InvalidParameter.Email.AlreadyUsed"));
    world.is_untouched(CA1);
}

fn an_avatar_is_a_colour_and_not_a_picture(world: &mut World) {
    let ask = |colour| {
        world.run(
            &root_of(CA1),
            CA1,
            "profile.set_avatar",
            &[("avatar_colour", colour)],
        )
    };

    assert_eq!(ask("cat.png").denial().gate, Gate::State);
    world.is_untouched(CA1);
    ask("purple").applied();
    assert_eq!(
        world.attribute(CA1, "avatar_colour").as_deref(),
        Some("purple")
    );
}

on_every_store![
    l27_only_the_root_user_changes_its_number,
    l28_the_old_phone_proves_the_root_user,
    l28_the_logon_email_proves_the_root_user,
    l28_neither_proves_nothing,
    l29_a_number_of_another_country_is_refused,
    l31_a_wrong_code_from_the_new_number_keeps_the_old,
    l32_a_changed_email_is_told_to_both_addresses,
    a_first_number_is_set_by_the_root_user,
    a_number_gets_ten_codes_a_day_whoever_asks,
    a_changed_password_is_told_to_both_addresses,
    a_mailbox_names_one_account,
    an_avatar_is_a_colour_and_not_a_picture,
];

in_the_later_edition![
    l27_only_the_root_user_changes_its_number,
    l28_the_old_phone_proves_the_root_user,
    l28_the_logon_email_proves_the_root_user,
    l28_neither_proves_nothing,
    l29_a_number_of_another_country_is_refused,
    l31_a_wrong_code_from_the_new_number_keeps_the_old,
    l32_a_changed_email_is_told_to_both_addresses,
    a_first_number_is_set_by_the_root_user,
    a_number_gets_ten_codes_a_day_whoever_asks,
    a_changed_password_is_told_to_both_addresses,
    a_mailbox_names_one_account,
    an_avatar_is_a_colour_and_not_a_picture,
];
