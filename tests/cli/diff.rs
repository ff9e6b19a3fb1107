//! What a change of the whole definition does, and whom it would have answered otherwise.

use std::path::Path;

use insta::assert_snapshot;

use crate::common::{BIND, Project};

#[test]
fn a_definition_does_not_differ_from_itself() {
    let project = Project::new();
    let answer = project.run("diff . --deny-weakening").exits(0);
    let counts = answer.stdout.lines().last();
    let none = "0 weakenings, 0 that may be one, 0 strengthenings, 0 other changes";
    assert_eq!(counts, Some(none));
}

#[test]
fn a_weakening_can_fail_the_build() {
    let project = Project::new();
    assert_snapshot!(project.run("diff @2024-05 @2025-12 --deny-weakening"), @r#"
    resource_account 2024-05 -> 2025-12

    weakened
      mobile_phone.modify: a new transition [A2002]
          from bound to bound
          sets phone
          demands number_to_bind
          `mobile_phone.change` sets the same and demands old_phone or old_email, then new_phone
          workflows/resource_account/editions/2025-12/mobile_phone.yaml:27:3
      mobile_phone.bind: is made where it was refused [A2005]
          when state.member_type = cloud
          - state.member_type == "resource"
          workflows/resource_account/mobile_phone.yaml:20:16 -> workflows/resource_account/editions/2025-12/mobile_phone.yaml:9:3
      mobile_phone.modify: can be asked for in bound, as `management_operator`, by ram_user/full, ram_user/ops-lin, ram_user/ra1-admin [A2018]
          under a condition by ram_user/alice
          workflows/resource_account/editions/2025-12/mobile_phone.yaml:27:3

    changed
      lifecycle resource_account: is edition 2025-12, after 2024-05 [A2017]

    3 weakenings, 0 that may be one, 0 strengthenings, 1 other change
    --- stderr ---
    hint: `stateward explain A2002` tells more
    [exit status: 8]
    "#);
}

/// The page shows what the program says.
#[test]
fn the_page_on_editions_shows_this() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/editions.md");
    let page = std::fs::read_to_string(page).unwrap();
    let project = Project::new();
    let answer = project.run("diff @2024-05 @2025-12").exits(0).stdout;
    assert!(
        page.contains(answer.trim_end()),
        "docs/editions.md does not show:\n{answer}"
    );
}

