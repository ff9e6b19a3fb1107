//! Why policies answer as they do, and who is told how much of it.

use insta::assert_snapshot;

use crate::common::Project;

/// A project whose operators need a second factor by day, with account 1001 in folder A.
fn guarded() -> Project {
    let project = Project::with_account();
    project.write(
        "policies/Guard.rhai",
        "//! Operators sign in with a second factor, and work by day.\n\n\
         deny \"resourcemanager:*\" unless context.mfa ?? false\n    \
             because \"sign in with a second factor\";\n\
         deny \"resourcemanager:Bind*\" when now.hour < 9 && account.country == \"SG\";\n",
    );
    project.replace(
        "policies/principals.yaml",
        "policies: [AliyunResourceDirectoryFullAccess]\n\nprincipals",
        "policies: [AliyunResourceDirectoryFullAccess, Guard]\n\nprincipals",
    );
    project
}

#[test]
fn the_statement_that_came_nearest_is_shown_with_what_it_lacked() {
    let project = Project::with_account();
    assert_snapshot!(project.run("--as ram_user/alice policy why resourcemanager:BindSecureMobilePhone --on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-B/1002"), @r"
    Denied: no policy allows `resourcemanager:BindSecureMobilePhone` here
      principal   ram_user/alice of account 1000
      permission  resourcemanager:BindSecureMobilePhone
    on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-B/1002
      1 control policies at rd-3G/r-Wm  ✓ Allow
      2 identity policies               ✗ ImplicitDeny
    nearest
      allow by `FolderAdministrator`   policies/FolderAdministrator.rhai:14:1
        ✗ resource  only `acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*` and 5 more
    what would help
      - a resource of `acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*`, such as `acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1002`
      - membership of group `operators`
      - policy `AliyunResourceDirectoryFullAccess` attached
      - policy `AdministratorAccess` attached
    ");
    assert_snapshot!(project.run("--as ram_user/x1-admin policy why resourcemanager:GetHandshakes --on acs:resourcemanager:*:1006:handshake/h"), @r"
    Denied: no policy allows `resourcemanager:GetHandshakes` here
      principal   ram_user/x1-admin of account 1006
      permission  resourcemanager:GetHandshakes
    on acs:resourcemanager:*:1006:handshake/h
      1 control policies at rd-3G/r-Wm  ✓ Allow
      2 identity policies               ✗ ImplicitDeny
    nearest
      allow by `DirectoryInvitee`   policies/DirectoryInvitee.rhai:5:1
        ✗ action  only `resourcemanager:GetHandshake`, which is close
    what would help
      - membership of group `operators`
      - policy `AliyunResourceDirectoryReadOnlyAccess` attached
      - policy `ControlPolicyAdministrator` attached
      - policy `FolderAdministrator` attached
      - policy `AliyunResourceDirectoryFullAccess` attached
      - policy `AdministratorAccess` attached
    ");
}

#[test]
fn a_deny_is_shown_with_the_clauses_that_made_it_apply() {
    let project = guarded();
    let why = "policy why mobile_phone.bind 1001 --for ram_user/ops-lin";
    assert_snapshot!(project.run(why), @r#"
    Denied: denied by `Guard`: sign in with a second factor
      principal   ram_user/ops-lin of account 1000
      permission  resourcemanager:BindSecureMobilePhone
      account     1001
    on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1001
      1 identity policies  ✗ ExplicitDeny
    decided by
      deny by `Guard`   policies/Guard.rhai:3:1
          because  sign in with a second factor
        ✓ unless   context.mfa (unset) ?? false is false
    applies too
      allow by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      deny by `Guard`   policies/Guard.rhai:5:1
        ✓ when  now.hour (8) < 9 && account.country ("SG") == "SG" is true
    what would help
      - a session with `mfa=true`, and waiting until 2026-11-22T09:00:00Z
    "#);
    assert_snapshot!(project.run(&format!("{why} --context mfa=true --at 2026-11-22T10:00:00Z")), @r"
    Allowed: allowed by `AliyunResourceDirectoryFullAccess`
      principal   ram_user/ops-lin of account 1000
      permission  resourcemanager:BindSecureMobilePhone
      account     1001
    on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1001
      1 identity policies  ✓ Allow
    decided by
      allow by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ");
}

#[test]
fn whoever_may_not_read_an_account_learns_nothing_of_it() {
    let project = guarded();
    project.replace("policies/Guard.rhai", "\"SG\"", "\"CN\"");
    for who in ["ram_user/none", "ram_user/ops-lin", "root/1001", "root/7"] {
        for form in ["text", "json"] {
            let told = |account: &str| {
                let policy = format!("policy why mobile_phone.bind {account}");
                let whole = format!("why {account} mobile_phone.bind -i phone=65-91234567");
                [policy, whole].map(|command| {
                    let answer = project.run(&format!("--as {who} {command} -o {form}"));
                    answer.stdout.replace(account, "ID")
                })
            };
            // The principal's own account is in its name, too.
            let there = told("1001").map(|text| text.replace("root/1001", "root/ID"));
            let nowhere = told("1999").map(|text| text.replace("1001", "ID"));
            assert_eq!(there, nowhere, "{who}");
        }
    }
    assert_snapshot!(project.run("--as ram_user/ops-lin policy why mobile_phone.bind 1001"), @r#"
    Denied: denied by `Guard`: sign in with a second factor
      principal   ram_user/ops-lin of account 1000
      permission  resourcemanager:BindSecureMobilePhone
      account     1001
    on acs:resourcemanager:*:*:account/*
      1 control policies at rd-3G/r-Wm  ✓ Allow
      2 identity policies               ✗ ExplicitDeny
    decided by
      deny by `Guard`   policies/Guard.rhai:3:1
          because  sign in with a second factor
        ✓ unless   context.mfa (unset) ?? false is false
    applies too
      allow by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    left open
      deny by `Guard`   policies/Guard.rhai:5:1
        ? when  account.country (not known) == "CN" is open
    what would help
      - a session with `mfa=true`, and waiting until 2026-11-22T09:00:00Z
    note: whoever asks may not read this account, if there is one: what depends on it is left open
    "#);
}

#[test]
fn what_is_supposed_of_an_account_decides() {
    let project = guarded();
    let why = "policy why mobile_phone.bind 1001 --for ram_user/ops-lin --context mfa=true";
    assert_snapshot!(project.run(&format!("{why} --attr country=CN --attr phone=+6591234567")), @r"
    Allowed: allowed by `AliyunResourceDirectoryFullAccess`
      principal   ram_user/ops-lin of account 1000
      permission  resourcemanager:BindSecureMobilePhone
      account     1001
      supposed    account.country = CN
      supposed    account.phone = +65-****4567
    on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1001
      1 identity policies  ✓ Allow
    decided by
      allow by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ");
    let described = "policy why mobile_phone.bind --for ram_user/ops-lin --context mfa=true --attr path=a/1 --attr manager=1000";
    assert_snapshot!(project.run(described), @r#"
    Open: whether `resourcemanager:BindSecureMobilePhone` is allowed depends on what is not known here
      principal   ram_user/ops-lin of account 1000
      permission  resourcemanager:BindSecureMobilePhone
      supposed    account.manager = 1000
      supposed    account.path = a/1
    on acs:resourcemanager:*:1000:account/a/1
      1 identity policies  ? Depends
    applies too
      allow by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    left open
      deny by `Guard`   policies/Guard.rhai:5:1
        ? when  account.country (not known) == "SG" is open
    what would help
      - waiting until 2026-11-22T09:00:00Z
      - no longer the deny of `Guard` at policies/Guard.rhai:5:1
    note: the account is described in part: what every account has and was not said is left open
    "#);
    assert_snapshot!(project.run(&format!("{described} --attr country=Singapore")), @r"
    --- stderr ---
    error[C0001]: `country`: expected an ISO 3166-1 alpha-2 country code such as SG
    [exit status: 2]
    ");
}

#[test]
fn where_nothing_came_near_what_is_close_is_shown_and_nothing_else_is() {
    let project = Project::new();
    let why = |action: &str, on: &str| {
        let command = format!("--as ram_user/ro policy why {action} --on {on}");
        let answer = project.run(&command).stdout;
        let told = answer.split("what would help").next().unwrap_or_default();
        told.to_owned()
    };
    assert_snapshot!(why("resourcemanager:CreateFolder", "acs:resourcemanager:*:1000:folder/x"), @r"
    Denied: no policy allows `resourcemanager:CreateFolder` here
      principal   ram_user/ro of account 1000
      permission  resourcemanager:CreateFolder
    on acs:resourcemanager:*:1000:folder/x
      1 control policies at rd-3G/r-Wm  ✓ Allow
      2 identity policies               ✗ ImplicitDeny
    nearest
      allow by `AliyunResourceDirectoryReadOnlyAccess`   policies/AliyunResourceDirectoryReadOnlyAccess.rhai:5:1
        ✗ action  only `resourcemanager:Get*` and 1 more
    ");
    assert_snapshot!(why("ecs:StopInstance", "acs:ecs:*:1000:instance/i-1"), @r"
    Denied: no policy allows `ecs:StopInstance` here
      principal   ram_user/ro of account 1000
      permission  ecs:StopInstance
    on acs:ecs:*:1000:instance/i-1
      1 control policies at rd-3G/r-Wm  ✓ Allow
      2 identity policies               ✗ ImplicitDeny
    ");
}

#[test]
fn an_allow_on_a_folder_tells_nobody_else_what_is_in_it() {
    let project = Project::with_account();
    project.write(
        "policies/Narrow.rhai",
        "allow \"resourcemanager:BindSecureMobilePhone\" on \"acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*\";\n",
    );
    let inviter = "x1-admin: { account: \"1006\", policies: [DirectoryInvitee";
    project.replace(
        "policies/principals.yaml",
        inviter,
        &format!("{inviter}, Narrow"),
    );
    let told = |who: &str, account: &str| {
        let command = format!("--as {who} run {account} mobile_phone.bind -i phone=65-91234567");
        project.run(&command).to_string().replace(account, "ID")
    };
    assert_eq!(
        told("ram_user/x1-admin", "1001"),
        told("ram_user/x1-admin", "1999")
    );
    assert_snapshot!(told("ram_user/x1-admin", "1001"), @r"
      1 throttle      ✓ within the limits
      2 policy        ✗ no policy allows `resourcemanager:BindSecureMobilePhone` here
      3 caller        · not reached
      4 state         · not reached
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 2 of 7, policy: no policy allows `resourcemanager:BindSecureMobilePhone` here
      D0003 · ImplicitDeny
    --- stderr ---
    hint: `stateward explain D0003` tells more
    [exit status: 3]
    ");
    // Whoever may read the account is told that it is for somebody else.
    assert!(told("ram_user/ra1-admin", "1001").contains("D0004"));
}
