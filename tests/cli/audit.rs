//! `stateward audit …` and `stateward account erase`: what was decided, whether it holds together,
//! and what is left of an account that was erased.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::Project;

const BY_NOBODY: &str = "--as ram_user/none run";

/// A project with an account whose number is bound, and with refusals.
fn eventful() -> Project {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let confirm = format!("--as ram_user/ops-lin confirm {attempt} --code-file -");
    project.run_with(&confirm, &code).exits(0);
    for account in ["1001", "4711"] {
        let ask = format!("{BY_NOBODY} {account} mobile_phone.bind -i phone=65-91234567");
        project.run(&ask).exits(3);
    }
    project
}

/// What was verified, without the digest, which depends on the definition.
fn without_head(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("head "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_store_that_holds_together_verifies_and_replays() {
    let project = eventful();
    let verified = project.run("audit verify").exits(0);
    assert_snapshot!(without_head(&verified.stdout), @r"
    1 account, 3 records, 2 denials: everything holds together
    ");
    assert!(
        verified
            .stdout
            .lines()
            .any(|line| line.starts_with("head "))
    );
    let one = project.run("audit verify 1001 -o json").exits(0).json();
    assert_eq!((&one["accounts"], &one["records"]), (&1.into(), &3.into()));
    assert_snapshot!(project.run("audit replay"), @r"
    3 records decided again: all came out the same
    ");
    assert_snapshot!(project.run("audit verify 4711"), @r"
    --- stderr ---
    error[C0008]: there is no account `4711`
    hint: `stateward account list` lists them
    [exit status: 2]
    ");
}

#[test]
fn a_new_store_holds_together() {
    let project = Project::new();
    let verified = project.run("audit verify").exits(0);
    assert_snapshot!(without_head(&verified.stdout), @"0 accounts, 0 records, 0 denials: everything holds together");
    assert_snapshot!(project.run("audit replay"), @"there is no record yet");
}

#[test]
fn what_was_decided_lately_is_listed() {
    let project = eventful();
    assert_snapshot!(project.run("audit list"), @r"
    when                  account  revision  by                asked                      decision
    2026-11-22T08:00:00Z  1001     1         owner             create                     applied
    2026-11-22T08:00:00Z  1001     2         ram_user/ops-lin  run mobile_phone.bind      pending
    2026-11-22T08:00:00Z  1001     3         ram_user/ops-lin  confirm mobile_phone.bind  applied
    2026-11-22T08:00:00Z  1001               ram_user/none     run mobile_phone.bind      denied D0003
    2026-11-22T08:00:00Z  4711               ram_user/none     run mobile_phone.bind      denied D0003
    ");
    assert_snapshot!(project.run("audit list --denied --by ram_user/none --account 1001"), @r"
    when                  account  revision  by             asked                  decision
    2026-11-22T08:00:00Z  1001               ram_user/none  run mobile_phone.bind  denied D0003
    ");
    let none = project.run("audit list --until 1h -o json").exits(0).json();
    assert_eq!(none["entries"], Value::Array(Vec::new()));
    assert_snapshot!(project.run("audit list --since yesterday"), @r"
    --- stderr ---
    error[C0001]: `yesterday` is not a time such as 2026-11-22T08:30:00Z, or how long ago, such as 24h
    [exit status: 2]
    ");
}

#[test]
fn history_shows_what_was_refused() {
    let project = eventful();
    let history = project.run("account history 1001 --after 3").exits(0);
    assert_snapshot!(history, @r"
    refused, and changed nothing
      2026-11-22T08:00:00Z  ram_user/none  run mobile_phone.bind  D0003 by policy
    ");
}

#[test]
fn everything_is_exported_a_line_each_and_masked() {
    let project = eventful();
    let lines = |arguments: &str| -> Vec<Value> {
        let exported = project.run(&format!("audit export {arguments}")).exits(0);
        let lines = exported.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let all = lines("");
    let told: Vec<_> = all
        .iter()
        .map(|line| (line["schema"].as_str().unwrap(), &line["command"]))
        .collect();
    let record = "stateward/audit-record/v1";
    let denial = "stateward/audit-denial/v1";
    let [create, run, confirm] = ["create", "run", "confirm"].map(Value::from);
    assert_eq!(
        told,
        [
            (record, &create),
            (record, &run),
            (record, &confirm),
            (denial, &run),
            (denial, &run)
        ]
    );
    assert_eq!(all[1]["previous"], all[0]["digest"]);
    assert_eq!(all[4]["account"], "4711");
    let text = format!("{all:?}");
    assert!(!text.contains("91234567"), "{text}");
    assert!(format!("{:?}", lines("--reveal --account 1001")).contains("91234567"));
    assert_eq!(lines("--until 1h"), Vec::<Value>::new());
}

#[test]
fn an_account_is_erased_after_it_was_confirmed() {
    let project = eventful();
    assert_snapshot!(project.run("account erase 1001"), @r"
    --- stderr ---
    error[C0001]: erasing cannot be undone, and there is nobody to ask
    hint: `stateward account erase 1001 --yes` asks nobody
    [exit status: 2]
    ");
    assert_snapshot!(project.run("account erase 1001 --yes"), @r"
    1001 is erased
        2 attributes removed
        3 journal records closed for good
    --- stderr ---
    hint: copies of the store that were made before still hold the account
    ");
    assert_snapshot!(project.run("account erase 1001"), @r"
    1001 was erased at 2026-11-22T08:00:00Z already
    ");
    assert_snapshot!(project.run("account show 1001"), @r"
    1001   revision 4   created 2026-11-22T08:00:00Z
    erased 2026-11-22T08:00:00Z: nothing can happen to it any more
    states
      deletion               none        since 2026-11-22T08:00:00Z
      directory              none        since 2026-11-22T08:00:00Z
      email_change           none        since 2026-11-22T08:00:00Z
      identity_verification  unverified  since 2026-11-22T08:00:00Z
      logon_email            virtual     since 2026-11-22T08:00:00Z
      member_type            resource    since 2026-11-22T08:00:00Z
      membership             member      since 2026-11-22T08:00:00Z
      mobile_phone           bound       since 2026-11-22T08:00:00Z
      notices                ready       since 2026-11-22T08:00:00Z
      profile                shown       since 2026-11-22T08:00:00Z
      root_access_key        none        since 2026-11-22T08:00:00Z
      root_user              disabled    since 2026-11-22T08:00:00Z
    attributes
      avatar_colour         blue
      country               SG
      display_name          payments
      join_method           created
      legal_entity          Example
      manager               1000
      manager_legal_entity  Example
      member_deletion       disabled
      path                  rd-3G/r-Wm/fd-A/1001
      site                  intl
    ");
    assert_snapshot!(project.run("account history 1001"), @r"
    1  2026-11-22T08:00:00Z  owner  create: applied
        (erased)
    2  2026-11-22T08:00:00Z  ram_user/ops-lin  run mobile_phone.bind: pending
        (erased)
    3  2026-11-22T08:00:00Z  ram_user/ops-lin  confirm mobile_phone.bind: applied
        (erased)
    4  2026-11-22T08:00:00Z  owner  erase: applied
        ! everything personal was erased
    refused, and changed nothing
      2026-11-22T08:00:00Z  ram_user/none  run mobile_phone.bind  D0003 by policy
    ");
    assert_snapshot!(project.run("--as ram_user/ops-lin run 1001 mobile_phone.bind -i phone=65-91234567"), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✗ account `1001` was erased
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 4 of 7, state: account `1001` was erased
      D0013
    --- stderr ---
    hint: `stateward explain D0013` tells more
    [exit status: 7]
    ");
    assert_snapshot!(project.create("1001").verdict(), @r"
    Denied at gate 4 of 7, state: account `1001` was erased
    ");
    assert_snapshot!(without_head(&project.run("audit verify").exits(0).stdout), @r"
    1 account, 4 records, 4 denials: everything holds together
    1 account erased: of these the chain was checked
    ");
    assert_snapshot!(project.run("audit replay"), @r"
    no record could be decided again
    3 records of erased accounts cannot be opened
    ");
    assert_snapshot!(project.run("account erase 4711 --yes"), @r"
    --- stderr ---
    error[C0008]: there is no account `4711`
    hint: `stateward account list` lists them
    [exit status: 2]
    ");
}
