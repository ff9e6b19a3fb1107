//! Cases L44 to L52: a member is deleted, by what the platform finds in it.

use stateward::account::Gate;

use crate::fixture::*;

const CHECK: &str = "deletion.check";
const DELETE: &str = "deletion.delete";
const ENABLED: [(&str, &str); 1] = [("member_deletion", "enabled")];

/// The platform's program that carries deletions out.
fn platform() -> Principal {
    listed("service/directory")
}

fn permit(world: &World, account: &str) {
    let permit = "membership.permit_deletion";
    world.run(&platform(), account, permit, &ENABLED).applied();
}

/// Up to where the operators decide; what the check says.
fn checked(world: &World, account: &str, said: &[(&str, &str)]) {
    permit(world, account);
    world.run(&full(), account, CHECK, &[]).applied();
    let report = "deletion.report_check";
    world.run(&platform(), account, report, said).applied();
}

const NOTHING: [(&str, &str); 1] = [("allowed", "true")];

fn l44_a_directory_that_does_not_permit_it(world: &mut World) {
    let refused = world.run(&full(), RA1, CHECK, &[]);

    refused.refused(Gate::Guard, Some("NoLicense.ResourceDirectory"));
    world.is_untouched(RA1);
}

fn l45_the_managing_root_permits_and_does_not_delete(world: &mut World) {
    let asked = world.run(&root_of(M), M, "directory.enable", &[]);
    world.prove(&root_of(M), &asked).applied();
    let set = "directory.set_member_deletion";
    world.run(&root_of(M), M, set, &ENABLED).applied();
    assert_eq!(
        world.attribute(M, "member_deletion").as_deref(),
        Some("enabled")
    );
    permit(world, RA1);

    for what in [CHECK, DELETE] {
        let refused = world.run(&root_of(M), RA1, what, &[]);
        refused.refused(Gate::Caller, Some("CallerIdentityError.DeleteAccount"));
    }
    assert_eq!(world.state(RA1, "deletion"), "none");
}

fn l46_only_resource_accounts_that_were_created_are_deleted(world: &mut World) {
    let mismatch = Some("MemberTypeError.DeleteAccount");
    permit(world, CA1);
    world
        .run(&full(), CA1, CHECK, &[])
        .refused(Gate::Guard, mismatch);

    let invited = Member {
        attributes: &[("join_method", "invited")],
        ..resource("3000", "fd-A/")
    };
    world.create(&invited.create()).applied();
    permit(world, "3000");
    world
        .run(&full(), "3000", CHECK, &[])
        .refused(Gate::Guard, mismatch);
}

fn l47_an_unpaid_bill_stands_in_the_way(world: &mut World) {
    checked(
        world,
        RA1,
        &[("allowed", "false"), ("reasons", "unpaid_bill")],
    );

    assert_eq!(world.state(RA1, "deletion"), "pre_checked");
    assert_eq!(
        world.attribute(RA1, "deletion_allowed").as_deref(),
        Some("false")
    );
    assert_eq!(
        world.attribute(RA1, "deletion_reasons").as_deref(),
        Some("unpaid_bill")
    );
    world
        .run(&full(), RA1, "deletion.forget_check", &[])
        .applied();
    assert_eq!(world.state(RA1, "deletion"), "none");
}

fn l48_what_is_given_up_does_not_stand_in_the_way(world: &mut World) {
    let found = [("blocking", "NON_SP_cs,NON_SP_efc")];
    checked(
        world,
        RA1,
        &[("allowed", "false"), ("abandoning", "NON_SP_cs,NON_SP_efc")],
    );
    let all = [("abandon", "NON_SP_efc, NON_SP_cs")];
    world.run(&full(), RA1, DELETE, &all).applied();
    world
        .run(&platform(), RA1, "deletion.begin_deleting", &found)
        .applied();
    assert_eq!(world.state(RA1, "deletion"), "deleting");
}

fn l48_what_is_not_given_up_does(world: &mut World) {
    let found = [("blocking", "NON_SP_cs,NON_SP_efc")];
    checked(
        world,
        RA1,
        &[("allowed", "false"), ("abandoning", "NON_SP_cs,NON_SP_efc")],
    );
    world
        .run(&full(), RA1, DELETE, &[("abandon", "NON_SP_cs")])
        .applied();
    for what in ["deletion.begin_deleting", "deletion.begin_silence"] {
        world
            .run(&platform(), RA1, what, &found)
            .refused(Gate::Guard, None);
    }

    let reasons = [("reasons", "NON_SP_efc")];
    world
        .run(&platform(), RA1, "deletion.fail_checks", &reasons)
        .applied();

    assert_eq!(world.state(RA1, "deletion"), "none");
    assert_eq!(
        world.attribute(RA1, "deletion_outcome").as_deref(),
        Some("check_failed")
    );
}

fn l49_silence_lasts_45_days(world: &mut World) {
    checked(world, RA1, &NOTHING);
    world.run(&full(), RA1, DELETE, &[]).applied();
    world
        .run(&platform(), RA1, "deletion.begin_silence", &[])
        .applied();

    world.pass(days(45) - seconds(1));
    assert!(world.engine().tick(10).unwrap().fired.is_empty());
    world.pass(seconds(1));
    assert_eq!(world.engine().tick(10).unwrap().fired.len(), 1);
    assert_eq!(world.state(RA1, "deletion"), "deleting");
}

