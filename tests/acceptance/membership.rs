//! Cases L33 to L42 and L61: invitations, who answers them, and how accounts come and go.

use stateward::account::Gate;

use crate::fixture::*;

const INVITE: &str = "membership.invite";
const ACCEPT: &str = "membership.accept";

const TO_FOLDER_B: [(&str, &str); 3] = [
    ("folder", "rd-3G/r-Wm/fd-B"),
    ("path", "rd-3G/r-Wm/fd-B/1006"),
    ("legal_entity", "Other Ltd"),
];

fn invite(world: &World) -> Reply {
    world.run(&full(), X1, INVITE, &TO_FOLDER_B)
}

/// An account outside any directory, ready to be invited.
fn outsider(world: &World, id: &str, identity: &str) {
    let email = format!("root@{id}.example");
    let member = Member {
        attributes: &[("manager", id), ("email", &email)],
        states: &[
            ("membership", "outside"),
            ("member_type", "cloud"),
            ("root_user", "active"),
            ("logon_email", "real"),
            ("identity_verification", identity),
        ],
        ..resource(id, "")
    };
    world.create(&member.create()).applied();
}

fn invite_outsider(world: &World, id: &str) -> Reply {
    let path = format!("rd-3G/r-Wm/{id}");
    let place = [
        ("folder", "rd-3G/r-Wm"),
        ("path", path.as_str()),
        ("legal_entity", "Example Ltd"),
    ];
    world.run(&full(), id, INVITE, &place)
}

fn l33_a_members_own_administrator_does_not_act_for_the_directory(world: &mut World) {
    let own = administrator_of(RA1);
    let bind = world.run(&own, RA1, "mobile_phone.bind", &[("phone", BRITISH)]);
    bind.refused(Gate::Caller, Some("CallerIdentityError"));

    let enabled = [("member_deletion", "enabled")];
    let permit = world.run(&own, RA1, "directory.set_member_deletion", &enabled);
    permit.refused(Gate::State, Some("MemberAccountAccessDenied"));
    world.is_untouched(RA1);
}

fn l34_an_invitation_waits_for_fourteen_days(world: &mut World) {
    invite(world).applied();

    assert_eq!(world.state(X1, "membership"), "invited");
    let timers = world.account(X1).timers;
    let due: Vec<_> = timers.values().collect();
    assert_eq!(due, [&world.now().after(days(14))]);
    assert_eq!(world.pump().named("invited"), ["root@x1.example"]);

    world.pass(days(14) - seconds(1));
    assert!(world.engine().tick(10).unwrap().fired.is_empty());
    world.pass(seconds(1));
    assert_eq!(world.engine().tick(10).unwrap().fired.len(), 1);
    assert_eq!(world.state(X1, "membership"), "outside");
    let late = world.run(&root_of(X1), X1, ACCEPT, &[]);
    late.refused(Gate::State, Some("HandshakeStatusMismatch"));
}

fn l35_one_invitation_at_a_time(world: &mut World) {
    invite(world).applied();

    invite(world).refused(Gate::State, Some("EntityAlreadyExists.Handshake"));
}

/// The published limit counts only invitations that are not accepted; ours counts all.
/// A resource that an input names has no name without it, and nobody is allowed what has none.
fn l34_an_invitation_to_nowhere_is_refused(world: &mut World) {
    let [folder, path, entity] = TO_FOLDER_B;
    let unnamed = world.run(&full(), X1, INVITE, &[path, entity]);
    unnamed.refused(Gate::Policy, None);
    let message = &unnamed.denial().message;
    assert!(message.contains("`input.folder` is unset"), "{message}");

    let mistaken = world.run(&full(), X1, INVITE, &[folder, path]);
    mistaken.refused(Gate::State, None);
    assert_eq!(
        mistaken.denial().message,
        "input `legal_entity` (text) is missing"
    );
    world.is_untouched(X1);
}

