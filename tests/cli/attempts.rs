//! Attempts: listing, sending again, giving up.

use insta::assert_snapshot;

use crate::common::{BIND, Project};

#[test]
fn open_attempts_are_listed() {
    let project = Project::with_account();
    assert_snapshot!(project.run("attempt list"), @r"
    --- stderr ---
    no attempt is open
    ");
    project.bind();
    assert_snapshot!(project.run("attempt list"), @r"
    attempt               account  transition         waits for                asked by          lapses
    att_bk1rqgqhk8b6dbg9  1001     mobile_phone.bind  number_to_bind (1 of 1)  ram_user/ops-lin  in 30 min
    ");
    assert_eq!(
        project.run("attempt list 1001").stdout,
        project.run("attempt list").stdout
    );
    let document = project.run("attempt list -o json").exits(0).json();
    assert_eq!(document["attempts"][0]["inputs"]["phone"], "+65-****4567");
    project.run("attempt list 1999").exits(2);
}

#[test]
fn a_code_is_sent_again_after_a_while_and_voids_the_one_before() {
    let mut project = Project::with_account();
    let (attempt, first) = project.bind();
    assert_snapshot!(project.run(&format!("resend {attempt}")), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`                policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                                      workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`                     workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                                         workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ nothing to spend
      7 verification  ✗ a code was sent a moment ago; wait before asking for another  workflows/resource_account/account.yaml:108:3
    Denied at gate 7 of 7, verification: a code was sent a moment ago; wait before asking for another
      V0006 · retry from 2026-11-22T08:00:30Z (in 30 s)
    --- stderr ---
    hint: `stateward explain V0006` tells more
    [exit status: 5]
    ");
    project.at("2026-11-22T08:01:00Z");
    let answer = project.run(&format!("resend {attempt}")).exits(4);
    assert_snapshot!(answer, @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ 98 left of `verification_codes`                 workflows/resource_account/account.yaml:164:3
      7 verification  … waits for `number_to_bind`                      workflows/resource_account/account.yaml:108:3
      sent  a code to +65-****4567, expires in 10 min
    Waiting for `number_to_bind`, step 1 of 1; the attempt lapses in 29 min
    attempt att_bk1rqgqhk8b6dbg9
    --- stderr ---
    sms to +6591234567: 985292 is your code for mobile_phone.bind. It is valid for 10m. Tell it to nobody.
    hint: `stateward confirm att_bk1rqgqhk8b6dbg9` asks for the code; `--code-file FILE` reads it
    [exit status: 4]
    ");
    let confirm = format!("confirm {attempt} --code-file -");
    project.run_with(&confirm, &first).exits(5);
    project.run_with(&confirm, &answer.code()).exits(0);
}

#[test]
fn an_attempt_is_given_up() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    assert_snapshot!(project.run(&format!("--as ram_user/full cancel {attempt}")), @r"
      1 throttle      ✓ within the limits
      2 policy        · not reached
      3 caller        · not reached
      4 state         · not reached
      5 guard         · not reached
      6 quota         · not reached
      7 verification  ✗ there is no such open attempt of yours
    Denied at gate 7 of 7, verification: there is no such open attempt of yours
      V0005
    --- stderr ---
    hint: `stateward explain V0005` tells more
    [exit status: 5]
    ");
    assert_snapshot!(project.run(&format!("cancel {attempt}")), @r"
      1 throttle      ✓ within the limits
      2 policy        · not reached
      3 caller        · not reached
      4 state         · not reached
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Done: account 1001 is at revision 3
    ");
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(5);
    assert!(project.run("attempt list").stdout.is_empty());
}

#[test]
fn a_newer_request_takes_the_place_of_the_older() {
    let mut project = Project::with_account();
    let (older, code) = project.bind();
    project.at("2026-11-22T08:05:00Z");
    let (newer, _) = project.bind();
    assert_ne!(older, newer);
    project
        .run_with(&format!("confirm {older} --code-file -"), &code)
        .exits(5);
    assert_eq!(project.run("attempt list").stdout.lines().count(), 2);
    assert!(BIND.contains("1001"));
}

#[test]
fn a_malformed_id_is_a_wrong_command_line() {
    assert_snapshot!(Project::with_account().run("cancel 12"), @r"
    --- stderr ---
    error: invalid value '12' for '<ATTEMPT>': `12` is not a valid attempt id: an attempt id looks like att_0123456789abcdef

    For more information, try '--help'.
    [exit status: 2]
    ");
}
