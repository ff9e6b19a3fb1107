//! Policies in the one style that all of them are written in.
//!
//! Only the white space between words changes, the comma behind the last element of a list, and a
//! semicolon that is left out behind a statement: what a policy says stays what it is.

mod doc;
mod layout;
mod lexeme;

use self::lexeme::{Comment, Lexeme, lexemes};
use super::codes;
use super::script::check_syntax;
use super::script::lexer::pieces;
use super::script::sandbox::Sandbox;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// How often a text is laid out at most until it stays as it is: a comment in the middle of a line
/// breaks it, goes to its end, and then the line may fit.
const PASSES_MAX: usize = 8;

/// Puts policies into their style.
///
/// ```
/// use stateward::policy::Formatter;
/// use stateward::source::FileId;
///
/// let script = "allow [\"ecs:Get*\",\"ecs:List*\" ,]\n  when context.mfa??false";
/// let text = Formatter::default().format(FileId::NONE, script);
/// let expected = "allow [\"ecs:Get*\", \"ecs:List*\"] when context.mfa ?? false;\n";
/// assert_eq!(text.as_deref(), Ok(expected));
/// ```
pub struct Formatter {
    sandbox: Sandbox,
}

impl std::fmt::Debug for Formatter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Formatter").finish_non_exhaustive()
    }
}

impl Default for Formatter {
    fn default() -> Self {
        Self {
            sandbox: Sandbox::new(),
        }
    }
}

impl Formatter {
    /// The script of a policy in the style of policies. A text that has it already is its own
    /// result.
    ///
    /// # Errors
    /// With what is wrong, where the text is no policy's script, or a comment in it cannot be kept
    /// in its order.
    pub fn format(&self, file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
        check_syntax(&self.sandbox, file, text)?;
        let mut formatted = lay_out(text);
        for _ in 1..PASSES_MAX {
            let again = lay_out(&formatted);
            if again == formatted {
                break;
            }
            formatted = again;
        }
        // To change what it says would do harm; to say that it was left alone does none.
        match says_the_same(text, &formatted) {
            true => Ok(formatted),
            false => Err(vec![unkept(file, text, &formatted)]),
        }
    }
}

fn lay_out(text: &str) -> String {
    let (words, end) = lexemes(text);
    layout::script(&words, &end).write()
}

/// Whether two scripts have the same words and comments in the same order.
fn says_the_same(before: &str, after: &str) -> bool {
    let (before, after) = (lexemes(before), lexemes(after));
    words(&before.0) == words(&after.0) && comments(&before) == comments(&after)
}

/// Where a text cannot be formatted: at the first comment that would not stay in its order.
fn unkept(file: FileId, before: &str, after: &str) -> Diagnostic {
    let (kept, written) = (lexemes(before), lexemes(after));
    let (kept, written) = (comments(&kept), comments(&written));
    let same = kept
        .iter()
        .zip(&written)
        .take_while(|(one, other)| one == other);
    let moved = pieces(before)
        .filter(|(kind, _)| kind.is_none())
        .nth(same.count());
    let span = moved.map_or(0..0, |(_, range)| range);
    let says = "the comments from here on cannot be kept in their order: this is not formatted";
    let finding = Diagnostic::error(codes::SYNTAX, Span::new(file, span), says);
    finding.help("give each comment a line of its own, before what it is about")
}

/// The words, without the commas and semicolons that may come and go.
fn words<'t>(lexemes: &[Lexeme<'t>]) -> Vec<&'t str> {
    let next = lexemes.iter().skip(1).map(|lexeme| Some(lexeme.text));
    lexemes
        .iter()
        .zip(next.chain([None]))
        .filter(|(word, next)| {
            !matches!(
                (word.text, next),
                (",", Some("]")) | (";", Some("}") | None)
            )
        })
        .map(|(word, _)| word.text)
        .collect()
}

fn comments<'t>((lexemes, end): &(Vec<Lexeme<'t>>, Vec<Comment<'t>>)) -> Vec<&'t str> {
    let of_lexemes = lexemes
        .iter()
        .flat_map(|lexeme| lexeme.before.iter().chain(&lexeme.after));
    of_lexemes.chain(end).map(|comment| comment.text).collect()
}

#[cfg(test)]
mod tests;
