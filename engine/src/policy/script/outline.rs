//! The shape of a script: where its statements begin and end, and where the clauses of each
//! `allow` and `deny` lie.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lexer::{Kind, Token, tokens};

/// Clause keywords in the order in which a statement has them.
pub(in crate::policy) const CLAUSES: [&str; 4] = ["on", "when", "unless", "because"];

/// A script's text and tokens.
pub(super) struct Outline<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// The tokens that begin a statement, each with the token at which it ends.
    ends: BTreeMap<usize, usize>,
    /// The tokens that are the verb of a statement.
    heads: Vec<usize>,
    line_starts: Vec<usize>,
}

/// Where one `allow` or `deny` is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatementPlace<'t> {
    /// From the verb to before the semicolon.
    pub(super) whole: Range<usize>,
    /// The verb, or a keyword, and what follows it.
    clauses: Vec<(&'t str, Range<usize>)>,
}

impl StatementPlace<'_> {
    /// What follows a keyword; the verb itself is the keyword of the actions.
    pub(super) fn clause(&self, keyword: &str) -> Range<usize> {
        self.clauses
            .iter()
            .find(|(found, _)| *found == keyword)
            .map_or_else(|| self.whole.clone(), |(_, range)| range.clone())
    }

    /// What follows the verb.
    pub(super) fn actions(&self) -> Range<usize> {
        self.clauses
            .first()
            .map_or_else(|| self.whole.clone(), |(_, range)| range.clone())
    }
}

impl<'t> Outline<'t> {
    /// Reads a script.
    pub(super) fn new(text: &'t str) -> Self {
        let tokens = tokens(text);
        let mut outline = Self {
            text,
            ends: BTreeMap::new(),
            heads: Vec::new(),
            line_starts: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
            tokens,
        };
        outline.find_statements();
        outline
    }

    /// A token begins a statement if a semicolon or a block's brace comes before it; what lies in
    /// parentheses or brackets begins none. A statement ends at its semicolon, where the next one
    /// begins, or with the block around it.
    fn find_statements(&mut self) {
        // The brackets that are open, each with the statement that is open in it.
        let mut open: Vec<(u8, Option<usize>)> = vec![(b'{', None)];
        let mut previous = None;
        for (index, token) in self.tokens.iter().enumerate() {
            let after = begins_after(previous);
            let word = self.text.get(token.range.clone());
            let goes_on = matches!(word, Some("}" | ")" | "]" | ";" | "else"));
            match open.last_mut() {
                Some((b'{', statement)) if after && !goes_on => {
                    let before = statement.replace(index);
                    self.ends.extend(before.map(|before| (before, index)));
                    if matches!(word, Some("allow" | "deny")) {
                        self.heads.push(index);
                    }
                }
                _ => {}
            }
            match token.kind {
                Kind::Mark(mark @ (b'{' | b'(' | b'[')) => open.push((mark, None)),
                Kind::Mark(b'}' | b')' | b']') if open.len() > 1 => {
                    let statement = open.pop().and_then(|(_, statement)| statement);
                    self.ends
                        .extend(statement.map(|statement| (statement, index)));
                }
                Kind::Mark(b';') => {
                    let statement = open.last_mut().and_then(|(_, statement)| statement.take());
                    self.ends
                        .extend(statement.map(|statement| (statement, index)));
                }
                _ => {}
            }
            previous = Some(token.kind);
        }
        let unended = open.into_iter().filter_map(|(_, statement)| statement);
        self.ends
            .extend(unended.map(|statement| (statement, self.tokens.len())));
    }

