//! Patterns over actions and resource names, with the wildcards of RAM.
//!
//! `*` stands for any run of characters, also an empty one, and `?` for exactly one character.
//! Both may stand anywhere and cross `/` and `:`. Actions are compared without regard to case,
//! resources with it.

use super::requested::{ACTION_LENGTH_MAX, Fields};

/// Longest resource pattern, in bytes.
pub(super) const RESOURCE_LENGTH_MAX: usize = 1_024;

/// Why a text is not a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing is written.
    #[error("the pattern is empty")]
    Empty,
    /// More than a pattern can hold.
    #[error("the pattern is longer than {0} bytes")]
    TooLong(usize),
    /// An action without the name of its service.
    #[error("the action names no service")]
    NoService,
    /// A character that no name has.
    #[error("`{}` cannot be part of a name", .0.escape_default())]
    Character(char),
}

/// A checked pattern.
///
/// ```
/// use stateward::policy::Pattern;
///
/// let action = Pattern::action("resourcemanager:*Account*")?;
/// assert!(action.matches("resourcemanager:listaccounts"));
/// # Ok::<(), stateward::policy::PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: Box<str>,
    head: Piece,
    /// What follows the first `*`; absent where there is none.
    rest: Option<Rest>,
}

/// The part of a pattern after its first `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rest {
    middle: Box<[Piece]>,
    tail: Piece,
}

impl Pattern {
    /// A pattern over actions: `service:Name`, or `*` alone. It is kept in lower case, and matches
    /// folded actions.
    ///
    /// # Errors
    /// When it names no service, or holds what no action name has.
    pub fn action(text: &str) -> Result<Self, PatternError> {
        check(text, ACTION_LENGTH_MAX, |c| {
            c.is_ascii_alphanumeric() || "*?:-_./".contains(c)
        })?;
        let service = text.split_once(':').map_or("", |(service, _)| service);
        if text != "*" && service.is_empty() {
            return Err(PatternError::NoService);
        }
        Ok(Self::new(text, &text.to_ascii_lowercase()))
    }

    /// A pattern over resource names, case and all.
    ///
    /// An empty region or account field of `acs:service:region:account:path` equals the request's
    /// empty or `*` field and nothing else.
    ///
    /// # Errors
    /// When it is empty or too long, or holds white space or control characters.
    pub fn resource(text: &str) -> Result<Self, PatternError> {
        check(text, RESOURCE_LENGTH_MAX, |c| {
            !c.is_whitespace() && !c.is_control()
        })?;
        let mut pattern = Self::new(text, text);
        if let Some(canonical) = star_empty_fields(text) {
            pattern.take_pieces(&canonical, LITERAL_STAR);
        }
        Ok(pattern)
    }

    fn new(text: &str, compared: &str) -> Self {
        let mut pattern = Self {
            text: text.into(),
            head: Piece::new(""),
            rest: None,
        };
        pattern.take_pieces(compared, '*');
        pattern
    }

    /// Splits `compared` at its wildcards; where `literal` is not `*` it stands for a star to be
    /// taken literally.
    fn take_pieces(&mut self, compared: &str, literal: char) {
        let piece = |text: &str| Piece::new(&text.replace(literal, "*"));
        let mut parts = compared.split('*');
        self.head = piece(parts.next().unwrap_or_default());
        self.rest = parts.next_back().map(|tail| Rest {
            middle: parts.filter(|part| !part.is_empty()).map(piece).collect(),
            tail: piece(tail),
        });
    }

    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern covers this name: a folded action, a
    /// [canonical](super::canonical_resource) resource.
    ///
    /// Every piece between two stars is sought once, from where the one before it ended, so the
    /// time is linear in the name; only a piece with `?` in it costs its own length for each place
    /// where it is tried.
    pub fn matches(&self, name: &str) -> bool {
        let Some(after_head) = self.head.strip_from(name) else {
            return false;
        };
        let Some(rest) = &self.rest else {
            return after_head.is_empty();
        };
        rest.middle
            .iter()
            .try_fold(after_head, |name, piece| piece.find_in(name))
            .is_some_and(|name| rest.tail.ends(name))
    }

