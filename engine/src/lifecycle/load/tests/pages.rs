//! The explain pages of lifecycle codes: each failing example raises exactly its code, each mended
//! one raises nothing.

use super::support::load_edition;
use crate::diagnostic::{Severity, all};

/// What an example leaves out: the account of a lifecycle without anything special.
const ACCOUNT: &str = "lifecycle: demo\nedition: 2026-11\n";
/// A workflow that refers to nothing.
const DOOR: &str = "\
workflow: door
initial: open
states: { open: {}, closed: {} }
transitions:
  close: { from: open, to: closed, after: 1d }
  open:  { from: closed, to: open, after: 1d }
";

/// The files of the examples under a heading: blocks marked with `file=` and a path.
fn files(page: &str, heading: &str) -> Option<Vec<(String, String)>> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    let section = rest.split("\n## ").next()?;
    let mut files = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (head, text) = block.split_once('\n')?;
        let path = head.split_once("file=")?.1;
        // An invisible character would be lost on the way through an editor.
        let text = text.replace("<U+202E>", "\u{202e}");
        files.push((path.strip_prefix("workflows/demo/")?.to_owned(), text));
    }
    Some(files)
}

/// The codes of errors and warnings that an example raises, without repetition, and `note` if it is
/// raised as a note.
fn raised(mut example: Vec<(String, String)>, note: &str) -> Vec<&'static str> {
    let has = |name: &str| example.iter().any(|(path, _)| path == name);
    let is_workflow = |(path, _): &(String, String)| {
        path.ends_with(".yaml") && !path.contains('/') && path != "account.yaml"
    };
    let mut missing = Vec::new();
    if !has("account.yaml") {
        missing.push(("account.yaml".to_owned(), ACCOUNT.to_owned()));
    }
    if !example.iter().any(is_workflow) {
        missing.push(("door.yaml".to_owned(), DOOR.to_owned()));
    }
    example.extend(missing);
    let (_, loaded) = load_edition(&example);
    let mut codes: Vec<&str> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.severity > Severity::Info || found.code.0 == note)
        .map(|found| found.code.0)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn each_failing_example_raises_its_code_and_each_mended_one_nothing() {
    let mut wrong = Vec::new();
    // Those of files that bundles do not read are held to it where they are read.
    let is_here =
        |code: &str| code.starts_with('W') && !code.starts_with("W025") || code.starts_with("A007");
    for explanation in all().iter().filter(|page| is_here(page.code.0)) {
        let (Some(fails), Some(fixed)) = (
            files(explanation.page, "Fails"),
            files(explanation.page, "Fixed"),
        ) else {
            continue;
        };
        let code = explanation.code.0;
        let (fails, fixed) = (raised(fails, code), raised(fixed, code));
        if fails != [code] || !fixed.is_empty() {
            wrong.push(format!(
                "{code}: fails with {fails:?}, mended with {fixed:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
