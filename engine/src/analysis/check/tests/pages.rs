//! The explain pages of what checking finds: each failing example raises exactly its code, each mended
//! one raises nothing.

use std::collections::BTreeMap;

use crate::analysis::{Report, check};
use crate::bundle::Bundle;
use crate::diagnostic::{Explanation, Severity, all};
use crate::source::SourceMap;

/// What an example leaves out: the account of a lifecycle without anything special, a workflow that
/// refers to nothing, and a policy that leaves everything to the lifecycle.
const ACCOUNT: &str = "lifecycle: demo\nedition: 2026-11\n";
const DOOR: &str = "\
workflow: door
initial: open
states: { open: {}, closed: {} }
transitions:
  close: { from: open, to: closed, after: 1d }
  open:  { from: closed, to: open, after: 1d }
";
const ALL: &str = "allow all;";

pub(super) type Files = BTreeMap<String, String>;

/// The failing examples, by code.
pub(super) fn examples() -> Vec<(&'static str, Files)> {
    let failing = |page: &Explanation| Some((page.code.0, files(page.page, "Fails")?));
    pages().filter_map(failing).collect()
}

fn pages() -> impl Iterator<Item = &'static Explanation> {
    all().iter().filter(|page| {
        let number = page.code.0.get(1..).and_then(|it| it.parse().ok());
        let number: u32 = number.unwrap_or_default();
        match page.code.0.as_bytes().first() {
            Some(b'A') => matches!(number, 1..=49 | 1001..=1059),
            Some(b'W') => matches!(number, 251..=259),
            _ => false,
        }
    })
}

/// The files under a heading: blocks marked with `file=` and a path.
fn files(page: &str, heading: &str) -> Option<Files> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    let section = rest.split("\n## ").next()?;
    let blocks = section.split("```").skip(1).step_by(2);
    let file = |block: &str| {
        let (head, text) = block.split_once('\n')?;
        let path = head.split_once("file=")?.1;
        Some((path.to_owned(), text.to_owned()))
    };
    blocks.map(file).collect()
}

/// An example with what it leaves out, and its files that bundles do not read.
pub(super) fn bundle_of(files: Files) -> (Bundle, Files) {
    let (checks, mut own): (Files, Files) = files
        .into_iter()
        .partition(|(path, _)| path.contains("/checks/"));
    let of_lifecycle = |path: &String| path.ends_with(".yaml") && path.starts_with("workflows/");
    let is_workflow = |path: &String| of_lifecycle(path) && !path.ends_with("/account.yaml");
    let is_policy = |path: &String| path.ends_with(".rhai") && path.starts_with("policies/");
    let (has_workflow, has_policy) = (own.keys().any(is_workflow), own.keys().any(is_policy));
    let mut add = |path: &str, text: &str| {
        let path = path.to_owned();
        own.entry(path).or_insert_with(|| text.to_owned());
    };
    add("workflows/demo/account.yaml", ACCOUNT);
    if !has_workflow {
        add("workflows/demo/door.yaml", DOOR);
    }
    if !has_policy {
        add("policies/All.rhai", ALL);
    }
    let mut sources = SourceMap::default();
    for (path, text) in &own {
        sources.add(path, text);
    }
    let bundle = Bundle::load(sources, "demo");
    let bundle = bundle.unwrap_or_else(|error| panic!("{:#?}\n{own:#?}", error.diagnostics));
    (bundle, checks)
}

pub(super) fn reported(bundle: &Bundle, checks: &Files) -> Report {
    let mut sources = bundle.sources.clone();
    for (path, text) in checks {
        sources.add(path, text);
    }
    check(bundle, sources)
}

/// The codes of errors and warnings that an example raises, without repetition, and `note` if it is
/// raised as a note.
fn raised(files: Files, note: &str) -> Vec<&'static str> {
    let (bundle, checks) = bundle_of(files);
    let report = reported(&bundle, &checks);
    let open = report.open().map(|it| &it.diagnostic);
    let mut codes: Vec<&str> = open
        .filter(|it| it.severity > Severity::Info || it.code.0 == note)
        .map(|it| it.code.0)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn each_failing_example_raises_its_code_and_each_mended_one_nothing() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        let code = page.code.0;
        let (Some(fails), Some(changes)) = (files(page.page, "Fails"), files(page.page, "Fixed"))
        else {
            continue;
        };
        // A mended example shows the files that differ.
        let mut fixed = fails.clone();
        fixed.retain(|path, _| !path.contains("/checks/"));
        fixed.extend(changes);
        let (fails, fixed) = (raised(fails, code), raised(fixed, code));
        if fails != [code] || !fixed.is_empty() {
            wrong.push(format!(
                "{code}: fails with {fails:?}, mended with {fixed:?}"
            ));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(count > 28, "{count} pages");
}
