//! Tests of the whole way from text to value.

mod bounds;
mod captured;
mod certainty;
mod functions;
mod keys;
mod mistakes;
mod places;
mod properties;
mod relations;
mod values;

use std::fmt::Write as _;

use super::agreement::{Sampled, facts, sample};
use super::{Compiler, Expected, Expression, Type};
use crate::diagnostic::Diagnostic;
use crate::source::{SourceMap, Span};

fn compile_as(
    compiler: &Compiler,
    text: &str,
    ty: Option<Type>,
    optional: bool,
) -> Result<Expression, Vec<Diagnostic>> {
    let file = SourceMap::default().add("test", text);
    let expected = Expected {
        ty,
        optional,
        may_read: &|_| Ok(()),
    };
    compiler.expression(text, Span::new(file, 0..text.len()), &expected)
}

/// Each diagnostic on a line: code, message, underlined text, and the first help.
fn written(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut lines = String::new();
    for diagnostic in diagnostics {
        let span = diagnostic.primary.span;
        let range = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
        let underlined = text.get(range).unwrap_or("?");
        let (code, message) = (diagnostic.code, &diagnostic.message);
        writeln!(lines, "{code} {message} [{underlined}]").unwrap();
        for help in &diagnostic.help {
            writeln!(lines, "  {help}").unwrap();
        }
    }
    lines
}

/// What a condition is refused for, over the sample vocabulary.
fn refused(text: &str) -> String {
    let compiler = sample().unwrap();
    match compile_as(&compiler, text, Some(Type::Bool), false) {
        Ok(expression) => format!("accepted: {:?}", expression.ty()),
        Err(diagnostics) => written(text, &diagnostics),
    }
}

/// The value of an expression over facts that are given by name, or the error's message.
fn value(text: &str, given: &[(&str, Sampled)]) -> Result<Option<String>, String> {
    let compiler = sample().unwrap();
    let expression = compile_as(&compiler, text, None, true)
        .unwrap_or_else(|diagnostics| panic!("{}", written(text, &diagnostics)));
    let values: Vec<Sampled> = compiler
        .vocabulary()
        .facts()
        .map(|(_, fact)| {
            let found = given.iter().find(|(name, _)| *name == fact.path.as_ref());
            found.map_or(Sampled::Unset, |(_, value)| value.clone())
        })
        .collect();
    let facts = facts(compiler.vocabulary(), &values);
    super::agreement::compare(&compiler, &expression, &facts).unwrap();
    expression
        .value_text(&facts)
        .map_err(|error| error.to_string())
}