fn l36_twenty_invitations_a_day(world: &mut World) {
    for number in 0..21 {
        outsider(world, &format!("30{number:02}"), "unverified");
    }
    for number in 0..20 {
        invite_outsider(world, &format!("30{number:02}")).applied();
    }

    let refused = invite_outsider(world, "3020");
    refused.refused(Gate::Quota, Some("LimitExceeded.InvitationRate"));
    assert_eq!(world.state("3020", "membership"), "outside");

    world.restart();
    invite_outsider(world, "3020").refused(Gate::Quota, Some("LimitExceeded.InvitationRate"));
    world.pass(days(1));
    invite_outsider(world, "3020").applied();
}

fn l38_an_invitation_is_answered_once(world: &mut World) {
    let mismatch = Some("HandshakeStatusMismatch");
    let owner = root_of(X1);
    invite(world).applied();
    world.run(&owner, X1, ACCEPT, &[]).applied();
    world
        .run(&owner, X1, ACCEPT, &[])
        .refused(Gate::State, mismatch);
    // Who invited it manages it now, and still takes nothing back.
    world
        .run(&full(), X1, "membership.cancel", &[])
        .refused(Gate::State, mismatch);

    outsider(world, "3000", "verified_enterprise");
    invite_outsider(world, "3000").applied();
    world
        .run(&full(), "3000", "membership.cancel", &[])
        .applied();
    let late = world.run(&root_of("3000"), "3000", "membership.decline", &[]);
    late.refused(Gate::State, mismatch);
    assert_eq!(world.state("3000", "membership"), "outside");
    assert!(
        world.account("3000").timers.is_empty(),
        "nothing expires any more"
    );
}

fn an_accepted_account_is_its_managers(world: &mut World) {
    invite(world).applied();
    world.run(&root_of(X1), X1, ACCEPT, &[]).applied();

    assert_eq!(world.attribute(X1, "manager").as_deref(), Some(M));
    assert_eq!(world.attribute(X1, "member_of").as_deref(), Some(M));
    assert_eq!(
        world.attribute(X1, "join_method").as_deref(),
        Some("invited")
    );
    assert_eq!(
        world.attribute(X1, "path").as_deref(),
        Some("rd-3G/r-Wm/fd-B/1006")
    );
    assert_eq!(world.attribute(X1, "inviter"), None);
    let name = [("display_name", "payments two")];
    world.run(&full(), X1, "profile.rename", &name).applied();
}

fn a_declined_invitation_changes_nothing(world: &mut World) {
    invite(world).applied();
    world
        .run(&root_of(X1), X1, "membership.decline", &[])
        .applied();

    assert_eq!(world.state(X1, "membership"), "outside");
    assert_eq!(world.attribute(X1, "manager").as_deref(), Some(X1));
    invite(world).applied();
}

fn only_whoever_invited_takes_it_back(world: &mut World) {
    invite(world).applied();

    let cancel = world.run(&administrator_of(RA1), X1, "membership.cancel", &[]);
    cancel.refused(Gate::Caller, None);
}

fn l39_persons_do_not_join(world: &mut World) {
    outsider(world, "3000", "verified_personal");
    invite_outsider(world, "3000").applied();

    let answer = world.run(&root_of("3000"), "3000", ACCEPT, &[]);

    answer.refused(Gate::Guard, Some("NotSupport.Account.RealNameType"));
}

fn l40_nobody_is_in_two_directories(world: &mut World) {
    invite(world).applied();
    let number = [("phone", OTHER_SINGAPOREAN)];
    let asked = world.run(&root_of(X1), X1, "directory.enable", &number);
    world.prove(&root_of(X1), &asked).applied();

    let answer = world.run(&root_of(X1), X1, ACCEPT, &[]);

    let twice = Some("NotSupport.AccountInAnotherResourceDirectory");
    answer.refused(Gate::Guard, twice);
    world
        .run(&root_of(X1), X1, "membership.decline", &[])
        .applied();
    invite(world).refused(Gate::Guard, twice);
}

