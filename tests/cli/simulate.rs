//! Playing scenarios.

use std::fmt;

use insta::assert_snapshot;

use crate::common::{Answer, Project};

/// An answer with its times left out.
struct Timeless(Answer);

impl fmt::Display for Timeless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        text.lines().try_for_each(|line| {
            let units = [" µs", " ms", " s"];
            let took = units.iter().find_map(|unit| line.strip_suffix(unit));
            let kept =
                took.map(|line| line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'));
            writeln!(
                f,
                "{}{}",
                kept.unwrap_or(line),
                if took.is_some() { "_" } else { "" }
            )
        })
    }
}

fn simulate(project: &Project, arguments: &str) -> Timeless {
    Timeless(project.run(&format!("simulate {arguments}")))
}

#[test]
fn a_new_project_has_scenarios_that_go_as_they_say() {
    assert_snapshot!(simulate(&Project::new(), ""), @"");
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    assert_snapshot!(simulate(&project, "--store disk"), @"");
}

#[test]
fn every_step_is_told_on_request_and_what_is_personal_masked() {
    let project = Project::new();
    assert_snapshot!(simulate(&project, "change_a_number --verbose"), @"");
    let revealed = project.run("simulate change_a_number --verbose --reveal");
    assert!(revealed.stdout.contains("phone=+6598765432"), "{revealed}");
}

const WRONG: &str = r#"
about: What the author thought the rules were.
given:
  accounts:
    "1001":
      attributes:
        display_name: ra1
        country: SG
        path: rd-3G/r-Wm/fd-A/1001
        manager: "1000"
        email: 1001@rd-3g.virtual.example
steps:
  - run: mobile_phone.bind
    as: ram_user/full
    input: { phone: "+6591234567" }
  - confirm: number_to_bind
    expect: { outcome: applied, attributes: { phone: "+6598765432" } }
  - run: mobile_phone.bind
    as: ram_user/full
    input: { phone: "+6598765432" }
    expect: { waits_for: number_to_bind }
"#;

#[test]
fn what_goes_otherwise_is_shown_with_the_steps_up_to_it() {
    let project = Project::new();
    project.write("wrong.yaml", WRONG);
    assert_snapshot!(simulate(&project, "wrong.yaml"), @"");
    let mended = WRONG.replace("attributes: { phone: \"+6598765432\" }", "owed: []");
    project.write("wrong.yaml", &mended);
    assert_snapshot!(simulate(&project, "wrong.yaml"), @"");
}

#[test]
fn what_means_nothing_is_shown_at_its_place() {
    let project = Project::new();
    let misspelt = WRONG.replace("mobile_phone.bind", "mobile_phone.bnd");
    project.write("wrong.yaml", &misspelt);
    assert_snapshot!(simulate(&project, "wrong.yaml"), @"");
    assert_snapshot!(simulate(&project, "change_a_nmber"), @"");
}

#[test]
fn scripts_read_every_step() {
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    let answer = project
        .run("simulate join_pause_and_leave -o json")
        .exits(0);
    let json = answer.json();
    assert_eq!(json["schema"], "stateward/simulate/v1");
    let scenario = &json["scenarios"][0];
    assert_eq!(scenario["good"], true);
    let acts = scenario["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 6);
    assert_eq!(acts[0]["waits_for"], "address");
    assert_eq!(acts[0]["sent"][0]["to"], "l***@example.com");
    assert_eq!(acts[4]["moves"][0]["transition"], "subscription.resume");
    let lines = project.run("simulate -o jsonl").exits(0).stdout;
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn a_failure_is_an_exit_code() {
    let project = Project::new();
    project.write("wrong.yaml", WRONG);
    project.run("simulate wrong.yaml").exits(8);
    project.run("simulate wrong.yaml -o json").exits(8);
    project.run("simulate nothing.yaml").exits(2);
}
