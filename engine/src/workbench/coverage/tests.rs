//! What is counted as tested, and what is told of the rest.

use std::fmt::Write as _;

use super::*;
use crate::source::SourceMap;
use crate::workbench::cases;

const ACCOUNT: &str = "\
lifecycle: demo
edition: 2026-11
context: { mfa: bool, site: text }
principal_kinds: { user: {} }
";
const DOOR: &str = "\
workflow: door
initial: open
states: { open: {}, shut: {} }
transitions:
  shut: { from: open, to: shut, after: 1d }
  open: { from: shut, to: open, after: 1d }
";
const POLICY: &str = r#"
allow "a:Get*";
allow "a:GetAll";
allow "a:Set*" when context.mfa ?? false || now.hour >= 8 && now.hour < 18 
    unless (context.site ?? "") == "lab";
deny "a:Drop";
for x in ["a", "b"] { allow `b:${x}`; }
"#;

/// What the cases, each `action expect more`, leave untested.
fn uncovered(cases: &[(&str, &str)]) -> String {
    let mut sources = SourceMap::default();
    sources.add("workflows/demo/account.yaml", ACCOUNT);
    sources.add("workflows/demo/door.yaml", DOOR);
    sources.add("policies/P.rhai", POLICY);
    let bundle = Bundle::load(sources.clone(), "demo").unwrap();
    let mut text = "given: { principal: { name: user/u, account: a, policies: [P] } }\n\
        cases:\n"
        .to_owned();
    for (index, (action, rest)) in cases.iter().enumerate() {
        writeln!(
            text,
            "  - {{ name: case {index}, action: {action}, resource: \"*\", {rest} }}"
        )
        .unwrap();
    }
    if cases.is_empty() {
        text = text.replace("cases:", "cases: []");
    }
    let file = sources.add("policies/tests/t.yaml", &text);
    let mut findings = Vec::new();
    let read = cases::load(&bundle, &sources, file, &mut findings);
    findings.extend(read.iter().flat_map(|cases| cases.run(&bundle)));
    assert_eq!(findings, []);
    let mut coverage = Coverage::new(&bundle);
    let read = read.unwrap();
    read.cases.iter().for_each(|case| coverage.observe(case));
    let report = coverage.report();
    let mut out = format!("{} of {}\n", report.taken(), report.branches());
    for gap in report.policies.iter().flat_map(|policy| &policy.gaps) {
        let at = sources.locate(gap.span).unwrap();
        let ordinal = gap.statement.id().ordinal;
        writeln!(out, "{}:{}#{ordinal} {:?}", at.line, at.column, gap.missing).unwrap();
    }
    out
}

#[test]
fn what_no_case_has_tested_is_told_at_its_place() {
    insta::assert_snapshot!(uncovered(&[]), @r"
    0 of 14
    2:1#1 Asked
    3:1#1 Asked
    4:1#1 Asked
    6:1#1 Asked
    7:23#1 Asked
    7:23#2 Asked
    ");
    insta::assert_snapshot!(
        uncovered(&[
            ("a:GetAll", "expect: allow"),
            ("a:SetX", "context: { mfa: true }, now: \"2026-11-22T03:00:00Z\", expect: allow"),
            ("a:SetX", "now: \"2026-11-22T19:00:00Z\", expect: deny"),
            ("b:b", "expect: allow"),
        ]),
        @r#"
    8 of 14
    3:1#1 Decided
    4:45#1 False("now.hour >= 8")
    4:62#1 True("now.hour < 18")
    5:12#1 True("context.site ?? \"\" == \"lab\"")
    6:1#1 Asked
    7:23#1 Asked
    "#
    );
}

#[test]
fn everything_can_be_tested() {
    let at = |hour, more: &str| format!("now: \"2026-11-22T{hour}:00:00Z\", {more}");
    let rows = [
        ("a:GetAll", "expect: allow".to_owned()),
        ("a:SetX", at("03", "context: { mfa: true }, expect: allow")),
        ("a:SetX", at("19", "expect: deny")),
        ("a:SetX", at("03", "expect: deny")),
        ("a:SetX", at("09", "expect: allow")),
        ("a:SetX", at("09", "context: { site: lab }, expect: deny")),
        ("a:Drop", "expect: explicit_deny, by: P".to_owned()),
        ("b:a", "expect: allow".to_owned()),
        ("b:b", "expect: allow".to_owned()),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (*a, b.as_str())).collect();
    // The second statement stands behind the first.
    insta::assert_snapshot!(uncovered(&rows), @r"
    13 of 14
    3:1#1 Decided
    ");
}