fn l49_nothing_to_bill_is_deleted_at_once(world: &mut World) {
    checked(world, RA1, &NOTHING);
    world.run(&full(), RA1, DELETE, &[]).applied();
    world
        .run(&platform(), RA1, "deletion.begin_deleting", &[])
        .applied();
    world
        .run(&platform(), RA1, "deletion.finish", &[])
        .applied();

    assert_eq!(world.state(RA1, "deletion"), "deleted");
    assert_eq!(world.state(RA1, "membership"), "deleted");
}

fn l51_ten_members_in_thirty_days(world: &mut World) {
    let ids: Vec<String> = (0..11).map(|number| format!("50{number:02}")).collect();
    for id in &ids {
        world.create(&resource(id, "").create()).applied();
        checked(world, id, &NOTHING);
    }
    let (last, first) = ids.split_last().unwrap();
    for id in first {
        world.run(&full(), id, DELETE, &[]).applied();
        world.pass(seconds(1));
    }

    let refused = world.run(&full(), last, DELETE, &[]);
    refused.refused(Gate::Quota, Some("QuotaExceeded.DeleteAccount"));
    assert_eq!(world.state(last, "deletion"), "pre_checked");

    world.pass(days(30));
    world.engine().tick(100).unwrap();
    checked(world, last, &NOTHING);
    world.run(&full(), last, DELETE, &[]).applied();
}

fn l52_a_deletion_goes_on_once_after_a_crash(world: &mut World) {
    checked(world, RA1, &NOTHING);
    let delete = || stateward::engine::Run {
        key: Some("delete-1001".parse().unwrap()),
        ..request(&full(), RA1, DELETE, &[])
    };
    let first = world.ask(&delete());
    world.restart();
    assert_eq!(
        world.ask(&delete()),
        first,
        "asked again, it is the same deletion"
    );
    assert_eq!(world.state(RA1, "deletion"), "checking");

    world
        .run(&platform(), RA1, "deletion.begin_silence", &[])
        .applied();
    let revision = world.revision(RA1);
    world.restart();
    world.pass(days(60));
    assert_eq!(world.engine().tick(10).unwrap().fired.len(), 1);
    world.restart();
    assert!(world.engine().tick(10).unwrap().fired.is_empty(), "once");
    assert_eq!(world.revision(RA1), revision.next());
    assert_eq!(world.state(RA1, "deletion"), "deleting");
}

fn everything_else_is_refused_meanwhile(world: &mut World) {
    let rename = |world: &World, code: Option<&str>| {
        let name = [("display_name", "payments two")];
        let refused = world.run(&full(), RA2, "profile.rename", &name);
        refused.refused(Gate::Guard, code);
        let switch = world.acknowledge(&full(), RA2, "member_type.switch_to_cloud", "root_risk");
        switch.refused(Gate::Guard, code);
    };
    permit(world, RA2);
    world.run(&full(), RA2, CHECK, &[]).applied();
    rename(world, Some("NotSupportedOperation.PreCheckingAccount"));
    let report = "deletion.report_check";
    world.run(&platform(), RA2, report, &NOTHING).applied();
    rename(world, None);
    world.run(&full(), RA2, DELETE, &[]).applied();
    rename(world, Some("NotSupportedOperation.CheckingAccount"));
    world
        .run(&full(), RA2, CHECK, &[])
        .refused(Gate::State, Some("ExistProcessingDeleteFlow.DeleteAccount"));
    world
        .run(&platform(), RA2, "deletion.begin_silence", &[])
        .applied();
    rename(world, Some("NotSupportedOperation.DeletingAccount"));
    let notice = [("subject", "i-1")];
    world
        .run(&service(), RA2, "notices.resource_release", &notice)
        .applied();
    world.pass(days(45));
    world.engine().tick(10).unwrap();
    world
        .run(&platform(), RA2, "deletion.finish", &[])
        .applied();
    rename(world, None);
    world
        .run(&service(), RA2, "notices.resource_release", &notice)
        .refused(Gate::Guard, None);
}

/// What was begun before waits in its attempt, and comes too late.
fn an_open_attempt_does_not_slip_through(world: &mut World) {
    let asked = world.run(&full(), RA1, "mobile_phone.bind", &[("phone", BRITISH)]);
    permit(world, RA1);
    world.run(&full(), RA1, CHECK, &[]).applied();

    let late = world.prove(&full(), &asked);

    late.refused(
        Gate::Guard,
        Some("NotSupportedOperation.PreCheckingAccount"),
    );
    assert_eq!(world.state(RA1, "mobile_phone"), "unbound");
}

fn nobody_plays_the_platform(world: &mut World) {
    permit(world, RA1);
    world.run(&full(), RA1, CHECK, &[]).applied();

    for who in [full(), administrator_of(RA1), administrator()] {
        let report = world.run(&who, RA1, "deletion.report_check", &NOTHING);
        assert!(matches!(report.denial().gate, Gate::Policy | Gate::Caller));
    }
}

on_every_store![
    l44_a_directory_that_does_not_permit_it,
    l45_the_managing_root_permits_and_does_not_delete,
    l46_only_resource_accounts_that_were_created_are_deleted,
    l47_an_unpaid_bill_stands_in_the_way,
    l48_what_is_given_up_does_not_stand_in_the_way,
    l48_what_is_not_given_up_does,
    l49_silence_lasts_45_days,
    l49_nothing_to_bill_is_deleted_at_once,
    l51_ten_members_in_thirty_days,
    l52_a_deletion_goes_on_once_after_a_crash,
    everything_else_is_refused_meanwhile,
    an_open_attempt_does_not_slip_through,
    nobody_plays_the_platform,
];
