//! The explain pages of what checking finds: each failing example raises exactly its code, each mended
//! one raises nothing.

use std::collections::BTreeMap;

use crate::analysis::check;
use crate::bundle::Bundle;
use crate::diagnostic::{Severity, all};
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

type Files = BTreeMap<String, String>;

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

/// The codes of errors and warnings that an example raises, without repetition, and `note` if it is
/// raised as a note.
fn raised(mut files: Files, note: &str) -> Vec<&'static str> {
    let is_workflow = |path: &String| {
        let name = path
            .strip_prefix("workflows/demo/")
            .unwrap_or("account.yaml");
        name.ends_with(".yaml") && name != "account.yaml" && !name.contains('/')
    };
    let mut add = |path: &str, text: &str| {
        files
            .entry(path.to_owned())
            .or_insert_with(|| text.to_owned());
    };
    add("workflows/demo/account.yaml", ACCOUNT);
    if !files.keys().any(is_workflow) {
        files.insert("workflows/demo/door.yaml".to_owned(), DOOR.to_owned());
    }
    if !files
        .keys()
        .any(|path| path.ends_with(".rhai") && path.starts_with("policies/"))
    {
        files.insert("policies/All.rhai".to_owned(), ALL.to_owned());
    }
    // Bundles read what lies in their folders, and nothing below.
    let (checks, own): (Files, Files) = files
        .into_iter()
        .partition(|(path, _)| path.contains("/checks/"));
    let mut sources = SourceMap::default();
    for (path, text) in &own {
        sources.add(path, text);
    }
    let bundle = match Bundle::load(sources, "demo") {
        Ok(bundle) => bundle,
        Err(error) => panic!("{note}: {:#?}", error.diagnostics),
    };
    let mut sources = bundle.sources.clone();
    for (path, text) in &checks {
        sources.add(path, text);
    }
    let report = check(&bundle, sources);
    let serious = |code: &str, severity| severity > Severity::Info || code == note;
    let open = report.open().map(|it| &it.diagnostic);
    let mut codes: Vec<&str> = open
        .filter(|it| serious(it.code.0, it.severity))
        .map(|it| it.code.0)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn each_failing_example_raises_its_code_and_each_mended_one_nothing() {
    let is_here = |code: &str| {
        let number = code.get(1..).and_then(|digits| digits.parse::<u32>().ok());
        let number = number.unwrap_or_default();
        match code.as_bytes().first() {
            Some(b'A') => matches!(number, 1..=49 | 1001..=1049),
            Some(b'W') => matches!(number, 251..=259),
            _ => false,
        }
    };
    let (mut wrong, mut pages) = (Vec::new(), 0);
    for explanation in all().iter().filter(|page| is_here(page.code.0)) {
        let code = explanation.code.0;
        let fails = files(explanation.page, "Fails").unwrap();
        // A mended example shows the files that differ.
        let mut fixed = fails.clone();
        fixed.retain(|path, _| !path.contains("/checks/"));
        fixed.extend(files(explanation.page, "Fixed").unwrap());
        let (fails, fixed) = (raised(fails, code), raised(fixed, code));
        if fails != [code] || !fixed.is_empty() {
            wrong.push(format!(
                "{code}: fails with {fails:?}, mended with {fixed:?}"
            ));
        }
        pages += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(pages > 15, "{pages} pages");
}
