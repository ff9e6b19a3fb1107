//! How messages go out, as the project file says.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{BIND, Project};

#[test]
fn the_file_courier_writes_one_object_per_message() {
    let project = Project::with_account();
    let yaml = "lifecycle: resource_account\ncourier: { kind: file, path: messages.jsonl }\n";
    project.write("stateward.yaml", yaml);
    let answer = project.run(BIND).exits(4);
    assert!(!answer.stderr.contains("sms to"), "{answer}");
    let lines = project.read("messages.jsonl");
    let message: Value = serde_json::from_str(lines.trim()).unwrap();
    assert_eq!(message["to"], "+6591234567");
    assert_eq!(message["by"], "sms");
    assert_eq!(message["message"], "verification_code");
    assert!(message["id"].as_str().unwrap().starts_with("msg_"));
    assert!(message["text"].as_str().unwrap().contains("your code"));
}

#[test]
fn without_a_courier_messages_wait() {
    let project = plain();
    project.create("1001").exits(0);
    assert_snapshot!(project.run(BIND).exits(4).stderr.replace(&attempt(&project), "att_X"), @r"
    hint: no courier is set up: messages wait; see `courier:` in stateward.yaml
    hint: `stateward confirm att_X` asks for the code; `--code-file FILE` reads it
    ");
    assert_snapshot!(project.run("pump"), @r"
    --- stderr ---
    error[C0011]: the courier for messages cannot be used: none is set up
    hint: see `courier:` in stateward.yaml
    [exit status: 1]
    ");
    project.replace("stateward.yaml", "# courier:", "courier:");
    assert_snapshot!(project.run("pump"), @"1 message delivered, 0 failed, 0 expired unsent");
    assert_eq!(project.read(".stateward/messages.jsonl").lines().count(), 1);
}

#[test]
fn a_courier_that_fails_loses_nothing() {
    let project = Project::with_account();
    let yaml = "lifecycle: resource_account\ncourier: { kind: file, path: no/such/folder }\n";
    project.write("stateward.yaml", yaml);
    let answer = project.run(BIND).exits(4);
    assert!(answer.stderr.contains("was not delivered"), "{answer}");
    assert!(
        answer.stderr.contains("`stateward pump` tries again"),
        "{answer}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_loses_nothing() {
    let project = Project::with_account();
    let yaml = "lifecycle: resource_account\ncourier: { kind: file, path: /dev/full }\n";
    project.write("stateward.yaml", yaml);
    let answer = project.run(BIND).exits(4);
    assert!(answer.stderr.contains("was not delivered"), "{answer}");
    let id = attempt(&project);
    project.write(
        "stateward.yaml",
        &yaml.replace("/dev/full", "messages.jsonl"),
    );
    project.run("pump").exits(0);
    assert!(
        !project.file("messages.jsonl").exists(),
        "a failed message waits before it is tried"
    );
    assert!(id.starts_with("att_"));
}

#[test]
fn secrets_come_from_files() {
    let project = Project::with_account();
    let courier = |text: &str| {
        let yaml = format!("lifecycle: resource_account\ncourier: {text}\n");
        project.write("stateward.yaml", &yaml);
        project.run("account list")
    };
    assert_snapshot!(courier("{ kind: webhook, url: https://x.example/, secret_file: s }"), @r"
    --- stderr ---
    error[C0007]: could not read $PROJECT/s: No such file or directory (os error 2)
    [exit status: 1]
    ");
    project.write("s", "short");
    assert_snapshot!(courier("{ kind: webhook, url: https://x.example/, secret_file: s }"), @r"
    --- stderr ---
    error[C0011]: the courier for sms cannot be used: a webhook's secret has at least 16 bytes
    hint: see `courier:` in stateward.yaml
    [exit status: 1]
    ");
    assert_snapshot!(courier("{ kind: smtp, host: mail.example, from: a@b.example, username: u }"), @r"
    --- stderr ---
    error[C0011]: the courier for sms cannot be used: `username` and `password_file` go together
    hint: see `courier:` in stateward.yaml
    [exit status: 1]
    ");
    assert_snapshot!(courier("{ kind: smtp, host: mail.example, from: a@b.example, password: p }"), @r"
    --- stderr ---
    error[W0106]: unknown key `password`
      ╭▸ stateward.yaml:2:63
      │
    2 │ courier: { kind: smtp, host: mail.example, from: a@b.example, password: p }
      │                                                               ━━━━━━━━
      ╰╴
    help: did you mean `password_file`?
      ╭╴
    2 │ courier: { kind: smtp, host: mail.example, from: a@b.example, password_file: p }
      ╰╴                                                                      +++++

    error[C0003]: stateward.yaml has 1 error
    [exit status: 1]
    ");
}

/// A project whose store is not for development.
fn plain() -> Project {
    let project = Project::empty().without_variables();
    project.run("init").exits(0);
    project
}

/// The open attempt of account 1001.
fn attempt(project: &Project) -> String {
    let document = project.run("attempt list -o json").exits(0).json();
    document["attempts"][0]["attempt"]
        .as_str()
        .unwrap()
        .to_owned()
}
