//! The sealed and bounded engine that scripts are parsed and run in.
//!
//! Nothing in it reads or writes anything outside the script: no files, no time, no randomness, no
//! output, no modules, no functions. Every limit is set here, whatever rhai's own defaults are in
//! this kind of build.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rhai::packages::{
    ArithmeticPackage, BasicIteratorPackage, BasicStringPackage, LogicPackage, Package,
};
use rhai::{AST, Engine, EvalAltResult, OptimizationLevel, Scope};

use super::checks::{FORBIDDEN, Refusal};
use super::lists::Meter;
use super::outline::Outline;
use super::record::{Recorded, Recorder};
use super::report;
use crate::diagnostic::Diagnostic;
use crate::expr::SourceText;

/// Most operations of one script: some tens for each of the most statements it may make. To copy a
/// list is one operation, so this and the longest list bound what a load can cost.
pub(super) const OPERATIONS_MAX: u64 = 250_000;
/// Deepest nesting of expressions and blocks.
pub(super) const DEPTH_MAX: usize = 64;
/// Longest text that a script can make, in bytes; also, how long the texts of a list are together.
pub(super) const TEXT_LENGTH_MAX: usize = 1 << 16;
/// Longest list that a script can make.
pub(super) const LIST_LENGTH_MAX: usize = 1_000;
/// Most variables at one time.
pub(super) const VARIABLES_MAX: usize = 200;
/// Most syntax errors that are reported of one script.
const SYNTAX_ERRORS_MAX: usize = 16;

/// The engine, and the place where statements gather while a script runs.
pub(in crate::policy) struct Sandbox {
    engine: Engine,
    recorder: Recorder,
    meter: Meter,
}

impl Sandbox {
    pub(in crate::policy) fn new() -> Self {
        let mut engine = Engine::new_raw();
        ArithmeticPackage::new().register_into_engine(&mut engine);
        LogicPackage::new().register_into_engine(&mut engine);
        BasicStringPackage::new().register_into_engine(&mut engine);
        BasicIteratorPackage::new().register_into_engine(&mut engine);
        engine
            .set_optimization_level(OptimizationLevel::None)
            .set_max_operations(OPERATIONS_MAX)
            .set_max_expr_depths(DEPTH_MAX, DEPTH_MAX)
            .set_max_call_levels(8)
            .set_max_variables(VARIABLES_MAX)
            .set_max_functions(1)
            .set_max_string_size(TEXT_LENGTH_MAX)
            .set_max_array_size(LIST_LENGTH_MAX)
            .set_max_map_size(1)
            .set_allow_anonymous_fn(false)
            .set_allow_shadowing(false)
            .set_fail_on_invalid_map_property(true);
        engine.disable_symbol("#{");
        for (word, _) in FORBIDDEN {
            engine.disable_symbol(*word);
        }
        let (recorder, meter) = (Recorder::default(), Meter::default());
        recorder.register(&mut engine);
        meter.register(&mut engine);
        Self {
            engine,
            recorder,
            meter,
        }
    }

    /// Parses a script without the statements that were refused already, and reports what is wrong
    /// with the others: each statement with a syntax error is left out, and the rest parsed again.
    pub(super) fn parse(
        &self,
        outline: &Outline<'_>,
        source: &SourceText<'_>,
        refusals: Vec<Refusal>,
        roots: &dyn Fn(&str) -> bool,
    ) -> Result<AST, Vec<Diagnostic>> {
        let (mut findings, refused): (Vec<_>, Vec<_>) = refusals.into_iter().unzip();
        let mut left_out = LeftOut::new(outline);
        for byte in refused {
            left_out.add(byte);
        }
        for _ in 0..SYNTAX_ERRORS_MAX {
            let error = match caught(|| self.engine.compile(left_out.text())) {
                Some(Ok(ast)) if findings.is_empty() => return Ok(ast),
                Some(Ok(_)) => break,
                Some(Err(error)) => error,
                None => {
                    findings.push(report::failed(source));
                    break;
                }
            };
            let byte = source.offset(error.position());
            findings.push(report::syntax(&error, byte, outline, source, roots));
            if !left_out.add(byte) {
                break;
            }
        }
        Err(findings)
    }

