//! What rhai's parser refused, in our words and under our codes.

use rhai::{LexError, ParseError, ParseErrorType};

use super::place::SourceText;
use super::{codes, extent, host};
use crate::diagnostic::{Code, Diagnostic};

/// The diagnostic of a parse error.
pub(super) fn syntax_error(error: &ParseError, source: &SourceText<'_>) -> Diagnostic {
    let at = source.offset(error.position());
    let (code, message, help) = in_our_words(error.err_type(), source.text(), at);
    let token = extent::token(source.text(), at);
    let diagnostic = Diagnostic::error(code, source.span(token), message);
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn in_our_words(
    error: &ParseErrorType,
    text: &str,
    at: usize,
) -> (Code, String, Option<&'static str>) {
    let forbidden = |what: String, help| (codes::FORBIDDEN_CONSTRUCT, what, help);
    let after_digit = text.get(..at).is_some_and(|before| {
        let whole = before.strip_suffix('.').unwrap_or("");
        whole.ends_with(|last: char| last.is_ascii_digit())
    });
    match error {
        ParseErrorType::ExprTooDeep => (
            codes::BOUND_EXCEEDED,
            format!("this nests deeper than {} levels", host::DEPTH_MAX),
            Some("each `&&` or `||` of a chain is a level; use `in [..]` for alternatives"),
        ),
        ParseErrorType::LiteralTooLarge(what, most) => {
            let message = format!("{} is more than {most}", what.to_lowercase());
            (codes::BOUND_EXCEEDED, message, None)
        }
        ParseErrorType::TooManyFunctions => (
            codes::BOUND_EXCEEDED,
            "there are too many functions".to_owned(),
            None,
        ),
        ParseErrorType::MismatchedType(wanted, found) => (
            codes::TYPE_MISMATCH,
            format!("expected {wanted}, found {found}"),
            None,
        ),
        ParseErrorType::UnexpectedEOF => (
            codes::SYNTAX,
            "the expression is not complete".to_owned(),
            None,
        ),
        ParseErrorType::PropertyExpected if after_digit => {
            forbidden("numbers are whole".to_owned(), None)
        }
        ParseErrorType::UnknownOperator(symbol) if symbol == "=" => forbidden(
            "expressions set nothing".to_owned(),
            Some("compare with `==`"),
        ),
        ParseErrorType::UnknownOperator(word)
        | ParseErrorType::Reserved(word)
        | ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) => {
            forbidden(format!("`{word}` cannot be used here"), None)
        }
        other => {
            let message = other.to_string().replace('\'', "`");
            let mut characters = message.chars();
            let first = characters.next().map(|first| first.to_ascii_lowercase());
            let message = first.into_iter().chain(characters).collect();
            (codes::SYNTAX, message, None)
        }
    }
}
