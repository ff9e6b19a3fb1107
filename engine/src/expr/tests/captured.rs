//! Conditions that a policy script captured: rhai hands them over unevaluated.

use std::sync::{Arc, Mutex};

use rhai::{Dynamic, Engine, OptimizationLevel};

use super::{sample, written};
use crate::expr::{Expected, Expression, SourceText, Type};
use crate::source::SourceMap;

/// Runs a script in which `when CONDITION;` is a statement, and compiles each condition.
fn capture(script: &'static str) -> Vec<Result<Expression, String>> {
    let compiler = sample().unwrap();
    let found = Arc::new(Mutex::new(Vec::new()));
    let results = found.clone();
    let file = SourceMap::default().add("policy.rhai", script);
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine
        .register_custom_syntax(["when", "$expr$", ";"], false, move |context, inputs| {
            let locals = |name: &str| context.scope().get(name).cloned();
            let expected = Expected {
                ty: Some(Type::Bool),
                optional: false,
                may_read: &|_| Ok(()),
            };
            let source = SourceText::file(file, script);
            let expression = compiler
                .captured(inputs.first().unwrap(), &source, &locals, &expected)
                .map_err(|diagnostics| written(script, &diagnostics));
            results.lock().unwrap().push(expression);
            Ok(Dynamic::UNIT)
        })
        .unwrap();
    engine.run(script).unwrap();
    drop(engine);
    Arc::into_inner(found).unwrap().into_inner().unwrap()
}

#[test]
fn a_condition_keeps_its_text_and_place() {
    let found = capture("let x = 1;\n  when (account.age > 1 || false) && context.trusted;");
    let expression = found.first().unwrap().as_ref().unwrap();
    assert_eq!(
        expression.text(),
        "(account.age > 1 || false) && context.trusted"
    );
    assert_eq!(expression.span().start, 18);
    assert!(expression.is_lowered());
}

#[test]
fn constants_of_the_script_are_put_in_place() {
    let script =
        "let folder = \"rd-3G\"; const HOUR = 8; let ids = [\"SG\", \"GB\"]; let on = true;
        when starts_with(resource, folder) && now.hour >= HOUR && account.country in ids && on;
        when like(resource, `acs:${folder}/${HOUR}*`);
        for n in [1, 2] { when account.age == n; }";
    let found = capture(script);
    assert_eq!(found.len(), 4);
    for expression in &found {
        assert!(expression.is_ok(), "{expression:?}");
    }
}

#[test]
fn mistakes_are_shown_in_the_script() {
    let script = "let m = #{ a: 1 };\nwhen account.agee == 1;\nwhen m.a == 1;\nwhen x > 1;
        let country = \"Sg\"; when account.country == country;
        let account = 3; when account.age > 1;";
    let found: Vec<String> = capture(script)
        .into_iter()
        .map(|found| {
            found
                .err()
                .unwrap_or_default()
                .lines()
                .next()
                .unwrap_or("")
                .to_owned()
        })
        .collect();
    assert_eq!(
        found,
        [
            "W0302 `account` has no `agee` [agee]",
            "W0308 constants have no parts [m.a]",
            "W0302 there is no name `x` [x]",
            "W0306 this text is no country: expected an ISO 3166-1 alpha-2 country code such as SG \
             [country]",
            "W0308 constants have no parts [account.age]",
        ]
    );
}
