//! Streams that are closed or full, and colour.

use std::process::Stdio;

use crate::common::Project;

#[cfg(unix)]
#[test]
fn whoever_has_read_enough_ends_it_quietly() {
    let project = Project::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = project
        .command()
        .args(["explain", "--all"])
        .stdout(writer)
        .output()
        .unwrap();
    let answer = project.answer(&output);
    assert!(answer.stderr.is_empty(), "{answer}");
    answer.exits(0);
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let project = Project::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = project
        .command()
        .args(["explain", "--all"])
        .stdout(full)
        .output()
        .unwrap();
    let answer = project.answer(&output).exits(1);
    assert!(
        answer
            .stderr
            .starts_with("error[C0013]: could not write the answer"),
        "{answer}"
    );
}

#[test]
fn colour_is_for_those_who_take_it() {
    let project = Project::new();
    let shown = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = project.command();
        command
            .env_remove("NO_COLOR")
            .args(arguments)
            .envs(variables.iter().copied());
        let output = command.stdin(Stdio::null()).output().unwrap();
        project.answer(&output).stdout.contains('\u{1b}')
    };
    let list = ["policy", "list"];
    assert!(!shown(&list, &[]), "a pipe takes none");
    assert!(shown(&list, &[("CLICOLOR_FORCE", "1")]));
    assert!(!shown(&list, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    let always = ["policy", "list", "--color", "always"];
    assert!(
        shown(&always, &[("NO_COLOR", "1")]),
        "who asks for it gets it"
    );
    assert!(!shown(
        &["policy", "list", "--color", "never"],
        &[("CLICOLOR_FORCE", "1")]
    ));
}
