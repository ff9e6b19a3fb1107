//! The bodies of the fuzz targets of policies: what must hold of any text at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::requested::{canonical_resource, fold};
use super::{
    Actions, Attachments, Effect, Formatter, Pattern, PolicySet, Principal, Query, Statement,
};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::{Compiler, Expression, Facts, Type, Val, Vocabulary};
use crate::source::{FileId, SourceMap, Span};

/// Loads a text as a policy and asks it something. Whatever the text is: it ends, every finding
/// lies within it, it is loaded if and only if none of them is an error, and what is loaded answers
/// the same question twice in the same way.
pub fn fuzz_policy(text: &str) {
    let vocabulary = vocabulary();
    let Ok(compiler) = Compiler::new(&vocabulary, None) else {
        return;
    };
    let mut sources = SourceMap::default();
    let file = sources.add("policies/fuzz.rhai", text);
    let mut findings = Vec::new();
    let policies = PolicySet::load(&[file], &sources, &compiler, &vocabulary, &mut findings);

    findings
        .iter()
        .for_each(|finding| lies_within(finding, text));
    let failed = findings.iter().any(|f| f.severity == Severity::Error);
    assert_eq!(policies.get("fuzz").is_none(), failed, "{findings:?}");

    let (Ok(name), Ok(account)) = ("user/fuzz".parse(), "1".parse()) else {
        return;
    };
    let mut principal = Principal::new(name, account);
    principal.policies = policies.names().map(Arc::from).collect();
    let attachments = Attachments::default();
    for resource in ["acs:s:*:1:a/b", "acs:s::1:a", "*", ""] {
        let answer = || -> Effect {
            let mut facts = Facts::new(&vocabulary);
            if let Some(hour) = vocabulary.slot("now.hour") {
                facts.set(hour, Val::Int(9));
            }
            let query = Query {
                principal: &principal,
                owns_account: false,
                control: None,
                attachments: &attachments,
                action: "s:Get",
                resources: &[resource],
            };
            policies.rule(&query, &mut facts).effect
        };
        assert_eq!(answer(), answer());
    }
}

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for (path, ty, optional) in [
        ("account.id", Type::AccountId, false),
        ("account.country", Type::Country, false),
        ("principal.name", Type::Text, false),
        ("context.mfa", Type::Bool, true),
        ("permission", Type::Text, false),
        ("resource", Type::Text, false),
        ("now.hour", Type::Int, false),
    ] {
        vocabulary.declare(path, ty, optional);
    }
    vocabulary
}

/// Formats a text, if it is a policy's script: the result has its style, and says the same.
pub fn fuzz_format(text: &str) -> Option<String> {
    let formatter = Formatter::default();
    let formatted = formatter.format(FileId::NONE, text).ok()?;
    let again = formatter.format(FileId::NONE, &formatted);
    assert_eq!(again.as_deref(), Ok(formatted.as_str()), "of {text:?}");
    assert_eq!(meaning(text), meaning(&formatted), "{text:?}\n{formatted}");
    Some(formatted)
}

/// What a script is for and the statements that it makes; `None` where it does not load.
fn meaning(text: &str) -> Option<(Option<String>, Vec<String>)> {
    let vocabulary = vocabulary();
    let compiler = Compiler::new(&vocabulary, None).ok()?;
    let mut sources = SourceMap::default();
    let file = sources.add("policies/fuzz.rhai", text);
    let policies = PolicySet::load(&[file], &sources, &compiler, &vocabulary, &mut Vec::new());
    let policy = policies.get("fuzz")?;
    let statements = policy.statements().map(|it| words(it)).collect();
    Some((policy.about().map(str::to_owned), statements))
}

fn words(statement: &Statement) -> String {
    let (kind, actions) = match statement.actions() {
        Actions::Of(actions) => ("", actions),
        Actions::AllExcept(actions) => ("all except", actions),
    };
    format!(
        "{} {kind} {actions:?} on {:?} when {:?} unless {:?} because {:?} #{}",
        statement.verb(),
        statement.resources(),
        statement.when().map(compiled),
        statement.unless().map(compiled),
        statement.because(),
        statement.id().ordinal,
    )
}

/// What a condition was compiled to, and not how or where it is written.
fn compiled(condition: &Expression) -> String {
    let debug = format!("{condition:?}");
    debug
        .find("node: ")
        .and_then(|at| debug.get(at..))
        .map_or_else(String::new, str::to_owned)
}

