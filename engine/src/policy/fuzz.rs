//! The body of the fuzz target of policy scripts: what must hold of any text at all.

use std::sync::Arc;

use super::{Attachments, Effect, PolicySet, Principal, Query};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::{Compiler, Facts, Type, Val, Vocabulary};
use crate::source::{SourceMap, Span};

/// Loads a text as a policy and asks it something. Whatever the text is: it ends, every finding
/// lies within it, it is loaded if and only if none of them is an error, and what is loaded answers
/// the same question twice in the same way.
pub fn fuzz_policy(text: &str) {
    let mut vocabulary = Vocabulary::default();
    vocabulary.declare("account.id", Type::AccountId, false);
    vocabulary.declare("context.mfa", Type::Bool, true);
    vocabulary.declare("permission", Type::Text, false);
    vocabulary.declare("resource", Type::Text, false);
    let hour = vocabulary.declare("now.hour", Type::Int, false);
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
            facts.set(hour, Val::Int(9));
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

    use super::fuzz_policy;

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
