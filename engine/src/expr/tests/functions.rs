//! The functions of a lifecycle.

use super::{compile_as, written};
use crate::expr::agreement::{self, Sampled};
use crate::expr::{Compiler, Type, Vocabulary};
use crate::source::{SourceFile, SourceMap};

/// A compiler over the sample vocabulary with other functions.
fn with(functions: &str) -> Result<Compiler, String> {
    let vocabulary: Vocabulary = agreement::sample().unwrap().vocabulary().clone();
    let file = SourceFile {
        path: "functions.rhai".into(),
        text: functions.into(),
    };
    let id = SourceMap::default().add(&file.path, &file.text);
    Compiler::new(&vocabulary, Some((&file, id)))
        .map_err(|diagnostics| written(functions, &diagnostics))
}

#[track_caller]
fn refused(functions: &str, expected: &str) {
    let found = with(functions)
        .err()
        .unwrap_or_else(|| "accepted".to_owned());
    assert_eq!(found.lines().next(), Some(expected), "{functions}");
}

/// Functions files with a mistake, and what is said first.
const WRONG: &[(&str, &str)] = &[
    ("fn f(a) { a == ", "W0301 the expression is not complete []"),
    (
        "fn f(a) { b == a }",
        "W0302 `b` is not a name in this function [b]",
    ),
    (
        "fn f(a) { account.name == a }",
        "W0302 `account.name` is not a name in this function [account.name]",
    ),
    ("fn f(a) { g(a) }", "W0303 there is no function `g` [g]"),
    (
        "fn f(a) { lower(a, a) }",
        "W0304 `lower` takes 1 value, not 2 [lower]",
    ),
    ("fn f(a) { f(a) }", "W0309 `f` calls itself [f]"),
    (
        "fn f(a) { g(a) } fn g(a) { a && f(a) }",
        "W0309 `f` calls itself [f]",
    ),
    (
        "fn lower(a) { a }",
        "W0308 `lower` is a function of the language [lower]",
    ),
    (
        "fn f(a) { a } fn f(a, b) { a }",
        "W0308 `f` is defined twice [f]",
    ),
    (
        "let x = 1;",
        "W0308 a functions file has only functions in it [let]",
    ),
    (
        "fn f(a) { let b = a; b = 1; b }",
        "W0308 functions do not have this [=]",
    ),
    (
        "fn f(a) { while a { } }",
        "W0308 `while` cannot be used here [while]",
    ),
    (
        "fn f(a) { return; }",
        "W0308 `return` needs a value [return]",
    ),
    (
        "fn f(a) { throw a }",
        "W0308 `throw` cannot be used here [throw]",
    ),
    (
        "fn f(a) { [a][0] }",
        "W0308 parts of values cannot be picked by an index [[]",
    ),
    (
        "fn f(a) { a.len() }",
        "W0308 functions are not called as methods [a.len]",
    ),
    (
        "fn f(a) { this == a }",
        "W0308 `this` cannot be used here [this]",
    ),
    (
        "fn \"int\".f(a) { a }",
        "W0308 functions cannot be methods [f]",
    ),
    ("fn f(a) { let g = |x| x; g }", "W0301 unexpected `|` [|]"),
];

#[test]
fn a_functions_file_is_checked_by_itself() {
    for (functions, expected) in WRONG {
        refused(functions, expected);
    }
    let long = with(&" ".repeat(65_537)).err().unwrap();
    assert!(long.starts_with("W0310 the functions file is longer than 65536 bytes"));
    let many: String = (0..300).map(|n| format!("fn f{n}() {{ 1 }}\n")).collect();
    assert!(
        with(&many)
            .err()
            .unwrap()
            .starts_with("W0310 there are too many functions")
    );
}

