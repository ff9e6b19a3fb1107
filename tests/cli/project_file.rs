//! The project file.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn mistakes_are_shown_where_they_are() {
    let project = Project::new();
    project.replace("stateward.yaml", "lifecycle:", "lifecycel:");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[W0106]: unknown key `lifecycel`
      ╭▸ stateward.yaml:2:1
      │
    2 │ lifecycel: resource_account
      │ ━━━━━━━━━
      ╰╴
    help: did you mean `lifecycle`?
      ╭╴
    2 - lifecycel: resource_account
    2 + lifecycle: resource_account
      ╰╴

    error[C0003]: stateward.yaml has 1 error
    [exit status: 1]
    ");
    project.write("stateward.yaml", "lifecycle: Resource Account\n");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[W0110]: `Resource Account` is not a valid name
      ╭▸ stateward.yaml:1:12
      │
    1 │ lifecycle: Resource Account
      │            ━━━━━━━━━━━━━━━━
      │
      ╰ help: use snake_case: a lower-case letter, then at most 63 of a-z, 0-9 and _

    error[C0003]: stateward.yaml has 1 error
    [exit status: 1]
    ");
    project.write(
        "stateward.yaml",
        "lifecycle: x\ncourier: { kind: pigeon }\n",
    );
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[W0108]: `pigeon` is not one of the words known here
      ╭▸ stateward.yaml:2:18
      │
    2 │ courier: { kind: pigeon }
      │                  ━━━━━━
      │
      ╰ help: known here: `console`, `file`, `smtp`, `webhook`

    error[C0003]: stateward.yaml has 1 error
    [exit status: 1]
    ");
}

#[test]
fn answers_cannot_be_kept_too_shortly_to_be_of_use() {
    let project = Project::new();
    let file = "lifecycle: resource_account\nkeep_answers: 30s\n";
    project.write("stateward.yaml", file);
    assert_snapshot!(project.run("account list"), @r#"
    --- stderr ---
    error[W0108]: expected a length of time of at least 1m, such as 30m, 24h or 14d, found the text "30s"
      ╭▸ stateward.yaml:2:15
      │
    2 │ keep_answers: 30s
      ╰╴              ━━━ not a length of time of at least 1m, such as 30m, 24h or 14d

    error[C0003]: stateward.yaml has 1 error
    [exit status: 1]
    "#);
}

#[test]
fn a_lifecycle_that_is_not_there_is_named() {
    let project = Project::new();
    project.write("stateward.yaml", "lifecycle: other\n");
    assert_snapshot!(project.run("check"), @r"
    --- stderr ---
    error[C0007]: could not read $PROJECT/workflows/other: No such file or directory (os error 2)
    [exit status: 1]
    ");
}

#[test]
fn its_form_has_a_schema() {
    let project = Project::empty();
    let schema = project.run("schema project").exits(0).json();
    assert_eq!(schema["title"], "stateward.yaml");
    assert_eq!(schema["additionalProperties"], false);
    let names = project.run("schema").exits(0);
    assert_snapshot!(names.stdout, @r"
    project
    lifecycle
    properties
    cases
    scenario
    account/v1
    account-list/v1
    attempt-list/v1
    audit-denial/v1
    audit-list/v1
    audit-record/v1
    audit-replay/v1
    audit-verify/v1
    check/v1
    code-list/v1
    run/v1
    demo/v1
    diff/v1
    erasure/v1
    error/v1
    explain/v1
    generate/v1
    graph/v1
    history/v1
    init/v1
    policy-fmt/v1
    policy-import/v1
    policy-matrix/v1
    policy-pending/v1
    plan/v1
    policy/v1
    policy-diff/v1
    policy-export/v1
    policy-list/v1
    policy-who-can/v1
    policy-why/v1
    policy-test/v1
    policy-reference/v1
    policy-answer/v1
    pump/v1
    quota-list/v1
    simulate/v1
    store-backup/v1
    store-compact/v1
    store-info/v1
    store-migrate/v1
    store-restore/v1
    takeover/v1
    tick/v1
    why/v1
    ");
    for name in names.stdout.lines() {
        project.run(&format!("schema {name}")).exits(0).json();
    }
    assert_snapshot!(project.run("schema rum/v1"), @r"
    --- stderr ---
    error[C0008]: there is no schema `rum/v1`
    hint: did you mean `run/v1`?
    [exit status: 2]
    ");
}