fn l41_the_least_policy_is_enough_to_answer(world: &mut World) {
    let clerk = principal("ram_user", X1, "clerk", &["DirectoryInvitee"]);
    invite(world).applied();

    let other = world.run(&clerk, X1, "directory.enable", &[]);
    other.refused(Gate::Policy, None);
    world.run(&clerk, X1, ACCEPT, &[]).applied();
}

fn both_resources_of_an_invitation_are_asked_for(world: &mut World) {
    let refused = world.run(&alice(), X1, INVITE, &TO_FOLDER_B);
    refused.refused(Gate::Policy, None);

    let to_a = [
        ("folder", "rd-3G/r-Wm/fd-A"),
        ("path", "rd-3G/r-Wm/fd-A/1006"),
        ("legal_entity", "Other Ltd"),
    ];
    world.run(&alice(), X1, INVITE, &to_a).applied();
}

fn another_legal_entity_is_not_invited(world: &mut World) {
    let mut place = TO_FOLDER_B;
    place[2].1 = "Example Ltd";

    let refused = world.run(&full(), X1, INVITE, &place);

    refused.refused(Gate::Guard, Some("LegalEntityMismatch"));
}

fn l42_a_member_that_is_let_go_stands_by_itself(world: &mut World) {
    let remove = "membership.remove";
    world
        .acknowledge(&full(), CA1, remove, "removal_risk")
        .applied();

    assert_eq!(world.state(CA1, "membership"), "removed");
    assert_eq!(world.attribute(CA1, "manager").as_deref(), Some(CA1));
    // Control policies hold below the directory's root, and it is no longer there.
    assert_eq!(world.attribute(CA1, "path").as_deref(), Some(""));
    let again = world.acknowledge(&full(), CA1, remove, "removal_risk");
    again.refused(Gate::Caller, None);
    let resource = world.acknowledge(&full(), RA1, remove, "removal_risk");
    resource.refused(Gate::Guard, Some("AccountTypeOrStatusMismatch"));
}

fn l61_a_directory_has_twenty_members(world: &mut World) {
    let create = |world: &World, id: &str| {
        let member = Member {
            states: &[("membership", "prepared")],
            ..resource(id, "")
        };
        world.create(&member.create()).applied();
        world.run(&full(), id, "membership.create", &[])
    };
    for number in 0..20 {
        create(world, &format!("40{number:02}")).applied();
    }

    create(world, "4020").refused(Gate::Guard, Some("LimitExceeded.Account"));
    assert_eq!(world.state("4020", "membership"), "prepared");
}

fn nothing_is_asked_of_an_account_that_is_only_prepared(world: &mut World) {
    let member = Member {
        states: &[("membership", "prepared")],
        ..resource("4000", "")
    };
    world.create(&member.create()).applied();

    let name = [("display_name", "payments two")];
    let early = world.run(&full(), "4000", "profile.rename", &name);
    early.refused(Gate::Guard, None);
    world
        .run(&full(), "4000", "membership.create", &[])
        .applied();
    world
        .run(&full(), "4000", "profile.rename", &name)
        .applied();
}

on_every_store![
    l33_a_members_own_administrator_does_not_act_for_the_directory,
    l34_an_invitation_waits_for_fourteen_days,
    l35_one_invitation_at_a_time,
    l34_an_invitation_to_nowhere_is_refused,
    l36_twenty_invitations_a_day,
    l38_an_invitation_is_answered_once,
    an_accepted_account_is_its_managers,
    a_declined_invitation_changes_nothing,
    only_whoever_invited_takes_it_back,
    l39_persons_do_not_join,
    l40_nobody_is_in_two_directories,
    l41_the_least_policy_is_enough_to_answer,
    both_resources_of_an_invitation_are_asked_for,
    another_legal_entity_is_not_invited,
    l42_a_member_that_is_let_go_stands_by_itself,
    l61_a_directory_has_twenty_members,
    nothing_is_asked_of_an_account_that_is_only_prepared,
];