#[test]
fn a_single_expression_is_put_in_place_and_typed_there() {
    let functions = "fn same(a, b) { a == b } fn bound(s) { s == \"bound\" }
        fn set(a) { has(a) && starts_with(a, \"+65\") } fn or(a, b) { a ?? b }";
    let compiler = with(functions).unwrap();
    let check = |text: &str, expected: &str| {
        let found = match compile_as(&compiler, text, Some(Type::Bool), false) {
            Ok(expression) if expression.is_lowered() => "lowered".to_owned(),
            Ok(_) => "interpreted".to_owned(),
            Err(found) => {
                // Mistakes within a function are shown there, and lead back to the call.
                let first = found.first().unwrap();
                let call = first
                    .secondary
                    .iter()
                    .any(|label| label.text == "called from here");
                format!(
                    "{} {}{}",
                    first.code,
                    first.message,
                    if call { " (call)" } else { "" }
                )
            }
        };
        assert_eq!(found, expected, "{text}");
    };
    for (text, expected) in [
        ("same(account.name, resource)", "lowered"),
        ("same(state.phone, \"bound\")", "lowered"),
        ("bound(state.phone)", "lowered"),
        ("set(account.phone)", "lowered"),
        (
            "set(account.phone) && account.phone == input.phone",
            "lowered",
        ),
        ("or(context.mfa, false)", "lowered"),
        (
            "bound(state.member)",
            "W0306 `bound` is none of the possible words (call)",
        ),
        (
            "same(account.age, now)",
            "W0304 int and time cannot be compared (call)",
        ),
        (
            "same(account.phone, input.phone)",
            "W0305 `account.phone` can be unset here (call)",
        ),
        ("or(account.age, 1)", "W0304 expected bool, found int"),
        ("sane(1, 1)", "W0303 there is no function `sane`"),
    ] {
        check(text, expected);
    }
}

#[test]
fn several_statements_are_interpreted_and_typed_when_they_run() {
    let functions = "fn word(n) { let m = n + 1; if m > 3 { return \"bound\"; } \"lost\" }
        fn number(a) { let b = a; b } fn maybe(a) { let b = a; if has(b) { return b; } \"none\" }
        fn deep(n) { let a = 1; mid(n) + a } fn mid(n) { let a = 1; n + a }
        fn list() { let a = 1; [a] } fn grow(a) { let b = a + a; b }";
    let compiler = with(functions).unwrap();
    let check = |text: &str, ty: Type, age: i64, expected: &str| {
        let expression = compile_as(&compiler, text, Some(ty), false)
            .unwrap_or_else(|found| panic!("{}", written(text, &found)));
        assert!(!expression.is_lowered(), "{text}");
        let values: Vec<Sampled> = compiler
            .vocabulary()
            .facts()
            .map(|(_, fact)| match fact.path.as_ref() {
                "account.age" => Sampled::Int(age),
                "account.name" => Sampled::Text("private"),
                _ => Sampled::Unset,
            })
            .collect();
        let facts = agreement::facts(compiler.vocabulary(), &values);
        let found = match expression.value(&facts) {
            Ok(value) => value.map_or("unset".to_owned(), |value| value.text()),
            Err(error) => error.message,
        };
        assert_eq!(found, expected, "{text}");
        assert!(!found.contains("private"), "an error repeats no value");
    };
    let phone = {
        let vocabulary = compiler.vocabulary();
        let slot = vocabulary.slot("state.phone").unwrap();
        vocabulary.fact(slot).unwrap().ty.clone()
    };
    check("word(account.age)", phone.clone(), 3, "bound");
    check(
        "word(account.age)",
        phone,
        1,
        "the result has not the type that is needed",
    );
    check("word(account.age) == \"bound\"", Type::Bool, 3, "true");
    check("word(account.age) == account.age", Type::Bool, 3, KINDS);
    check(
        "number(account.age) && true",
        Type::Bool,
        3,
        "a value is of another kind than needed",
    );
    check("number(account.name) + 1", Type::Int, 3, KINDS);
    check("number(account.age) + 1", Type::Int, 3, "4");
    check("deep(account.age)", Type::Int, 3, "5");
    check(
        "word(account.age)",
        Type::Phone,
        3,
        "the result has not the type that is needed",
    );
    check("maybe(account.nick)", Type::Text, 3, "none");
    check(
        "number(account.nick) == \"x\"",
        Type::Bool,
        3,
        "a value that is needed is unset",
    );
    check(
        "word(account.age + 9223372036854775807)",
        Type::Text,
        3,
        "the result is too large",
    );
    check(
        "list() == 1",
        Type::Bool,
        3,
        "a value is of another kind than needed",
    );
}

const KINDS: &str = "values of different kinds cannot be used together";