    /// Runs a script to its end, or until it is stopped.
    pub(super) fn run(&self, ast: &AST) -> (Vec<Recorded>, Option<Stopped>) {
        self.meter.reset();
        let ended = caught(|| self.engine.run_ast_with_scope(&mut Scope::new(), ast));
        let stopped = match ended {
            Some(ended) => ended.err().map(Stopped::By),
            None => Some(Stopped::Failed),
        };
        (self.recorder.take(), stopped)
    }
}

/// Why a script did not run to its end.
pub(super) enum Stopped {
    /// An error of its own, or a limit.
    By(Box<EvalAltResult>),
    /// A defect of the interpreter.
    Failed,
}

/// Has rhai at work on a text from outside, which must not bring down more than itself. What the
/// work leaves behind is taken away by the next one that begins.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// A script with some statements blanked out, everything else being where it was.
struct LeftOut<'o> {
    outline: &'o Outline<'o>,
    blank: Vec<bool>,
}

impl<'o> LeftOut<'o> {
    fn new(outline: &'o Outline<'o>) -> Self {
        let blank = vec![false; outline.len()];
        Self { outline, blank }
    }

    /// Leaves out the statement around a byte; false, if nothing of it was left.
    fn add(&mut self, byte: usize) -> bool {
        let tokens = self.outline.statement_around(byte);
        let Some(blank) = self.blank.get_mut(tokens) else {
            return false;
        };
        let new = blank.contains(&false);
        blank.fill(true);
        new
    }

    /// The text, with a space for each character of a token that is left out.
    fn text(&self) -> String {
        let text = self.outline.text();
        let mut kept = String::with_capacity(text.len());
        let mut end = 0;
        let tokens = (0..self.outline.len()).map(|index| self.outline.range(index));
        for (token, _) in tokens.zip(&self.blank).filter(|(_, blank)| **blank) {
            kept.push_str(text.get(end..token.start).unwrap_or_default());
            let gone = text.get(token.clone()).unwrap_or_default().chars();
            kept.extend(gone.map(|c| if c == '\n' { c } else { ' ' }));
            end = token.end;
        }
        kept.push_str(text.get(end..).unwrap_or_default());
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::ELEMENTS_MAX;
    use super::*;

    /// Every function that goes through lists is charged for each element, so that the bound on
    /// elements bounds the work, however a script spreads it over calls.
    #[test]
    fn functions_are_charged_for_what_they_go_through() {
        let sandbox = Sandbox::new();
        let list = "let a = []; for i in 0..1000 { a.push(i); } let b = a; ";
        let run = |work: &str| sandbox.engine.run(&format!("{list}{work}"));
        for (work, elements) in [
            ("", 0),
            ("a.len(); a.is_empty();", 0),
            ("a == b;", 1_000),
            ("a != b;", 1_000),
            ("1001 in a;", 1_000),
            ("a.contains(0);", 1_000),
            ("[] + a;", 1_000),
            ("[a == b] + [1001 in a];", 2_002),
        ] {
            sandbox.meter.begin_at(0);
            assert!(run(work).is_ok(), "{work}");
            assert_eq!(sandbox.meter.spent(), elements, "{work}");
            if elements == 0 {
                continue;
            }
            // The last element that may be, and one more.
            sandbox.meter.begin_at(ELEMENTS_MAX - elements);
            assert!(run(work).is_ok(), "{work}");
            sandbox.meter.begin_at(ELEMENTS_MAX - elements + 1);
            let stopped = run(work).unwrap_err();
            let too_many = matches!(*stopped, EvalAltResult::ErrorTooManyOperations(_));
            assert!(too_many, "{work}: {stopped}");
        }
    }

    #[test]
    fn a_panic_is_an_outcome() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| -> u8 { panic!("on purpose") }), None);
    }
}
