//! The words and marks of a script as the formatter moves them about: operators whole, and each
//! with the comments that belong to it.

use crate::policy::script::lexer::{Kind, pieces};

/// A word, a literal or a mark.
#[derive(Debug)]
pub(super) struct Lexeme<'t> {
    pub(super) text: &'t str,
    /// Whether anything lies between it and the one before.
    pub(super) apart: bool,
    /// Whether an empty line comes before it.
    pub(super) empty_line: bool,
    /// The comments before it.
    pub(super) before: Vec<Comment<'t>>,
    /// The comments after it on its line.
    pub(super) after: Vec<Comment<'t>>,
}

/// A comment.
#[derive(Debug)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// Whether an empty line comes before it.
    pub(super) empty_line: bool,
    /// Whether it has its line to itself.
    pub(super) own_line: bool,
}

impl Comment<'_> {
    /// Whether it takes what follows on its line.
    pub(super) fn to_line_end(&self) -> bool {
        self.text.starts_with("//")
    }
}

/// Marks that mean something else together, longest first.
const OPERATORS: [&str; 28] = [
    "**=", "<<=", ">>=", "..=", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=",
    "&=", "|=", "^=", "**", "<<", ">>", "??", "..", "::", "=>", "?.", "?[", "#{",
];

/// The lexemes of a script, and the comments after the last one.
pub(super) fn lexemes(text: &str) -> (Vec<Lexeme<'_>>, Vec<Comment<'_>>) {
    let mut lexemes: Vec<Lexeme<'_>> = Vec::new();
    let mut comments: Vec<Comment<'_>> = Vec::new();
    let mut end = 0;
    let mut pieces = pieces(text).peekable();
    while let Some((kind, range)) = pieces.next() {
        let gap = text.get(end..range.start).unwrap_or_default();
        let (apart, empty_line) = (!gap.is_empty(), gap.matches('\n').count() > 1);
        let same_line = !gap.contains('\n') && end > 0;
        let (start, mut last) = (range.start, range.end);
        end = last;
        let Some(kind) = kind else {
            let comment = Comment {
                text: text.get(range).unwrap_or_default().trim_end(),
                empty_line,
                own_line: ends_line(text, end),
            };
            match lexemes.last_mut() {
                Some(lexeme) if same_line && comments.is_empty() => lexeme.after.push(comment),
                _ => comments.push(comment),
            }
            continue;
        };
        if matches!(kind, Kind::Mark(_)) {
            let rest = text.get(start..).unwrap_or_default();
            let whole = OPERATORS.iter().find(|it| rest.starts_with(**it));
            last = start + whole.map_or(1, |operator| operator.len());
            while pieces.next_if(|(_, next)| next.end <= last).is_some() {}
            end = last;
        }
        lexemes.push(Lexeme {
            text: text.get(start..last).unwrap_or_default(),
            apart,
            empty_line,
            before: std::mem::take(&mut comments),
            after: Vec::new(),
        });
    }
    (lexemes, comments)
}

/// Whether nothing else is on the line of a byte.
fn ends_line(text: &str, byte: usize) -> bool {
    let rest = text.get(byte..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    line.trim().is_empty()
}
