//! The words, marks and comments of a script with their places: what rhai's parser does not hand
//! out, but spans, recovery after an error, the checks before the first run and the formatter need.
//!
//! rhai decides what a script means; where this reading differs (a script that does not parse
//! anyway) only the place of a diagnostic suffers.

use std::ops::Range;

/// What a token is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Kind {
    /// A name or a keyword.
    Word,
    /// A text or character literal, with its quotes.
    Text,
    /// A number.
    Number,
    /// One character of anything else.
    Mark(u8),
}

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// All tokens of a text, without comments and white space.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    pieces(text)
        .filter_map(|(kind, range)| kind.map(|kind| Token { kind, range }))
        .collect()
}

/// Everything in a text but white space, in order; what is no token is a comment.
pub(in crate::policy) fn pieces(
    text: &str,
) -> impl Iterator<Item = (Option<Kind>, Range<usize>)> + '_ {
    let mut cursor = Cursor {
        bytes: text.as_bytes(),
        at: 0,
    };
    std::iter::from_fn(move || {
        cursor.skip_while(|byte| byte.is_ascii_whitespace());
        let start = cursor.at;
        let kind = cursor.token(cursor.peek(0)?);
        Some((kind, start..cursor.at))
    })
}

/// The comment lines `//!` at the head of a script, joined.
pub(super) fn description(text: &str) -> Option<String> {
    let lines: Vec<&str> = text
        .trim_start()
        .lines()
        .map_while(|line| line.trim_start().strip_prefix("//!"))
        .map(str::trim)
        .collect();
    let joined = lines.join("\n").trim().to_owned();
    (!joined.is_empty()).then_some(joined)
}

struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.at += 1;
        }
    }

    /// Reads one token, or a comment, which is none.
    fn token(&mut self, first: u8) -> Option<Kind> {
        match (first, self.peek(1)) {
            (b'/', Some(b'/' | b'*')) => self.comment(),
            (b'"' | b'\'', _) => return Some(self.quoted(first)),
            (b'`', _) => return Some(self.template()),
            (b'#', Some(b'"' | b'#')) => return Some(self.raw_text()),
            _ if is_word(first) => {
                self.skip_while(is_word);
                let number = first.is_ascii_digit();
                return Some(if number { Kind::Number } else { Kind::Word });
            }
            _ => {
                self.at += 1;
                return Some(Kind::Mark(first));
            }
        }
        None
    }

    /// `// …` to the line's end, or `/* … */` with others in it.
    fn comment(&mut self) {
        if self.peek(1) == Some(b'/') {
            return self.skip_while(|byte| byte != b'\n');
        }
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'/', Some(b'*')) => depth += 1,
                (b'*', Some(b'/')) => depth -= 1,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return;
            }
        }
    }

    /// `"…"` or `'…'` with backslash escapes and doubled quotes, ended by the line's end if it is
    /// not closed.
    fn quoted(&mut self, quote: u8) -> Kind {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' => self.at = (self.at + 1).min(self.bytes.len()),
                b'\n' => break,
                _ if byte == quote && self.peek(0) == Some(quote) => self.at += 1,
                _ if byte == quote => break,
                _ => {}
            }
        }
        Kind::Text
    }

    /// `` `…` `` with `${…}` in it, which may hold blocks, texts and templates again.
    fn template(&mut self) -> Kind {
        // What is open, innermost last: a template (`None`), or braces at a depth.
        let mut open: Vec<Option<usize>> = vec![None];
        self.at += 1;
        while let (Some(inner), Some(byte)) = (open.last_mut(), self.peek(0)) {
            let mut step = 1;
            match (inner, byte) {
                (None, b'`') if self.peek(1) == Some(b'`') => step = 2,
                (None, b'`') => drop(open.pop()),
                (None, b'\\') if self.peek(1) == Some(b'$') => step = 2,
                (None, b'$') if self.peek(1) == Some(b'{') => {
                    step = 2;
                    open.push(Some(0));
                }
                (None, _) => {}
                (Some(_), b'`') => open.push(None),
                (Some(_), b'"' | b'\'') => {
                    self.quoted(byte);
                    step = 0;
                }
                (Some(_), b'/') if matches!(self.peek(1), Some(b'/' | b'*')) => {
                    self.comment();
                    step = 0;
                }
                (Some(_), b'#') if matches!(self.peek(1), Some(b'"' | b'#')) => {
                    self.raw_text();
                    step = 0;
                }
                (Some(depth), b'{') => *depth += 1,
                (Some(0), b'}') => drop(open.pop()),
                (Some(depth), b'}') => *depth -= 1,
                (Some(_), _) => {}
            }
            self.at += step;
        }
        Kind::Text
    }

    /// `#"…"#` with as many `#` as it likes; a lone `#` is a mark.
    fn raw_text(&mut self) -> Kind {
        let start = self.at;
        self.skip_while(|byte| byte == b'#');
        let hashes = self.at - start;
        if self.peek(0) != Some(b'"') {
            self.at = start + 1;
            return Kind::Mark(b'#');
        }
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            if byte == b'"' {
                let end = self.at;
                self.skip_while(|byte| byte == b'#');
                if self.at - end >= hashes {
                    self.at = end + hashes;
                    break;
                }
            }
        }
        Kind::Text
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text)
            .into_iter()
            .map(|token| &text[token.range])
            .collect()
    }

    #[test]
    fn a_statement_falls_into_its_parts() {
        assert_eq!(
            words(r#"allow ["a:B*", x] /* c /* d */ */ when a.b >= 8; // end"#),
            [
                "allow",
                "[",
                r#""a:B*""#,
                ",",
                "x",
                "]",
                "when",
                "a",
                ".",
                "b",
                ">",
                "=",
                "8",
                ";"
            ]
        );
    }

    #[test]
    fn texts_hide_what_they_hold() {
        for text in [
            r#""a;\"b" ;"#,
            "`x;${ if y { \"}\" } else { `;${z}` } };` ;",
            "`a``;b` ;",
            "#\"a\"b;\"# ;",
            "##\"a\"#;\"## ;",
            "'\\'' ;",
            "\"a\"\";b\" ;",
            r"`\${a` ;",
            "`${ '}' /* } */ + #\"}\"# // }\n }` ;",
        ] {
            let words = words(text);
            assert_eq!(words.len(), 2, "{words:?}");
            assert_eq!(words.last(), Some(&";"));
        }
    }

    #[test]
    fn the_head_comment_is_the_description() {
        assert_eq!(
            description("//! One.\n//! Two.\n\n//! Not.\nallow all;").as_deref(),
            Some("One.\nTwo.")
        );
        assert_eq!(description("// One.\n//! Two."), None);
    }

    proptest! {
        #[test]
        fn any_text_has_tokens_in_order_at_character_boundaries(
            text in "[a`\"'${}#\\\\/*; \né]{0,40}",
        ) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.range.start >= end);
                prop_assert!(text.get(token.range.clone()).is_some_and(|t| !t.is_empty()));
                end = token.range.end;
            }
        }
    }
}
