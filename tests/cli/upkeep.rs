//! Looking after the store: what it holds, backups, bringing them back, giving room back.

use insta::assert_snapshot;

use crate::common::{Answer, Project};

const STORE: &str = ".stateward/store.redb";

/// Numbers of bytes depend on how the file's pages fall, and a fingerprint on every shipped file.
fn sizes_hidden(answer: &Answer) -> String {
    let hidden = |word: &str| {
        let word = word.trim_end_matches([',', ')']);
        ["KiB", "MiB", "bytes", "byte"].contains(&word)
    };
    let text = answer.to_string();
    let lines = text.lines().map(|line| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        for place in 1..words.len() {
            if words[place - 1] == "definition" {
                words[place] = "_";
            }
            let number = words[place - 1].trim_start_matches('(');
            if hidden(words[place]) && number.parse::<f64>().is_ok() {
                words[place - 1] = match words[place - 1].starts_with('(') {
                    true => "(N",
                    false => "N",
                };
            }
        }
        words.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_store_is_told_as_numbers() {
    let project = Project::with_account();
    project.bind();
    assert_snapshot!(sizes_hidden(&project.run("store info")), @r"
    resource_account store for development, format 3, created 2026-11-22T08:00:00Z
    definition _
    key 399757008cc7a132
    accounts 1
    records 2
    open attempts 1
    timers 1, 0 due; the earliest 2026-11-22T08:30:00Z
    messages 0 wait
    file N MiB
    log N KiB, of which N KiB waited

    table rows bytes
    meta 6 N bytes
    accounts 1 N bytes
    attempts 1 N bytes
    timers 1 N bytes
    claims 1 N bytes
    shared 0 N bytes
    outbox 0 N bytes
    remembered 0 N bytes
    bundles 1 N KiB
    data_keys 1 N bytes
    denials 0 N bytes
    denial_heads 0 N bytes
    records 2 N KiB
    ");
    let json = project.run("store info -o json").exits(0).json();
    assert_eq!(
        (&json["accounts"], &json["records"], &json["attempts"]),
        (&1.into(), &2.into(), &1.into())
    );
    assert_eq!(
        (&json["timers"], &json["timers_due"]),
        (&1.into(), &0.into())
    );
    assert!(!json.to_string().contains("example"), "{json}");
}

#[test]
fn a_backup_is_restored_where_that_is_confirmed() {
    let project = Project::with_account();
    assert_snapshot!(sizes_hidden(&project.run("store backup before.redb")), @r"
    Copied 9 rows to before.redb (N KiB), and read them back
    --- stderr ---
    hint: `stateward store restore before.redb` brings it back
    ");
    assert_snapshot!(project.run("store backup before.redb"), @r"
    --- stderr ---
    error[S0009]: before.redb exists already
    [exit status: 1]
    ");
    project.create("1002").exits(0);

    assert_snapshot!(project.run("store restore before.redb"), @r"
    --- stderr ---
    error[C0018]: there is a store already, and this replaces it: that was not confirmed
    hint: `--confirm resource_account` says that you mean it
    [exit status: 2]
    ");
    assert_snapshot!(project.run("store restore before.redb --confirm newsletter"), @r"
    --- stderr ---
    error[C0018]: there is a store already, and this replaces it: that was not confirmed
    hint: `--confirm resource_account` says that you mean it
    [exit status: 2]
    ");
    assert_eq!(
        project.run("account list -o jsonl").stdout.lines().count(),
        2
    );
    assert_snapshot!(project.run("store restore before.redb --confirm resource_account"), @r"
    Restored the store from before.redb: 1 account
    The store that was there is kept as $PROJECT/.stateward/store.redb.replaced-20261122080000
    ");
    assert_eq!(
        project.run("account list -o jsonl").stdout.lines().count(),
        1
    );
    project.create("1003").exits(0);

    // The backup is as it was, and the store that was replaced is still a store.
    let file = project.read("stateward.yaml");
    let kept = format!("store: {STORE}.replaced-20261122080000\n");
    project.write("stateward.yaml", &format!("{file}{kept}"));
    assert_eq!(
        project.run("account list -o jsonl").stdout.lines().count(),
        2
    );
}

#[test]
fn what_is_no_backup_of_this_store_is_refused() {
    let project = Project::with_account();
    assert_snapshot!(project.run("store restore nowhere"), @r"
    --- stderr ---
    error[S0008]: there is no store at nowhere
    hint: a backup is the one file that `stateward store backup FILE` wrote
    [exit status: 1]
    ");
    assert_snapshot!(project.run(&format!("store restore {STORE}")), @r"
    --- stderr ---
    error[S0015]: .stateward/store.redb is a store, and not a backup of one
    hint: `stateward store backup` makes one
    [exit status: 1]
    ");
    project.write("diary", "Dear diary");
    assert_snapshot!(project.run("store restore diary"), @r"
    --- stderr ---
    error[S0001]: diary is not a stateward store
    hint: a backup is the one file that `stateward store backup FILE` wrote
    [exit status: 1]
    ");

    let other = Project::empty();
    other.run("init --dev --lifecycle newsletter").exits(0);
    other.run("store backup b").exits(0);
    std::fs::copy(other.file("b"), project.file("b")).unwrap();
    assert_snapshot!(project.run("store restore b"), @r"
    --- stderr ---
    error[S0007]: the store holds accounts of lifecycle `newsletter`, not `resource_account`
    hint: restore it in the project of that lifecycle: see `lifecycle:` in stateward.yaml
    [exit status: 1]
    ");
}

#[test]
fn a_store_gives_room_back() {
    let project = Project::with_account();
    let compacted = project.run("store compact -o json").exits(0).json();
    assert!(compacted["after"].as_u64() <= compacted["before"].as_u64());
    assert!(project.run("account list").exits(0).stdout.contains("1001"));
    let text = sizes_hidden(&project.run("store compact"));
    assert!(text.starts_with("The store takes N "), "{text}");
}

#[test]
fn a_store_of_an_older_format_is_brought_to_this_one() {
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    let fixture = |name: &str| {
        format!(
            "{}/fixtures/stores/format-1.{name}",
            env!("CARGO_MANIFEST_DIR")
        )
    };
    std::fs::remove_file(project.file(&format!("{STORE}-log"))).unwrap();
    std::fs::write(project.file(STORE), std::fs::read(fixture("redb")).unwrap()).unwrap();
    std::fs::write(
        project.file(".stateward/key"),
        std::fs::read(fixture("key")).unwrap(),
    )
    .unwrap();

    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[S0014]: $PROJECT/.stateward/store.redb has store format 1; this version writes 3
    hint: `stateward store migrate` brings it to this format
    [exit status: 1]
    ");
    assert_snapshot!(project.run("store migrate --dry-run"), @r"
    --- stderr ---
    error[S0014]: $PROJECT/.stateward/store.redb has store format 1; this version writes 3
    hint: `stateward store migrate` brings it to this format
    [exit status: 1]
    ");
    assert_snapshot!(project.run("store migrate"), @r"
    Brought the store from format 1 to this version's
      -  open attempts  1
    Brought 1 of 4 accounts under definition 61f3573325fb: it is in force
    ");
    assert_snapshot!(project.run("account list"), @r"
    ann
    ben
    cid
    dee
    ");
}
