//! Checking definitions.

use insta::assert_snapshot;

use crate::common::Project;

const PHONE: &str = "workflows/resource_account/mobile_phone.yaml";

#[test]
fn the_shipped_definition_has_no_findings() {
    assert_snapshot!(Project::new().run("check"), @"checked 9 workflows (23 states, 31 transitions), 12 policies: 0 errors, 0 warnings");
}

#[test]
fn a_mistyped_name_is_shown_where_it_is_with_what_was_meant() {
    let project = Project::new();
    project.replace(PHONE, "verify: [number_to_bind]", "verify: [number_to_bid]");
    assert_snapshot!(project.run("check"), @r"
    checked 24 files: 1 error, 0 warnings
    --- stderr ---
    error[W0125]: unknown verification `number_to_bid`
       ╭▸ workflows/resource_account/mobile_phone.yaml:26:14
       │
    26 │     verify: [number_to_bid]
       │              ━━━━━━━━━━━━━ not among `verifications:` in account.yaml
       ╰╴
    help: did you mean `number_to_bind`?
       ╭╴
    26 │     verify: [number_to_bind]
       ╰╴                         +

    hint: `stateward explain W0125` tells more
    [exit status: 8]
    ");
}

#[test]
fn several_mistakes_are_reported_in_one_run() {
    let project = Project::new();
    project.replace(
        PHONE,
        "caller: management_operator",
        "caller: management_operater",
    );
    project.replace(
        PHONE,
        "check: state.member_type ==",
        "check: state.member_typ ==",
    );
    project.replace(PHONE, "message: phone_bound", "message: phone_found");
    assert_snapshot!(project.run("check"), @r#"
    checked 24 files: 3 errors, 0 warnings
    --- stderr ---
    error[W0124]: unknown caller `management_operater`
       ╭▸ workflows/resource_account/mobile_phone.yaml:16:13
       │
    16 │     caller: management_operater
       │             ━━━━━━━━━━━━━━━━━━━ not among `callers:` in account.yaml
       ╰╴
    help: did you mean `management_operator`?
       ╭╴
    16 -     caller: management_operater
    16 +     caller: management_operator
       ╰╴

    error[W0302]: `state` has no `member_typ`
       ╭▸ workflows/resource_account/mobile_phone.yaml:20:22
       │
    20 │       - check: state.member_typ == "resource"
       │                      ━━━━━━━━━━
       ╰╴
    help: did you mean `member_type`?
       ╭╴
    20 │       - check: state.member_type == "resource"
       ╰╴                               +

    error[W0126]: unknown message `phone_found`
       ╭▸ workflows/resource_account/mobile_phone.yaml:28:25
       │
    28 │     notify: [{ message: phone_found, to: input.phone, by: sms }]
       │                         ━━━━━━━━━━━ not among `messages:` in account.yaml
       ╰╴
    help: did you mean `phone_bound`?
       ╭╴
    28 -     notify: [{ message: phone_found, to: input.phone, by: sms }]
    28 +     notify: [{ message: phone_bound, to: input.phone, by: sms }]
       ╰╴

    hint: `stateward explain W0124` tells more
    [exit status: 8]
    "#);
}

#[test]
fn a_definition_with_errors_decides_nothing() {
    let project = Project::with_account();
    project.replace(PHONE, "initial: unbound", "initial: unbond");
    assert_snapshot!(project.run("account show 1001"), @r"
    --- stderr ---
    error[W0128]: unknown state `unbond`
      ╭▸ workflows/resource_account/mobile_phone.yaml:6:10
      │
    6 │ initial: unbond
      │          ━━━━━━ not among `states:` of `mobile_phone`
      ╰╴
    help: did you mean `unbound`?
      ╭╴
    6 │ initial: unbound
      ╰╴             +

    error[C0009]: the definition has 1 error
    hint: `stateward check` shows them all
    [exit status: 8]
    ");
}

#[test]
fn findings_are_data_too() {
    let project = Project::new();
    project.replace(PHONE, "initial: unbound", "initial: unbond");
    let answer = project.run("check -o json").exits(8);
    assert!(answer.stderr.is_empty(), "{answer}");
    let document = answer.json();
    assert_eq!(document["schema"], "stateward/check/v1");
    assert_eq!(document["errors"], 1);
    let finding = &document["findings"][0];
    assert_eq!(finding["place"]["path"], PHONE);
    assert_eq!(finding["suggestion"]["replacement"], "unbound");
    let lines = project.run("check -o jsonl").exits(8);
    assert!(
        lines
            .stdout
            .starts_with("{\"schema\":\"stateward/finding/v1\""),
        "{lines}"
    );
}

#[test]
fn a_directory_can_be_named() {
    let project = Project::empty();
    project.run("init --dev somewhere").exits(0);
    project.run("check somewhere").exits(0);
    assert_snapshot!(project.run("check nowhere"), @r"
    --- stderr ---
    error[C0002]: there is no stateward.yaml in nowhere
    hint: `stateward init` makes a project here; `--project DIR` names one
    [exit status: 1]
    ");
}

#[test]
fn hostile_files_are_errors_and_nothing_worse() {
    let project = Project::new();
    let deep = format!("workflow: mobile_phone\nabout: {}\n", "[".repeat(100_000));
    let aliases = "workflow: &a mobile_phone\nabout: *a\n".to_owned();
    for text in [deep, aliases, "\u{0}".to_owned(), String::new()] {
        project.write(PHONE, &text);
        project.run("check").exits(8);
    }
    for script in [
        "loop {}",
        "let x = \"a\"; loop { x += x; }",
        "fn f() { f() } f();",
        "allow",
    ] {
        project.write("policies/Hostile.rhai", script);
        project.run("check").exits(8);
    }
    std::fs::write(project.file(PHONE), [0xff, 0xfe]).unwrap();
    assert_snapshot!(project.run("check"), @r"
    --- stderr ---
    error[C0007]: $PROJECT/workflows/resource_account/mobile_phone.yaml is not UTF-8 text
    [exit status: 1]
    ");
}
