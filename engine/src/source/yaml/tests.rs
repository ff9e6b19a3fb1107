//! Documents, good and hostile, and what is said of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::{Document, Limits};
use crate::source::{SourceMap, Span};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its reading is tested")]
struct Sample {
    name: String,
    #[serde(default)]
    count: Option<u32>,
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(default)]
    by_name: BTreeMap<String, Part>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its reading is tested")]
struct Part {
    size: u8,
    #[serde(default)]
    on_top: bool,
}

/// Reads a text and renders every error as `line:col problem message [underlined]`.
fn errors(text: &str) -> String {
    let mut map = SourceMap::default();
    let file = map.add("a.yaml", text);
    let (document, mut errors) = Document::parse(file, text, &Limits::default());
    if let Some(mut document) = document {
        errors.extend(document.read::<Sample>().1);
    }
    let mut out = String::new();
    for error in &errors {
        let place = map.locate(error.span).unwrap();
        let under = underlined(text, error.span);
        let (line, column) = (place.line, place.column);
        let problem = error.problem;
        writeln!(
            out,
            "{line}:{column} {problem:?} {} [{under}]",
            error.message
        )
        .unwrap();
        if let Some(help) = &error.help {
            writeln!(out, "  {help}").unwrap();
        }
    }
    out
}

fn underlined(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Each text with what is said of it.
fn report(texts: &[&str]) -> String {
    let parts = texts.iter().map(|text| {
        let shown = text.escape_debug().to_string().replace("\\n", "\n");
        format!("{shown}\n=> {}", errors(text))
    });
    parts.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_good_document_is_read_without_errors() {
    let whole = "# a comment\nname: 'x'\ncount: 3\nparts:\n  - { size: 1, on_top: true }\n";
    assert_eq!(errors(whole), "");
    assert_eq!(errors("\u{feff}name: x\r\ncount: 3\r\n"), "");
    assert_eq!(errors("name: 'NO'\nby_name: { \"on\": { size: 1 } }\n"), "");
}

#[test]
fn every_mistake_of_form_is_reported_in_one_run() {
    insta::assert_snapshot!(report(&[
        "nam: x\ncount: many\nparts:\n  - { size: 300 }\n  - { size: 2, colour: red }\n  - {}\n\
         by_name:\n  a:\n",
        "name: 42\n",
        "- x\n",
        "# f\u{fc}r\nname: '\u{e9}'\nb\u{ff}_name: {}\n",
    ]));
}

/// A key that was begun is not a key that was left out.
#[test]
fn a_key_with_nothing_behind_it_is_refused() {
    let help = "  remove the key, or write its value: `[]` and `{}` are empty ones\n";
    for nothing in ["", " ~", " null", " # to be filled in"] {
        let said = format!("2:1 Form nothing is written behind `count` [count]\n{help}");
        assert_eq!(errors(&format!("name: x\ncount:{nothing}\n")), said);
    }
    assert_eq!(errors("name: x\nparts: []\nby_name: {}\n"), "");
}

#[test]
fn what_yaml_offers_beyond_data_is_refused() {
    insta::assert_snapshot!(report(&[
        "name: &a x\ncount: *a\n",
        "name: !!str x\n",
        "name: x\nby_name:\n  a: { size: 1 }\n  b: { <<: { size: 2 }, size: 3 }\n",
        "name: x\n---\nname: y\n",
        "? [name]\n: x\nname: y\n",
        "name: *nobody\n",
        "name: x\nname: y\nby_name: { a: { size: 1 }, a: { size: 2 } }\n",
        "name: NO\ncount: 010\nby_name: { on: { size: 1 } }\n",
    ]));
}

#[test]
fn broken_text_is_reported_where_it_breaks() {
    insta::assert_snapshot!(report(&[
        "name: [x\n",
        "name: x\n\tcount: 1\n",
        "",
        "# nothing\n",
        "name: a\0b\u{202e}\n",
        "name: 'x\n",
        "name: x\n  - y: z\n",
    ]));
}

#[test]
fn hostile_documents_cost_little() {
    let bomb = format!("name: {}x{}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert!(errors(&bomb).contains("nested deeper than 32 levels"));
    let long = format!("name: {}\n", "x".repeat(2 << 20));
    assert!(errors(&long).contains("larger than 1048576 bytes"));
    let wide = format!("name: [{}]\n", "1,".repeat(30_000));
    assert!(errors(&wide).contains("more than 20000 values"));
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nname: x\n";
    assert!(errors(laughs).contains("aliases are not accepted"));
    let twice = "a: 1\n".repeat(5_000);
    assert_eq!(errors(&twice).matches("written twice").count(), 100);
}

#[test]
fn a_text_knows_its_bytes_where_they_are_its_own() {
    let text =
        "plain: a b\nsingle: 'c d'\ndouble: \"e\"\nescaped: \"\\x66\"\nfolded: g\n  h\nlist: [i]\n";
    let mut map = SourceMap::default();
    let file = map.add("a.yaml", text);
    let (document, errors) = Document::parse(file, text, &Limits::default());
    assert!(errors.is_empty());
    let document = document.unwrap();
    let of = |key: &str| underlined(text, document.root().key(key).text());
    assert_eq!(of("plain"), "a b");
    assert_eq!(of("single"), "c d");
    assert_eq!(of("double"), "e");
    assert_eq!(of("escaped"), "\"\\x66\"");
    assert_eq!(of("folded"), "g\n  h");
    let list = document.root().key("list");
    assert_eq!(underlined(text, list.item(0).span()), "i");
    assert_eq!(underlined(text, list.head()), "list");
    assert_eq!(underlined(text, list.span()), "[i]");
}
