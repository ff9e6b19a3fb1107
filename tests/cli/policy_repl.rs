//! What policies answer, in a conversation.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn questions_are_answered_one_after_the_other() {
    let project = Project::with_account();
    let talk = "\
can? resourcemanager:GetAccount on acs:resourcemanager:*:1000:account/x
as ram_user/ops-lin
account 1001
context mfa=true
now 2026-11-22T09:00:00Z
show
can? mobile_phone.bind

as ram_user/nobody
as ram_user/none
can? mobile_phone.bind
who-can? mobile_phone.bind
why? account:RetrievePassword on acs:account:*:1001:x
wyh? x
can? mobile_phone.bnid
quit
can? never:Asked
";
    assert_snapshot!(project.run_with("policy repl", talk), @r"
    as       ram_user/ops-lin
    account  1001
    context  mfa=true
    now      2026-11-22T09:00:00Z
    yes: Allow (identity policies) by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      resourcemanager:BindSecureMobilePhone on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1001
    no: ImplicitDeny (identity policies)
      resourcemanager:BindSecureMobilePhone on acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-A/1001
    principal            may  by                                 place
    ram_user/alice       yes  FolderAdministrator                policies/FolderAdministrator.rhai:14:1
    ram_user/full        yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ops-lin     yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    ram_user/ra1-admin   yes  AdministratorAccess                policies/AdministratorAccess.rhai:5:1
    sso_session/ops-lin  yes  AliyunResourceDirectoryFullAccess  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    10 principals may not; `--all` lists them
    Denied: no policy allows `account:RetrievePassword` here
      principal   ram_user/none of account 1000
      permission  account:RetrievePassword
      account     1001
    on acs:account:*:1001:x
      1 identity policies  ✗ ImplicitDeny
    what would help
      - policy `LogonPage` attached
      - policy `LandingZoneSystemAdmin` attached
      - policy `AdministratorAccess` attached
    --- stderr ---
    error[C0010]: nobody was named who asks
    hint: name a principal with `--as`, or a default one in stateward.yaml (`principal:`)
    error[C0008]: there is no principal `ram_user/nobody`
    hint: did you mean `ram_user/none`?
    error[C0008]: there is no such question `wyh?`
    hint: did you mean `why?`?
    error[C0008]: there is no transition `mobile_phone.bnid`
    hint: did you mean `mobile_phone.bind`?
    ");
}

#[test]
fn answers_are_saved_as_cases_that_hold() {
    let project = Project::new();
    let talk = "\
as ram_user/ops-lin
context mfa=true
now 2026-11-22T09:00:00Z
can? resourcemanager:GetAccount on acs:resourcemanager:*:1000:account/x
as ram_user/none
can? resourcemanager:GetAccount on acs:resourcemanager:*:1000:account/x
save policies/tests/asked.yaml
";
    assert_snapshot!(project.run_with("policy repl", talk), @r"
    yes: Allow (identity policies) by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      resourcemanager:GetAccount on acs:resourcemanager:*:1000:account/x
    no: ImplicitDeny (identity policies)
      resourcemanager:GetAccount on acs:resourcemanager:*:1000:account/x
    --- stderr ---
    saved 2 cases to policies/tests/asked.yaml
    ");
    assert_snapshot!(project.read("policies/tests/asked.yaml"), @r#"
    cases:
      - name: "1. ram_user/ops-lin asks for resourcemanager:GetAccount"
        principal: "ram_user/ops-lin"
        action: "resourcemanager:GetAccount"
        resource: ["acs:resourcemanager:*:1000:account/x"]
        context: { mfa: true }
        now: "2026-11-22T09:00:00Z"
        expect: allow
      - name: "2. ram_user/none asks for resourcemanager:GetAccount"
        principal: "ram_user/none"
        action: "resourcemanager:GetAccount"
        resource: ["acs:resourcemanager:*:1000:account/x"]
        context: { mfa: true }
        now: "2026-11-22T09:00:00Z"
        expect: implicit_deny
    "#);
    project.run("policy test").exits(0);
}

#[test]
fn the_questions_are_listed() {
    assert_snapshot!(Project::new().run_with("policy repl", "help\nsave x.yaml\n"), @r"
    can? WHAT [on RESOURCE ..]      whether policies allow it
      why? WHAT [on RESOURCE ..]      and why they do, or do not
      who-can? WHAT [on RESOURCE ..]  who may

      as PRINCIPAL                    ask for this principal
      account [ID]                    about this account; about none
      context [NAME=VALUE ..]         in a session of which this is known; nothing
      now [TIME]                      at this instant (RFC 3339); at present

      show                            what is set
      save FILE                       keep the answers to `can?` as cases for `stateward policy test`
      help, quit

    WHAT is a permission (service:Action) or a transition (workflow.transition).
    --- stderr ---
    error[C0001]: nothing has been asked that can be saved
    ");
}
