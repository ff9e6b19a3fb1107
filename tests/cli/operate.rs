//! Letting time pass and messages out.

use insta::assert_snapshot;

use crate::common::{BIND, Project};

#[test]
fn what_is_due_happens() {
    let mut project = Project::with_account();
    project.bind();
    assert_snapshot!(project.run("tick"), @"0 timers fired, 0 waiting for a condition");
    project.at("2026-11-22T08:31:00Z");
    assert_snapshot!(project.run("tick"), @r"
      1001  end of attempt att_bk1rqgqhk8b6dbg9
    1 timer fired, 0 waiting for a condition
    ");
    assert!(project.run("attempt list").stdout.is_empty());
    assert_eq!(
        project.run("tick -o json").exits(0).json()["fired"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn what_is_owed_is_reminded_of_once() {
    let mut project = Project::with_account();
    let (attempt, code) = project.bind();
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(0);
    project
        .run("--as ram_user/ops-lin run 1001 member_type.switch_to_cloud --ack root_risk")
        .exits(0);
    project.at("2026-11-23T08:01:00Z");
    assert_snapshot!(project.run("tick"), @r"
      1001  member_type.switch_to_resource is overdue
    1 timer fired, 0 waiting for a condition
    --- stderr ---
    sms to +6591234567: payments is still a cloud account. Switch it back if done.
    ");
    let shown = project.run("account show 1001").exits(0);
    assert!(
        shown
            .stdout
            .contains("member_type.switch_to_resource  overdue, was due"),
        "{shown}"
    );
    assert!(!project.run("tick").exits(0).stderr.contains("sms to"));
}

#[test]
fn there_may_be_nothing_to_send() {
    assert_snapshot!(Project::with_account().run("pump"), @"0 messages delivered, 0 failed, 0 expired unsent");
}

#[test]
fn answers_are_kept_for_as_long_as_the_project_says() {
    let mut project = Project::with_account();
    let config = project.read("stateward.yaml");
    project.write("stateward.yaml", &format!("{config}keep_answers: 2h\n"));
    let bind = format!("{BIND} --key k1 -o json");
    let first = project.run(&bind).exits(4).json();
    project.at("2026-11-22T09:59:59Z");
    assert_snapshot!(project.run("tick"), @r"
      1001  end of attempt att_bk1rqgqhk8b6dbg9
    1 timer fired, 0 waiting for a condition
    ");
    assert_eq!(
        project.run(&bind).exits(4).json()["attempt"],
        first["attempt"]
    );
    project.at("2026-11-22T10:00:00Z");
    assert_snapshot!(project.run("tick"), @r"
    0 timers fired, 0 waiting for a condition
    1 row removed that can have no effect any more
    ");
    let anew = project.run(&bind).exits(4).json();
    assert_ne!(anew["attempt"], first["attempt"], "a new request");
    project.at("2026-11-22T12:00:00Z");
    let swept = project.run("tick -o json").exits(0).json();
    assert_eq!(swept["swept"], 1, "{swept}");
}
