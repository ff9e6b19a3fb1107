//! How far things reach in the text: rhai tells where a token starts, not where it ends.

use std::ops::Range;

/// The text of a range; empty where the range is not one of the text's.
pub(super) fn text<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or("")
}

/// The token that starts at a byte; at least one character, if there is one.
pub(super) fn token(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or("");
    let mut characters = rest.chars();
    let length = match characters.next() {
        None => 0,
        Some('"') => quoted(rest, '"'),
        Some('`') => quoted(rest, '`'),
        Some('\'') => quoted(rest, '\''),
        Some('#') if rest.trim_start_matches('#').starts_with('"') => raw(rest),
        Some('-') => 1 + word(characters.as_str().trim_start()) + blanks(characters.as_str()),
        Some('!') if characters.as_str().starts_with("in") && word(characters.as_str()) == 2 => 3,
        Some(first) if is_word(first) => word(rest),
        Some(first) => first.len_utf8(),
    };
    start..start + length
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn word(rest: &str) -> usize {
    rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

fn blanks(rest: &str) -> usize {
    rest.len() - rest.trim_start().len()
}

/// The length of a quoted text, quotes included. A quote within is escaped or doubled.
fn quoted(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote != '`' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + character.len_utf8();
        }
    }
    rest.len()
}

/// The length of `#"…"#`.
fn raw(rest: &str) -> usize {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    let body = rest.get(hashes + 1..).unwrap_or("");
    body.find(&end)
        .map_or(rest.len(), |at| hashes + 1 + at + end.len())
}

/// Where what is not code (blanks, comments) ends.
fn trivia(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or("");
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let comment = if trimmed.starts_with("//") {
            trimmed.find('\n').unwrap_or(trimmed.len())
        } else if trimmed.starts_with("/*") {
            trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
        } else {
            return at;
        };
        at += comment;
    }
}

/// The end of the bracket that closes after `end`, if it comes next (a trailing comma aside);
/// otherwise `end`.
pub(super) fn closing(text: &str, end: usize, bracket: char) -> usize {
    let mut at = trivia(text, end);
    if text.get(at..).is_some_and(|rest| rest.starts_with(',')) {
        at = trivia(text, at + 1);
    }
    // Parentheses around the last part are not part of it.
    while bracket != ')' && text.get(at..).is_some_and(|rest| rest.starts_with(')')) {
        at = trivia(text, at + 1);
    }
    match text.get(at..) {
        Some(rest) if rest.starts_with(bracket) => at + bracket.len_utf8(),
        _ => end,
    }
}

/// Just behind the parenthesis that opens next.
pub(super) fn after_opening(text: &str, at: usize) -> usize {
    let at = trivia(text, at);
    match text.get(at..) {
        Some(rest) if rest.starts_with('(') => at + 1,
        _ => at,
    }
}

/// The range, widened until the parentheses in it are pairs: rhai's tree forgets them.
pub(super) fn balanced(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    let (mut missing_left, mut missing_right) = unpaired(text, &range);
    while missing_left > 0 {
        let before = text.get(..start).unwrap_or("").trim_end();
        let Some(shorter) = before.strip_suffix('(') else {
            break;
        };
        start = shorter.len();
        missing_left -= 1;
    }
    while missing_right > 0 {
        let at = trivia(text, end);
        if !text.get(at..).is_some_and(|rest| rest.starts_with(')')) {
            break;
        }
        end = at + 1;
        missing_right -= 1;
    }
    start..end
}

/// How many parentheses are closed but not opened, and opened but not closed.
fn unpaired(text: &str, range: &Range<usize>) -> (usize, usize) {
    let (mut closed, mut open) = (0_usize, 0_usize);
    let mut at = range.start;
    while at < range.end {
        let token = token(text, at);
        match text.get(token.clone()) {
            Some("(") => open += 1,
            Some(")") if open > 0 => open -= 1,
            Some(")") => closed += 1,
            _ => {}
        }
        at = trivia(text, token.end.max(at + 1));
    }
    (closed, open)
}

/// Where a function's name stands, given where its body starts.
pub(super) fn name_before(text: &str, body: usize, name: &str) -> Range<usize> {
    let before = text.get(..body).unwrap_or("");
    let declared = before.rfind("fn ").unwrap_or(0);
    let tail = before.get(declared..).unwrap_or("");
    match tail.find(name) {
        Some(at) => declared + at..declared + at + name.len(),
        None => body..body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_end_where_they_should() {
        for (source, expected) in [
            ("account.phone", "account"),
            ("\"a \\\" b\" == c", "\"a \\\" b\""),
            ("\"a\"\"b\" == c", "\"a\"\"b\""),
            ("`a ${b}` == c", "`a ${b}`"),
            ("#\"a\"b\"# == c", "#\"a\"b\"#"),
            ("-12 + 3", "-12"),
            ("!in [1]", "!in"),
            ("!inside", "!"),
            ("(a)", "("),
            ("z\u{fc}ge == 1", "z\u{fc}ge"),
            ("\"open", "\"open"),
            ("", ""),
        ] {
            assert_eq!(text(source, &token(source, 0)), expected, "{source}");
        }
    }

    #[test]
    fn parentheses_come_in_pairs() {
        let source = "x && ( a + b) * (\"(\" ) && y";
        let start = source.find('a').unwrap();
        let end = source.find("\"(\"").unwrap() + 3;
        assert_eq!(
            text(source, &balanced(source, start..end)),
            "( a + b) * (\"(\" )"
        );
    }

    #[test]
    fn nonsense_ranges_are_harmless() {
        for source in ["", "\u{fc}", "((((", "))))", "\"", "`", "#", "/*", "//"] {
            for start in 0..4 {
                for end in start..6 {
                    let _ = balanced(source, start..end);
                    let _ = closing(source, end, ')');
                    let _ = token(source, start);
                }
            }
        }
    }
}
