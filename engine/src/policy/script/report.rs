//! rhai's errors as diagnostics: our words, exact places, and what to do.

use std::ops::Range;

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType};

use super::lexer::Kind;
use super::outline::{CLAUSES, Outline};
use super::record::{BYTES_MAX, STATEMENTS_MAX, TOO_MANY, WEIGHT_MAX};
use super::sandbox::{OPERATIONS_MAX, Stopped};
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{SourceText, functions};
use crate::policy::codes;

/// What is wrong where rhai stopped reading.
pub(super) fn syntax(
    error: &ParseError,
    byte: usize,
    outline: &Outline<'_>,
    source: &SourceText<'_>,
    roots: &dyn Fn(&str) -> bool,
) -> Diagnostic {
    let place = Place { outline, source };
    let at = outline.range_at(byte);
    match error.err_type() {
        ParseErrorType::BadInput(LexError::ImproperSymbol(_, says)) => place.symbol(at, says),
        ParseErrorType::Reserved(word) => {
            let says = format!("policies have no `{word}`");
            place.error(codes::FORBIDDEN_CONSTRUCT, at, says)
        }
        ParseErrorType::VariableExists(name) => place.declared_twice(at, name),
        ParseErrorType::VariableUndefined(name) => place.unknown_name(at, name, roots),
        ParseErrorType::ExprTooDeep => {
            let says = "this is nested too deeply".to_owned();
            let finding = place.error(codes::BOUND_EXCEEDED, at, says);
            finding.help("write long alternatives as a list: `x in [\"a\", \"b\"]`")
        }
        ParseErrorType::LiteralTooLarge(..) | ParseErrorType::TooManyFunctions => {
            let says = "this is larger than it may be".to_owned();
            place.error(codes::BOUND_EXCEEDED, at, says)
        }
        ParseErrorType::BadInput(LexError::StringTooLong(_)) => {
            let says = "this text is longer than it may be".to_owned();
            place.error(codes::BOUND_EXCEEDED, at, says)
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            place.error(codes::SYNTAX, at, "this text is not closed".to_owned())
        }
        ParseErrorType::MissingToken(token, _) if token == ";" => place.unfinished(byte, at),
        ParseErrorType::UnexpectedEOF => {
            place.error(codes::SYNTAX, at, "the script ends too early".to_owned())
        }
        other => place.error(codes::SYNTAX, at, in_our_words(&other.to_string())),
    }
}

/// Why a script did not run to its end.
pub(super) fn stopped(
    stopped: &Stopped,
    outline: &Outline<'_>,
    source: &SourceText<'_>,
    roots: &dyn Fn(&str) -> bool,
) -> Diagnostic {
    let Stopped::By(error) = stopped else {
        return failed(source);
    };
    let place = Place { outline, source };
    let byte = source.offset(error.position());
    let at = outline.range_at(byte);
    match &**error {
        EvalAltResult::ErrorVariableNotFound(name, _) => place.unknown_name(at, name, roots),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => place.unknown_function(at, signature),
        EvalAltResult::ErrorVariableExists(name, _) => place.declared_twice(at, name),
        EvalAltResult::ErrorTooManyOperations(_) => {
            let says = format!("the script takes more than {OPERATIONS_MAX} operations");
            place.bound(at, says)
        }
        EvalAltResult::ErrorTooManyVariables(_) => {
            place.bound(at, "the script has too many variables".to_owned())
        }
        EvalAltResult::ErrorDataTooLarge(..) => place.bound(
            at,
            "the script makes a larger text or list than it may".to_owned(),
        ),
        EvalAltResult::ErrorStackOverflow(_) => {
            place.bound(at, "the script is nested too deeply".to_owned())
        }
        EvalAltResult::ErrorRuntime(what, _) if what.to_string() == TOO_MANY => place.bound(
            at,
            format!(
                "the script makes more than {STATEMENTS_MAX} statements, {WEIGHT_MAX} patterns or \
                 {BYTES_MAX} bytes of them"
            ),
        ),
        EvalAltResult::ErrorFor(_) => {
            let says = "this is no list that a loop can go through".to_owned();
            place.error(codes::SCRIPT_FAILED, at, says)
        }
        other => {
            let mut plain = other.to_string();
            if let Some(position) = plain.rfind(" (line ") {
                plain.truncate(position);
            }
            place.error(codes::SCRIPT_FAILED, at, in_our_words(&plain))
        }
    }
}

/// rhai came to grief over a script.
pub(super) fn failed(source: &SourceText<'_>) -> Diagnostic {
    let says = "the interpreter failed over this script";
    Diagnostic::error(codes::SCRIPT_FAILED, source.span(0..0), says)
        .help("this is a defect: please report it with the script")
}

struct Place<'a> {
    outline: &'a Outline<'a>,
    source: &'a SourceText<'a>,
}

