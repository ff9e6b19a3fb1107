//! The scenarios that are shipped, in memory and on disk.

use std::path::Path;
use std::sync::Arc;

use stateward::bundle::{Bundle, read_sources};
use stateward::scenario::{Home, folder, load, read_folder};

/// Plays every scenario of a lifecycle; how many there are.
#[track_caller]
fn all_go_as_they_say(lifecycle: &str, home: Home) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, lifecycle).unwrap();
    let bundle = Arc::new(Bundle::load(sources, lifecycle).unwrap());
    let mut sources = bundle.sources.clone();
    let files = read_folder(&mut sources, &root, &folder(&bundle)).unwrap();
    for file in &files {
        let path = &sources.file(*file).unwrap().path;
        let mut findings = Vec::new();
        let scenario = load(&bundle, &sources, *file, &mut findings);
        let scenario = scenario.unwrap_or_else(|| panic!("{path}: {findings:#?}"));
        let played = scenario.play(&bundle, home, true).unwrap();
        assert!(played.is_good(), "{path}: {:#?}", played.findings);
        assert_eq!(played.acts.len(), scenario.steps.len(), "{path}");
    }
    files.len()
}

#[test]
fn of_member_accounts_in_memory() {
    assert!(all_go_as_they_say("resource_account", Home::Memory) >= 8);
}

#[test]
fn of_member_accounts_on_disk() {
    assert!(all_go_as_they_say("resource_account", Home::Disk) >= 8);
}

#[test]
fn of_the_newsletter_in_memory() {
    assert!(all_go_as_they_say("newsletter", Home::Memory) >= 2);
}

#[test]
fn of_the_newsletter_on_disk() {
    assert!(all_go_as_they_say("newsletter", Home::Disk) >= 2);
}

#[test]
fn of_other_clouds_in_memory() {
    assert!(all_go_as_they_say("aws_member", Home::Memory) >= 2);
    assert!(all_go_as_they_say("gcp_project", Home::Memory) >= 1);
}

#[test]
fn of_other_clouds_on_disk() {
    assert!(all_go_as_they_say("aws_member", Home::Disk) >= 2);
    assert!(all_go_as_they_say("gcp_project", Home::Disk) >= 1);
}

#[test]
fn of_the_readme() {
    let readme = include_str!("../../README.md");
    let (_, after) = readme
        .split_once("# workflows/newsletter/scenarios/join.yaml\n")
        .unwrap();
    let (text, _) = after.split_once("```").unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, "newsletter").unwrap();
    let bundle = Arc::new(Bundle::load(sources, "newsletter").unwrap());
    let mut sources = bundle.sources.clone();
    let file = sources.add("join.yaml", text);
    let mut findings = Vec::new();
    let scenario = load(&bundle, &sources, file, &mut findings);
    let scenario = scenario.unwrap_or_else(|| panic!("{findings:#?}"));
    let played = scenario.play(&bundle, Home::Memory, true).unwrap();
    assert!(played.is_good(), "{:#?}", played.findings);
    assert_eq!(played.acts.len(), 5);
}
