//! The shipped policies on the domain's own cases, by their numbers.

use std::path::Path;

use super::principals::load;
use super::world::World;
use crate::expr::Val;
use crate::policy::{Principal, Principals, Ruling, Stage};

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

/// A principal of an account, with a policy that allows everything, before it is changed.
fn user(name: &str, account: &str) -> Principal {
    let mut user = Principal::new(name.parse().unwrap(), account.parse().unwrap());
    user.policies = vec!["All".into()];
    user
}

/// Policies, and a file that attaches them; both in order.
fn attached(scripts: &[(&str, &str)], text: &str) -> (World, Principals) {
    let all = [("All", "allow all;"), ("Full", "allow all;")];
    let (world, principals) = load(World::of(&[&all, scripts].concat()), text);
    assert_eq!(world.report(), "");
    (world, principals)
}

/// What anything is to be asked about an account of the directory.
fn of_member<'v>(id: &'v str, path: &'v str) -> Vec<(&'static str, Val<'v>)> {
    vec![
        ("account.id", Val::Text(id)),
        ("account.path", Val::Text(path)),
        ("account.manager", Val::Text("1000")),
    ]
}

const BUCKET: &str = "acs:oss:*:1001:bucket/logs";
const ROLE: &str = "acs:ram:*:1001:role/auditor";

#[track_caller]
fn decided(ruling: &Ruling, expected: &str, stage: &Stage) {
    assert_eq!(ruling.effect.to_string(), expected, "{ruling:?}");
    assert_eq!(&ruling.stage, stage);
}

fn at(node: &str) -> Stage {
    Stage::ControlPolicy { node: node.into() }
}

#[test]
fn p20_a_session_policy_bounds_what_the_role_allows() {
    let (world, principals) = attached(&[("Read", "allow \"oss:Get*\";")], "principals: {}");
    let mut session = user("ram_role/ops", "1001");
    session.session = Some(vec!["Read".into()]);
    let ask = |who: &Principal, action| world.rule_for(&principals, who, action, &[BUCKET], &[]);

    decided(
        &ask(&session, "oss:PutObject"),
        "ImplicitDeny",
        &Stage::Session,
    );
    decided(&ask(&session, "oss:GetObject"), "Allow", &Stage::Identity);
    session.policies.clear();
    decided(
        &ask(&session, "oss:GetObject"),
        "ImplicitDeny",
        &Stage::Identity,
    );
    session.session = Some(Vec::new());
    decided(
        &ask(&session, "oss:GetObject"),
        "ImplicitDeny",
        &Stage::Session,
    );
}

#[test]
fn p21_an_allow_of_the_account_class_beats_a_deny_of_a_resource_group() {
    let (world, principals) = attached(
        &[("Never", "deny all;"), ("Put", "allow \"oss:Put*\";")],
        "resource_groups: { logs: { resources: \"acs:oss:*:*:bucket/logs*\" } }",
    );
    let mut lin = user("ram_user/lin", "1001");
    let in_group = |policy: &str| [("logs".into(), vec![policy.into()])].into();
    lin.resource_groups = in_group("Never");
    let ask = |who: &Principal, resource| {
        world.rule_for(&principals, who, "oss:PutObject", &[resource], &[])
    };
    let group = Stage::ResourceGroup {
        group: "logs".into(),
    };

    decided(&ask(&lin, BUCKET), "Allow", &Stage::Identity);
    lin.policies.clear();
    decided(&ask(&lin, BUCKET), "ExplicitDeny", &group);
    lin.resource_groups = in_group("Put");
    decided(&ask(&lin, BUCKET), "Allow", &group);
    let elsewhere = "acs:oss:*:1001:bucket/else";
    decided(&ask(&lin, elsewhere), "ImplicitDeny", &Stage::Identity);
    lin.policies = vec!["Never".into()];
    decided(&ask(&lin, BUCKET), "ExplicitDeny", &Stage::Identity);
}