    /// Whether it covers every name.
    pub fn is_any(&self) -> bool {
        self.head.text.is_empty()
            && self
                .rest
                .as_ref()
                .is_some_and(|rest| rest.middle.is_empty() && rest.tail.text.is_empty())
    }

    /// Whether it has no wildcard.
    pub(super) fn is_exact(&self) -> bool {
        self.rest.is_none() && !self.head.has_any_one
    }

    /// What every name it covers begins with, in the form that is compared.
    pub(super) fn literal_prefix(&self) -> &str {
        let text = &*self.head.text;
        match text.split_once('?') {
            Some((literal, _)) if self.head.has_any_one => literal,
            _ => text,
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.text)
    }
}

fn check(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> Result<(), PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    if text.len() > most {
        return Err(PatternError::TooLong(most));
    }
    match text.chars().find(|c| !allowed(*c)) {
        Some(character) => Err(PatternError::Character(character)),
        None => Ok(()),
    }
}

/// Text between two stars; `?` in it is any one character.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    text: Box<str>,
    has_any_one: bool,
}

impl Piece {
    fn new(text: &str) -> Self {
        Self {
            has_any_one: text.contains('?'),
            text: text.into(),
        }
    }

    /// What follows this piece at the beginning of a name.
    fn strip_from<'n>(&self, name: &'n str) -> Option<&'n str> {
        if !self.has_any_one {
            return name.strip_prefix(&*self.text);
        }
        let mut left = name.chars();
        for wanted in self.text.chars() {
            let found = left.next()?;
            if wanted != '?' && wanted != found {
                return None;
            }
        }
        Some(left.as_str())
    }

    /// What follows the first place of this piece in a name.
    fn find_in<'n>(&self, name: &'n str) -> Option<&'n str> {
        if !self.has_any_one {
            return name.split_once(&*self.text).map(|(_, after)| after);
        }
        let mut from = name.chars();
        loop {
            if let Some(after) = self.strip_from(from.as_str()) {
                return Some(after);
            }
            from.next()?;
        }
    }

    /// Whether a name ends with this piece.
    fn ends(&self, name: &str) -> bool {
        if !self.has_any_one {
            return name.ends_with(&*self.text);
        }
        let mut left = name.chars().rev();
        self.text.chars().rev().all(|wanted| {
            left.next()
                .is_some_and(|found| wanted == '?' || wanted == found)
        })
    }
}

/// Stands for a literal star while a pattern is split; no resource pattern can hold it, because it
/// is a control character.
const LITERAL_STAR: char = '\u{1}';

