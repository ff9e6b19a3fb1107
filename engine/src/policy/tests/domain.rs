//! The shipped policies on the domain's own cases, by their numbers.

use std::path::Path;

use super::world::World;

const RA1: &str = "acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1001";
const RA3: &str = "acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/fd-A1/1003";
const RB1: &str = "acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-B/1004";
const FOLDER_A: &str = "acs:resourcemanager:*:1000:folder/rd-3G/r-Wm/fd-A";
const FOLDER_B: &str = "acs:resourcemanager:*:1000:folder/rd-3G/r-Wm/fd-B";
const HANDSHAKE: &str = "acs:resourcemanager:*:1000:handshake/h-1";
const HANDSHAKES: &str = "acs:resourcemanager:*:1000:handshake/*";
const CONTROL_POLICY: &str = "acs:resourcemanager:*:1000:policy/controlpolicy/cp-1";

/// The shipped policies, and the principals of the shipped file.
pub(super) fn shipped() -> World {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut scripts: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "rhai"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    scripts.sort();
    let scripts: Vec<(&str, &str)> = scripts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let world = World::of(&scripts);
    assert_eq!(world.report(), "");
    world
}

#[track_caller]
fn check(policies: &[&str], action: &str, resources: &[&str], expected: &str) {
    let ruling = shipped().rule_with(policies, action, resources, &[], None);
    assert_eq!(
        ruling.effect.to_string(),
        expected,
        "{action} {resources:?}"
    );
    assert!(ruling.error.is_none());
}

const READ_ONLY: &[&str] = &["AliyunResourceDirectoryReadOnlyAccess"];
const ALICE: &[&str] = &["FolderAdministrator"];
const LANDING_ZONE: &[&str] = &["LandingZoneSystemAdmin"];

#[test]
fn p01_a_reader_gets_and_lists() {
    check(READ_ONLY, "resourcemanager:GetAccount", &[RA1], "Allow");
    let all = ["acs:resourcemanager:*:1000:account/*"];
    check(READ_ONLY, "resourcemanager:ListAccounts", &all, "Allow");
}

#[test]
fn p02_a_reader_does_not_update_and_nobody_does_nothing() {
    check(
        READ_ONLY,
        "resourcemanager:UpdateAccount",
        &[RA1],
        "ImplicitDeny",
    );
    check(&[], "resourcemanager:GetAccount", &[RA1], "ImplicitDeny");
}

#[test]
fn p03_a_folder_admin_binds_phones_of_the_folder() {
    check(
        ALICE,
        "resourcemanager:BindSecureMobilePhone",
        &[RA1],
        "Allow",
    );
}

#[test]
fn p04_a_folder_admin_binds_no_phones_elsewhere() {
    check(
        ALICE,
        "resourcemanager:BindSecureMobilePhone",
        &[RB1],
        "ImplicitDeny",
    );
}

#[test]
fn p05_a_folder_admin_reaches_the_folders_below() {
    check(ALICE, "resourcemanager:UpdateAccount", &[RA3], "Allow");
}

#[test]
fn p06_a_deny_beats_a_wider_allow() {
    check(
        ALICE,
        "resourcemanager:CancelHandshake",
        &[HANDSHAKE],
        "ExplicitDeny",
    );
    check(ALICE, "resourcemanager:GetHandshake", &[HANDSHAKE], "Allow");
}

#[test]
fn p07_a_folder_admin_attaches_but_does_not_change_control_policies() {
    let update = "resourcemanager:UpdateControlPolicy";
    check(ALICE, update, &[CONTROL_POLICY], "ExplicitDeny");
    let both = [CONTROL_POLICY, FOLDER_A];
    check(ALICE, "resourcemanager:AttachControlPolicy", &both, "Allow");
}

#[test]
fn p08_every_resource_of_an_operation_must_be_allowed() {
    let invite = "resourcemanager:InviteAccountToResourceDirectory";
    check(ALICE, invite, &[HANDSHAKES, FOLDER_A], "Allow");
    check(ALICE, invite, &[HANDSHAKES, FOLDER_B], "ImplicitDeny");
    let ruling = shipped().rule_with(ALICE, invite, &[HANDSHAKES, FOLDER_B], &[], None);
    assert_eq!(ruling.resource, 1);
}

#[test]
fn p10_actions_are_compared_without_regard_to_case() {
    check(READ_ONLY, "ResourceManager:getaccount", &[RA1], "Allow");
}

#[test]
fn p11_all_except_is_not_action() {
    check(
        LANDING_ZONE,
        "resourcemanager:GetAccount",
        &[RA1],
        "ImplicitDeny",
    );
    let instance = ["acs:ecs:cn-hangzhou:1000:instance/i-1"];
    check(LANDING_ZONE, "ecs:DescribeInstances", &instance, "Allow");
    check(
        LANDING_ZONE,
        "ram:ListRoles",
        &["acs:ram:*:1000:role/*"],
        "Allow",
    );
    check(
        LANDING_ZONE,
        "ram:DeleteUser",
        &["acs:ram:*:1000:user/u"],
        "ImplicitDeny",
    );
}

#[test]
fn p07_the_control_policy_administrator_reaches_every_folder() {
    let mike = &["ControlPolicyAdministrator"];
    check(
        mike,
        "resourcemanager:UpdateControlPolicy",
        &[CONTROL_POLICY],
        "Allow",
    );
    check(
        mike,
        "resourcemanager:AttachControlPolicy",
        &[CONTROL_POLICY, FOLDER_B],
        "Allow",
    );
    check(
        mike,
        "resourcemanager:BindSecureMobilePhone",
        &[RA1],
        "ImplicitDeny",
    );
}

#[test]
fn an_invitee_answers_invitations_and_no_more() {
    let invitee = &["DirectoryInvitee"];
    check(
        invitee,
        "resourcemanager:AcceptHandshake",
        &[HANDSHAKE],
        "Allow",
    );
    check(
        invitee,
        "resourcemanager:CancelHandshake",
        &[HANDSHAKE],
        "ImplicitDeny",
    );
}
