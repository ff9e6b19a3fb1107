//! The lifecycle as a picture.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn a_workflow_is_a_diagram_for_markdown() {
    let project = Project::new();
    assert_snapshot!(project.run("graph root_access_key"), @r#"
    ---
    title: "resource_account · root_access_key"
    ---
    stateDiagram-v2
        [*] --> none
        state "active ⚠" as active
        [*] --> active : invited, outside
        [*] --> inactive : invited, outside
        none --> active : create<br/>root_user<br/>✓ old_phone | old_email
        inactive --> active : activate<br/>root_user<br/>✓ old_phone | old_email
        active --> inactive : deactivate<br/>root_user
        active --> none : delete<br/>root_user
        inactive --> none : delete<br/>root_user
        classDef privileged stroke:#d97706,stroke-width:3px
        class active privileged
    "#);
}

#[test]
fn the_whole_lifecycle_shows_what_sets_off_what() {
    let whole = Project::new().run("graph").exits(0).stdout;
    assert!(
        whole.contains("state \"root_user\" as root_user {"),
        "{whole}"
    );
    assert!(
        whole.contains("member_type --> root_user : switch_to_cloud → enable, resume"),
        "{whole}"
    );
}

#[test]
fn the_ending_of_the_file_names_the_language() {
    let project = Project::new();
    assert_snapshot!(project.run("graph --out pictures/all.svg"), @r"
    wrote pictures/all.svg
    ");
    assert!(project.read("pictures/all.svg").starts_with("<svg "));
    project.run("graph --out all.gv").exits(0);
    assert!(project.read("all.gv").starts_with("digraph "));
    project.run("graph --out all.txt --format mermaid").exits(0);
    assert!(project.read("all.txt").contains("stateDiagram-v2"));
    assert_snapshot!(project.run("graph --out all.png"), @r"
    --- stderr ---
    error[C0001]: the ending of all.png names no language
    hint: end it in .svg, .dot, .gv, .mmd or .mermaid, or give `--format`
    [exit status: 2]
    ");
    assert_eq!(
        project.run("graph --format svg").exits(0).stdout,
        project.read("pictures/all.svg")
    );
}

#[test]
fn a_name_that_no_workflow_has_is_a_slip() {
    assert_snapshot!(Project::new().run("graph mobil_phone"), @r"
    --- stderr ---
    error[C0008]: there is no workflow `mobil_phone`
    hint: did you mean `mobile_phone`?
    [exit status: 2]
    ");
}

#[test]
fn an_account_stands_where_it_is_and_what_may_be_asked_next_stands_out() {
    let project = Project::with_account();
    assert_snapshot!(project.run("graph mobile_phone --account 1001"), @r#"
    ---
    title: "resource_account · mobile_phone · 1001"
    ---
    stateDiagram-v2
        [*] --> unbound
        [*] --> bound : invited, outside
        unbound --> bound : bind<br/>management_operator<br/>✓ number_to_bind<br/>add<br/>root_user<br/>✓ old_email, new_phone
        bound --> bound : change<br/>root_user<br/>✓ old_phone | old_email, new_phone
        classDef current fill:#2563eb,stroke:#1d4ed8,color:#fff
        class unbound current
    "#);
    assert_snapshot!(project.run("--as ram_user/ops-lin graph mobile_phone --account 1001"), @r#"
    ---
    title: "resource_account · mobile_phone · 1001"
    ---
    stateDiagram-v2
        [*] --> unbound
        [*] --> bound : invited, outside
        unbound --> bound : ➤ bind<br/>management_operator<br/>✓ number_to_bind
        unbound --> bound : add<br/>root_user<br/>✓ old_email, new_phone
        bound --> bound : change<br/>root_user<br/>✓ old_phone | old_email, new_phone
        classDef current fill:#2563eb,stroke:#1d4ed8,color:#fff
        class unbound current
    "#);
    // Nothing of it is for the root user while there is none that can log on.
    assert_snapshot!(project.run("graph mobile_phone --account 1001 --for root/1001"), @r#"
    ---
    title: "resource_account · mobile_phone · 1001"
    ---
    stateDiagram-v2
        [*] --> unbound
        [*] --> bound : invited, outside
        unbound --> bound : bind<br/>management_operator<br/>✓ number_to_bind<br/>add<br/>root_user<br/>✓ old_email, new_phone
        bound --> bound : change<br/>root_user<br/>✓ old_phone | old_email, new_phone
        classDef current fill:#2563eb,stroke:#1d4ed8,color:#fff
        class unbound current
    "#);
}

#[test]
fn a_step_whose_conditions_no_input_can_meet_is_not_among_the_next() {
    let project = Project::with_account();
    let next = |arguments: &str| {
        let document = project.run(arguments).exits(0).json();
        let workflows = document["workflows"].as_array().unwrap().clone();
        let steps = workflows.iter().flat_map(|workflow| {
            let steps = workflow["transitions"].as_array().unwrap().clone();
            steps.into_iter().filter(|it| it["next"] == true)
        });
        steps
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let operator = "--as ram_user/ops-lin graph --account 1001 -o json";
    assert_eq!(next(operator), ["start", "bind", "rename"]);
    project.replace(
        "workflows/resource_account/profile.yaml",
        "- check: len(input.display_name) >= 2",
        "- check: account.id == \"1002\" && len(input.display_name) >= 2",
    );
    assert_eq!(next(operator), ["start", "bind"]);
}

#[test]
fn whoever_may_not_read_the_account_learns_nothing_of_it() {
    let project = Project::with_account();
    let there = project.run("--as ram_user/none graph --account 1001");
    assert_snapshot!(there, @r"
    Denied at policy: no policy allows `resourcemanager:GetAccount` here
      D0003 · ImplicitDeny
    --- stderr ---
    hint: `stateward explain D0003` tells more
    [exit status: 3]
    ");
    let nowhere = project.run("--as ram_user/none graph --account 9009");
    assert_eq!(
        there.to_string().replace("1001", "9009"),
        nowhere.to_string()
    );
    let other = project.run("--as ram_user/none graph --account 1001 --for ram_user/ops-lin");
    assert_eq!(there.to_string(), other.to_string());
}

#[test]
fn scripts_read_what_a_picture_shows() {
    let project = Project::with_account();
    let answer =
        project.run("--as ram_user/ops-lin graph mobile_phone --account 1001 -o json --out p.svg");
    assert_snapshot!(answer, @r#"
    {
      "schema": "stateward/graph/v1",
      "title": "resource_account · mobile_phone · 1001",
      "about": "The number that receives verification codes and notices.",
      "workflows": [
        {
          "name": "mobile_phone",
          "about": "The number that receives verification codes and notices.",
          "states": [
            {
              "name": "unbound",
              "about": null,
              "initial": true,
              "begins": [],
              "final": false,
              "privileged": false,
              "current": true
            },
            {
              "name": "bound",
              "about": null,
              "initial": false,
              "begins": [
                "invited",
                "outside"
              ],
              "final": false,
              "privileged": false,
              "current": false
            }
          ],
          "transitions": [
            {
              "name": "bind",
              "from": "unbound",
              "to": "bound",
              "kind": "requested",
              "caller": "management_operator",
              "verify": [
                [
                  "number_to_bind"
                ]
              ],
              "triggered_by": [],
              "after": null,
              "next": true
            },
            {
              "name": "add",
              "from": "unbound",
              "to": "bound",
              "kind": "requested",
              "caller": "root_user",
              "verify": [
                [
                  "old_email"
                ],
                [
                  "new_phone"
                ]
              ],
              "triggered_by": [],
              "after": null,
              "next": false
            },
            {
              "name": "change",
              "from": "bound",
              "to": "bound",
              "kind": "requested",
              "caller": "root_user",
              "verify": [
                [
                  "old_phone",
                  "old_email"
                ],
                [
                  "new_phone"
                ]
              ],
              "triggered_by": [],
              "after": null,
              "next": false
            }
          ]
        }
      ],
      "links": [],
      "language": "svg",
      "drawing": null,
      "path": "p.svg"
    }
    "#);
}