fn star_empty_fields(pattern: &str) -> Option<String> {
    Fields::of(pattern)?.join_with(LITERAL_STAR)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::requested::{canonical_resource, fold};

    /// The meaning of a pattern in four lines, exponential in its stars.
    fn reference(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                reference(rest, name) || (!name.is_empty() && reference(pattern, &name[1..]))
            }
            (['?', rest @ ..], [_, left @ ..]) => reference(rest, left),
            ([wanted, rest @ ..], [found, left @ ..]) => wanted == found && reference(rest, left),
            _ => false,
        }
    }

    fn check(pattern: &str, name: &str, expected: bool) {
        let pattern = Pattern::resource(pattern).unwrap();
        let name = canonical_resource(name);
        assert_eq!(pattern.matches(&name), expected, "{pattern} on {name}");
    }

    #[test]
    fn stars_cross_slashes_and_colons() {
        check("*", "acs:resourcemanager:*:1000:account/a/b", true);
        check("acs:*:account/*", "acs:rm:*:1000:account/a/b", true);
        check(
            "acs:rm:*:*:account/a/*",
            "acs:rm:cn:1000:account/a/b/c",
            true,
        );
        check("acs:rm:*:*:account/a/*", "acs:rm:cn:1000:account/ab", false);
        check("a*b*c", "axxbyyc", true);
        check("a*b*c", "axxcyyb", false);
        check("ab*ba", "aba", false);
    }

    #[test]
    fn a_question_mark_is_one_character_not_one_byte() {
        check("a?c", "abc", true);
        check("a?c", "aéc", true);
        check("a?c", "ac", false);
        check("*é?", "xxéz", true);
        check("?*?", "x", false);
        check("d?v*", "dev1", true);
        check("d?v*", "dv", false);
    }

    #[test]
    fn resources_keep_their_case_and_actions_do_not() {
        check("acs:rm:*:*:Account/1", "acs:rm:*:1:account/1", false);
        let action = Pattern::action("ResourceManager:Get*").unwrap();
        assert!(action.matches(fold("resourcemanager:GETACCOUNT").as_str()));
        assert!(action.matches(fold("ResourceManager:getaccount").as_str()));
        assert!(!action.matches(fold("resourcemanager:ListAccounts").as_str()));
    }

    #[test]
    fn an_empty_region_or_account_of_a_request_is_a_star() {
        check("acs:rm:*:1000:x", "acs:rm::1000:x", true);
        check("acs:rm:?:1000:x", "acs:rm::1000:x", true);
        check("acs:rm::1000:x", "acs:rm::1000:x", true);
        check("acs:rm::1000:x", "acs:rm:*:1000:x", true);
        check("acs:rm::1000:x", "acs:rm:cn:1000:x", false);
        check("acs:rm:*:1000:x", "acs:rm:::x", false);
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert_eq!(Pattern::action(""), Err(PatternError::Empty));
        assert_eq!(Pattern::action("GetAccount"), Err(PatternError::NoService));
        assert_eq!(Pattern::action(":Get"), Err(PatternError::NoService));
        assert_eq!(Pattern::action("a:b c"), Err(PatternError::Character(' ')));
        assert_eq!(Pattern::action("a:é"), Err(PatternError::Character('é')));
        assert_eq!(
            Pattern::resource("a\tb"),
            Err(PatternError::Character('\t'))
        );
        assert_eq!(
            Pattern::resource(&"a".repeat(1_025)),
            Err(PatternError::TooLong(1_024))
        );
        assert!(Pattern::action("*").unwrap().is_any());
        assert!(!Pattern::action("ram:*").unwrap().is_any());
        assert!(!Pattern::resource("?*").unwrap().is_any());
    }

    #[test]
    fn an_action_longer_than_the_stack_keeps_its_meaning() {
        let long = format!("ecs:{}", "A".repeat(2_000));
        assert!(
            Pattern::action("ECS:a*a")
                .unwrap()
                .matches(fold(&long).as_str())
        );
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        let pattern = Pattern::resource(&"a*".repeat(500)).unwrap();
        let name = format!("{}{}", "a".repeat(499), "b".repeat(20_000));
        let begun = std::time::Instant::now();
        assert!(!pattern.matches(&name));
        assert!(begun.elapsed().as_secs() < 2);
    }

    proptest! {
        #[test]
        fn patterns_mean_what_the_reference_means(
            pattern in "[abé*?]{1,9}",
            name in "[abé]{0,12}",
        ) {
            let chars: Vec<char> = pattern.chars().collect();
            let name_chars: Vec<char> = name.chars().collect();
            prop_assert_eq!(
                Pattern::resource(&pattern).unwrap().matches(&name),
                reference(&chars, &name_chars)
            );
        }

        #[test]
        fn a_literal_prefix_begins_every_match(
            pattern in "[ab*?]{1,6}",
            name in "[ab]{0,8}",
        ) {
            let pattern = Pattern::resource(&pattern).unwrap();
            if pattern.matches(&name) {
                prop_assert!(name.starts_with(pattern.literal_prefix()));
                prop_assert!(!pattern.is_exact() || name == pattern.literal_prefix());
            }
        }
    }
}
