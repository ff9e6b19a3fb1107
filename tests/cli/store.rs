//! Stores and keys that cannot be used, and what only development stores take.

use std::process::Command;

use insta::assert_snapshot;

use crate::common::Project;

const STORE: &str = ".stateward/store.redb";

#[test]
fn a_foreign_file_is_no_store() {
    let project = Project::new();
    project.write(STORE, "Dear diary");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[S0001]: $PROJECT/.stateward/store.redb is not a stateward store
    hint: `store:` in stateward.yaml names the store; this file is something else: move it away, or name another place
    [exit status: 1]
    ");
    assert_eq!(project.read(STORE), "Dear diary");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let project = Project::new();
    let database = redb::Database::open(project.file(STORE)).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta = redb::TableDefinition::<&[u8], &[u8]>::new("meta");
    let format = 9_u32.to_be_bytes();
    let mut table = transaction.open_table(meta).unwrap();
    table
        .insert(b"format".as_slice(), format.as_slice())
        .unwrap();
    drop(table);
    transaction.commit().unwrap();
    drop(database);
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[S0002]: $PROJECT/.stateward/store.redb has store format 9; this version reads up to 3
    hint: use the version of stateward that wrote it, or a newer one
    [exit status: 1]
    ");
}

#[test]
fn a_damaged_store_is_an_error_and_nothing_worse() {
    let project = Project::with_account();
    let mut bytes = std::fs::read(project.file(STORE)).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    std::fs::write(project.file(STORE), bytes).unwrap();
    let answer = project.run("account list").exits(1);
    assert!(answer.stderr.starts_with("error[S0"), "{answer}");
}

#[test]
fn a_store_of_another_lifecycle_is_not_this_projects() {
    let project = Project::new();
    let folder = "workflows/newsletter";
    for file in ["account.yaml", "subscription.yaml"] {
        let path = format!("{folder}/{file}");
        let shipped = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
        project.write(&path, &std::fs::read_to_string(shipped).unwrap());
    }
    std::fs::remove_dir_all(project.file("policies")).unwrap();
    project.replace("stateward.yaml", "resource_account", "newsletter");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[S0007]: the store holds accounts of lifecycle `resource_account`, not `newsletter`
    hint: see `lifecycle:` and `store:` in stateward.yaml
    [exit status: 1]
    ");
}

#[test]
fn a_store_has_one_user_at_a_time() {
    let project = Project::with_account();
    // As a store in use holds it.
    let held = std::fs::File::open(project.file(STORE)).unwrap();
    held.lock().unwrap();
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[S0003]: $PROJECT/.stateward/store.redb is in use by another process
    hint: another command or program has it open: stop that, or wait for it with `--wait 30s`
    [exit status: 1]
    ");
}

#[test]
fn commands_that_meet_wait_for_one_another() {
    let project = Project::with_account();
    let list = || {
        project
            .command()
            .args(["account", "list"])
            .output()
            .unwrap()
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..4).map(|_| scope.spawn(list)).collect();
        for command in started {
            project.answer(&command.join().unwrap()).exits(0);
        }
    });
}

#[test]
fn a_key_that_is_missing_or_another_is_not_made_up() {
    let project = Project::with_account();
    let key = project.read(".stateward/key");
    std::fs::remove_file(project.file(".stateward/key")).unwrap();
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[C0006]: the key $PROJECT/.stateward/key is missing
    hint: put the key back that the store was made with: without it no code can be derived
    [exit status: 1]
    ");
    project.write(".stateward/key", &"0".repeat(64));
    private(&project);
    let other = project.run("account list").exits(1);
    assert!(
        other.stderr.starts_with("error[C0006]: the key (id "),
        "{other}"
    );
    project.write(".stateward/key", "no key");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[C0006]: the key $PROJECT/.stateward/key cannot be used: line 1 is not a key: write 64 lower-case hexadecimal digits
    hint: it is one key a line
    [exit status: 1]
    ");
    project.write(".stateward/key", &key);
    project.run("account list").exits(0);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    let project = Project::new();
    let mode = |mode: &str| {
        let changed = Command::new("chmod")
            .arg(mode)
            .arg(project.file(".stateward/key"))
            .status();
        assert!(changed.unwrap().success());
    };
    mode("640");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[C0006]: the key $PROJECT/.stateward/key is open to others (mode 640)
    hint: `chmod 600 $PROJECT/.stateward/key`
    [exit status: 1]
    ");
    mode("600");
    project.run("account list").exits(0);
}

#[test]
fn other_stores_refuse_a_clock_that_is_set() {
    let project = Project::empty().without_variables();
    project.run("init").exits(0);
    let with = |name: &str, value: &str| {
        let output = project
            .command()
            .env(name, value)
            .args(["account", "list"])
            .output();
        project.answer(&output.unwrap())
    };
    assert_snapshot!(with("STATEWARD_NOW", "2026-11-22T08:00:00Z"), @r"
    --- stderr ---
    error[C0004]: STATEWARD_NOW is set, and this store was not made for development
    hint: unset it; `stateward init --dev` makes a store that takes it
    [exit status: 1]
    ");
    assert_snapshot!(with("STATEWARD_SEED", "1"), @r"
    --- stderr ---
    error[C0004]: STATEWARD_SEED is set, and this store was not made for development
    hint: unset it; `stateward init --dev` makes a store that takes it
    [exit status: 1]
    ");
    project.run("account list").exits(0);
    let output = project
        .command()
        .env("STATEWARD_NOW", "2026-11-22T08:00:00Z")
        .arg("init")
        .output();
    project.answer(&output.unwrap()).exits(0);
}

#[test]
fn a_clock_is_set_to_a_time() {
    let mut project = Project::new();
    project.at("yesterday");
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[C0005]: STATEWARD_NOW is not an RFC 3339 time such as 2026-11-22T08:30:00Z
    [exit status: 2]
    ");
}

#[test]
fn time_and_chance_repeat_in_development_stores() {
    let play = || {
        let project = Project::with_account();
        let (attempt, code) = project.bind();
        (
            attempt,
            code,
            project.run("account history 1001 -o json").stdout,
        )
    };
    assert_eq!(play(), play());
}

/// Makes a rewritten key its owner's alone.
fn private(project: &Project) {
    let path = project.file(".stateward/key");
    assert!(
        Command::new("chmod")
            .arg("600")
            .arg(path)
            .status()
            .unwrap()
            .success()
    );
}