/// A pattern and a name, a line each: they match exactly if they do character by character.
pub fn fuzz_pattern(text: &str) {
    let Some((pattern, name)) = text.split_once('\n') else {
        return;
    };
    if let Ok(action) = Pattern::action(pattern) {
        let name = name.to_ascii_lowercase();
        let expected = stands_for(&signs(&pattern.to_ascii_lowercase()), &name);
        assert_eq!(
            action.matches(&fold(&name, &mut [0; 64])),
            expected,
            "{text:?}"
        );
    }
    if let Ok(resource) = Pattern::resource(pattern) {
        let name = canonical_resource(name);
        let expected = stands_for(&resource_signs(pattern), &name);
        assert_eq!(resource.matches(&name), expected, "{text:?}");
        assert!(
            !expected || name.starts_with(resource.literal_prefix()),
            "{text:?}"
        );
        assert!(!resource.is_any() || expected, "{text:?}");
    }
}

/// What one character of a pattern stands for.
#[derive(Debug, Clone, Copy)]
enum Sign {
    Any,
    One,
    Just(char),
}

fn signs(pattern: &str) -> Vec<Sign> {
    let sign = |c| match c {
        '*' => Sign::Any,
        '?' => Sign::One,
        other => Sign::Just(other),
    };
    pattern.chars().map(sign).collect()
}

/// In `acs:service:region:account:path`, an empty region or account is that of a request which is
/// empty or `*`: requests have it as `*`.
fn resource_signs(pattern: &str) -> Vec<Sign> {
    let fields: Vec<&str> = pattern.splitn(5, ':').collect();
    let has_all = fields.len() == 5;
    let mut all = Vec::new();
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            all.push(Sign::Just(':'));
        }
        match (has_all, index, field) {
            (true, 2 | 3, "") => all.push(Sign::Just('*')),
            _ => all.extend(signs(field)),
        }
    }
    all
}

/// Goes through a pattern with every place of the name at which it may be at once.
fn stands_for(pattern: &[Sign], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut places = BTreeSet::from([0]);
    for sign in pattern {
        places = match sign {
            Sign::Any => (places.first().copied().unwrap_or(usize::MAX)..=name.len()).collect(),
            Sign::One => places
                .iter()
                .map(|at| at + 1)
                .filter(|at| *at <= name.len())
                .collect(),
            Sign::Just(c) => {
                let at_it = |at: &&usize| name.get(**at) == Some(c);
                places.iter().filter(at_it).map(|at| at + 1).collect()
            }
        };
    }
    places.contains(&name.len())
}

fn lies_within(finding: &Diagnostic, text: &str) {
    let inside = |span: Span| {
        let (start, end) = (usize::try_from(span.start), usize::try_from(span.end));
        matches!((start, end), (Ok(start), Ok(end)) if text.get(start..end).is_some())
    };
    let secondary = finding.secondary.iter().all(|label| inside(label.span));
    assert!(inside(finding.primary.span) && secondary, "{finding:?}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fuzz_pattern, fuzz_policy};

    #[test]
    fn odd_texts_are_survived() {
        for text in [
            "",
            "\0",
            "allow",
            "allow;",
            "deny all except",
            "allow `s:${",
            "allow \"a:b\" when",
            "}",
            "{",
            "/*",
            "#\"",
            "allow \"é:*\" on \"ü",
            "let x = y; let y = x; allow x when y;",
            "allow \"s:*\" when allow \"s:*\";",
            "for x in [\"s:a\"] { allow x when x == x }",
            "let x = [[1]]; allow \"s:*\" when now.hour in x;",
        ] {
            fuzz_policy(text);
        }
    }

    proptest! {
        #[test]
        fn patterns_stand_for_what_they_do_character_by_character(
            pattern in "[ab:*?é]{1,12}", name in "[ab:*é]{0,14}",
        ) {
            fuzz_pattern(&format!("{pattern}\n{name}"));
        }

        #[test]
        fn texts_of_the_languages_words_are_survived(
            words in prop::collection::vec(prop_oneof![
                Just("allow"), Just("deny"), Just("all"), Just("except"), Just("on"),
                Just("when"), Just("unless"),
                 Just("because"), Just("\"s:Get*\""), Just("[\"s:a\", \"s:b\"]"),
                Just(";"), Just("{"), Just("}"), Just("("), Just(")"), Just("let"), Just("x"),
                Just("="), Just("=="), Just("for"), Just("in"), Just("if"), Just("else"),
                Just("now.hour"), Just("context.mfa"), Just("1"), Just("`${x}`"), Just("\n"),
                Just("while"), Just("é"), Just("//! a\n"), Just("+"), Just("|x|"), Just("#{"),
                Just("let l = [] ;"), Just("let s = \"s:x\" ;"), Just("for i in 0..1000000 {"),
                Just("l.push(s) ;"), Just("l += l ;"), Just("l = [l, l] ;"), Just("s += s ;"),
                Just("s = `${s}${s}` ;"), Just("allow s ;"), Just("deny l on s ;"),
                Just("allow all when now.hour in l ;"), Just("allow all when now.hour == i ;"),
                Just("l == l ;"), Just("range(0, 1000000)"), Just("\u{202e}"), Just("\r"),
            ], 0..24),
        ) {
            fuzz_policy(&words.join(" "));
        }
    }
}