const RESOURCE_POLICIES: &str = "
resource_policies:
  - { resources: [\"acs:oss:*:1001:bucket/logs\"], policies: [Everybody] }
  - { resources: \"acs:ram:*:1001:role/auditor\", policies: [Everybody] }
";

#[test]
fn p23_a_resource_policy_allows_by_itself_but_not_to_assume_a_role() {
    let (world, principals) = attached(
        &[
            (
                "Everybody",
                "allow [\"oss:Get*\", \"sts:*\"]; deny \"oss:Delete*\";",
            ),
            ("Assume", "allow \"STS:AssumeRole\";"),
        ],
        RESOURCE_POLICIES,
    );
    let mut lin = user("ram_user/lin", "1002");
    lin.policies.clear();
    let ask = |who: &Principal, action, resource| {
        world.rule_for(&principals, who, action, &[resource], &[])
    };

    decided(
        &ask(&lin, "oss:GetObject", BUCKET),
        "Allow",
        &Stage::ResourceBased,
    );
    decided(
        &ask(&lin, "sts:AssumeRole", ROLE),
        "ImplicitDeny",
        &Stage::Identity,
    );
    lin.policies = vec!["Assume".into()];
    decided(
        &ask(&lin, "sts:AssumeRole", ROLE),
        "Allow",
        &Stage::Identity,
    );
    let other = "acs:ram:*:1001:role/other";
    decided(
        &ask(&lin, "sts:AssumeRole", other),
        "ImplicitDeny",
        &Stage::ResourceBased,
    );
    lin.policies = vec!["All".into()];
    decided(
        &ask(&lin, "oss:DeleteObject", BUCKET),
        "ExplicitDeny",
        &Stage::ResourceBased,
    );
}

#[test]
fn p24_an_owner_assumes_no_role() {
    let script = [("Everybody", "allow all;")];
    let (world, principals) = attached(&script, RESOURCE_POLICIES);
    let root = Principal::new("root/1001".parse().unwrap(), "1001".parse().unwrap());
    let ask = |action| world.rule_for(&principals, &root, action, &[ROLE], &[]);

    decided(&ask("sts:AssumeRole"), "ImplicitDeny", &Stage::Ownership);
    decided(&ask("sts:GetCallerIdentity"), "Allow", &Stage::Ownership);
}

/// The directory of P25 to P28: its root forbids to end trails, fd-B allows reading only.
fn directory() -> (World, Principals) {
    attached(
        &[
            (
                "KeepTrails",
                "deny \"actiontrail:Delete*\" because \"trails stay\";",
            ),
            ("ReadOnly", "allow \"*:Get*\";"),
            (
                "Service",
                "deny all unless like(principal.name, \"ram_role/svc*\");",
            ),
        ],
        "
control_policies:
  root: rd-3G/r-Wm
  place: account.path
  manager: account.manager
  default: [Full]
  attached:
    rd-3G/r-Wm: [Full, KeepTrails]
    rd-3G/r-Wm/fd-B: [ReadOnly]
    rd-3G/r-Wm/fd-A/1009: [Full, Service]
",
    )
}

const DELETE: &str = "actiontrail:DeleteTrail";
const TRAIL: &str = "acs:actiontrail:*:1001:trail/t";

#[test]
fn p25_a_control_policy_of_the_root_denies_in_every_member() {
    let (world, principals) = directory();
    let lin = user("ram_user/lin", "1001");
    let member = of_member("1001", "rd-3G/r-Wm/fd-A/1001");
    let ask = |action| world.rule_for(&principals, &lin, action, &[TRAIL], &member);

    let ruling = ask(DELETE);
    decided(&ruling, "ExplicitDeny", &at("rd-3G/r-Wm"));
    assert_eq!(
        ruling.reason(DELETE),
        "denied by control policy `KeepTrails` at rd-3G/r-Wm: trails stay"
    );
    decided(&ask("actiontrail:CreateTrail"), "Allow", &Stage::Identity);
}

#[test]
fn p26_a_level_that_allows_nothing_of_it_denies() {
    let (world, principals) = directory();
    let lin = user("ram_user/lin", "1004");
    let member = of_member("1004", "rd-3G/r-Wm/fd-B/1004");
    let ask = |action| world.rule_for(&principals, &lin, action, &[TRAIL], &member);

    // The lowest level that refuses decides, before the root's explicit deny.
    let ruling = ask(DELETE);
    decided(&ruling, "ImplicitDeny", &at("rd-3G/r-Wm/fd-B"));
    assert_eq!(
        ruling.reason(DELETE),
        "no control policy allows `actiontrail:DeleteTrail` at rd-3G/r-Wm/fd-B"
    );
    decided(&ask("actiontrail:GetTrail"), "Allow", &Stage::Identity);
}

#[test]
fn p27_owners_managers_and_services_are_not_bound() {
    let (world, principals) = directory();
    let member = of_member("1001", "rd-3G/r-Wm/fd-A/1001");
    let ask = |who: &Principal| world.rule_for(&principals, who, DELETE, &[TRAIL], &member);
    let root =
        |id: &str| Principal::new(format!("root/{id}").parse().unwrap(), id.parse().unwrap());
    let mut service = user("ram_role/linked", "1001");
    service.service_linked = true;

    decided(&ask(&root("1001")), "Allow", &Stage::Ownership);
    decided(
        &ask(&user("ram_user/ops", "1000")),
        "Allow",
        &Stage::Identity,
    );
    decided(&ask(&service), "Allow", &Stage::Identity);
    service.service_linked = false;
    decided(&ask(&service), "ExplicitDeny", &at("rd-3G/r-Wm"));
    // The owner of another account is bound here, and has nothing here besides.
    decided(&ask(&root("1002")), "ExplicitDeny", &at("rd-3G/r-Wm"));
}

#[test]
fn p28_a_control_policy_spares_the_role_that_it_names() {
    let (world, principals) = directory();
    let ask = |name: &str| {
        let mut member = of_member("1009", "rd-3G/r-Wm/fd-A/1009");
        member.push(("principal.name", Val::Text(name)));
        let who = user(name, "1009");
        world.rule_for(&principals, &who, "oss:GetObject", &[BUCKET], &member)
    };

    decided(&ask("ram_role/svc"), "Allow", &Stage::Identity);
    let own_node = at("rd-3G/r-Wm/fd-A/1009");
    decided(&ask("ram_role/other"), "ExplicitDeny", &own_node);
}

#[test]
fn p30_a_node_keeps_one_control_policy_and_takes_ten() {
    let control = |policies: &str| {
        format!(
            "control_policies:\n  root: r\n  place: account.path\n  default: [Full]\n  \
             attached:\n    r/f: [{policies}]\n"
        )
    };
    let report = |policies: &str| {
        let names: Vec<String> = (1..=11).map(|number| format!("C{number}")).collect();
        let mut scripts: Vec<(&str, &str)> = names.iter().map(|n| (&**n, "allow all;")).collect();
        scripts.push(("Full", "allow all;"));
        load(World::of(&scripts), &control(policies)).0.report()
    };

    let detached = report("");
    assert!(detached.starts_with("P0209 6:10 "), "{detached}");
    assert!(detached.contains("NotSupport.DetachLastControlPolicy"));
    assert_eq!(report("C1, C2, C3, C4, C5, C6, C7, C8, C9, C10"), "");
    let eleven = report("C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11");
    assert_eq!(
        eleven,
        "P0210 6:52 `r/f` has 11 control policies; 10 are the limit [C11]\n  \
         help: detach one, or move what `C11` says into another\n"
    );
}
