//! Hostile input: refused with a diagnostic, quickly, without a panic.

use std::time::{Duration, Instant};

use super::{compile_as, refused, sample};
use crate::expr::{Compiler, Type};
use crate::source::{SourceFile, SourceMap};

#[test]
fn large_and_deep_texts_are_refused() {
    let chain = |operator: &str, count: usize| vec!["context.trusted"; count].join(operator);
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}true{}", open.repeat(depth), close.repeat(depth))
    };
    let list = vec!["1"; 300].join(", ");
    let start = Instant::now();
    for (text, code) in [
        (nested("(", ")", 33), "W0310"),
        (nested("(", ")", 4_000), "W0310"),
        (nested("(", "", 8_000), "W0310"),
        (nested("!", "", 4_000), "W0310"),
        (nested("[", "]", 2_000), "W0310"),
        (nested("lower(", ")", 1_000), "W0310"),
        (nested("if true { ", " } else { true }", 300), "W0310"),
        (nested("`${", "}`", 1_000), "W0310"),
        (nested("#{a:", "}", 1_000), "W0310"),
        (chain(" && ", 65), "W0310"),
        (chain(" || ", 400), "W0310"),
        (chain(" ?? ", 65), "W0310"),
        (chain(" == ", 400), "W0310"),
        (chain(" && ", 10_000), "W0310"),
        (format!("1 in [{list}]"), "W0310"),
        (
            format!("account.name == \"{}\"", "x".repeat(8_150)),
            "accepted",
        ),
        (
            format!("account.name == \"{}\"", "x".repeat(9_000)),
            "W0310",
        ),
        (format!("{} == 1", "x".repeat(8_000)), "W0302"),
        ("9".repeat(4_000), "W0301"),
        ("\"".repeat(8_001), "W0301"),
        ("`".repeat(8_001), "W0301"),
        ("/*".repeat(4_000), "W0301"),
        ("#".repeat(8_000), "W0301"),
        ("\u{0}\u{1}".repeat(3), "W0301"),
        ("\u{fc}.\u{fc}".to_owned(), "W0301"),
        ("account.\u{202e}name == 1".to_owned(), "W0301"),
    ] {
        let found = refused(&text);
        let shown: String = text.chars().take(40).collect();
        assert!(found.starts_with(code), "{shown}: {found}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn chains_up_to_the_depth_are_fine() {
    let text = vec!["context.trusted"; 31].join(" && ");
    assert_eq!(refused(&text), "accepted: Bool");
    let list = (0..250)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    assert_eq!(
        refused(&format!("account.age in [{list}]")),
        "accepted: Bool"
    );
}

#[test]
fn functions_that_grow_when_put_in_place_are_refused() {
    let mut functions = "fn f0(a) { a && a && a && a }\n".to_owned();
    for n in 1..8 {
        let inner = n - 1;
        let call = format!("f{inner}(a)");
        functions.push_str(&format!(
            "fn f{n}(a) {{ {call} && {call} && {call} && {call} }}\n"
        ));
    }
    let file = SourceFile {
        path: "functions.rhai".into(),
        text: functions.as_str().into(),
    };
    let id = SourceMap::default().add(&file.path, &file.text);
    let vocabulary = sample().unwrap().vocabulary().clone();
    let compiler = Compiler::new(&vocabulary, Some((&file, id))).unwrap();
    let start = Instant::now();
    for call in ["f7(context.trusted)", "f7(f7(f7(context.trusted)))"] {
        let found = compile_as(&compiler, call, Some(Type::Bool), false).unwrap_err();
        assert!(
            found.iter().any(|found| found.code.0 == "W0310"),
            "{found:#?}"
        );
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}
