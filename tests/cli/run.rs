//! Asking for transitions: every way a decision can go, and its exit code.

use insta::assert_snapshot;

use crate::common::{BIND, Project};

#[test]
fn a_request_waits_for_its_code() {
    assert_snapshot!(Project::with_account().run(BIND), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ 99 left of `verification_codes`                 workflows/resource_account/account.yaml:164:3
      7 verification  … waits for `number_to_bind`                      workflows/resource_account/account.yaml:108:3
      sent  a code to +65-****4567, expires in 10 min
    Waiting for `number_to_bind`, step 1 of 1; the attempt lapses in 30 min
    attempt att_bk1rqgqhk8b6dbg9
    --- stderr ---
    sms to +6591234567: 243759 is your code for mobile_phone.bind. It is valid for 10m. Tell it to nobody.
    hint: `stateward confirm att_bk1rqgqhk8b6dbg9` asks for the code; `--code-file FILE` reads it
    [exit status: 4]
    ");
}

#[test]
fn a_request_without_verification_is_applied() {
    let project = Project::with_account();
    let rename = "--as ram_user/ops-lin run 1001 profile.rename -i display_name=ledger";
    assert_snapshot!(project.run(rename), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `profile.rename` leaves from `shown`            workflows/resource_account/profile.yaml:8:3
      5 guard         ✓ the condition holds                             workflows/resource_account/profile.yaml:8:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ nothing to prove                                workflows/resource_account/profile.yaml:8:3
      ~ profile  stays shown  by profile.rename
    Done: account 1001 is at revision 2
    ");
}

#[test]
fn policies_refuse_with_3() {
    let project = Project::with_account();
    assert_snapshot!(project.run(&BIND.replace("ops-lin", "ro")), @r"
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
}

#[test]
fn caller_rules_refuse_with_3() {
    let project = Project::with_account();
    assert_snapshot!(project.run(&BIND.replace("ram_user/ops-lin", "root/1000")), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ owns the account
      3 caller        ✗ the principal is not `management_operator` of account `1001`, or there is no such account  workflows/resource_account/account.yaml:78:3
      4 state         · not reached
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 3 of 7, caller: the principal is not `management_operator` of account `1001`, or there is no such account
      D0004 · CallerIdentityError
    --- stderr ---
    hint: `stateward explain D0004` tells more
    [exit status: 3]
    ");
}

#[test]
fn conditions_refuse_with_3() {
    let project = Project::with_account();
    assert_snapshot!(project.run(&BIND.replace("65-91234567", "+8613912345678")), @r#"
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
fn states_refuse_with_7() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(0);
    assert_snapshot!(project.run(BIND), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                         workflows/resource_account/account.yaml:78:3
      4 state         ✗ `mobile_phone.bind` does not leave from `bound`  workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 4 of 7, state: `mobile_phone.bind` does not leave from `bound`
      D0005 · AccountSecureMobileAlreadyExists
    the account is there already
    --- stderr ---
    hint: `stateward explain D0005` tells more
    [exit status: 7]
    ");
}

#[test]
fn malformed_input_is_refused_with_7() {
    let project = Project::with_account();
    assert_snapshot!(project.run(&BIND.replace("65-91234567", "12")).exits(7).verdict(), @"Denied at gate 4 of 7, state: input `phone`: expected a phone number with its country code, such as +65 9123 4567 or 65-91234567");
    assert_snapshot!(project.run(&BIND.replace("phone=", "phon=")).exits(7).verdict(), @"Denied at gate 4 of 7, state: `mobile_phone.bind` takes no input `phon`; did you mean `phone`?");
}

#[test]
fn quotas_refuse_with_6() {
    let project = Project::new();
    let account = "workflows/resource_account/account.yaml";
    project.replace(
        account,
        "limit: 100\n    per: 24h\n    key: account.id",
        "limit: 1\n    per: 24h\n    key: account.id",
    );
    project.create("1001").exits(0);
    project.bind();
    assert_snapshot!(project.run(BIND), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✗ quota `verification_codes` of 1 is used up      workflows/resource_account/account.yaml:164:3
      7 verification  · not reached
    Denied at gate 6 of 7, quota: quota `verification_codes` of 1 is used up
      Q0001 · SendValidateCodeExceedsLimitForAccount · retry from 2026-11-23T08:00:00Z (in 1 d)
    --- stderr ---
    hint: `stateward explain Q0001` tells more
    [exit status: 6]
    ");
}

#[test]
fn a_risk_waits_to_be_acknowledged_or_is_acknowledged_at_once() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(0);
    let switch = "--as ram_user/ops-lin run 1001 member_type.switch_to_cloud";
    assert_snapshot!(project.run(switch), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_cloud` leaves from `resource`  workflows/resource_account/member_type.yaml:10:3
      5 guard         ✓ the condition holds                                   workflows/resource_account/member_type.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  … waits for `root_risk`                                 workflows/resource_account/account.yaml:145:3
      risk  The root user has full permissions while it is enabled. Switch back when done.
    Waiting for `root_risk`, step 1 of 1; the attempt lapses in 30 min
    attempt att_m8ykq1kg97bbh3ne
    --- stderr ---
    hint: `stateward confirm att_m8ykq1kg97bbh3ne --ack root_risk` acknowledges the risk
    [exit status: 4]
    ");
    assert_snapshot!(project.run(&format!("{switch} --ack root_risk")), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_cloud` leaves from `resource`  workflows/resource_account/member_type.yaml:10:3
      5 guard         ✓ the condition holds                                   workflows/resource_account/member_type.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                                workflows/resource_account/member_type.yaml:10:3
      ~ member_type  resource -> cloud    by member_type.switch_to_cloud
      ~ root_user    disabled -> enabled  by root_user.enable
    Done: account 1001 is at revision 5
    --- stderr ---
    sms to +6591234567: payments is now a cloud account; its root user is enabled.
    ");
}

#[test]
fn unknown_names_have_suggestions() {
    let project = Project::with_account();
    assert_snapshot!(project.run(&BIND.replace("mobile_phone.bind", "mobile_phone.bnd")), @r"
    --- stderr ---
    error[C0008]: there is no transition `mobile_phone.bnd`
    hint: did you mean `mobile_phone.bind`?
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&BIND.replace("ops-lin", "ops-line")), @r"
    --- stderr ---
    error[C0008]: there is no principal `ram_user/ops-line`
    hint: did you mean `ram_user/ops-lin`?
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&BIND.replace("mobile_phone.bind", "bind")), @r"
    --- stderr ---
    error: invalid value 'bind' for '<TRANSITION>': `bind` is not a valid transition name: write `workflow.transition`

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&format!("{BIND} --ack root_risk")), @r"
    --- stderr ---
    error[C0008]: there is no verification `root_risk`
    hint: see `verify:` of `mobile_phone.bind`
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&format!("{BIND} --context mfaa=true")), @r"
    --- stderr ---
    error[C0001]: context `mfaa`: the lifecycle declares no such fact; did you mean `mfa`?
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&format!("{BIND} --context acs:SourceIp=office")), @r"
    --- stderr ---
    error[C0001]: context `acs:SourceIp`: expected an IP address such as 192.0.2.1 or 2001:db8::1
    [exit status: 2]
    ");
    let twice = "--context mfa=true --context acs:mfapresent=false";
    assert_snapshot!(project.run(&format!("{BIND} {twice}")), @r"
    --- stderr ---
    error[C0001]: context `mfa`: it is given twice, by its name and by a key
    [exit status: 2]
    ");
    project
        .run(&format!("{BIND} --context acs:SourceIp=192.0.2.1"))
        .exits(4);
}

#[test]
fn an_account_that_is_not_there_is_no_news_to_strangers() {
    let project = Project::with_account();
    let known = project.run(&BIND.replace("ops-lin", "none")).exits(3);
    let unknown = project
        .run(&BIND.replace("ops-lin", "none").replace("1001", "1999"))
        .exits(3);
    assert_eq!(known.stdout.replace("1001", "1999"), unknown.stdout);
}

#[test]
fn somebody_has_to_ask() {
    let project = Project::with_account();
    assert_snapshot!(project.run("run 1001 mobile_phone.bind -i phone=65-91234567"), @r"
    --- stderr ---
    error[C0010]: nobody was named who asks
    hint: name a principal with `--as`, or a default one in stateward.yaml (`principal:`)
    [exit status: 2]
    ");
}

#[test]
fn the_project_file_may_name_who_asks() {
    let project = Project::with_account();
    project.replace("stateward.yaml", "# principal:", "principal:");
    project
        .run("run 1001 mobile_phone.bind -i phone=65-91234567")
        .exits(4);
}

#[test]
fn a_transition_that_happens_by_itself_cannot_be_requested() {
    let project = Project::with_account();
    assert_snapshot!(project.run("--as ram_user/ops-lin run 1001 root_user.enable"), @r"
    --- stderr ---
    error[C0001]: `root_user.enable` cannot be requested: it is triggered by member_type.switch_to_cloud
    [exit status: 2]
    ");
}

#[test]
fn an_input_is_given_once() {
    let project = Project::with_account();
    assert_snapshot!(project.run(&format!("{BIND} -i phone=65-98765432")), @r"
    --- stderr ---
    error[C0001]: `phone` is given twice
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&BIND.replace("phone=65", "phone65")), @r"
    --- stderr ---
    error: invalid value 'phone65-91234567' for '--input <NAME=VALUE>': write name=value

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn a_key_gives_the_first_answer_again() {
    let project = Project::with_account();
    let first = project.run(&format!("{BIND} --key k1")).exits(4);
    let again = project.run(&format!("{BIND} --key k1")).exits(4);
    assert_eq!(first.stdout, again.stdout);
    assert!(
        again.stderr.lines().all(|line| !line.starts_with("sms to")),
        "{again}"
    );
    let other = BIND.replace("65-91234567", "65-98765432");
    assert_snapshot!(project.run(&format!("{other} --key k1")), @r"
    --- stderr ---
    error[C0001]: the idempotency key was used for another request before
    [exit status: 2]
    ");
}

#[test]
fn the_answer_is_data_too() {
    let project = Project::with_account();
    let document = project.run(&format!("{BIND} -o json")).exits(4).json();
    assert_eq!(document["schema"], "stateward/run/v1");
    assert_eq!(document["decision"], "pending");
    assert_eq!(document["transition"], "mobile_phone.bind");
    assert_eq!(document["waiting"]["kind"], "code");
    assert_eq!(document["waiting"]["sent_to"], "+65-****4567");
    assert_eq!(document["gates"].as_array().unwrap().len(), 7);
    assert!(document["denial"].is_null() && document["access_denied_detail"].is_null());
    assert!(document["attempt"].as_str().unwrap().starts_with("att_"));
}

#[test]
fn a_refusal_by_policies_speaks_as_ram_does() {
    let project = Project::with_account();
    let refused = project
        .run(&format!("{} -o json", BIND.replace("ops-lin", "ro")))
        .exits(3);
    assert!(refused.stderr.is_empty(), "{refused}");
    let document = refused.json();
    assert_snapshot!(document["denial"], @r#"{"code":"D0003","deny_code":null,"effect":"ImplicitDeny","gate":"policy","message":"no policy allows `resourcemanager:BindSecureMobilePhone` here","place":null,"retry_at":null}"#);
    assert_snapshot!(document["access_denied_detail"], @r#"{"AuthAction":"resourcemanager:BindSecureMobilePhone","AuthPrincipalType":"SubUser","NoPermissionType":"ImplicitDeny","PolicyType":"AccountLevelIdentityBasedPolicy"}"#);
    let caller = BIND.replace("ram_user/ops-lin", "root/1000");
    let document = project.run(&format!("{caller} -o json")).exits(3).json();
    assert!(document["access_denied_detail"].is_null());
    assert_eq!(document["denial"]["deny_code"], "CallerIdentityError");
}
