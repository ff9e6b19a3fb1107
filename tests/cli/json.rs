//! One JSON document on every way out.

use insta::assert_snapshot;

use crate::common::{BIND, Project};

#[test]
fn failures_are_documents() {
    let project = Project::with_account();
    assert_snapshot!(project.run("account show 1999 -o json"), @r#"
    {
      "schema": "stateward/error/v1",
      "code": "C0008",
      "message": "there is no account `1999`",
      "hints": [
        "`stateward account list` lists them"
      ],
      "exit": 2
    }
    --- stderr ---
    error[C0008]: there is no account `1999`
    hint: `stateward account list` lists them
    [exit status: 2]
    "#);
    let cases = [
        ("-o json chek", 2, "C0001"),
        ("account list --limit x -o json", 2, "C0001"),
        ("--as ram_user/nobody account show 1001 -o json", 2, "C0008"),
        ("run 1001 mobile_phone.bind -o json", 2, "C0010"),
        ("-C nowhere account list -o json", 1, "C0002"),
        ("explain X0000 -o json", 2, "C0008"),
    ];
    for (command, exit, code) in cases {
        let document = project.run(command).exits(exit).json();
        assert_eq!(document["schema"], "stateward/error/v1", "{command}");
        assert_eq!(document["code"], code, "{command}");
        assert_eq!(document["exit"], exit, "{command}");
    }
}

#[test]
fn a_definition_that_does_not_load_is_a_document_with_its_findings() {
    let project = Project::with_account();
    let phone = "workflows/resource_account/mobile_phone.yaml";
    project.replace(phone, "initial: unbound", "initial: unbond");
    let document = project.run(&format!("{BIND} -o json")).exits(8).json();
    assert_eq!(document["code"], "C0009");
    assert_eq!(document["findings"][0]["place"]["path"], phone);
}

#[test]
fn every_document_names_its_schema() {
    let project = Project::with_account();
    project.bind();
    let commands = [
        ("account list", "stateward/account-list/v1"),
        ("account show 1001", "stateward/account/v1"),
        ("account history 1001", "stateward/history/v1"),
        ("attempt list", "stateward/attempt-list/v1"),
        ("check", "stateward/check/v1"),
        ("explain --all", "stateward/code-list/v1"),
        ("explain D0003", "stateward/explain/v1"),
        ("init --dev", "stateward/init/v1"),
        ("policy diff .", "stateward/policy-diff/v1"),
        ("policy list", "stateward/policy-list/v1"),
        ("policy show DirectoryInvitee", "stateward/policy/v1"),
        (
            "policy who-can mobile_phone.bind",
            "stateward/policy-who-can/v1",
        ),
        (
            "policy why mobile_phone.bind --as ram_user/ro",
            "stateward/policy-why/v1",
        ),
        ("pump", "stateward/pump/v1"),
        ("quota show 1001", "stateward/quota-list/v1"),
        ("tick", "stateward/tick/v1"),
    ];
    let known = project.run("schema").exits(0).stdout;
    for (command, schema) in commands {
        let document = project.run(&format!("{command} -o json")).exits(0).json();
        assert_eq!(document["schema"], schema, "{command}");
        assert!(
            known.contains(schema.trim_start_matches("stateward/")),
            "{schema}"
        );
        project.run(&format!("{command} -o jsonl")).exits(0);
    }
}

#[test]
fn documents_are_as_their_schemas_say() {
    let project = Project::with_account();
    project.bind();
    for (command, name) in [("account show 1001", "account/v1"), ("tick", "tick/v1")] {
        let document = project.run(&format!("{command} -o json")).exits(0).json();
        let schema = project.run(&format!("schema {name}")).exits(0).json();
        let properties = schema["properties"].as_object().unwrap();
        for key in document.as_object().unwrap().keys() {
            assert!(properties.contains_key(key), "{name} has no {key}");
        }
        for key in schema["required"].as_array().unwrap() {
            assert!(
                document.get(key.as_str().unwrap()).is_some(),
                "{name} lacks {key}"
            );
        }
    }
}