impl Place<'_> {
    fn error(&self, code: Code, at: Range<usize>, says: String) -> Diagnostic {
        Diagnostic::error(code, self.source.span(at), says)
    }

    fn bound(&self, at: Range<usize>, says: String) -> Diagnostic {
        let finding = self.error(codes::BOUND_EXCEEDED, at, says);
        finding.help("split the policy, or write what it computes")
    }

    /// A symbol that does not belong where it is; the grammar of statements says what does.
    fn symbol(&self, at: Range<usize>, says: &str) -> Diagnostic {
        if says.ends_with(" is disabled") {
            let word = self.outline.text().get(at.clone()).unwrap_or_default();
            let says = format!("policies have no `{word}`");
            return self.error(codes::FORBIDDEN_CONSTRUCT, at, says);
        }
        if let Some(help) = says.strip_prefix("did you mean ") {
            let word = self.outline.text().get(at.clone()).unwrap_or_default();
            let finding = self.error(codes::SYNTAX, at, format!("unknown clause `{word}`"));
            let close = help.trim_matches(['`', '?']);
            return finding.did_you_mean(close, CLAUSES.into_iter().filter(|c| *c == close));
        }
        self.error(codes::SYNTAX, at, in_our_words(says))
    }

    /// A statement that goes on where it should have ended: most often a misspelt verb.
    fn unfinished(&self, byte: usize, at: Range<usize>) -> Diagnostic {
        let before = self.outline.token_at(byte).checked_sub(1);
        let verb = before.filter(|index| self.outline.begins(*index));
        if let Some(word) = verb.and_then(|index| self.outline.word(index)) {
            let at = self.outline.range(verb.unwrap_or_default());
            let says = format!("no statement begins with `{word}`");
            let finding = self.error(codes::SYNTAX, at, says);
            return match crate::name::closest(word, ["allow", "deny", "let", "for", "if"]) {
                Some(close) => finding.did_you_mean(word, [close]),
                None => finding.help("begin a statement with `allow` or `deny`"),
            };
        }
        let end = before.map_or(at.clone(), |index| self.outline.range(index));
        let finding = self.error(codes::SYNTAX, end, "this statement has no end".to_owned());
        finding
            .also(self.source.span(at), "the next one begins here")
            .help("end it with `;`")
    }

    fn unknown_name(
        &self,
        at: Range<usize>,
        name: &str,
        roots: &dyn Fn(&str) -> bool,
    ) -> Diagnostic {
        if roots(name) {
            let says = format!("`{name}` cannot be read while the script runs");
            let finding = self.error(codes::UNKNOWN_NAME, at, says);
            return finding.help("a policy runs once, at load: ask for it in `when` or `unless`");
        }
        let declared = self.declarations();
        let later = declared
            .iter()
            .find(|(known, range)| *known == name && range.start > at.start);
        if let Some((_, later)) = later {
            let says = format!("`{name}` is used before it is declared");
            let finding = self.error(codes::UNKNOWN_NAME, at, says);
            return finding
                .also(self.source.span(later.clone()), "declared here")
                .help("move the declaration up");
        }
        let finding = self.error(codes::UNKNOWN_NAME, at, format!("unknown name `{name}`"));
        finding.did_you_mean(name, declared.iter().map(|(known, _)| *known))
    }

    /// Every name that a `let` or `const` declares.
    fn declarations(&self) -> Vec<(&str, Range<usize>)> {
        let declares = |index: &usize| matches!(self.outline.word(*index), Some("let" | "const"));
        (0..self.outline.len())
            .filter(declares)
            .filter_map(|index| {
                Some((self.outline.word(index + 1)?, self.outline.range(index + 1)))
            })
            .collect()
    }

    fn declared_twice(&self, at: Range<usize>, name: &str) -> Diagnostic {
        let says = format!("`{name}` is declared already");
        let first = self
            .declarations()
            .into_iter()
            .find(|(known, _)| *known == name);
        let finding = self.error(codes::NAME_TAKEN, at, says);
        match first {
            Some((_, first)) => finding.also(self.source.span(first), "declared here"),
            None => finding,
        }
    }

    /// `signature` is rhai's: a name, and the types of its arguments.
    fn unknown_function(&self, at: Range<usize>, signature: &str) -> Diagnostic {
        let name = signature.split([' ', '(']).next().unwrap_or_default();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if !name.chars().all(is_word) {
            let says = format!("`{name}` does not work on these values");
            return self.error(codes::SCRIPT_FAILED, at, says);
        }
        // A method call is placed at its point.
        let index = self.outline.token_at(at.start);
        let method = self.outline.kind(index) == Some(Kind::Mark(b'.'));
        let at = if method {
            self.outline.range(index + 1)
        } else {
            at
        };
        let says = format!("there is no function `{name}` for these values");
        let error = self.error(codes::UNKNOWN_FUNCTION, at, says);
        let runs_here = matches!(name, "len" | "contains");
        if !runs_here && functions::function(name).is_some() {
            return error.help(format!(
                "`{name}` is for conditions: keep its texts in constants and call it after `when`"
            ));
        }
        error.help("while a policy runs there are operators, `len`, `push` and `contains`")
    }
}

/// A message of rhai's in the form of ours: it begins in lower case and quotes with backticks.
fn in_our_words(says: &str) -> String {
    let mut letters = says.replace('\'', "`");
    if let Some(first) = letters.get(..1).map(str::to_ascii_lowercase) {
        letters.replace_range(..1, &first);
    }
    letters.trim_end_matches('.').to_owned()
}
