//! Checking definitions.

use insta::assert_snapshot;

use crate::common::{Project, Watching};

const PHONE: &str = "workflows/resource_account/mobile_phone.yaml";

#[test]
fn the_shipped_definition_has_no_findings() {
    assert_snapshot!(Project::new().run("check"), @r"
    checked 12 workflows (38 states, 59 transitions), 13 policies: 0 errors, 0 warnings, 41 accepted
    ");
}

#[test]
fn a_mistyped_name_is_shown_where_it_is_with_what_was_meant() {
    let project = Project::new();
    project.replace(PHONE, "verify: [number_to_bind]", "verify: [number_to_bid]");
    assert_snapshot!(project.run("check"), @r"
    checked 28 files: 1 error, 0 warnings
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
    checked 28 files: 3 errors, 0 warnings
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

const ACCEPTED: &str = "workflows/resource_account/checks/accepted.yaml";

/// A project whose definition has one warning: a key is activated in silence.
fn with_a_warning() -> Project {
    let project = Project::new();
    project.replace(
        "workflows/resource_account/root_access_key.yaml",
        "    notify: [{ message: access_key_active, to: account.phone, by: sms }]\n",
        "",
    );
    project.replace(
        "workflows/resource_account/account.yaml",
        "  access_key_active: \"${account.display_name}: an AccessKey of its root user is active again.\"\n",
        "",
    );
    project
}

#[test]
fn a_warning_fails_nothing_unless_it_is_denied() {
    let project = with_a_warning();
    assert_snapshot!(project.run("check"), @r"
    checked 12 workflows (38 states, 59 transitions), 13 policies: 0 errors, 1 warning, 41 accepted
    --- stderr ---
    warning[A1004]: `root_access_key.activate` raises privilege without a word
       ╭▸ workflows/resource_account/root_access_key.yaml:20:3
       │
     8 │   active:   { privileged: true }
       │   ────── a privileged state
       ┆
    20 │   activate:
       │   ━━━━━━━━
       │
       ╰ help: let somebody acknowledge the risk, notify the account, or owe the way back with `restore:`

    hint: `stateward explain A1004` tells more
    hint: what is meant is accepted, with its reason, in workflows/resource_account/checks/accepted.yaml
    ");
    assert_snapshot!(project.run("check --deny warnings"), @r"
    checked 12 workflows (38 states, 59 transitions), 13 policies: 1 error, 0 warnings, 41 accepted
    --- stderr ---
    error[A1004]: `root_access_key.activate` raises privilege without a word
       ╭▸ workflows/resource_account/root_access_key.yaml:20:3
       │
     8 │   active:   { privileged: true }
       │   ────── a privileged state
       ┆
    20 │   activate:
       │   ━━━━━━━━
       │
       ╰ help: let somebody acknowledge the risk, notify the account, or owe the way back with `restore:`

    hint: `stateward explain A1004` tells more
    [exit status: 8]
    ");
    project.run("check --deny A1004").exits(8);
    project.run("check --deny A1005,A1006").exits(0);
    project.run("check --deny warnings --allow A1004").exits(0);
    assert_snapshot!(project.run("check --deny A104"), @r"
    --- stderr ---
    error[C0008]: there is no diagnostic code `A104`
    hint: did you mean `A1054`?
    [exit status: 2]
    ");
}

#[test]
fn a_warning_that_is_meant_is_accepted_with_its_reason() {
    let project = with_a_warning();
    let accepted = project.read(ACCEPTED);
    let line = "- { code: A1004, at: root_access_key.activate, because: nobody would read it }\n";
    project.write(ACCEPTED, &format!("{accepted}{line}"));
    assert_snapshot!(project.run("check --deny warnings"), @r"
    checked 12 workflows (38 states, 59 transitions), 13 policies: 0 errors, 0 warnings, 42 accepted
    ");
    let document = project.run("check -o json").exits(0).json();
    let findings = document["findings"].as_array().unwrap();
    let silent = findings.iter().find(|it| it["code"] == "A1004").unwrap();
    assert_eq!(silent["at"], "root_access_key.activate");
    assert_eq!(silent["accepted"], "nobody would read it");
    let many = findings
        .iter()
        .filter(|it| !it["accepted"].is_null())
        .count();
    assert_eq!(document["accepted"], many);
}

#[test]
fn what_is_accepted_has_to_be_there() {
    let project = Project::new();
    let vain = "\
- { code: A1004, at: root_access_key.activat, because: nobody would read it }
- { code: A1O04, because: a slip }
- { code: W0125, because: it loads without }
- { code: A1007, because: ' ' }
";
    project.write(ACCEPTED, vain);
    project.write("workflows/resource_account/checks/propertys.yaml", "[]\n");
    let answer = project.run("check").exits(8);
    let heads = answer.stderr.lines().filter(|line| line.contains("[W025"));
    assert_snapshot!(heads.collect::<Vec<_>>().join("\n"), @r"
    warning[W0251]: `root_access_key.activat` has no finding A1004
    error[W0252]: there is no code `A1O04`
    error[W0253]: `W0125` is not a finding that can be accepted
    error[W0254]: a finding is accepted without a reason
    warning[W0255]: nothing reads the file `propertys.yaml`
    ");
    let meant = "did you mean `root_access_key.activate`?";
    assert!(answer.stderr.contains(meant), "{answer}");
}

#[test]
fn code_scanning_reads_the_findings() {
    let project = with_a_warning();
    let log = project.run("check -o sarif").exits(0).json();
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .unwrap()
            .ends_with("sarif-schema-2.1.0.json")
    );
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "stateward");
    let rules = driver["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(
            !rules[index]["help"]["markdown"]
                .as_str()
                .unwrap()
                .is_empty()
        );
        let level = result["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level), "{level}");
        for location in result["locations"].as_array().unwrap() {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(project.file(uri).is_file(), "{uri}");
            let region = &physical["region"];
            let at = |key: &str| region[key].as_u64().unwrap();
            let (start, end) = (
                (at("startLine"), at("startColumn")),
                (at("endLine"), at("endColumn")),
            );
            assert!(start >= (1, 1) && end >= start, "{region}");
        }
        for accepted in result["suppressions"].as_array().into_iter().flatten() {
            assert_eq!(accepted["kind"], "external");
            assert!(!accepted["justification"].as_str().unwrap().is_empty());
        }
    }
    let open: Vec<_> = results
        .iter()
        .filter(|it| it["suppressions"].is_null())
        .collect();
    assert_eq!(open.len(), 1);
    assert_snapshot!(serde_json::to_string_pretty(open[0]).unwrap(), @r#"
    {
      "level": "warning",
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "workflows/resource_account/root_access_key.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 11,
              "endLine": 20,
              "startColumn": 3,
              "startLine": 20
            }
          }
        }
      ],
      "message": {
        "text": "`root_access_key.activate` raises privilege without a word\nlet somebody acknowledge the risk, notify the account, or owe the way back with `restore:`"
      },
      "relatedLocations": [
        {
          "message": {
            "text": "a privileged state"
          },
          "physicalLocation": {
            "artifactLocation": {
              "uri": "workflows/resource_account/root_access_key.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 9,
              "endLine": 8,
              "startColumn": 3,
              "startLine": 8
            }
          }
        }
      ],
      "ruleId": "A1004",
      "ruleIndex": 10
    }
    "#);
    assert_snapshot!(project.run("account list -o sarif"), @r#"
    {
      "schema": "stateward/error/v1",
      "code": "C0001",
      "message": "`-o sarif` is a form of findings: only `check` has it",
      "hints": [],
      "exit": 2
    }
    --- stderr ---
    error[C0001]: `-o sarif` is a form of findings: only `check` has it
    [exit status: 2]
    "#);
}

#[test]
fn a_definition_that_does_not_load_is_a_log_too() {
    let project = Project::new();
    project.replace(PHONE, "initial: unbound", "initial: unbond");
    let log = project.run("check -o sarif").exits(8).json();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "W0128");
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(
        change["replacements"][0]["insertedContent"]["text"],
        "unbound"
    );
}

#[test]
fn watching_checks_after_every_change() {
    let project = Project::new();
    let mut watching = Watching::start(&project, &["check", "--watch"]);
    watching.until("0 errors, 0 warnings");
    project.replace(PHONE, "initial: unbound", "initial: unbond");
    watching.until("error[W0128]");
    project.replace(PHONE, "initial: unbond", "initial: unbound");
    watching.until("0 errors, 0 warnings");
    let answer = project.run("check --watch -o sarif").exits(2);
    let says = "error[C0001]: `--watch` answers many times, and `-o sarif` once: take `-o jsonl`\n";
    assert_eq!(answer.stderr, says);
}

#[test]
fn what_a_way_shows_is_told_step_by_step_and_written_as_a_scenario() {
    let project = Project::new();
    project.replace(PHONE, "    verify: [number_to_bind]\n", "");
    let account = "workflows/resource_account/account.yaml";
    let verification = [
        "  number_to_bind:",
        "    about: Binding from the console. Only the account's own daily quota limits it.",
        "    code: sms",
        "    to: input.phone",
        "",
    ];
    project.replace(account, &verification.join("\n"), "");
    let answer = project.run("check --scenarios found");
    let says = "`mobile_phone.bind` changes `phone` without any proof";
    assert!(answer.stderr.contains(says), "{answer}");
    assert!(answer.stderr.contains(": mobile_phone.bind\n"), "{answer}");
    let document = project.run("check -o json").json();
    let findings = document["findings"].as_array().unwrap();
    let is_it = |it: &&serde_json::Value| it["code"] == "A1002" && it["at"] == "mobile_phone.bind";
    let unproved = findings.iter().find(is_it).unwrap();
    let steps = unproved["way"]["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["transition"], "mobile_phone.bind");
    let scenario = project.read("found/a1002-mobile_phone.bind.yaml");
    assert!(
        scenario.contains("A1002: `mobile_phone.bind`"),
        "{scenario}"
    );
    assert!(scenario.contains("run: mobile_phone.bind"), "{scenario}");
}
