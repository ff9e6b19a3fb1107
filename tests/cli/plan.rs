//! Plans: finding them, taking their steps, and what a refusal says of them.

use insta::assert_snapshot;

use crate::common::{Answer, BIND, Project};

const GOAL: &str =
    r#"--goal has(account.phone)&&account.phone=="+6598765432"&&state.member_type=="resource""#;

/// The account 1002 with a number, as the domain's cases have it.
fn bound() -> Project {
    let project = Project::new();
    project.create("1002").exits(0);
    let pending = project.run(&BIND.replace("1001", "1002")).exits(4);
    confirm(&project, &pending).exits(0);
    project
}

/// Confirms the attempt that an answer tells of with the code that came with it.
fn confirm(project: &Project, pending: &Answer) -> Answer {
    let attempt = pending
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("attempt "));
    let confirm = format!("confirm {} --code-file -", attempt.unwrap());
    project.run_with(&confirm, &pending.code())
}

#[test]
fn a_refusal_by_state_says_what_would_lead_there() {
    let project = bound();
    let again = BIND
        .replace("1001", "1002")
        .replace("65-91234567", "+6598765432");
    assert_snapshot!(project.run(&again), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                         workflows/resource_account/account.yaml:78:3
      4 state         ✗ `mobile_phone.bind` does not leave from `bound`  workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 4 of 7, state: `mobile_phone.bind` does not leave from `bound`
      D0005 · AccountSecureMobileAlreadyExists
    what would lead there
      1 member_type.switch_to_cloud     ram_user/alice  proves root_risk (acknowledges it)
      2 root_user.retrieve_password     visitor/ra2     proves old_phone (a code by sms)
      3 mobile_phone.change             root/1002       proves old_phone (a code by sms), then new_phone (a code by sms)
      4 member_type.switch_to_resource  ram_user/alice  proves disable_risk (acknowledges it), then old_phone (a code by sms)
    --- stderr ---
    hint: `stateward explain D0005` tells more
    [exit status: 7]
    ");
    let why = again.replace("run 1002", "why 1002");
    assert_snapshot!(project.run(&why), @r"
    Denied at gate 4 of 7, state: `mobile_phone.bind` does not leave from `bound`
      D0005 · AccountSecureMobileAlreadyExists
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                         workflows/resource_account/account.yaml:78:3
      4 state         ✗ `mobile_phone.bind` does not leave from `bound`  workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    what would lead there
      1 member_type.switch_to_cloud     ram_user/alice  proves root_risk (acknowledges it)
      2 root_user.retrieve_password     visitor/ra2     proves old_phone (a code by sms)
      3 mobile_phone.change             root/1002       proves old_phone (a code by sms), then new_phone (a code by sms)
      4 member_type.switch_to_resource  ram_user/alice  proves disable_risk (acknowledges it), then old_phone (a code by sms)
    ");
}

#[test]
fn whoever_may_not_read_the_account_is_told_of_no_plan() {
    let project = bound();
    let again = BIND.replace("1001", "1002").replace("ops-lin", "none");
    let refused = project.run(&format!("{again} -o json")).exits(3).json();
    assert!(refused["plan"].is_null());
    project
        .run(&format!("--as ram_user/none plan 1002 {GOAL}"))
        .exits(3);
}

#[test]
fn where_nothing_leads_what_is_missing_is_said() {
    let project = Project::with_account();
    let wrong = BIND.replace("65-91234567", "+8613912345678");
    assert_snapshot!(project.run(&wrong), @r#"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`                                 policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                                                       workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`                                      workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✗ the China site takes numbers of China only, the international site all others  workflows/resource_account/mobile_phone.yaml:23:16
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 5 of 7, guard: the China site takes numbers of China only, the international site all others
      D0007 · InvalidParameter.MobileCountryCode
    nothing leads there: `state.mobile_phone == "bound"` never holds
      mobile_phone.add: nobody who is known may ask for it
      mobile_phone.bind: the China site takes numbers of China only, the international site all others
      mobile_phone.change: it never is in `bound`
    nothing leads there: `has(account.phone) && account.phone == "+86-****5678"` never holds
      mobile_phone.add: nobody who is known may ask for it
      mobile_phone.bind: the China site takes numbers of China only, the international site all others
      mobile_phone.change: it never is in `bound`
    --- stderr ---
    hint: `stateward explain D0007` tells more
    [exit status: 3]
    "#);
}

#[test]
fn a_plan_says_who_does_what_by_which_right() {
    let project = bound();
    assert_snapshot!(project.run(&format!("plan 1002 {GOAL}")), @r#"
    account 1002 -> has(account.phone)&&account.phone=="+65-****5432"&&state.member_type=="resource"
    1 ram_user/alice member_type.switch_to_cloud  privileged
        allowed by  FolderAdministrator policies/FolderAdministrator.rhai:14:1#1
        or by       ram_user/full, ram_user/ops-lin
        proves      root_risk (acknowledges it)
        moves       member_type resource -> cloud
        moves       root_user disabled -> enabled
        notifies    account.phone by sms: became_cloud
        owes        member_type.switch_to_resource
    2 visitor/ra2 root_user.retrieve_password  privileged
        allowed by  LogonPage policies/LogonPage.rhai:5:1#1
        proves      old_phone (a code by sms)
        moves       root_user enabled -> active
        notifies    account.phone by sms: password_set
        notifies    account.email by email: password_set
    3 root/1002 mobile_phone.change  privileged
        allowed by  ownership
        supplies    phone=+65-****5432
        proves      old_phone (a code by sms)
        proves      new_phone (a code by sms)
        notifies    input.phone by sms: phone_bound
        notifies    account.phone by sms: phone_replaced
        notifies    account.email by email: phone_changed
    4 ram_user/alice member_type.switch_to_resource
        allowed by  FolderAdministrator policies/FolderAdministrator.rhai:14:1#1
        or by       ram_user/full, ram_user/ops-lin
        proves      disable_risk (acknowledges it)
        proves      old_phone (a code by sms)
        moves       member_type cloud -> resource
        moves       root_user active -> suspended
        notifies    account.phone by sms: became_resource
    privileged from step 1 to 3; 3 hand-overs, 4 codes, 4 steps
    spends 4 of codes_per_address, 4 of verification_codes
    "#);
    let document = project
        .run(&format!("plan 1002 {GOAL} -o json"))
        .exits(0)
        .json();
    assert_eq!(document["schema"], "stateward/plan/v1");
    assert_eq!(document["steps"][2]["principal"], "root/1002");
    assert_eq!(document["steps"][2]["inputs"]["phone"], "+65-****5432");
    assert_snapshot!(project.run("plan --state mobile_phone=bound --goal state.root_user==\"active\""), @r#"
    an account as described -> state.root_user=="active"
    1 ram_user/alice email_change.start
        supplies  email=…
        moves     email_change none -> waiting
        notifies  input.email by email: email_to_confirm
        notifies  account.phone by sms: email_wanted
        notifies  account.email by email: email_wanted
        provided that policies and the caller rule admit the principal
        provided that account.manager != account.id
        provided that input.email != account.email
        provided that account.join_method == "created"
        provided that !has(account.phone)
    2 visitor/ra2 email_change.confirm
        allowed by  LogonPage policies/LogonPage.rhai:5:1#1
        proves      pending_email (a code by email)
        moves       email_change waiting -> none
        moves       logon_email virtual -> real
        notifies    account.pending_email by email: email_changed
        notifies    account.phone by sms: email_changed
        notifies    account.email by email: email_replaced
        provided that policies and the caller rule admit the principal
    3 ram_user/alice member_type.switch_to_cloud  privileged
        proves    root_risk (acknowledges it)
        moves     member_type resource -> cloud
        moves     root_user disabled -> enabled
        notifies  account.phone by sms: became_cloud
        owes      member_type.switch_to_resource
        provided that policies and the caller rule admit the principal
    4 visitor/ra2 root_user.retrieve_password  privileged
        allowed by  LogonPage policies/LogonPage.rhai:5:1#1
        proves      old_email (a code by email)
        moves       root_user enabled -> active
        notifies    account.phone by sms: password_set
        notifies    account.email by email: password_set
        provided that policies and the caller rule admit the principal
    privileged from step 3 to 4; 3 hand-overs, 2 codes, 4 steps
    spends 2 of codes_per_address, 2 of verification_codes
    "#);
}

#[test]
fn a_goal_that_is_none_is_pointed_at() {
    let project = bound();
    assert_snapshot!(project.run("plan 1002 --goal state.member_typ==\"cloud\""), @r#"
    --- stderr ---
    error[W0302]: `state` has no `member_typ`
      ╭▸ --goal:1:7
      │
    1 │ state.member_typ=="cloud"
      │       ━━━━━━━━━━
      ╰╴
    help: did you mean `member_type`?
      ╭╴
    1 │ state.member_type=="cloud"
      ╰╴                +

    error[C0016]: the goal is not a condition over `state.*` and `account.*`
    hint: write for example `--goal 'state.member_type == "cloud"'`
    [exit status: 2]
    "#);
    assert_snapshot!(project.run("plan --state member_type=clod --goal true"), @r"
    --- stderr ---
    error[C0008]: there is no state `clod`
    hint: did you mean `cloud`?
    [exit status: 2]
    ");
}

#[test]
fn a_plan_is_applied_step_by_step() {
    let project = bound();
    project
        .run(&format!("plan 1002 {GOAL} --out plan.json"))
        .exits(0);
    assert_snapshot!(project.run("apply plan.json --ack root_risk"), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `FolderAdministrator`                      policies/FolderAdministrator.rhai:14:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_cloud` leaves from `resource`  workflows/resource_account/member_type.yaml:10:3
      5 guard         ✓ the condition holds                                   workflows/resource_account/member_type.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                                workflows/resource_account/member_type.yaml:10:3
      ~ member_type  resource -> cloud    by member_type.switch_to_cloud
      ~ root_user    disabled -> enabled  by root_user.enable
    Done: account 1002 is at revision 4
    --- stderr ---
    step 1 of 4: member_type.switch_to_cloud by ram_user/alice
    sms to +6591234567: payments is now a cloud account; its root user is enabled.
    hint: `stateward apply plan.json` goes on with root_user.retrieve_password
    ");
    let retrieve = project.run("apply plan.json").exits(4);
    confirm(&project, &retrieve).exits(0);
    // The attempt at the next step is opened once and gone on with.
    let change = project.run("apply plan.json").exits(4);
    assert!(
        change
            .stderr
            .contains("step 3 of 4: mobile_phone.change by root/1002"),
        "{change}"
    );
    let old = confirm(&project, &change).exits(4);
    confirm(&project, &old).exits(0);
    let back = project.run("apply plan.json --ack disable_risk").exits(4);
    confirm(&project, &back).exits(0);
    assert_snapshot!(project.run("apply plan.json"), @r"
    --- stderr ---
    every step of the plan is done
    ");
    let shown = project.run("account show 1002 --reveal").exits(0);
    assert!(shown.stdout.contains("+6598765432"), "{shown}");
}

#[test]
fn a_plan_for_an_account_that_others_moved_is_refused() {
    let project = bound();
    project
        .run(&format!("plan 1002 {GOAL} --out plan.json"))
        .exits(0);
    let rename = "--as ram_user/full run 1002 profile.rename -i display_name=other";
    project.run(rename).exits(0);
    assert_snapshot!(project.run("apply plan.json --ack root_risk"), @r"
    --- stderr ---
    error[C0017]: account `1002` was moved by `profile.rename` since, which is not the plan's next step
    hint: `stateward plan` makes a new one
    [exit status: 7]
    ");
    project.replace(
        "workflows/resource_account/profile.yaml",
        "Name and looks",
        "Looks and name",
    );
    assert_snapshot!(project.run("apply plan.json --ack root_risk"), @r"
    --- stderr ---
    error[C0016]: the plan plan.json was made for another definition: plan again
    hint: `stateward plan` makes a new one
    [exit status: 1]
    ");
    project.write("plan.json", "{}");
    project.run("apply plan.json").exits(1);
}
