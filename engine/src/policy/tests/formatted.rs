//! A policy in its style says what it said before, and has its style.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::world::World;
use crate::policy::fuzz::fuzz_format;
use crate::policy::script::lexer::pieces;

fn comments(text: &str) -> Vec<String> {
    let comments = pieces(text).filter(|(kind, _)| kind.is_none());
    let lines = |range| -> String {
        let text: &str = &text[range];
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    comments.map(|(_, range)| lines(range)).collect()
}

/// Formats a script that parses, and checks all that must hold of the result.
#[track_caller]
fn check(script: &str) -> Option<String> {
    let formatted = fuzz_format(script)?;
    assert_eq!(comments(&formatted), comments(script));
    Some(formatted)
}

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn files(folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(workspace(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let texts = paths.filter_map(|path| {
        let name = path.display().to_string();
        Some((name, fs::read_to_string(path).ok()?))
    });
    texts.collect()
}

#[test]
fn the_shipped_policies_have_their_style() {
    let scripts: Vec<_> = files("policies")
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rhai"))
        .collect();
    assert!(scripts.len() > 5);
    for (name, text) in scripts {
        let formatted = check(&text).unwrap();
        assert_eq!(text, formatted, "{name}: run `stateward policy fmt`");
    }
}

#[test]
fn the_corpora_say_what_they_said() {
    let corpus = files("fuzz/corpus/policy_script");
    let formatted = corpus.iter().filter(|(_, text)| check(text).is_some());
    assert!(formatted.count() >= 8);
}

type Words = Vec<String>;

fn list(word: &str) -> Words {
    word.split(' ').map(str::to_owned).collect()
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Words> {
    prop::sample::select(texts).prop_map(list)
}

fn condition() -> impl Strategy<Value = Words> {
    let leaf = one_of(&[
        "( context.mfa ?? false )",
        "has ( context.mfa ) && context.mfa",
        "now.hour >= 8",
        "now.hour + 1 - now.hour * 2 < -3",
        "account.country in [ \"DE\" , \"FR\" , ]",
        "! ( permission == a )",
        "principal.name in l",
        "starts_with ( resource , \"acs:\" )",
    ]);
    leaf.prop_recursive(3, 12, 2, |inner| {
        let operator = prop::sample::select(&["&&", "||"][..]);
        (inner.clone(), operator, inner, any::<bool>()).prop_map(|(left, word, right, parens)| {
            let whole = [left, list(word), right].concat();
            if parens {
                [list("("), whole, list(")")].concat()
            } else {
                whole
            }
        })
    })
}

fn clause(word: &'static str, value: impl Strategy<Value = Words>) -> impl Strategy<Value = Words> {
    prop::option::weighted(0.4, value)
        .prop_map(move |value| value.map_or_else(Vec::new, |value| [list(word), value].concat()))
}

fn verb() -> impl Strategy<Value = Words> {
    let actions = one_of(&[
        "\"s:Get*\"",
        "[ \"s:List*\" , \"s:Get*\" ]",
        "[ \"s:LongNameOfAnAction\" , \"s:AnotherLongNameOfAnAction\" , a , l [ 0 ] , \"t:*\" , ]",
        "a",
        "l",
        "`s:${l.len()}`",
        "all",
        "all except l",
        "all except [ \"s:a\" ]",
    ]);
    let resources = one_of(&[
        "\"acs:s:*:*:x\"",
        "[ \"acs:s:*:*:x\" , `acs:s:*:*:${ a }/*` ]",
    ]);
    let because = one_of(&["\"it-says-so\"", "\"a\" + a", "#\"raw\"#"]);
    (
        one_of(&["allow", "deny"]),
        actions,
        clause("on", resources),
        clause("when", condition()),
        clause("unless", condition()),
        clause("because", because),
    )
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f, list(";")].concat())
}

fn statements() -> impl Strategy<Value = Words> {
    let plain = prop_oneof![
        4 => verb(),
        1 => one_of(&["l [ 0 ] = a ;", "a += \"x\" ;", "m . push ( \"s:z\" ) ;", ";"]),
    ];
    plain.prop_recursive(3, 16, 3, |inner| {
        let head = one_of(&[
            "for x in l",
            "for ( x , i ) in [ a ]",
            "if l.len ( ) > 1 && ! false",
        ]);
        let block = prop::collection::vec(inner, 0..3).prop_map(|parts| parts.concat());
        (head, block).prop_map(|(head, block)| [head, list("{"), block, list("}")].concat())
    })
}

/// What lies between two words.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just(" "),
        4 => Just(""),
        3 => Just("\n"),
        1 => Just("\n\n\n"),
        1 => Just("\r\n\t"),
        1 => Just(" // one\n"),
        1 => Just("\n// two\n\n"),
        1 => Just(" /* three */ "),
        1 => Just("\n/* four\n */\n"),
    ]
}

fn script() -> impl Strategy<Value = String> {
    let body = prop::collection::vec(statements(), 1..4).prop_map(|parts| parts.concat());
    let gaps = prop::collection::vec(gap(), 40);
    (body, gaps).prop_map(|(body, gaps)| {
        let words = [
            list("let a = \"s:x\" ; let l = [ \"s:a\" , \"s:b\" ] ; let m = [ ] ;"),
            body,
        ]
        .concat();
        let mut text = String::new();
        let may_touch = |word: &str| word.len() == 1 && "()[],;{}".contains(word);
        for (index, pair) in words.windows(2).enumerate() {
            let gap = gaps[index % gaps.len()];
            let touch = may_touch(&pair[0]) || may_touch(&pair[1]);
            text.push_str(&pair[0]);
            text.push_str(if gap.is_empty() && !touch { " " } else { gap });
        }
        text + words.last().unwrap().as_str()
    })
}

proptest! {
    #[test]
    fn a_generated_policy_says_what_it_said(script in script()) {
        prop_assert!(check(&script).is_some(), "{}", script);
        let world = World::of(&[("p", &script)]);
        prop_assert!(world.policies.get("p").is_some(), "{}", world.report());
    }
}