#[test]
fn the_other_way_round_it_is_a_strengthening() {
    let project = Project::new();
    let answer = project
        .run("diff @2025-12 @2024-05 --deny-weakening")
        .exits(0);
    assert_snapshot!(answer, @r#"
    resource_account 2025-12 -> 2024-05

    strengthened
      mobile_phone.modify: it is gone [A2001]
          from bound to bound
          workflows/resource_account/editions/2025-12/mobile_phone.yaml:27:3 (gone)
      mobile_phone.bind: is refused where it was made [A2005]
          when state.member_type = cloud
          + state.member_type == "resource"
          workflows/resource_account/editions/2025-12/mobile_phone.yaml:9:3 -> workflows/resource_account/mobile_phone.yaml:20:16

    changed
      lifecycle resource_account: is edition 2024-05, after 2025-12 [A2017]

    0 weakenings, 0 that may be one, 2 strengthenings, 1 other change
    --- stderr ---
    hint: `stateward explain A2001` tells more
    "#);
}

#[test]
fn recorded_requests_are_decided_again() {
    let project = Project::with_account();
    project.run(BIND).exits(4);
    let records = project.run("account history 1001 -o json").json();
    let fingerprint = records["records"][0]["bundle"].as_str().unwrap();
    let kept = format!("store:{}", &fingerprint[..8]);
    // Under the later edition, the same requests get the same answers;
    let journal = |command: &str| project.run(command).exits(0).json()["journal"].clone();
    assert_snapshot!(journal("diff . @2025-12 --journal -o json"), @r#"
    {"changed":[],"requests":2,"same":2,"unknown":[]}
    "#);
    // under a rule that this operator does not pass, they do not.
    project.replace(
        "workflows/resource_account/account.yaml",
        "    kinds: [ram_user, ram_role]\n    of: account.manager",
        "    kinds: [ram_role]\n    of: account.manager",
    );
    let answer = project.run(&format!("diff {kept} --journal")).exits(0);
    let (_, told) = answer.stdout.split_once('\n').unwrap();
    assert_snapshot!(told, @r"

    strengthened
      caller management_operator: is ram_role, not ram_user, ram_role [A2013]
          workflows/resource_account/account.yaml:78:3

    2 recorded requests, decided again under the new definition
      1001 revision 2, 2026-11-22T08:00:00Z: run mobile_phone.bind by ram_user/ops-lin
          pending for number_to_bind, step 1 of 1 -> denied by caller (D0004): the principal is not `management_operator` of account `1001`, or there is no such account
      1 with another answer, 1 with the same, 0 that cannot be told

    0 weakenings, 0 that may be one, 1 strengthening, 0 other changes
    ");
    let store = project.file(".stateward/store.redb");
    let named = journal(&format!(
        "diff {kept} --journal={} -o json",
        store.display()
    ));
    assert_eq!(named["changed"][0]["now"]["denial"]["code"], "D0004");
    // Longer codes are a change that no recorded answer shows.
    let file = "workflows/resource_account/account.yaml";
    project.replace(file, "kinds: [ram_role]\n", "kinds: [ram_user, ram_role]\n");
    project.replace(
        file,
        "to: input.phone\n  directory_phone",
        "to: input.phone\n    digits: 8\n  directory_phone",
    );
    let document = project
        .run(&format!("diff {kept} --journal -o json"))
        .json();
    assert_eq!(document["changes"][0]["code"], "A2012");
    assert_eq!(document["journal"]["same"], 2);
}

#[test]
fn what_is_not_there_is_named() {
    let project = Project::new();
    assert_snapshot!(project.run("diff @2023-01"), @r"
    --- stderr ---
    error[C0008]: there is no edition `2023-01`
    hint: `resource_account` has 2024-05, 2025-12
    [exit status: 2]
    ");
    assert_snapshot!(project.run("diff store:abc"), @r"
    --- stderr ---
    error[C0008]: there is no kept definition `abc`
    hint: the store keeps a definition with its first decision
    [exit status: 2]
    ");
    let other = Project::empty();
    other.run("init --dev --lifecycle newsletter").exits(0);
    let path = other.path().display().to_string();
    assert_snapshot!(project.run(&format!("diff {path}")), @r"
    --- stderr ---
    error[C0001]: `newsletter` and `resource_account` are two lifecycles, not editions of one
    [exit status: 2]
    ");
}

#[test]
fn a_project_may_run_another_edition() {
    let project = Project::new();
    project.replace(
        "stateward.yaml",
        "lifecycle: resource_account\n",
        "lifecycle: resource_account\nedition: 2025-12\n",
    );
    // It breaks a property that is stated of all editions, and nothing that it does not accept.
    let found = project.run("check -o json").exits(8).json();
    let findings = found["findings"].as_array().unwrap();
    let of_error: Vec<_> = findings
        .iter()
        .filter(|it| it["severity"] == "error")
        .collect();
    assert_eq!((of_error.len(), &of_error[0]["code"]), (1, &"A0051".into()));
    assert_eq!(
        (&found["errors"], &found["warnings"]),
        (&1.into(), &0.into())
    );
    assert_eq!(found["edition"], "2025-12");
    project.create("1001").exits(0);
    project.run(BIND).exits(4);
    // The workbench keeps to it as well.
    assert_snapshot!(project.run("policy diff @2024-05"), @r"
    gained (widened)
      + ram_user/alice  resourcemanager:BindSecureMobilePhone   mobile_phone.modify
          when account.path = rd-3G/r-Wm/fd-A/x
      + root of the account  resourcemanager:BindSecureMobilePhone   mobile_phone.modify
          when account.manager = account
    may be gained
      + ram_user/alice  resourcemanager:BindSecureMobilePhone   mobile_phone.modify
          when account.path is any other
      + root of the account  resourcemanager:BindSecureMobilePhone   mobile_phone.modify
          when account.manager is any other
    4 gains, 0 losses, 0 changed statements
    ");
}
