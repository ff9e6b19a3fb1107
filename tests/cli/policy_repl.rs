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
    attr     -
    state    -
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
    11 principals may not; `--all` lists them
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
        principal: ram_user/ops-lin
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:1000:account/x
        context: { mfa: true }
        now: "2026-11-22T09:00:00Z"
        expect: allow
      - name: "2. ram_user/none asks for resourcemanager:GetAccount"
        principal: ram_user/none
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:1000:account/x
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
      account [ID]                    about this account of the store; about none
      attr [NAME=VALUE ..]            suppose that it has these attributes (or `id`); none
      state [WORKFLOW=STATE ..]       suppose that it is in these states; none
      context [NAME=VALUE ..]         in a session of which this is known; nothing
      now [TIME]                      at this instant (RFC 3339); at present

      show                            what is set
      save FILE                       keep the answers to `can?` as cases for `stateward policy test`
      help, quit

    WHAT is a permission (service:Action) or a transition (workflow.transition). Without an account of the
    store, `attr` and `state` describe one that is otherwise new.
    --- stderr ---
    error[C0001]: nothing has been asked that can be saved
    ");
}

#[test]
fn an_account_that_is_described_is_kept_with_its_answers() {
    let project = Project::new();
    project.write(
        "policies/LogonPage.rhai",
        "allow \"account:RetrievePassword\" when account.country == \"SG\" && state.member_type == \"cloud\";\n",
    );
    let talk = "\
as visitor/ra2
can? account:RetrievePassword on acs:account:*:1001:x
attr cuntry=SG
attr country=Singapore
attr country=SG id=1001
can? account:RetrievePassword on acs:account:*:1001:x
attr country=SG id=1001 path=rd-3G/r-Wm/fd-A/1001
state member_type=clod
state membertype=cloud
can? account:RetrievePassword on acs:account:*:1001:x
state member_type=cloud
show
can? account:RetrievePassword on acs:account:*:1001:x
attr
can? account:RetrievePassword on acs:account:*:1001:x
save mine.yaml
save mine.yaml
";
    assert_snapshot!(project.run_with("policy repl", talk), @r"
    perhaps: it depends on what is not known here; `why?` tells on what
      account:RetrievePassword on acs:account:*:1001:x
    no: ImplicitDeny (control policies at rd-3G/r-Wm)
      account:RetrievePassword on acs:account:*:1001:x
      the account's place in the directory is not known
    no: ImplicitDeny (identity policies)
      account:RetrievePassword on acs:account:*:1001:x
    as       visitor/ra2
    account  -
    attr     country=SG id=1001 path=rd-3G/r-Wm/fd-A/1001
    state    member_type=cloud
    context  -
    now      -
    yes: Allow (identity policies) by `LogonPage`  policies/LogonPage.rhai:1:1
      account:RetrievePassword on acs:account:*:1001:x
    perhaps: it depends on what is not known here; `why?` tells on what
      account:RetrievePassword on acs:account:*:1001:x
    --- stderr ---
    error[C0008]: there is no attribute `cuntry`
    hint: did you mean `country`?
    error[C0001]: `country`: expected an ISO 3166-1 alpha-2 country code such as SG
    warning: this is not kept, as no case may rest on it: the account's place in the directory is not known
    error[C0008]: there is no state `clod`
    hint: did you mean `cloud`?
    error[C0008]: there is no workflow `membertype`
    hint: did you mean `member_type`?
    saved 2 cases to mine.yaml
    saved 2 cases to mine.yaml
    ");
    assert_snapshot!(project.read("mine.yaml"), @r#"
    cases:
      - name: "1. visitor/ra2 asks for account:RetrievePassword"
        principal: visitor/ra2
        action: account:RetrievePassword
        resource: acs:account:*:1001:x
        account: { id: "1001", attributes: { avatar_colour: blue, country: SG, join_method: created, member_deletion: disabled, path: rd-3G/r-Wm/fd-A/1001, site: intl }, states: { deletion: none, directory: none, email_change: none, identity_verification: unverified, logon_email: virtual, member_type: resource, membership: member, mobile_phone: unbound, notices: ready, profile: shown, root_access_key: none, root_user: disabled } }
        now: "2026-11-22T08:00:00Z"
        expect: implicit_deny
      - name: "2. visitor/ra2 asks for account:RetrievePassword"
        principal: visitor/ra2
        action: account:RetrievePassword
        resource: acs:account:*:1001:x
        account: { id: "1001", attributes: { avatar_colour: blue, country: SG, join_method: created, member_deletion: disabled, path: rd-3G/r-Wm/fd-A/1001, site: intl }, states: { deletion: none, directory: none, email_change: none, identity_verification: unverified, logon_email: virtual, member_type: cloud, membership: member, mobile_phone: unbound, notices: ready, profile: shown, root_access_key: none, root_user: disabled } }
        now: "2026-11-22T08:00:00Z"
        expect: allow
    "#);
    let cases = project.read("mine.yaml");
    project.write("policies/tests/mine.yaml", &cases);
    project.run("policy test mine.yaml").exits(0);
    assert_snapshot!(project.run_with("policy repl", "as visitor/ra2\ncan? account:Get on x:y\nsave mine.yaml\n"), @r"
    no: ImplicitDeny (identity policies)
      account:Get on x:y
    --- stderr ---
    error[C0001]: mine.yaml is there already: name a new file
    ");
}

#[test]
fn what_is_personal_of_an_account_of_the_store_stays_there() {
    let project = Project::with_account();
    let stored = "\
as visitor/ra2
account 1001
can? account:RetrievePassword on acs:account:*:1001:x
save kept.yaml
";
    project.run_with("policy repl", stored).exits(0);
    assert_snapshot!(project.read("kept.yaml"), @r#"
    cases:
      - name: "1. visitor/ra2 asks for account:RetrievePassword"
        principal: visitor/ra2
        action: account:RetrievePassword
        resource: acs:account:*:1001:x
        account: { id: "1001", created_at: "2026-11-22T08:00:00Z", attributes: { avatar_colour: blue, country: SG, display_name: payments, join_method: created, legal_entity: Example, manager: "1000", manager_legal_entity: Example, member_deletion: disabled, path: rd-3G/r-Wm/fd-A/1001, site: intl }, states: { deletion: none, directory: none, email_change: none, identity_verification: unverified, logon_email: virtual, member_type: resource, membership: member, mobile_phone: unbound, notices: ready, profile: shown, root_access_key: none, root_user: disabled } }
        now: "2026-11-22T08:00:00Z"
        expect: allow
    "#);
    project.write(
        "policies/LogonPage.rhai",
        "allow \"account:RetrievePassword\" when ends_with(account.email, \"example.com\");\n",
    );
    assert_snapshot!(project.run_with("policy repl", stored), @r"
    no: ImplicitDeny (identity policies)
      account:RetrievePassword on acs:account:*:1001:x
    --- stderr ---
    warning: this is not kept: it depends on personal data of the account (`email`, `pending_email`, `phone`)
    hint: `--reveal` keeps them
    error[C0001]: nothing has been asked that can be saved
    ");
    let supposed = stored.replace("1001\ncan", "1001\nattr email=x@example.com\ncan");
    let supposed = supposed.replace("kept", "supposed");
    assert_snapshot!(project.run_with("policy repl", &supposed), @r"
    yes: Allow (identity policies) by `LogonPage`  policies/LogonPage.rhai:1:1
      account:RetrievePassword on acs:account:*:1001:x
    --- stderr ---
    saved 1 case to supposed.yaml
    ");
    assert!(project.read("supposed.yaml").contains("x@example.com"));
}
