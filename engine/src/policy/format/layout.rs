//! The one style that policies are written in: where the words of a script may be broken apart.

use super::doc::Doc;
use super::lexeme::{Comment, Lexeme};
use crate::policy::script::outline::CLAUSES;

/// Operators from those that bind least, as rhai has them, with whether a long line is broken
/// before them.
const OPERATORS: [(&[&str], bool); 11] = [
    (&["||", "|", "^"], true),
    (&["&&", "&"], true),
    (&["==", "!="], false),
    (&["in"], false),
    (&["<", "<=", ">", ">="], false),
    (&["??"], true),
    (&["..", "..="], false),
    (&["+", "-"], true),
    (&["*", "/", "%"], false),
    (&["**"], false),
    (&["<<", ">>"], false),
];
const ASSIGNMENTS: [&str; 12] = [
    "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^=",
];
const UNARY: [&str; 3] = ["-", "+", "!"];

type Parts<'t> = Vec<Doc<'t>>;

/// Lays out a script; the comments at its end follow its last word.
pub(super) fn script<'t>(lexemes: &[Lexeme<'t>], end: &[Comment<'t>]) -> Doc<'t> {
    let mut layout = Layout {
        lexemes,
        at: 0,
        led: None,
    };
    let mut parts = layout.statements();
    let first = parts.is_empty();
    lead(end, first, &mut parts);
    Doc::group(parts)
}

/// The lexemes, and how far they are laid out.
struct Layout<'l, 't> {
    lexemes: &'l [Lexeme<'t>],
    at: usize,
    /// The lexeme whose comments are laid out already.
    led: Option<usize>,
}

impl<'l, 't> Layout<'l, 't> {
    fn peek(&self, ahead: usize) -> Option<&'l Lexeme<'t>> {
        self.lexemes.get(self.at + ahead)
    }