    /// The text.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The line and the column, in characters and from 1, of a byte.
    pub(super) fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts.get(line.saturating_sub(1)).copied();
        let before = self.text.get(start.unwrap_or_default()..byte);
        (line, before.map_or(0, |text| text.chars().count()) + 1)
    }

    /// How many lines there are, and the bytes of the longest one.
    pub(super) fn extent(&self) -> (usize, usize) {
        let starts = &self.line_starts;
        let ends = starts.iter().skip(1).copied().chain([self.text.len()]);
        let longest = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| end - start)
            .max();
        (starts.len(), longest.unwrap_or_default())
    }

    /// Whether a byte lies within a literal: in what a text computes of others.
    pub(super) fn is_within_text(&self, byte: usize) -> bool {
        let token = self.token_at(byte);
        self.kind(token) == Some(Kind::Text) && self.range(token).start < byte
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// What a token is.
    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// The bytes of a token; the end of the text, past the last one.
    pub(super) fn range(&self, index: usize) -> Range<usize> {
        let end = self.text.len();
        self.tokens
            .get(index)
            .map_or(end..end, |token| token.range.clone())
    }

    /// A token that is a word, as written.
    pub(super) fn word(&self, index: usize) -> Option<&'t str> {
        let token = self.tokens.get(index)?;
        (token.kind == Kind::Word)
            .then(|| self.text.get(token.range.clone()))
            .flatten()
    }

    /// Whether a token begins a statement. Every token is asked; few come after what ends one.
    pub(super) fn begins(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.kind(before));
        begins_after(before) && self.ends.contains_key(&index)
    }

    /// The token after the last one of the statement that begins at `first`: its semicolon, the
    /// next statement, the brace that closes the block around it, or the end.
    pub(super) fn statement_end(&self, first: usize) -> usize {
        self.ends.get(&first).copied().unwrap_or(self.len())
    }

    /// The first token that ends after a byte.
    pub(super) fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.range.end <= byte)
    }

    /// The bytes of the word or literal at a byte, or just the byte's character.
    pub(super) fn range_at(&self, byte: usize) -> Range<usize> {
        let token = self.range(self.token_at(byte));
        if token.contains(&byte) {
            return token;
        }
        let rest = self.text.get(byte..).unwrap_or_default();
        byte..byte + rest.chars().next().map_or(0, char::len_utf8)
    }

    /// The tokens of the statement around a byte, with its blocks and its semicolon.
    pub(super) fn statement_around(&self, byte: usize) -> Range<usize> {
        let at = self.token_at(byte).min(self.len().saturating_sub(1));
        let first = self.ends.range(..=at).next_back();
        let first = first.map_or(0, |(first, _)| *first);
        let mut depth = 0_usize;
        for index in first..self.len() {
            match self.kind(index) {
                Some(Kind::Mark(b'{')) => depth += 1,
                Some(Kind::Mark(b'}')) if depth == 0 => return first..index.max(first + 1),
                Some(Kind::Mark(b'}')) => depth -= 1,
                _ => {}
            }
            let semicolon = self.kind(index) == Some(Kind::Mark(b';'));
            if index >= at && depth == 0 && (semicolon || self.begins(index + 1)) {
                return first..index + 1;
            }
        }
        first..self.len()
    }

    /// The token of the `allow` or `deny` that a byte of its clauses belongs to.
    pub(super) fn head_of(&self, byte: usize) -> Option<usize> {
        let after = self
            .heads
            .partition_point(|head| self.range(*head).start <= byte);
        self.heads.get(after.checked_sub(1)?).copied()
    }

    /// Where the `allow` or `deny` at a token is written.
    pub(super) fn place_at(&self, head: usize) -> StatementPlace<'t> {
        let end = self.statement_end(head);
        let whole = self.range(head).start..self.range(end.saturating_sub(1)).end;
        let mut clauses = Vec::new();
        let (mut from, mut depth) = (head, 0_i64);
        for index in head + 1..=end {
            match self.kind(index) {
                Some(Kind::Mark(b'{' | b'(' | b'[')) => depth += 1,
                Some(Kind::Mark(b'}' | b')' | b']')) => depth -= 1,
                _ => {}
            }
            if index == end || (depth == 0 && self.is_clause_keyword(index)) {
                let keyword = self.word(from).unwrap_or_default();
                let bytes = self.range(from + 1).start..self.range(index - 1).end;
                clauses.push((keyword, bytes.start.min(bytes.end)..bytes.end));
                from = index;
            }
        }
        StatementPlace { whole, clauses }
    }

    /// Whether a word can be a clause keyword: it is one of them and not the name of a field.
    fn is_clause_keyword(&self, index: usize) -> bool {
        let is_field = self.kind(index.saturating_sub(1)) == Some(Kind::Mark(b'.'));
        !is_field && self.word(index).is_some_and(|word| CLAUSES.contains(&word))
    }

    /// The literal within a range that says exactly this text, or the whole range.
    pub(super) fn literal_in(&self, range: Range<usize>, said: &str) -> Range<usize> {
        let first = self.token_at(range.start);
        (first..self.len())
            .map(|index| (self.kind(index), self.range(index)))
            .take_while(|(_, token)| token.end <= range.end)
            .find(|(kind, token)| {
                let inner = token.start + 1..token.end.saturating_sub(1);
                *kind == Some(Kind::Text) && self.text.get(inner) == Some(said)
            })
            .map_or(range, |(_, token)| token)
    }
}

/// Whether a statement can begin after a token.
fn begins_after(before: Option<Kind>) -> bool {
    matches!(before, None | Some(Kind::Mark(b';' | b'{' | b'}')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_found_where_they_are_written() {
        let text = r#"for a in [1] { deny ["a:b", "on"] on `${a}`
            when x.on == 1 && f("unless") because "c" } allow all;"#;
        let outline = Outline::new(text);
        let place_of = |byte| outline.place_at(outline.head_of(byte).unwrap());
        let place = place_of(text.find("x.on").unwrap());
        assert!(text[place.whole.clone()].starts_with("deny"));
        assert!(text[place.whole.clone()].ends_with("\"c\""));
        assert_eq!(&text[place.actions()], r#"["a:b", "on"]"#);
        assert_eq!(&text[place.clause("on")], "`${a}`");
        assert_eq!(&text[place.clause("when")], r#"x.on == 1 && f("unless")"#);
        let said = outline.literal_in(place.actions(), "a:b");
        assert_eq!(&text[said], r#""a:b""#);
        let last = place_of(text.len());
        assert_eq!(&text[last.whole.clone()], "allow all");
        assert_eq!(Outline::new("é\né x").line_and_column(6), (2, 3));
    }

    #[test]
    fn a_statement_is_found_around_a_byte() {
        let text = "let a = 1; alow x; if a { b } f(";
        let outline = Outline::new(text);
        let around = |needle: &str| {
            let tokens = outline.statement_around(text.find(needle).unwrap());
            let bytes = outline.range(tokens.start).start..outline.range(tokens.end - 1).end;
            &text[bytes]
        };
        assert_eq!(around("x"), "alow x;");
        assert_eq!(around("b"), "b");
        assert_eq!(around("if"), "if a { b }");
        assert_eq!(around("f("), "f(");
    }
}
