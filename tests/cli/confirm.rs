//! Proving what attempts wait for.

use insta::assert_snapshot;

use crate::common::{BIND, Project, wrong};

#[test]
fn the_right_code_applies_the_transition() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("confirm {attempt} --code-file -");
    assert_snapshot!(project.run_with(&confirm, &format!("{code}\n")), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                          workflows/resource_account/mobile_phone.yaml:10:3
      ~ mobile_phone  unbound -> bound  by mobile_phone.bind
    Done: account 1001 is at revision 3
    --- stderr ---
    sms to +6591234567: payments: this number now receives its codes and notices.
    ");
    let shown = project.run("account show 1001").exits(0);
    assert!(
        shown.stdout.contains("mobile_phone           bound"),
        "{shown}"
    );
}

#[test]
fn a_code_is_read_from_a_file() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    assert_snapshot!(project.run(&format!("confirm {attempt} --code-file nowhere")), @r"
    --- stderr ---
    error[C0007]: could not read the code from nowhere: No such file or directory (os error 2)
    [exit status: 1]
    ");
    project.write("code", &code);
    project
        .run(&format!("confirm {attempt} --code-file code"))
        .exits(0);
}

#[test]
fn a_wrong_code_ends_with_5_and_changes_nothing() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("confirm {attempt} --code-file -");
    assert_snapshot!(project.run_with(&confirm, wrong(&code)), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✗ the code is wrong or no longer valid
    Denied at gate 7 of 7, verification: the code is wrong or no longer valid
      V0002 · Invalid.VerificationCode
    --- stderr ---
    hint: `stateward explain V0002` tells more
    [exit status: 5]
    ");
    project.run_with(&confirm, &code).exits(0);
}

#[test]
fn wrong_used_up_expired_and_unknown_are_answered_in_the_same_words() {
    let mut project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("confirm {attempt} --code-file -");
    let said = |answer: crate::common::Answer| answer.exits(5).verdict().to_owned();
    let was_wrong = said(project.run_with(&confirm, wrong(&code)));
    let unknown = said(project.run_with("confirm att_0000000000000000 --code-file -", &code));
    assert_eq!(was_wrong, unknown);
    for _ in 0..4 {
        assert_eq!(said(project.run_with(&confirm, wrong(&code))), was_wrong);
    }
    assert_eq!(
        said(project.run_with(&confirm, &code)),
        was_wrong,
        "the attempt is locked"
    );
    project.at("2026-11-22T09:00:00Z");
    let (attempt, code) = project.bind();
    project.at("2026-11-22T09:11:00Z");
    let confirm = format!("confirm {attempt} --code-file -");
    assert_eq!(
        said(project.run_with(&confirm, &code)),
        was_wrong,
        "the code has expired"
    );
}

#[test]
fn a_code_is_good_once() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("confirm {attempt} --code-file -");
    project.run_with(&confirm, &code).exits(0);
    project.run_with(&confirm, &code).exits(5);
}

#[test]
fn only_whoever_asked_proves() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let other = format!("--as ram_user/full confirm {attempt} --code-file -");
    assert_snapshot!(project.run_with(&other, &code), @r"
      1 throttle      ✓ within the limits
      2 policy        · not reached
      3 caller        · not reached
      4 state         · not reached
      5 guard         · not reached
      6 quota         · not reached
      7 verification  ✗ the code is wrong or no longer valid
    Denied at gate 7 of 7, verification: the code is wrong or no longer valid
      V0002 · Invalid.VerificationCode
    --- stderr ---
    hint: `stateward explain V0002` tells more
    [exit status: 5]
    ");
    let same = format!("--as ram_user/ops-lin confirm {attempt} --code-file -");
    project.run_with(&same, &code).exits(0);
}

