//! Cases P1 to P27 where an account is involved: what the shipped policies allow, end to end.

use std::collections::BTreeMap;
use std::sync::Arc;

use stateward::account::{Denial, Gate, GateStatus};
use stateward::bundle::Bundle;

use crate::fixture::*;

/// Reads an account as a principal.
fn read(world: &World, who: &Principal, account: &str) -> Result<(), Box<Denial>> {
    let id = account.parse().unwrap();
    let read = world.engine().read(&id, Some(who), &BTreeMap::new());
    read.unwrap().map(|account| assert_eq!(account.id, id))
}

fn effect(denial: &Denial) -> Option<&str> {
    assert_eq!(denial.gate, Gate::Policy);
    denial.effect.as_deref()
}

fn p01_a_reader_reads(world: &mut World) {
    read(world, &read_only(), RA1).unwrap();
}

fn p02_a_reader_changes_nothing_and_nobody_reads_nothing(world: &mut World) {
    let answer = world.run(
        &read_only(),
        RA1,
        "profile.rename",
        &[("display_name", "mine")],
    );
    assert_eq!(effect(answer.denial()), Some("ImplicitDeny"));
    world.is_untouched(RA1);

    let denial = read(world, &nobody(), RA1).unwrap_err();
    assert_eq!(effect(&denial), Some("ImplicitDeny"));
}

fn p03_a_folders_administrator_binds_below_it(world: &mut World) {
    world
        .run(&alice(), RA1, "mobile_phone.bind", &[("phone", BRITISH)])
        .waiting();
}

fn p04_and_not_beside_it(world: &mut World) {
    let answer = world.run(&alice(), RB1, "mobile_phone.bind", &[("phone", BRITISH)]);

    assert_eq!(effect(answer.denial()), Some("ImplicitDeny"));
    world.is_untouched(RB1);
}

fn p05_a_folder_includes_its_folders(world: &mut World) {
    world
        .run(&alice(), RA3, "profile.rename", &[("display_name", "mine")])
        .applied();
}

fn p10_actions_are_one_whatever_their_case(world: &mut World) {
    let policy = "//! Shouts.\nallow \"ResourceManager:getaccount\";\n";
    let bundle = Definition::shipped()
        .with("policies/Shouting.rhai", policy)
        .load();
    world.engine().replace_bundle(bundle).unwrap();

    read(world, &principal("ram_user", M, "loud", &["Shouting"]), RA1).unwrap();
}

fn p11_everything_but_is_not_everything(world: &mut World) {
    let sysadmin = listed("ram_user/sysadmin");

    let denial = read(world, &sysadmin, RA1).unwrap_err();
    assert_eq!(effect(&denial), Some("ImplicitDeny"));
    // What the policy does not except passes it; the caller rule is another matter.
    let answer = world.run(
        &sysadmin,
        CA1,
        "profile.set_avatar",
        &[("avatar_colour", "red")],
    );
    assert_eq!(answer.gate(Gate::Policy), GateStatus::Passed);
}

/// The owner needs no policy for what is its own, and gets nothing of what is another's.
fn owners_need_no_policy_in_their_own_account(world: &mut World) {
    world
        .run(
            &root_of(CA1),
            CA1,
            "profile.set_avatar",
            &[("avatar_colour", "red")],
        )
        .applied();
    read(world, &root_of(M), RA1).unwrap();

    let denial = read(world, &root_of(CA1), RA1).unwrap_err();
    assert_eq!(effect(&denial), Some("ImplicitDeny"));
}

/// A visitor has named an account and proved nothing: even that account's data stay closed.
fn visitors_read_nothing(world: &mut World) {
    let denial = read(world, &visitor_of(RA2), RA2).unwrap_err();

    assert_eq!(effect(&denial), Some("ImplicitDeny"));
}

/// Whoever may not ask cannot tell an account that is there from one that is not.
fn strangers_do_not_learn_which_accounts_there_are(world: &mut World) {
    let ask = |account: &str| {
        let answer = world.run(
            &nobody(),
            account,
            "mobile_phone.bind",
            &[("phone", BRITISH)],
        );
        (answer.denial().clone(), answer.0.gates)
    };

    assert_eq!(ask(RA1), ask("9999"));
    assert_eq!(read(world, &nobody(), RA1), read(world, &nobody(), "9999"));
}

/// The shipped definition, whose root forbids members to open directories of their own.
fn without_directories_of_members() -> Arc<Bundle> {
    let rule = "deny \"resourcemanager:EnableResourceDirectory\" because \"one is enough\";\n";
    Definition::shipped()
        .with("policies/OneDirectory.rhai", rule)
        .edited(
            "policies/principals.yaml",
            "[FullAliyunAccess, DirectoryGuardrail]",
            "[FullAliyunAccess, DirectoryGuardrail, OneDirectory]",
        )
        .load()
}

const ENABLE: &str = "directory.enable";

fn p25_a_control_policy_bounds_the_users_of_a_member(world: &mut World) {
    let answer = world.run(&administrator_of(RA1), RA1, ENABLE, &[]);
    assert_eq!(answer.gate(Gate::Policy), GateStatus::Passed);

    world
        .engine()
        .replace_bundle(without_directories_of_members())
        .unwrap();
    let answer = world.run(&administrator_of(RA1), RA1, ENABLE, &[]);

    let denial = answer.denial();
    assert_eq!(effect(denial), Some("ExplicitDeny"));
    assert_eq!(denial.code, "D0002");
    assert_eq!(
        denial.message,
        "denied by control policy `OneDirectory` at rd-3G/r-Wm: one is enough"
    );
    assert_eq!(
        denial.place.as_deref(),
        Some("policies/OneDirectory.rhai:1:1")
    );
    assert_eq!(answer.gate(Gate::Caller), GateStatus::NotReached);
    world.is_untouched(RA1);
}

fn p27_a_control_policy_does_not_bind_owners_and_managers(world: &mut World) {
    world
        .engine()
        .replace_bundle(without_directories_of_members())
        .unwrap();

    for (who, account) in [(root_of(RA1), RA1), (administrator(), M)] {
        let answer = world.run(&who, account, ENABLE, &[]);
        assert_eq!(answer.gate(Gate::Policy), GateStatus::Passed, "{who:?}");
    }
}

/// A control policy tells where an account is: only to whom all else admits.
fn strangers_learn_nothing_from_control_policies(world: &mut World) {
    world
        .engine()
        .replace_bundle(without_directories_of_members())
        .unwrap();
    let mut linked = administrator_of(CA1);
    linked.service_linked = true;

    for who in [administrator_of(CA1), administrator_of("4711"), linked, {
        let mut without = administrator_of(RA1);
        without.policies.clear();
        without
    }] {
        let ask = |account: &str| {
            let answer = world.run(&who, account, ENABLE, &[]);
            format!("{:?}", answer.0).replace(account, "<account>")
        };
        assert_eq!(ask(RA1), ask("9999"), "{who:?}");
    }
}

on_every_store![
    p25_a_control_policy_bounds_the_users_of_a_member,
    p27_a_control_policy_does_not_bind_owners_and_managers,
    strangers_learn_nothing_from_control_policies,
    p01_a_reader_reads,
    p02_a_reader_changes_nothing_and_nobody_reads_nothing,
    p03_a_folders_administrator_binds_below_it,
    p04_and_not_beside_it,
    p05_a_folder_includes_its_folders,
    p10_actions_are_one_whatever_their_case,
    p11_everything_but_is_not_everything,
    owners_need_no_policy_in_their_own_account,
    visitors_read_nothing,
    strangers_do_not_learn_which_accounts_there_are,
];
