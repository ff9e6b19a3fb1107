//! The rules of December 2025: what differs from those of May 2024, and that nothing else does.

use stateward::account::{Gate, GateStatus};

use crate::fixture::*;

const BIND: &str = "mobile_phone.bind";
const MODIFY: &str = "mobile_phone.modify";

fn world() -> World {
    World::under(later_edition())
}

#[test]
fn it_is_an_edition_of_the_same_lifecycle() {
    let (old, new) = (&shipped().lifecycle, &later_edition().lifecycle);
    assert_eq!((&*old.edition, &*new.edition), ("2024-05", "2025-12"));
    assert_eq!(old.name, new.name);
    assert_ne!(shipped().fingerprint, later_edition().fingerprint);
    // One file is another; what it does not declare is the same to the byte.
    for (name, transition) in &old.transitions {
        let same = new.transitions[name].fingerprint == transition.fingerprint;
        assert_eq!(same, name.to_string() != BIND, "{name}");
    }
}

#[test]
fn l07_a_cloud_account_is_bound_from_the_console() {
    let world = world();
    let asked = world.run(&full(), CA2, BIND, &[("phone", BRITISH)]);
    world.prove(&full(), &asked).applied();
    assert_eq!(world.attribute(CA2, "phone").as_deref(), Some(BRITISH));
    // One that has a number is not bound again: its number is changed.
    let again = world.run(&full(), CA1, BIND, &[("phone", BRITISH)]);
    again.refused(Gate::State, Some("AccountSecureMobileAlreadyExists"));
    let asked = world.run(&full(), CA1, MODIFY, &[("phone", BRITISH)]);
    world.prove(&full(), &asked).applied();
    assert_eq!(world.attribute(CA1, "phone").as_deref(), Some(BRITISH));
}

#[test]
fn l17_a_number_is_changed_from_the_console_by_a_code_to_the_new_one() {
    let world = world();

    let asked = world.run(&full(), RA2, MODIFY, &[("phone", OTHER_SINGAPOREAN)]);

    assert_eq!(asked.waiting().verification, "number_to_bind");
    assert_eq!(world.pump().sent_to(OTHER_SINGAPOREAN).len(), 1);
    assert_eq!(
        world.attribute(RA2, "phone").as_deref(),
        Some(SINGAPOREAN),
        "until it is proved, the old number stays"
    );
    world.prove(&full(), &asked).applied();
    let phone = world.attribute(RA2, "phone");
    assert_eq!(phone.as_deref(), Some(OTHER_SINGAPOREAN));
    assert_eq!(world.state(RA2, "mobile_phone"), "bound");
    assert_eq!(
        world.pump().sent_to(SINGAPOREAN).len(),
        1,
        "the old one is told"
    );
}

#[test]
fn l08_the_managements_root_user_is_still_refused() {
    let world = world();
    let answer = world.run(&root_of(M), RA2, MODIFY, &[("phone", BRITISH)]);
    assert_eq!(answer.gate(Gate::Policy), GateStatus::Passed);
    answer.refused(Gate::Caller, Some("CallerIdentityError"));
    world.is_untouched(RA2);
}

#[test]
fn l10_the_101st_code_of_a_day_is_refused_whatever_it_is_for() {
    let world = world();
    let ask = |transition: &str, account: &str| {
        world.pass(seconds(1));
        world.run(&full(), account, transition, &[("phone", BRITISH)])
    };
    (0..100).for_each(|_| {
        ask(MODIFY, RA2).waiting();
    });
    let answer = ask(MODIFY, RA2);
    answer.refused(Gate::Quota, Some("SendValidateCodeExceedsLimitForAccount"));
    ask(BIND, RA1).waiting();
}

#[test]
fn l15_a_chinese_number_is_still_refused() {
    let world = world();
    let answer = world.run(&full(), RA2, MODIFY, &[("phone", CHINESE)]);
    answer.refused(Gate::Guard, Some("InvalidParameter.MobileCountryCode"));
}
