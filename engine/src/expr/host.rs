//! The sealed rhai engine: nothing of rhai's standard library, no way to the outside, every limit
//! set, every operator and function ours.

use std::sync::OnceLock;

use rhai::{Array, Dynamic, Engine, EvalAltResult, OptimizationLevel};
use thiserror::Error;

use super::dynamic::{to_dynamic, view};
use super::fault::Fault;
use super::functions::{FUNCTIONS, Run};
use super::operators::{self, Operator};
use super::relation::Relation;
use super::{Val, eval};

/// How deep parentheses, calls and chains of operators can nest.
pub(super) const DEPTH_MAX: usize = 32;
/// How long a text or a name can be, in bytes.
pub(super) const TEXT_LENGTH_MAX: usize = 8_192;
/// How many elements a list can have.
pub(super) const LIST_LENGTH_MAX: usize = 256;
const CALL_LEVELS_MAX: usize = 8;
const OPERATIONS_MAX: u64 = 10_000;
const VARIABLES_MAX: usize = 64;
const FUNCTIONS_MAX: usize = 256;

/// How much of anything an expression may have: of what, and the most.
pub fn bounds() -> [(&'static str, u64); 5] {
    let of = |most: usize| u64::try_from(most).unwrap_or(u64::MAX);
    [
        ("nesting of a condition", of(DEPTH_MAX)),
        ("bytes of a condition", of(TEXT_LENGTH_MAX)),
        ("elements of a list in a condition", of(LIST_LENGTH_MAX)),
        ("operations of a function of functions.rhai", OPERATIONS_MAX),
        ("calls of functions within each other", of(CALL_LEVELS_MAX)),
    ]
}

/// What rhai has and expressions do not, wherever they stand.
const NEVER: &[&str] = &[
    "eval",
    "while",
    "loop",
    "do",
    "until",
    "for",
    "import",
    "export",
    "try",
    "catch",
    "throw",
    "print",
    "debug",
    "switch",
    "break",
    "continue",
    "type_of",
    "Fn",
    "call",
    "curry",
    "is_shared",
    "is_def_var",
    "is_def_fn",
    "this",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "**=",
    "<<=",
    ">>=",
    "&=",
    "|=",
    "^=",
    "**",
    "<<",
    ">>",
    "&",
    "^",
    "..",
    "..=",
];
/// What only functions have besides.
const STATEMENTS: &[&str] = &["let", "const", "fn", "private", "return", "global", "="];

/// rhai was linked in a form that does not keep its promises, so nothing may be decided with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the expression language does not refuse {0}")]
pub(super) struct Unsound(&'static str);

/// The engine that reads conditions.
pub(super) fn for_expressions() -> Engine {
    let mut engine = sealed();
    for symbol in STATEMENTS {
        engine.disable_symbol(*symbol);
    }
    engine
}

/// The engine that reads and runs the functions file.
pub(super) fn for_functions() -> Engine {
    sealed()
}

fn sealed() -> Engine {
    let mut engine = Engine::new_raw();
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_operations(OPERATIONS_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_expr_depths(DEPTH_MAX, DEPTH_MAX)
        .set_max_string_size(TEXT_LENGTH_MAX)
        .set_max_array_size(LIST_LENGTH_MAX)
        // Zero would mean "no limit"; literal maps are refused by the reader.
        .set_max_map_size(1)
        .set_allow_anonymous_fn(false)
        .set_allow_looping(false)
        .set_allow_loop_expressions(false)
        .set_allow_switch_expression(false)
        .set_allow_statement_expression(false)
        .set_allow_shadowing(false)
        // Otherwise rhai's own operators would come before ours, and `1 != "1"` would be true.
        .set_fast_operators(false);
    for symbol in NEVER {
        engine.disable_symbol(*symbol);
    }
    register_operators(&mut engine);
    register_functions(&mut engine);
    engine
}

type Outcome = Result<Dynamic, Box<EvalAltResult>>;

fn outcome(result: Result<Dynamic, Fault>) -> Outcome {
    result.map_err(|fault| {
        let reason = Dynamic::from(fault);
        Box::new(EvalAltResult::ErrorRuntime(reason, rhai::Position::NONE))
    })
}

/// What went wrong in the interpreter, without the values that rhai's messages repeat.
pub(super) fn fault(error: &EvalAltResult) -> Fault {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => fault(inner),
        EvalAltResult::ErrorRuntime(reason, _) => reason
            .read_lock::<Fault>()
            .map_or(Fault::Failed("the interpreter gave up"), |fault| *fault),
        EvalAltResult::ErrorTooManyOperations(_) => {
            Fault::Failed("the interpreter's budget of operations is used up")
        }
        EvalAltResult::ErrorStackOverflow(_) => {
            Fault::Failed("functions call each other too deeply")
        }
        EvalAltResult::ErrorDataTooLarge(..) => Fault::Failed("a value is too large"),
        EvalAltResult::ErrorMismatchDataType(..) => Fault::UNEXPECTED_KIND,
        _ => Fault::Failed("the interpreter gave up"),
    }
}

fn register_operators(engine: &mut Engine) {
    for operator in Operator::ALL {
        engine.register_fn(operator.symbol(), move |a: Dynamic, b: Dynamic| {
            outcome(two(&a, &b, |a, b| operator.apply(a, b).map(to_dynamic)))
        });
    }
    engine.register_fn("!", |a: Dynamic| {
        outcome(view(&a, |a| operators::not(a).map(to_dynamic)))
    });
    engine.register_fn("-", |a: Dynamic| {
        outcome(view(&a, |a| operators::negate(a).map(to_dynamic)))
    });
}

fn register_functions(engine: &mut Engine) {
    for function in &FUNCTIONS {
        match function.run {
            Run::One(run) => {
                engine.register_fn(function.name, move |a: Dynamic| {
                    outcome(view(&a, |a| Ok(to_dynamic(run(a)?.val()))))
                });
            }
            // rhai writes `x in list` as `contains(list, x)`.
            Run::Two(run) if function.name == "contains" => {
                engine.register_fn(function.name, move |a: Dynamic, b: Dynamic| {
                    outcome(match is_in(&b, &a) {
                        Some(found) => found.map(Dynamic::from),
                        None => two(&a, &b, |a, b| Ok(to_dynamic(run(a, b)?.val()))),
                    })
                });
            }
            Run::Any(relation) => {
                engine.register_fn(function.name, move |a: Dynamic, b: Dynamic| {
                    outcome(related(relation, &a, &b).map(Dynamic::from))
                });
            }
            Run::Two(run) => {
                engine.register_fn(function.name, move |a: Dynamic, b: Dynamic| {
                    outcome(two(&a, &b, |a, b| Ok(to_dynamic(run(a, b)?.val()))))
                });
            }
        }
    }
}

fn two(
    a: &Dynamic,
    b: &Dynamic,
    operate: impl FnOnce(Val<'_>, Val<'_>) -> Result<Dynamic, Fault>,
) -> Result<Dynamic, Fault> {
    view(a, |a| view(b, |b| operate(a, b)))
}

/// Whether a value is related to a text, or to any of an array.
fn related(relation: Relation, value: &Dynamic, among: &Dynamic) -> Result<bool, Fault> {
    let holds = |value: Val<'_>, text: Val<'_>| relation.holds(value, text);
    match among.read_lock::<Array>() {
        Some(texts) => any_of(value, &texts, holds),
        None => view(value, |value| view(among, |text| holds(value, text))),
    }
}

fn any_of(
    item: &Dynamic,
    list: &[Dynamic],
    holds: impl Fn(Val<'_>, Val<'_>) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    view(item, |item| {
        if item == Val::Unset {
            return Err(Fault::Unset(None));
        }
        list.iter().try_fold(false, |found, element| {
            Ok(found | view(element, |element| holds(item, element))?)
        })
    })
}

/// Whether an item is in a list; `None` if `list` is not one.
fn is_in(item: &Dynamic, list: &Dynamic) -> Option<Result<bool, Fault>> {
    if let Some(list) = list.read_lock::<Array>() {
        return Some(any_of(item, &list, operators::equal));
    }
    let texts = view(list, |list| Ok(matches!(list, Val::Texts(_))));
    if texts != Ok(true) {
        return None;
    }
    let found = two(item, list, |item, texts| {
        eval::among(item, texts).map(to_dynamic)
    });
    Some(found.and_then(|found| found.as_bool().map_err(|_| Fault::UNEXPECTED_KIND)))
}

/// Asks rhai, once, for what it must refuse. Another crate in the build could have switched its
/// checks off (`rhai/unchecked` is a feature, and features of all users are united).
pub(super) fn prove_sound() -> Result<(), Unsound> {
    static PROOF: OnceLock<Result<(), Unsound>> = OnceLock::new();
    *PROOF.get_or_init(prove)
}

fn prove() -> Result<(), Unsound> {
    let plain = Engine::new_raw();
    if plain
        .eval_expression::<i64>("9223372036854775807 + 1")
        .is_ok()
    {
        return Err(Unsound("an overflow"));
    }
    let sealed = for_expressions();
    for (script, what) in [
        ("1 == \"1\"", "a comparison of different types"),
        ("() != 1", "a comparison with nothing"),
        ("[1, 2, 3].len == 3", "properties of lists"),
        ("eval(\"1\") == 1", "evaluation of text"),
    ] {
        if sealed.eval_expression::<bool>(script).is_ok() {
            return Err(Unsound(what));
        }
    }
    let deep = format!(
        "{}1{}",
        "(".repeat(DEPTH_MAX + 1),
        ")".repeat(DEPTH_MAX + 1)
    );
    if sealed.compile_expression(deep).is_ok() {
        return Err(Unsound("deep nesting"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_build_of_rhai_is_sound() {
        assert_eq!(prove_sound(), Ok(()));
        let overflow = for_expressions().eval_expression::<i64>("9223372036854775807 + 1");
        assert!(overflow.is_err());
    }

    #[test]
    fn an_expression_cannot_reach_out_or_run_on() {
        let engine = for_expressions();
        for script in [
            "let x = 1; x",
            "x = 1",
            "while true { 1 }",
            "loop { 1 }",
            "for x in [1] { x }",
            "import \"x\" as y",
            "fn f() { 1 }",
            "try { 1 } catch { 2 }",
            "throw 1",
            "print(1)",
            "debug(1)",
            "eval(\"1\")",
            "|x| x",
            "|| 1",
            "switch 1 { 1 => 2 }",
            "do { 1 } while true",
            "return 1",
            "1 ?? return",
            "timestamp()",
            "rand()",
            "sleep(1)",
            "type_of(1)",
            "Fn(\"f\")",
            "\"a\" * 3",
            "\"a\".len",
            "0..9",
            "1.5",
        ] {
            assert!(
                engine.eval_expression::<Dynamic>(script).is_err(),
                "{script}"
            );
        }
    }

    #[test]
    fn the_interpreter_stops_what_runs_on() {
        let engine = for_functions();
        let script = "fn f(n) { g(n) + g(n) } fn g(n) { f(n) }";
        let ast = engine.compile(script).unwrap();
        let mut scope = rhai::Scope::new();
        let error = engine
            .call_fn::<Dynamic>(&mut scope, &ast, "f", (1_i64,))
            .unwrap_err();
        assert!(matches!(fault(&error), Fault::Failed(_)));
    }
}
