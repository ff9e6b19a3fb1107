//! Steps answer what the general form answers, and join what belongs together.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::expr::agreement::{any_condition, any_facts, compile, facts, sample};
use crate::expr::{Expression, Type};

fn condition(text: &str) -> Expression {
    compile(&sample().unwrap(), text, Some(Type::Bool)).unwrap()
}

#[test]
fn steps_answer_what_the_general_form_answers() {
    let compiler = sample().unwrap();
    let (answers, failures) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 4_000,
        failure_persistence: None,
        ..Config::default()
    });
    let cases = (any_condition(), any_facts(false));
    let result = runner.run(&cases, |(text, values)| {
        let Ok(expression) = compile(&compiler, &text, Some(Type::Bool)) else {
            return Ok(());
        };
        let facts = facts(compiler.vocabulary(), &values);
        let general = expression.general_truth(&facts);
        match expression.steps().truth(&facts) {
            Some(truth) => {
                answers.fetch_add(1, Ordering::Relaxed);
                prop_assert_eq!(general, Ok(truth), "{}", text);
            }
            None => {
                failures.fetch_add(1, Ordering::Relaxed);
                prop_assert!(general.is_err(), "{}: {:?}", text, general);
            }
        }
        Ok(())
    });
    result.unwrap();
    let (answers, failures) = (answers.into_inner(), failures.into_inner());
    assert!(
        answers > 1_000,
        "too few conditions are answered: {answers}"
    );
    assert!(failures > 50, "too few conditions fail: {failures}");
}

#[test]
fn what_is_asked_of_one_name_is_asked_at_once() {
    for (text, steps) in [
        ("context.mfa ?? false", 1),
        ("has(account.score) && account.score < 50", 1),
        ("8 <= now.hour && now.hour < 18", 1),
        ("!(now.hour < 8) && (account.score ?? 3) != 4", 2),
        (
            "context.trusted == false || account.country in [\"SG\", \"DE\"]",
            2,
        ),
        ("has(account.nick) && account.nick == account.name", 1),
        (
            "principal.name in principal.groups && \"ops\" in principal.groups",
            2,
        ),
        ("if context.trusted { has(account.nick) } else { true }", 2),
    ] {
        let condition = condition(text);
        let walked = condition.steps().longest();
        assert_eq!(walked, steps, "{text}: {:?}", condition.steps());
    }
}

#[test]
fn what_no_question_expresses_is_left_to_the_general_form() {
    let condition = condition("context.trusted && len(account.name) > 3");
    assert_eq!(condition.steps().longest(), 2);
    assert!(condition.steps().is_partly_general());
}
