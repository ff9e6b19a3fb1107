//! rhai's errors about a file of properties as diagnostics, in our words.

use std::ops::Range;

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType};

use super::{codes, script};
use crate::diagnostic::Diagnostic;
use crate::expr::SourceText;
use crate::name::closest;

/// What is wrong where rhai stopped reading.
pub(super) fn unreadable(error: &ParseError, source: &SourceText<'_>) -> Diagnostic {
    let at = word_at(source.text(), source.offset(error.position()));
    let word = source.text().get(at.clone()).unwrap_or_default();
    let span = source.span(at.clone());
    let syntax = |says: String| Diagnostic::error(codes::SYNTAX, span, says);
    if word.is_empty() {
        return syntax("the file ends too early".to_owned());
    }
    if let Some((at, called, close)) = misspelt(source.text(), at.start) {
        let says = format!("there is no `{called}`");
        let finding = Diagnostic::error(codes::SYNTAX, source.span(at), says);
        return finding.did_you_mean(called, [close]);
    }
    match error.err_type() {
        ParseErrorType::BadInput(LexError::ImproperSymbol(_, says))
            if !says.ends_with("disabled") =>
        {
            syntax(format!("`{word}` does not belong here")).help(says)
        }
        ParseErrorType::Reserved(_) if !script::FORBIDDEN.contains(&word) => {
            let says = format!("`{word}` is a reserved word");
            let finding = Diagnostic::error(codes::FORBIDDEN_CONSTRUCT, span, says);
            finding.help("give the variable another name")
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(..)) | ParseErrorType::Reserved(_) => {
            let says = format!("properties have no `{word}`");
            let finding = Diagnostic::error(codes::FORBIDDEN_CONSTRUCT, span, says);
            finding.help("a file has `let`, `if`, `for x in list { … }`, `holds` and `never`")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            syntax("this text is not closed".to_owned())
        }
        ParseErrorType::MissingToken(token, _) if token == ";" => {
            syntax("the statement before this has no end".to_owned()).help("end it with `;`")
        }
        other => syntax(in_our_words(&other.to_string())),
    }
}

/// Why a file did not run to its end.
pub(super) fn stopped(error: &EvalAltResult, source: &SourceText<'_>) -> Diagnostic {
    let at = word_at(source.text(), source.offset(error.position()));
    let says = match error {
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            let says = format!("there is no variable `{name}`");
            let span = source.span(at);
            let finding = Diagnostic::error(codes::SCRIPT_FAILED, span, says);
            return finding.help("what is known of a request is asked for in `|r| …` only");
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split([' ', '(']).next().unwrap_or_default();
            format!("there is no function `{name}` for these values")
        }
        EvalAltResult::ErrorTooManyOperations(_) => {
            let most = script::OPERATIONS_MAX;
            format!("the file takes more than {most} operations")
        }
        EvalAltResult::ErrorRuntime(what, _) if what.to_string() == script::TOO_MANY => {
            "the file states more properties than it may".to_owned()
        }
        other => {
            let mut plain = other.to_string();
            if let Some(position) = plain.rfind(" (line ") {
                plain.truncate(position);
            }
            in_our_words(&plain)
        }
    };
    Diagnostic::error(codes::SCRIPT_FAILED, source.span(at), says)
}

/// What is called before a byte, if it is nearly `holds` or `never`.
fn misspelt(text: &str, before: usize) -> Option<(Range<usize>, &str, &'static str)> {
    let (head, _) = text.get(..before)?.rsplit_once('(')?;
    let called = head.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let known = ["holds", "never"];
    let close = closest(called, known).filter(|_| !known.contains(&called))?;
    Some((head.len() - called.len()..head.len(), called, close))
}

/// The word that begins at a byte, or the one character there.
fn word_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let one = rest.chars().next().map_or(0, char::len_utf8);
    start..start + word.max(one)
}

/// A message of rhai's in the form of ours: it begins in lower case and quotes with backticks.
fn in_our_words(says: &str) -> String {
    let mut letters = says.replace('\'', "`");
    if let Some(first) = letters.get(..1).map(str::to_ascii_lowercase) {
        letters.replace_range(..1, &first);
    }
    letters.trim_end_matches('.').to_owned()
}
