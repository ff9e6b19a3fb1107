//! Both engines agree, and three-valued truth is sound, on random expressions and facts.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::sample;
use crate::expr::agreement::{
    ACCEPTABLE, Trial, any_condition, any_facts, check_text, compare, compile, facts, holds,
};
use crate::expr::{Slot, Truth, Type};

/// How often each outcome came up; a property that is never tried proves nothing.
#[derive(Debug, Default)]
struct Counts {
    refused: AtomicUsize,
    lowered: AtomicUsize,
    interpreted: AtomicUsize,
    errors: AtomicUsize,
}

fn bump(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

#[expect(
    clippy::print_stderr,
    reason = "shows how much was tried, under --nocapture"
)]
fn show(counts: &dyn std::fmt::Debug) {
    eprintln!("{counts:?}");
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn both_engines_agree() {
    let compiler = sample().unwrap();
    let counts = Counts::default();
    let cases = (any_condition(), any_facts(false));
    let result = runner(2_500).run(&cases, |(text, values)| {
        let expression = match compile(&compiler, &text, Some(Type::Bool)) {
            Ok(expression) => expression,
            Err(diagnostics) => {
                bump(&counts.refused);
                let fine = diagnostics
                    .iter()
                    .all(|found| ACCEPTABLE.contains(&found.code));
                prop_assert!(fine, "{text}: {diagnostics:#?}");
                return Ok(());
            }
        };
        let facts = facts(compiler.vocabulary(), &values);
        let trial = compare(&compiler, &expression, &facts)
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        if let Trial::Agreed { value, lowered } = trial {
            bump(if lowered {
                &counts.lowered
            } else {
                &counts.interpreted
            });
            if !value {
                bump(&counts.errors);
            }
        }
        Ok(())
    });
    result.unwrap();
    show(&counts);
    assert!(
        counts.lowered.into_inner() > 500,
        "too few cases run natively"
    );
    assert!(
        counts.interpreted.into_inner() > 100,
        "too few cases are interpreted"
    );
    assert!(counts.errors.into_inner() > 50, "too few cases fail");
}

#[test]
fn what_is_certain_with_some_facts_holds_with_all() {
    let compiler = sample().unwrap();
    let certain = AtomicUsize::new(0);
    let cases = (any_condition(), any_facts(true), any::<u32>());
    let result = runner(2_500).run(&cases, |(text, values, mask)| {
        let Ok(expression) = compile(&compiler, &text, Some(Type::Bool)) else {
            return Ok(());
        };
        let facts = facts(compiler.vocabulary(), &values);
        let known = |slot: Slot| mask & (1 << slot.index()) != 0;
        let truth = expression.truth3(&facts, &known);
        if truth != Truth::Unknown && mask != u32::MAX {
            bump(&certain);
        }
        let found = expression.truth(&facts).ok();
        prop_assert!(holds(truth, found), "{text}: {truth:?} but {found:?}");
        Ok(())
    });
    result.unwrap();
    let certain = certain.into_inner();
    show(&format_args!("certain with some facts unknown: {certain}"));
    assert!(certain > 200, "too few cases are certain");
}

/// Pieces of expressions, right and wrong.
const WORDS: &[&str] = &[
    "account",
    ".",
    "phone",
    "state",
    "has",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<",
    "in",
    "??",
    "if",
    "else",
    "\"bound\"",
    "\"",
    "`",
    "${",
    "'",
    "1",
    "-",
    "+",
    "now",
    "hour",
    "unset",
    "true",
    "same",
    "grade",
    ",",
    " ",
    "\n",
    "//",
    "/*",
    "#{",
    "|",
    "=",
    ";",
    "let",
    "fn",
    "->",
    "..",
    "?.",
    "::",
    "\u{fc}",
    "account.name",
    "account.phone",
    "context.trusted",
    "context.source_ip",
    "context",
    "\"acs:SourceIp\"",
    "like",
    "same_text",
    "ip_in",
    "time",
    "\"192.0.2.0/24\"",
    "\"2012-11-11T23:59:59Z\"",
    "\u{0}",
];

#[test]
fn any_text_is_refused_or_means_the_same_in_both_engines() {
    let words = proptest::sample::select(WORDS);
    let text = proptest::collection::vec(words, 0..14).prop_map(|words| words.join(" "));
    let counts = Counts::default();
    let result = runner(6_000).run(&(text, any::<Vec<u8>>()), |(text, bytes)| {
        for bytes in [text.as_bytes(), &bytes] {
            match check_text(bytes).map_err(|error| TestCaseError::fail(error.to_string()))? {
                Trial::Refused => bump(&counts.refused),
                Trial::Agreed { .. } => bump(&counts.lowered),
            }
        }
        Ok(())
    });
    result.unwrap();
    show(&counts);
}
