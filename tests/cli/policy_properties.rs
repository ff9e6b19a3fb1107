//! Testing policies with properties.

use std::fmt;

use insta::assert_snapshot;

use crate::common::{Answer, Project};

/// An answer without its last lines, which tell how long it took.
struct Findings(Answer);

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let is_time = |line: &&str| {
            [" decisions in", " requests in"]
                .iter()
                .any(|it| line.contains(it))
        };
        let mut lines = text.lines().filter(|line| !is_time(line));
        lines.try_for_each(|line| {
            // What follows the verdict of a section is its time.
            let line = line.split_once("  ok  ").map_or(line, |(head, _)| head);
            let line = line.split_once(" failed  ").map_or(line, |(head, _)| head);
            writeln!(f, "{}", line.trim_end())
        })
    }
}

/// Tries the properties of a project in which one is stated.
fn test(stated: &str, arguments: &str) -> Findings {
    let project = Project::new();
    project.write("policies/properties/stated.rhai", stated);
    Findings(project.run(&format!("policy test {arguments}")))
}

#[test]
fn what_breaks_a_property_is_a_case_to_paste() {
    let stated = "never(\"a visitor is allowed anything\",\n    \
                  |r| r.principal.kind == \"visitor\",\n    |r| r.allowed);\n";
    assert_snapshot!(test(stated, "--filter visitor"), @r#"
      policies/tests/accounts.yaml  5 cases
      policies/properties           2 properties  1
    --- stderr ---
    hint: policies/properties/regressions.txt keeps what broke them: commit it, and it is tried first
    error[P0425]: "a visitor is allowed anything" does not hold
      ╭▸ policies/properties/stated.rhai:3:9
      │
    3 │     |r| r.allowed);
      │         ━━━━━━━━━ allowed (true)
      │
      ⸬  policies/LogonPage.rhai:5:1
      │
    5 │ allow ["account:RetrievePassword", "account:ConfirmEmail"];
      │ ────────────────────────────────────────────────────────── this is what decides: Allow
      │
      ╰ help: the request, as a case:
                - name: a visitor is allowed anything
                  principal: visitor/ra2
                  action: account:ConfirmEmail
                  resource: acs:account:*:*:a
                  expect: deny


    [exit status: 8]
    "#);
}

#[test]
fn what_is_misspelt_is_told_before_anything_is_tried() {
    let stated = "never(\"a visitor is allowed anything\", |r| r.principal.knd == \"visitor\" && r.alowed);\n";
    assert_snapshot!(test(stated, "--filter visitor"), @r#"
      policies/tests/accounts.yaml  5 cases
      policies/properties           not run  2 errors
    --- stderr ---
    error[W0302]: `principal` has no `knd`
      ╭▸ policies/properties/stated.rhai:1:56
      │
    1 │ never("a visitor is allowed anything", |r| r.principal.knd == "visitor" && r.alowed);
      │                                                        ━━━
      ╰╴
    help: did you mean `kind`?
      ╭╴
    1 │ never("a visitor is allowed anything", |r| r.principal.kind == "visitor" && r.alowed);
      ╰╴                                                        +

    error[W0302]: there is no name `alowed`
      ╭▸ policies/properties/stated.rhai:1:78
      │
    1 │ never("a visitor is allowed anything", |r| r.principal.knd == "visitor" && r.alowed);
      │                                                                              ━━━━━━
      ╰╴
    help: did you mean `allowed`?
      ╭╴
    1 │ never("a visitor is allowed anything", |r| r.principal.knd == "visitor" && r.allowed);
      ╰╴                                                                               +

    [exit status: 8]
    "#);
}

#[test]
fn a_seed_is_kept_and_tried_first() {
    let project = Project::new();
    let stated = "never(\"a visitor is allowed anything\",\n    \
                  |r| r.principal.kind == \"visitor\" && r.allowed);\n";
    project.write("policies/properties/stated.rhai", stated);
    project.run("policy test --filter visitor").exits(8);
    let kept = project.read("policies/properties/regressions.txt");
    assert_eq!(
        kept.lines().filter(|line| line.starts_with("cc ")).count(),
        1,
        "{kept}"
    );
    // No request is made up, and it is found all the same.
    project
        .run("policy test --filter visitor --requests 0")
        .exits(8);
    assert_eq!(project.read("policies/properties/regressions.txt"), kept);
}

#[test]
fn files_of_properties_can_be_chosen_and_all_can_be_left_out() {
    let project = Project::new();
    assert_snapshot!(Findings(project.run("policy test platform.rhai")), @r"
      policies/properties  4 properties
    ");
    assert_snapshot!(Findings(project.run("policy test --no-properties")), @r"
    policies/tests/accounts.yaml    39 cases
    policies/tests/directory.yaml   45 cases
    policies/tests/members.yaml     12 cases
    policies/snapshots/matrix.snap  740 decisions
    ");
    assert_snapshot!(project.run("policy test platform.rhai --no-properties"), @r"
    --- stderr ---
    error[C0008]: there is no file of cases or properties `platform.rhai`
    hint: without a file, all of them are run
    [exit status: 2]
    ");
}

#[test]
fn seeds_that_cannot_be_read_are_not_written_over() {
    let project = Project::new();
    let path = project.file("policies/properties/regressions.txt");
    std::fs::write(&path, [0xff]).unwrap();
    project.run("policy test --requests 1").exits(1);
    assert_eq!(std::fs::read(&path).unwrap(), [0xff]);
}

#[test]
fn every_set_of_policies_is_tried_from_any_seed() {
    let project = Project::new();
    project
        .run("policy test --seed random --requests 50 -v")
        .exits(0);
    project.run("policy test --seed 7 --requests 50").exits(0);
    project.run("policy test --seed seven").exits(2);
}
