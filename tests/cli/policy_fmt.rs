//! Policies in their style.

use insta::assert_snapshot;

use crate::common::Project;

const UNTIDY: &str =
    "//! What it is for.\nallow [ \"ecs:Get*\",\n  \"ecs:List*\" ]when context.mfa??false;\n";

#[test]
fn the_policies_of_a_new_project_are_in_style() {
    let project = Project::new();
    assert_snapshot!(project.run("policy fmt --check"), @r"
    nothing to change in 13 files
    ");
}

#[test]
fn what_would_change_is_shown_and_then_changed() {
    let project = Project::new();
    project.write("policies/Untidy.rhai", UNTIDY);
    assert_snapshot!(project.run("policy fmt --check"), @r"
    in another style: policies/Untidy.rhai
    --- stderr ---
    hint: `stateward policy fmt` puts them into their style
    [exit status: 8]
    ");
    assert_snapshot!(project.run("policy fmt --diff"), @r#"
    --- a/policies/Untidy.rhai
    +++ b/policies/Untidy.rhai
    @@ -1,3 +1,2 @@
     //! What it is for.
    -allow [ "ecs:Get*",
    -  "ecs:List*" ]when context.mfa??false;
    +allow ["ecs:Get*", "ecs:List*"] when context.mfa ?? false;
    "#);
    assert_eq!(project.read("policies/Untidy.rhai"), UNTIDY);
    assert_snapshot!(project.run("policy fmt"), @"formatted policies/Untidy.rhai");
    assert_snapshot!(project.read("policies/Untidy.rhai"), @r#"
    //! What it is for.
    allow ["ecs:Get*", "ecs:List*"] when context.mfa ?? false;
    "#);
    assert_snapshot!(project.run("policy fmt policies/Untidy.rhai"), @"nothing to change in 1 file");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let nowhere = Project::empty();
    assert_snapshot!(nowhere.run_with("policy fmt -", UNTIDY), @r#"
    //! What it is for.
    allow ["ecs:Get*", "ecs:List*"] when context.mfa ?? false;
    "#);
    assert_snapshot!(nowhere.run_with("policy fmt - --check", UNTIDY), @r"
    in another style: (standard input)
    --- stderr ---
    hint: `stateward policy fmt` puts them into their style
    [exit status: 8]
    ");
    assert_snapshot!(nowhere.run_with("policy fmt - other.rhai", UNTIDY), @r"
    --- stderr ---
    error[C0001]: `-` stands alone
    [exit status: 2]
    ");
}

#[test]
fn what_is_no_policy_is_left_alone() {
    let project = Project::empty();
    project.write("broken.rhai", "allow   \"a:b\" whn context.mfa;\n");
    project.write("untidy.rhai", UNTIDY);
    assert_snapshot!(project.run("policy fmt broken.rhai untidy.rhai"), @r#"
    formatted untidy.rhai
    --- stderr ---
    error[P0101]: unknown clause `whn`
      ╭▸ broken.rhai:1:15
      │
    1 │ allow   "a:b" whn context.mfa;
      │               ━━━
      ╰╴
    help: did you mean `when`?
      ╭╴
    1 │ allow   "a:b" when context.mfa;
      ╰╴                +

    [exit status: 8]
    "#);
    assert!(project.read("broken.rhai").contains("allow   "));
    assert_snapshot!(project.run("policy fmt missing.rhai"), @r"
    --- stderr ---
    error[C0007]: could not read missing.rhai: No such file or directory (os error 2)
    [exit status: 1]
    ");
}

#[test]
fn scripts_read_what_was_done() {
    let project = Project::empty();
    project.write("untidy.rhai", "allow  all;\n");
    let answer = project.run("policy fmt untidy.rhai --check --diff -o json");
    assert_snapshot!(answer, @r#"
    {
      "schema": "stateward/policy-fmt/v1",
      "files": [
        {
          "path": "untidy.rhai",
          "style": "other",
          "diff": "--- a/untidy.rhai\n+++ b/untidy.rhai\n@@ -1 +1 @@\n-allow  all;\n+allow all;\n"
        }
      ],
      "findings": []
    }
    [exit status: 8]
    "#);
    let lines = project
        .run_with("policy fmt - -o jsonl", "allow  all;")
        .exits(0);
    assert_snapshot!(lines, @r#"{"schema":"stateward/policy-fmt-line/v1","path":"(standard input)","style":"formatted","text":"allow all;\n"}"#);
}
