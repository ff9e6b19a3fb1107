//! Patterns with wildcards: `*` is any run of characters, also an empty one, `?` is exactly one.
//!
//! A pattern that is known beforehand is split once ([`Wildcard`]), one that is computed while it is
//! matched ([`matches`]). Both are matched by the same code.

use crate::words::{begins_with, ends_with};

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// As they are written.
    Kept,
    /// A to Z without regard to case, all others as they are written: it means the same everywhere.
    Ignored,
}

/// A pattern that is split at its stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wildcard {
    head: Piece<Box<str>>,
    /// What follows the first `*`; absent where there is none.
    rest: Option<Rest>,
}

/// The part of a pattern after its first `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rest {
    middle: Box<[Piece<Box<str>>]>,
    tail: Piece<Box<str>>,
}

impl Wildcard {
    /// Splits a pattern.
    pub(crate) fn new(pattern: &str) -> Self {
        Self::with_literal_star(pattern, '*')
    }

    /// Splits a pattern in which `literal`, unless it is `*` itself, stands for a star that is no
    /// wildcard.
    pub(crate) fn with_literal_star(pattern: &str, literal: char) -> Self {
        let piece = |text: &str| Piece::new(Box::from(text.replace(literal, "*")));
        let mut parts = pattern.split('*');
        Self {
            head: piece(parts.next().unwrap_or_default()),
            rest: parts.next_back().map(|tail| Rest {
                middle: parts.filter(|part| !part.is_empty()).map(piece).collect(),
                tail: piece(tail),
            }),
        }
    }

    /// Whether a text has the form of the pattern.
    ///
    /// Every piece between two stars is sought once, from where the one before it ended, so the
    /// time is linear in the text; only a piece with `?` in it, or one whose case is ignored, costs
    /// its own length for each place where it is tried.
    pub(crate) fn matches(&self, text: &str, case: Case) -> bool {
        let (middle, tail) = match &self.rest {
            Some(rest) => (&*rest.middle, Some(rest.tail.borrowed())),
            None => (&[][..], None),
        };
        let middle = middle.iter().map(Piece::borrowed);
        covers(self.head.borrowed(), middle, tail, text, case)
    }

    /// Whether it matches every text.
    pub(crate) fn is_any(&self) -> bool {
        self.head.text.is_empty()
            && self
                .rest
                .as_ref()
                .is_some_and(|rest| rest.middle.is_empty() && rest.tail.text.is_empty())
    }

    /// What stands between its stars: two pieces or more, or where it has no star, one. A `*` in a
    /// piece is that character, a `?` a wildcard.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &str> {
        let middle = self.rest.iter().flat_map(|rest| rest.middle.iter());
        let tail = self.rest.iter().map(|rest| &rest.tail);
        let pieces = [&self.head].into_iter().chain(middle).chain(tail);
        pieces.map(|piece| &*piece.text)
    }

    /// Whether it has no wildcard.
    pub(crate) fn is_exact(&self) -> bool {
        self.rest.is_none() && !self.head.has_any_one
    }

    /// What every text that it matches begins with.
    pub(crate) fn literal_prefix(&self) -> &str {
        let text = &*self.head.text;
        match text.split_once('?') {
            Some((literal, _)) if self.head.has_any_one => literal,
            _ => text,
        }
    }
}

/// Whether a text has the form of a pattern that is not split yet. Allocates nothing.
pub(crate) fn matches(pattern: &str, text: &str, case: Case) -> bool {
    let mut parts = pattern.split('*').map(Piece::new);
    let head = parts.next().unwrap_or_else(|| Piece::new(""));
    let tail = parts.next_back();
    covers(head, parts, tail, text, case)
}

fn covers<'p>(
    head: Piece<&'p str>,
    mut middle: impl Iterator<Item = Piece<&'p str>>,
    tail: Option<Piece<&'p str>>,
    text: &str,
    case: Case,
) -> bool {
    let Some(after_head) = head.strip_from(text, case) else {
        return false;
    };
    let Some(tail) = tail else {
        return after_head.is_empty();
    };
    middle
        .try_fold(after_head, |text, piece| piece.find_in(text, case))
        .is_some_and(|text| tail.ends(text, case))
}

/// Text between two stars; `?` in it is any one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece<T> {
    text: T,
    has_any_one: bool,
}

impl<T: AsRef<str>> Piece<T> {
    fn new(text: T) -> Self {
        Self {
            has_any_one: text.as_ref().contains('?'),
            text,
        }
    }

    fn borrowed(&self) -> Piece<&str> {
        Piece {
            text: self.text.as_ref(),
            has_any_one: self.has_any_one,
        }
    }
}