    fn text(&self) -> Option<&'t str> {
        self.peek(0).map(|lexeme| lexeme.text)
    }

    fn is(&self, text: &str) -> bool {
        self.text() == Some(text)
    }

    fn is_one_of(&self, texts: &[&str]) -> bool {
        self.text().is_some_and(|text| texts.contains(&text))
    }

    /// The next lexeme, with its comments.
    fn take(&mut self, out: &mut Parts<'t>) {
        self.take_before(out);
        out.extend(self.text().map(Doc::Text));
        self.take_after(out);
    }

    /// The comments before the next lexeme, unless they are laid out already.
    fn take_before(&mut self, out: &mut Parts<'t>) {
        let before = self.peek(0).filter(|_| self.led != Some(self.at));
        for comment in before.into_iter().flat_map(|lexeme| &lexeme.before) {
            if comment.own_line {
                out.extend([Doc::NewLine, Doc::Comment(comment.text), Doc::NewLine]);
            } else {
                out.extend([Doc::Comment(comment.text), Doc::Blank]);
            }
        }
        self.led = Some(self.at);
    }

    /// The comments after the next lexeme, which is laid out by this.
    fn take_after(&mut self, out: &mut Parts<'t>) {
        for comment in self.peek(0).into_iter().flat_map(|lexeme| &lexeme.after) {
            if comment.to_line_end() {
                out.push(Doc::LineEnd(comment.text));
            } else {
                out.extend([Doc::Blank, Doc::Comment(comment.text), Doc::Blank]);
            }
        }
        self.at += 1;
    }

    /// The comments and the empty line before the next statement or element.
    fn lead(&mut self, first: bool, out: &mut Parts<'t>) {
        let Some(lexeme) = self.peek(0) else { return };
        lead(&lexeme.before, first, out);
        if lexeme.empty_line && !(first && lexeme.before.is_empty()) {
            out.push(Doc::EmptyLine);
        }
        self.led = Some(self.at);
    }

    /// Statements up to the end of the block around them.
    fn statements(&mut self) -> Parts<'t> {
        let mut out = Vec::new();
        while self.peek(0).is_some() && !self.is("}") {
            let begun = self.at;
            // A semicolon without a statement stays where it is.
            if !self.is(";") {
                let first = out.is_empty();
                if !first {
                    out.push(Doc::NewLine);
                }
                self.lead(first, &mut out);
            }
            self.statement(&mut out);
            if self.at == begun {
                break;
            }
        }
        out
    }

    fn statement(&mut self, out: &mut Parts<'t>) {
        let mut parts = Vec::new();
        let is_verb = self.is_one_of(&["allow", "deny"]);
        match self.text() {
            Some("allow" | "deny") => self.verb(&mut parts),
            Some("if") => self.branches(Doc::NewLine, &mut parts),
            Some("for") => {
                self.take(&mut parts);
                parts.push(Doc::Blank);
                parts.push(self.expression());
                parts.push(Doc::Blank);
                self.block(Doc::NewLine, &mut parts);
            }
            Some("{") => self.block(Doc::NewLine, &mut parts),
            Some(";") | None => {}
            _ => self.assignment(&mut parts),
        }
        if !parts.is_empty() {
            out.push(Doc::group(parts));
        }
        if self.is(";") {
            self.take(out);
        } else if is_verb {
            out.push(Doc::Text(";"));
        }
    }

    /// `allow` or `deny` with its clauses, each on a line of its own where they do not share one.
    fn verb(&mut self, out: &mut Parts<'t>) {
        self.take(out);
        out.push(Doc::Blank);
        out.push(self.expression());
        if self.is("except") {
            out.push(Doc::Blank);
            self.take(out);
            out.push(Doc::Blank);
            out.push(self.expression());
        }
        let mut clauses = Vec::new();
        while self.is_one_of(&CLAUSES) {
            clauses.push(Doc::BREAK);
            self.take(&mut clauses);
            clauses.push(Doc::Blank);
            clauses.push(self.expression());
        }
        out.push(Doc::Indented(clauses));
    }

    /// An expression, or what is assigned to a variable.
    fn assignment(&mut self, out: &mut Parts<'t>) {
        if self.is_one_of(&["let", "const"]) {
            self.take(out);
            out.push(Doc::Blank);
        }
        out.push(self.expression());
        if self.is_one_of(&ASSIGNMENTS) {
            out.push(Doc::Blank);
            self.take(out);
            out.push(Doc::Blank);
            out.push(self.expression());
        }
    }

    /// `if … { … } else { … }`; `line` is what parts the braces from what they hold.
    fn branches(&mut self, line: Doc<'t>, out: &mut Parts<'t>) {
        while self.is("if") {
            self.take(out);
            out.push(Doc::Blank);
            out.push(self.expression());
            out.push(Doc::Blank);
            self.block(line.clone(), out);
            if self.is("else") {
                out.push(Doc::Blank);
                self.take(out);
                out.push(Doc::Blank);
                if !self.is("if") {
                    self.block(line.clone(), out);
                }
            }
        }
    }

    /// `{ … }` around statements.
    fn block(&mut self, line: Doc<'t>, out: &mut Parts<'t>) {
        if !self.is("{") {
            return;
        }
        self.take(out);
        let inside = self.statements();
        self.close(line, inside, out);
        self.take_after(out);
    }

    /// What brackets hold, and the bracket that closes, but for the comments after it: they do not
    /// break the brackets apart.
    fn close(&mut self, line: Doc<'t>, mut inside: Parts<'t>, out: &mut Parts<'t>) {
        if let Some(close) = self.peek(0).filter(|close| !close.before.is_empty()) {
            let first = inside.is_empty();
            lead(&close.before, first, &mut inside);
            self.led = Some(self.at);
        }
        if !inside.is_empty() {
            inside.insert(0, line.clone());
            out.extend([Doc::Indented(inside), line]);
        }
        out.extend(self.text().map(Doc::Text));
    }

    /// An expression, up to where it ends.
    fn expression(&mut self) -> Doc<'t> {
        self.operation(0)
    }

    /// Operands with the operators of one level between them.
    fn operation(&mut self, level: usize) -> Doc<'t> {
        let Some((operators, breaks)) = OPERATORS.get(level) else {
            return self.operand();
        };
        let first = self.operation(level + 1);
        let mut rest = Vec::new();
        while let Some(words) = self.operator(operators) {
            let is_range = self.is("..") || self.is("..=");
            let part = if *breaks { Doc::BREAK } else { Doc::Blank };
            rest.extend(Some(part).filter(|_| !is_range));
            (0..words).for_each(|_| self.take(&mut rest));
            rest.extend(Some(Doc::Blank).filter(|_| !is_range));
            rest.push(self.operation(level + 1));
        }
        if rest.is_empty() {
            return first;
        }
        Doc::group(vec![first, Doc::Indented(rest)])
    }

    /// Of how many lexemes the operator is that comes next, if it is one of these.
    fn operator(&self, operators: &[&str]) -> Option<usize> {
        let next = |ahead: usize| self.peek(ahead).map(|lexeme| lexeme.text);
        let not_in = operators.contains(&"in") && next(0) == Some("!") && next(1) == Some("in");
        if not_in {
            return Some(2);
        }
        self.is_one_of(operators).then_some(1)
    }

    /// A value with the signs before it and what is looked up in it.
    fn operand(&mut self) -> Doc<'t> {
        let mut out = Vec::new();
        while self.is_one_of(&UNARY) {
            self.take(&mut out);
            // Two signs that are apart might be one operator together.
            if self.is_one_of(&UNARY) && self.peek(0).is_some_and(|sign| sign.apart) {
                out.push(Doc::Blank);
            }
        }
        match self.text() {
            None | Some(";" | "," | ")" | "]" | "}" | "=>") => return Doc::group(out),
            Some("(") => self.bracketed(false, &mut out),
            Some("[") => self.bracketed(true, &mut out),
            Some("{") => self.inline(&mut out, |layout, parts| layout.block(Doc::BREAK, parts)),
            Some("if") => self.inline(&mut out, |layout, parts| layout.branches(Doc::BREAK, parts)),
            Some("switch") => self.switch(&mut out),
            Some(_) => self.take(&mut out),
        }
        loop {
            let called = self.is("!") && self.peek(1).is_some_and(|next| next.text == "(");
            match self.text() {
                Some("." | "?." | "::") => {
                    self.take(&mut out);
                    self.take(&mut out);
                }
                Some("(") => self.bracketed(false, &mut out),
                Some("[" | "?[") => self.bracketed(false, &mut out),
                Some("!") if called => self.take(&mut out),
                _ => return Doc::group(out),
            }
        }
    }

    fn inline(&mut self, out: &mut Parts<'t>, lay: impl FnOnce(&mut Self, &mut Parts<'t>)) {
        let mut parts = Vec::new();
        lay(self, &mut parts);
        out.push(Doc::group(parts));
    }

    /// Elements between brackets. Only a list may have a comma at its end.
    fn bracketed(&mut self, is_list: bool, out: &mut Parts<'t>) {
        let mut parts = Vec::new();
        self.take(&mut parts);
        let inside = self.elements(is_list, Self::element);
        self.close(Doc::SOFT, inside, &mut parts);
        out.push(Doc::group(parts));
        self.take_after(out);
    }

    fn elements(&mut self, is_list: bool, element: fn(&mut Self, &mut Parts<'t>)) -> Parts<'t> {
        let mut out = Vec::new();
        while !matches!(self.text(), None | Some(")" | "]" | "}")) {
            let begun = self.at;
            if !out.is_empty() {
                out.push(Doc::BREAK);
            }
            let first = out.is_empty();
            self.lead(first, &mut out);
            element(self, &mut out);
            let last = |ahead: usize| self.peek(ahead).is_some_and(|next| next.text == "]");
            if self.is(",") && is_list && last(1) {
                self.take_before(&mut out);
                out.push(Doc::IfBroken(","));
                self.take_after(&mut out);
            } else if self.is(",") {
                self.take(&mut out);
            } else if is_list && last(0) {
                out.push(Doc::IfBroken(","));
            }
            if self.at == begun {
                break;
            }
        }
        out
    }

    fn element(&mut self, out: &mut Parts<'t>) {
        out.push(self.expression());
    }

    /// `switch … { … }`, an arm to a line.
    fn switch(&mut self, out: &mut Parts<'t>) {
        self.take(out);
        out.push(Doc::Blank);
        out.push(self.expression());
        out.push(Doc::Blank);
        if self.is("{") {
            self.take(out);
            let inside = self.elements(false, Self::arm);
            self.close(Doc::NewLine, inside, out);
            self.take_after(out);
        }
    }

    /// `value if condition => result`.
    fn arm(&mut self, out: &mut Parts<'t>) {
        out.push(self.expression());
        if self.is("if") {
            out.push(Doc::Blank);
            self.take(out);
            out.push(Doc::Blank);
            out.push(self.expression());
        }
        if self.is("=>") {
            out.push(Doc::Blank);
            self.take(out);
            out.push(Doc::Blank);
            self.assignment(out);
        }
    }
}

/// Comments before a statement or an element, each on its line.
fn lead<'t>(comments: &[Comment<'t>], first: bool, out: &mut Parts<'t>) {
    for (index, comment) in comments.iter().enumerate() {
        let first = first && index == 0;
        if comment.empty_line && !first {
            out.push(Doc::EmptyLine);
        } else if comment.own_line && !first {
            out.push(Doc::NewLine);
        }
        out.push(Doc::Comment(comment.text));
        out.push(if comment.own_line {
            Doc::NewLine
        } else {
            Doc::Blank
        });
    }
}