#[test]
fn a_proof_has_to_be_given_where_nobody_can_be_asked() {
    let project = Project::with_account();
    let (attempt, _) = project.bind();
    assert_snapshot!(project.run(&format!("confirm {attempt}")), @r"
    --- stderr ---
    error[C0001]: no proof is given, and nobody can be asked for one
    hint: give `--code-file FILE`, `--ack NAME` or `--approve`
    [exit status: 2]
    ");
    assert_snapshot!(project.run(&format!("confirm {attempt} --approve --ack x")), @r"
    --- stderr ---
    error: the argument '--approve' cannot be used with '--ack <NAME>'

    Usage: stateward confirm --approve <ATTEMPT>

    For more information, try '--help'.
    [exit status: 2]
    ");
    project
        .run(&format!("confirm {attempt} --approve"))
        .exits(2);
}

#[test]
fn a_code_is_never_an_argument() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    project.run(&format!("confirm {attempt} {code}")).exits(2);
    project
        .run(&format!("confirm {attempt} --code {code}"))
        .exits(2);
}

#[test]
fn the_next_verification_ends_with_4() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(0);
    project
        .run("--as ram_user/ops-lin run 1001 member_type.switch_to_cloud --ack root_risk")
        .exits(0);
    let back = "--as ram_user/ops-lin run 1001 member_type.switch_to_resource -o json";
    let attempt = project.run(back).exits(4).json()["attempt"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = project.run(&format!("confirm {attempt} --ack disable_risk"));
    assert_snapshot!(answer, @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`        policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                              workflows/resource_account/account.yaml:78:3
      4 state         ✓ `member_type.switch_to_resource` leaves from `cloud`  workflows/resource_account/member_type.yaml:30:3
      5 guard         ✓ all 5 conditions hold                                 workflows/resource_account/member_type.yaml:30:3
      6 quota         ✓ 9 left of `codes_per_address`                         workflows/resource_account/account.yaml:176:3
      7 verification  … waits for `old_phone`                                 workflows/resource_account/account.yaml:117:3
      sent  a code to +65-****4567, expires in 10 min
    Waiting for `old_phone`, step 2 of 2; the attempt lapses in 30 min
    attempt att_7cqz7p1eb0rm25am
    --- stderr ---
    sms to +6591234567: 705247 is your code for member_type.switch_to_resource. It is valid for 10m. Tell it to nobody.
    hint: `stateward confirm att_7cqz7p1eb0rm25am` asks for the code; `--code-file FILE` reads it
    [exit status: 4]
    ");
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &answer.code())
        .exits(0);
}

#[test]
fn the_answer_is_data_too() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("confirm {attempt} --code-file - -o json");
    let denied = project.run_with(&confirm, wrong(&code)).exits(5).json();
    assert_eq!(denied["denial"]["gate"], "verification");
    assert_eq!(denied["denial"]["deny_code"], "Invalid.VerificationCode");
    assert_eq!(denied["attempt"], attempt.as_str());
    let applied = project.run_with(&confirm, &code).exits(0).json();
    assert_eq!(applied["decision"], "applied");
    assert_eq!(applied["moves"][0]["to"], "bound");
    assert_eq!(applied["transition"], "mobile_phone.bind");
}

#[test]
fn a_verification_can_be_chosen_where_there_is_a_choice() {
    let project = Project::new();
    let attributes = "-a display_name=x -a country=SG -a site=intl -a path=p -a manager=1000 \
        -a legal_entity=e -a manager_legal_entity=e -a email=root@x.example -a phone=65-91234567";
    let states = "--state member_type=cloud --state root_user=active \
        --state mobile_phone=bound --state logon_email=real";
    project
        .run(&format!("account create 1005 {attributes} {states}"))
        .exits(0);
    let change = "--as root/1005 run 1005 mobile_phone.change -i phone=65-98765432";
    let by_phone = project.run(change).exits(4);
    assert!(by_phone.stderr.contains("sms to +6591234567"), "{by_phone}");
    let by_mail = project
        .run(&format!("{change} --prefer old_email"))
        .exits(4);
    assert!(
        by_mail.stderr.contains("email to root@x.example"),
        "{by_mail}"
    );
    project
        .run(&format!("{change} --prefer root_risk"))
        .exits(2);
}

#[test]
fn a_key_gives_the_first_answer_again() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("confirm {attempt} --code-file - --key k1 -o json");
    let first = project.run_with(&confirm, &code).exits(0);
    let again = project.run_with(&confirm, &code).exits(0);
    assert_eq!(first.json()["revision"], again.json()["revision"]);
}

#[test]
fn a_code_goes_through_the_same_gates_again() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    project.replace(
        "policies/AliyunResourceDirectoryFullAccess.rhai",
        "allow \"resourcemanager:*\"",
        "allow \"resourcemanager:Get*\"",
    );
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(3);
    assert!(BIND.contains("ops-lin"));
}
