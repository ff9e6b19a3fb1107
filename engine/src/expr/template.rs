//! Templates: text with `${expression}` in it; `$${` stands for `${`.

use super::compiler::{Compiler, Expected};
use super::expression::{EvalError, Expression};
use super::{Facts, Slot, codes, extent};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Text with `${expression}` in it.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(std::sync::Arc<str>),
    Expression(Expression),
}

impl Template {
    /// The text with every expression replaced by its value; an unset optional value is empty.
    ///
    /// # Errors
    /// As [`Expression::truth`].
    pub fn render(&self, facts: &Facts<'_>) -> Result<String, EvalError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Expression(part) => {
                    text.push_str(&part.value_text(facts)?.unwrap_or_default());
                }
            }
        }
        Ok(text)
    }

    /// The template as it could be written.
    pub fn text(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.replace("${", "$${"),
            Part::Expression(expression) => format!("${{{}}}", expression.text()),
        };
        self.parts.iter().map(part).collect()
    }

    /// The expressions in it, in the order they are written.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expression(expression) => Some(expression),
            Part::Text(_) => None,
        })
    }
}

/// Checks a template.
pub(super) fn compile(
    compiler: &Compiler,
    text: &str,
    span: Span,
    may_read: &dyn Fn(Slot) -> Result<(), String>,
) -> Result<Template, Vec<Diagnostic>> {
    let expected = Expected {
        ty: None,
        optional: true,
        may_read,
    };
    // As for expressions: where the text was decoded on the way, only the whole has a place.
    let whole = super::SourceText::part(text, span);
    let mut parts = Vec::new();
    let mut diagnostics = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(range) => {
                parts.push(Part::Text(
                    extent::text(text, &range).replace("$${", "${").into(),
                ));
            }
            Piece::Expression(range) => {
                let place = whole.span(range.clone());
                match compiler.expression(extent::text(text, &range), place, &expected) {
                    Ok(expression) => parts.push(Part::Expression(expression)),
                    Err(found) => diagnostics.extend(found),
                }
            }
            Piece::Open(at) => diagnostics.push(
                Diagnostic::error(
                    codes::SYNTAX,
                    whole.span(at..at + 2),
                    "this `${` has no `}`",
                )
                .help("write `$${` for the characters themselves"),
            ),
        }
    }
    if diagnostics.is_empty() {
        Ok(Template { parts })
    } else {
        Err(diagnostics)
    }
}

/// A piece of a template, by its bytes.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(std::ops::Range<usize>),
    Expression(std::ops::Range<usize>),
    /// An expression that does not end.
    Open(usize),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("${")) {
        let start = at + found;
        at = start + 2;
        // `$${` is an escape, which is taken out with the text around it.
        if text
            .get(..start)
            .is_some_and(|before| before.ends_with('$'))
        {
            continue;
        }
        if from < start {
            pieces.push(Piece::Text(from..start));
        }
        match expression_end(text, at) {
            Some(end) => {
                pieces.push(Piece::Expression(at..end));
                at = end + 1;
                from = at;
            }
            None => {
                pieces.push(Piece::Open(start));
                return pieces;
            }
        }
    }
    if from < text.len() {
        pieces.push(Piece::Text(from..text.len()));
    }
    pieces
}

/// Where the `}` stands that ends the expression: braces and quotes within it are its own.
fn expression_end(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    while at < text.len() {
        let token = extent::token(text, at);
        match text.get(token.clone())? {
            "{" => depth += 1,
            "}" if depth == 0 => return Some(at),
            "}" => depth -= 1,
            _ => {}
        }
        at = token.end.max(at + 1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fall_into_pieces() {
        let check = |text: &str, expected: &[Piece]| assert_eq!(pieces(text), expected, "{text}");
        check("", &[]);
        check("a", &[Piece::Text(0..1)]);
        check(
            "a${b}c",
            &[
                Piece::Text(0..1),
                Piece::Expression(3..4),
                Piece::Text(5..6),
            ],
        );
        check("${\"}\"}", &[Piece::Expression(2..5)]);
        check("${if a {b} else {c}}", &[Piece::Expression(2..19)]);
        check("$${b}", &[Piece::Text(0..5)]);
        check("a ${b", &[Piece::Text(0..2), Piece::Open(2)]);
        check("$", &[Piece::Text(0..1)]);
    }
}
