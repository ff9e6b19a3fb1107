//! Who may do something, and under which condition.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn without_an_account_what_depends_on_one_is_a_condition() {
    let project = Project::new();
    assert_snapshot!(project.run("policy who-can mobile_phone.bind"), @r"
    principal            may  by                                 place
    ram_user/full        yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ops-lin     yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ra1-admin   yes  AdministratorAccess                policies/AdministratorAccess.rhai:5:1
    sso_session/ops-lin  yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/alice       if
    root of the account  if
    ram_user/alice if
      the allow of `FolderAdministrator` applies   policies/FolderAdministrator.rhai:14:1
        ? resource  open: only `acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*` and 5 more
    root of the account if
      the resource belongs to the account that it owns
    10 principals may not; `--all` lists them
    ");
}

#[test]
fn with_an_account_its_facts_decide() {
    let project = Project::with_account();
    assert_snapshot!(project.run("policy who-can mobile_phone.bind 1001 --all"), @r"
    principal            may  by                                 place
    ram_user/alice       yes  FolderAdministrator                policies/FolderAdministrator.rhai:14:1
    ram_user/full        yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ops-lin     yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ra1-admin   yes  AdministratorAccess                policies/AdministratorAccess.rhai:5:1
    sso_session/ops-lin  yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_role/auditor     no
    ram_user/mike        no
    ram_user/none        no
    ram_user/ro          no
    ram_user/sysadmin    no
    ram_user/x1-admin    no
    reviewer/kim         no
    service/directory    no
    service/notices      no
    visitor/ra2          no
    root/1001            no
    ");
    assert_snapshot!(project.run("policy who-can account:ChangeMobilePhone 1001"), @r"
    principal           may  by                      place
    ram_user/ra1-admin  yes  AdministratorAccess     policies/AdministratorAccess.rhai:5:1
    ram_user/sysadmin   yes  LandingZoneSystemAdmin  policies/LandingZoneSystemAdmin.rhai:5:1
    root/1001           yes  ownership
    13 principals may not; `--all` lists them
    ");
}

#[test]
fn a_session_that_is_not_known_is_a_condition_and_one_that_is_decides() {
    let project = Project::with_account();
    project.write(
        "policies/Guard.rhai",
        "//! By day, with a second factor.\n\ndeny \"resourcemanager:*\"\n    \
         unless (context.mfa ?? false) && now.hour >= 8;\n",
    );
    project.replace(
        "policies/principals.yaml",
        "ram_user/full: { account: \"1000\", policies: [",
        "ram_user/full: { account: \"1000\", policies: [Guard, ",
    );
    let full = |options: &str| {
        let command = format!("policy who-can mobile_phone.bind 1001 -o json --all {options}");
        let document = project.run(&command).exits(0).json();
        let all = document["principals"].as_array().unwrap().clone();
        let full = all.iter().find(|it| it["principal"] == "ram_user/full");
        full.unwrap()["may"].as_str().unwrap().to_owned()
    };
    assert_eq!(full(""), "if");
    assert_eq!(full("--context mfa=false"), "no");
    assert_eq!(full("--context mfa=true"), "if");
    assert_eq!(full("--context mfa=true --at 2026-11-22T09:00:00Z"), "yes");
    assert_eq!(full("--at 2026-11-22T07:00:00Z"), "no");
}

#[test]
fn whoever_may_not_read_an_account_is_told_of_none() {
    let project = Project::with_account();
    let told = |account: &str| {
        let command = format!("--as ram_user/none policy who-can mobile_phone.bind {account}");
        project.run(&command).stdout.replace(account, "ID")
    };
    assert_eq!(told("1001"), told("1999"));
    assert_snapshot!(project.run("policy who-can mobile_phone.bind 1999"), @r"
    --- stderr ---
    error[C0008]: there is no account `1999`
    hint: `stateward account list` lists them
    [exit status: 2]
    ");
}

#[test]
fn an_account_can_be_described_or_supposed_otherwise() {
    let project = Project::with_account();
    assert_snapshot!(project.run("policy who-can mobile_phone.bind --attr path=rd-3G/r-Wm/fd-B/1009 --attr manager=1000"), @r"
    supposed account.manager = 1000
    supposed account.path = rd-3G/r-Wm/fd-B/1009
    principal            may  by                                 place
    ram_user/full        yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ops-lin     yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ra1-admin   yes  AdministratorAccess                policies/AdministratorAccess.rhai:5:1
    sso_session/ops-lin  yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    12 principals may not; `--all` lists them
    ");
    assert_snapshot!(project.run("policy who-can mobile_phone.bind 1001 --attr path=rd-3G/r-Wm/fd-B/1001"), @r"
    supposed account.path = rd-3G/r-Wm/fd-B/1001
    principal            may  by                                 place
    ram_user/full        yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ops-lin     yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ra1-admin   yes  AdministratorAccess                policies/AdministratorAccess.rhai:5:1
    sso_session/ops-lin  yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    12 principals may not; `--all` lists them
    ");
    assert_snapshot!(project.run("policy who-can mobile_phone.bind --attr pth=x"), @r"
    --- stderr ---
    error[C0008]: there is no attribute `pth`
    hint: did you mean `path`?
    [exit status: 2]
    ");
    assert_snapshot!(project.run("policy who-can mobile_phone.bind --state mobile_phone=locked"), @r"
    --- stderr ---
    error[C0008]: there is no state `locked`
    hint: known are `bound`, `unbound`
    [exit status: 2]
    ");
    assert_snapshot!(project.run("--as ram_user/none policy who-can mobile_phone.bind 1001 --state mobile_phone=bound"), @r"
    --- stderr ---
    error[C0001]: nothing can be supposed of an account that may not be read
    hint: leave the account out: then one is described by `--attr` and `--state`
    [exit status: 2]
    ");
}
