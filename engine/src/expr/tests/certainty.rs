//! Three-valued truth: what is certain while some facts are not known.

use super::{compile_as, sample};
use crate::expr::agreement::{Sampled, facts};
use crate::expr::{Slot, Truth, Type};

/// The truth of a condition when only the given names are known.
#[track_caller]
fn check(text: &str, known: &[(&str, Sampled)], expected: Truth) {
    let compiler = sample().unwrap();
    let expression = compile_as(&compiler, text, Some(Type::Bool), false).unwrap();
    let vocabulary = compiler.vocabulary();
    let values: Vec<Sampled> = vocabulary
        .facts()
        .map(|(_, fact)| {
            let found = known.iter().find(|(name, _)| *name == fact.path.as_ref());
            found.map_or(Sampled::Unset, |(_, value)| value.clone())
        })
        .collect();
    let slots: Vec<Slot> = known
        .iter()
        .filter_map(|(name, _)| vocabulary.slot(name))
        .collect();
    let truth = expression.truth3(&facts(vocabulary, &values), &|slot| slots.contains(&slot));
    assert_eq!(truth, expected, "{text}");
}

#[test]
fn one_part_can_decide_the_whole() {
    let bound = [("state.phone", Sampled::Text("bound"))];
    for (text, expected) in [
        ("state.phone == \"bound\"", Truth::True),
        ("state.phone != \"bound\"", Truth::False),
        ("state.phone in [\"unbound\"]", Truth::False),
        ("state.member == \"cloud\"", Truth::Unknown),
        (
            "state.member == \"cloud\" && state.phone == \"unbound\"",
            Truth::False,
        ),
        (
            "state.member == \"cloud\" || state.phone == \"bound\"",
            Truth::True,
        ),
        (
            "state.member == \"cloud\" && state.phone == \"bound\"",
            Truth::Unknown,
        ),
        (
            "!(state.member == \"cloud\" && state.phone == \"unbound\")",
            Truth::True,
        ),
        (
            "if context.trusted { true } else { state.phone == \"bound\" }",
            Truth::True,
        ),
        ("if context.trusted { true } else { false }", Truth::Unknown),
        ("has(account.phone)", Truth::Unknown),
        (
            "(context.mfa ?? true) || state.phone == \"bound\"",
            Truth::True,
        ),
        (
            "same(state.phone, \"bound\") || context.trusted",
            Truth::True,
        ),
    ] {
        check(text, &bound, expected);
    }
}

#[test]
fn what_may_fail_is_not_certain() {
    let known = [("context.trusted", Sampled::Bool(false))];
    for (text, expected) in [
        // The sum may overflow before `false` is seen; after it, it is not computed.
        ("account.age + 1 > 0 && context.trusted", Truth::Unknown),
        ("context.trusted && account.age + 1 > 0", Truth::False),
        ("account.age > 0 && context.trusted", Truth::False),
        ("late(account.age) && context.trusted", Truth::Unknown),
        ("context.trusted && late(account.age)", Truth::False),
        ("!context.trusted || late(account.age)", Truth::True),
        ("first(context.trusted, account.age + 1)", Truth::Unknown),
        ("first(context.trusted, account.age)", Truth::False),
        (
            "if account.age + 1 > 0 { true } else { true }",
            Truth::Unknown,
        ),
    ] {
        check(text, &known, expected);
    }
}

#[test]
fn a_condition_that_fails_is_neither_true_nor_false() {
    let known = [("account.age", Sampled::Int(i64::MAX))];
    check("account.age + 1 > 0", &known, Truth::Unknown);
    check("late(account.age)", &known, Truth::Unknown);
    let unset = [("principal.kind", Sampled::Unset)];
    check("principal.kind == \"root\"", &unset, Truth::Unknown);
    check("late(9)", &unset, Truth::False);
}