impl Piece<&str> {
    /// What follows this piece at the beginning of a text.
    fn strip_from(self, text: &str, case: Case) -> Option<&str> {
        if !self.has_any_one {
            return match case {
                Case::Kept if begins_with(text, self.text) => text.get(self.text.len()..),
                Case::Kept => None,
                Case::Ignored => {
                    let (start, after) = text.split_at_checked(self.text.len())?;
                    start.eq_ignore_ascii_case(self.text).then_some(after)
                }
            };
        }
        let mut left = text.chars();
        for wanted in self.text.chars() {
            if !case.fits(wanted, left.next()?) {
                return None;
            }
        }
        Some(left.as_str())
    }

    /// What follows the first place of this piece in a text.
    fn find_in(self, text: &str, case: Case) -> Option<&str> {
        if !self.has_any_one && case == Case::Kept {
            return text.split_once(self.text).map(|(_, after)| after);
        }
        let mut from = text.chars();
        loop {
            if let Some(after) = self.strip_from(from.as_str(), case) {
                return Some(after);
            }
            from.next()?;
        }
    }

    /// Whether a text ends with this piece.
    fn ends(self, text: &str, case: Case) -> bool {
        if !self.has_any_one && case == Case::Kept {
            return ends_with(text, self.text);
        }
        let mut left = text.chars().rev();
        let mut wanted = self.text.chars().rev();
        wanted.all(|wanted| left.next().is_some_and(|found| case.fits(wanted, found)))
    }
}

impl Case {
    /// Whether a character of a pattern allows a character of a text.
    fn fits(self, wanted: char, found: char) -> bool {
        wanted == '?'
            || wanted == found
            || (self == Self::Ignored && wanted.eq_ignore_ascii_case(&found))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The meaning of a pattern in four lines, exponential in its stars.
    fn reference(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                reference(rest, text) || (!text.is_empty() && reference(pattern, &text[1..]))
            }
            (['?', rest @ ..], [_, left @ ..]) => reference(rest, left),
            ([wanted, rest @ ..], [found, left @ ..]) => wanted == found && reference(rest, left),
            _ => false,
        }
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn patterns_match_as_ram_has_them() {
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "*", true),
            ("", "?", false),
            ("abc", "a*c", true),
            ("abc", "a?c", true),
            ("abc", "a?", false),
            ("abcbc", "*bc", true),
            ("rd-3G/r-Wm/fd-A", "rd-3G/*", true),
            ("rd-3G", "rd-3G/*", false),
            ("z\u{fc}rich", "z?rich", true),
            ("ab", "a*b*c", false),
            ("a*b", "a*b", true),
            ("axxxb", "a*b**", true),
            ("dev1", "d?v*", true),
            ("dv", "d?v*", false),
        ] {
            let prepared = Wildcard::new(pattern).matches(text, Case::Kept);
            assert_eq!(prepared, expected, "{text} like {pattern}");
        }
    }

    #[test]
    fn a_case_is_ignored_for_ascii_letters_only() {
        let pattern = Wildcard::new("z\u{fc}R*h");
        assert!(pattern.matches("Z\u{fc}ricH", Case::Ignored));
        assert!(!pattern.matches("Z\u{dc}ricH", Case::Ignored));
        // Equal lengths in bytes, but a boundary within a character.
        assert!(!Wildcard::new("abc*").matches("a\u{20ac}", Case::Ignored));
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        let hostile = "a".repeat(2_000);
        let pattern = format!("{}b", "*a".repeat(1_000));
        let begun = std::time::Instant::now();
        assert!(!matches(&pattern, &hostile, Case::Kept));
        assert!(!matches(&pattern, &hostile, Case::Ignored));
        assert!(begun.elapsed().as_secs() < 2);
    }

    proptest! {
        #[test]
        fn a_pattern_means_what_the_reference_means(
            pattern in "[abB\u{e9}*?]{0,9}",
            text in "[abB\u{e9}]{0,12}",
        ) {
            let expected = reference(&chars(&pattern), &chars(&text));
            prop_assert_eq!(Wildcard::new(&pattern).matches(&text, Case::Kept), expected);
            prop_assert_eq!(matches(&pattern, &text, Case::Kept), expected);
        }

        #[test]
        fn ignoring_case_is_matching_in_lower_case(
            pattern in "[abAB\u{e9}\u{c9}*?]{0,9}",
            text in "[abAB\u{e9}\u{c9}]{0,12}",
        ) {
            let (low, text_low) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
            let expected = reference(&chars(&low), &chars(&text_low));
            prop_assert_eq!(Wildcard::new(&pattern).matches(&text, Case::Ignored), expected);
            prop_assert_eq!(matches(&pattern, &text, Case::Ignored), expected);
        }

        #[test]
        fn a_literal_prefix_begins_every_match(pattern in "[ab*?]{0,6}", text in "[ab]{0,8}") {
            let pattern = Wildcard::new(&pattern);
            if pattern.matches(&text, Case::Kept) {
                prop_assert!(text.starts_with(pattern.literal_prefix()));
                prop_assert!(!pattern.is_exact() || text == pattern.literal_prefix());
            }
        }
    }
}
