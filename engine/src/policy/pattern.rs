//! Patterns over actions and resource names, with the wildcards of RAM.
//!
//! `*` stands for any run of characters, also an empty one, and `?` for exactly one character.
//! Both may stand anywhere and cross `/` and `:`. Actions are compared without regard to case,
//! resources with it.

use std::hash::{Hash, Hasher};

use super::hidden::is_hidden;
use super::requested::{ACTION_LENGTH_MAX, Fields, Requested};
use crate::wildcard::{Case, Wildcard};
use crate::words::{begins_with, same};

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
    by_field: ByField,
    form: Wildcard,
}

/// How a resource pattern is compared field by field, where its colons are exactly those between
/// them. A name with as many colons matches it if and only if each field matches, for no star can
/// reach across a colon then. That takes no search through the name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ByField {
    /// It is not.
    Never,
    /// As it is written.
    Written(Written),
    Forms(Box<FieldForms>),
}

/// A pattern that has no wildcard but a star in the place of a region or an account, and one at the
/// end of its path; most have not. Its text says all there is to compare, and a decision that reads
/// no more than that waits less for memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    /// Where the first fields end.
    service: u16,
    region: u16,
    account: u16,
    /// Whether the path may go on.
    is_open: bool,
}

/// A resource pattern, field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FieldForms {
    service: Wildcard,
    /// Absent where any will do.
    region: Option<Wildcard>,
    account: Option<Wildcard>,
    path: Wildcard,
}

impl ByField {
    fn of(pattern: &str) -> Self {
        let Some(fields) = Fields::of(pattern) else {
            return Self::Never;
        };
        let written = Written::of(&fields).map(Self::Written);
        let forms = || FieldForms::of(&fields).map(|forms| Self::Forms(Box::new(forms)));
        written.or_else(forms).unwrap_or(Self::Never)
    }
}

impl Written {
    fn of(fields: &Fields<'_>) -> Option<Self> {
        let path = fields.plain_path()?;
        let open = path.strip_suffix('*');
        let is_literal = |field: &str| !field.contains(['*', '?']);
        let is_place = |field: &str| field == "*" || !field.is_empty() && is_literal(field);
        let is_written = is_literal(fields.service)
            && is_place(fields.region)
            && is_place(fields.account)
            && is_literal(open.unwrap_or(path));
        let end = |before: usize, field: &str| u16::try_from(before + field.len()).ok();
        let service = end(0, fields.service)?;
        let region = end(usize::from(service) + 1, fields.region)?;
        is_written.then_some(Self {
            service,
            region,
            account: end(usize::from(region) + 1, fields.account)?,
            is_open: open.is_some(),
        })
    }

    fn match_all(self, text: &str, fields: &Fields<'_>) -> bool {
        let [service, region, account] = [self.service, self.region, self.account].map(usize::from);
        let is = |from: usize, to: usize, field: &str| {
            text.get(from..to).is_some_and(|text| same(text, field))
        };
        let may = |from, to, field| text.get(from..to) == Some("*") || is(from, to, field);
        let path = match self.is_open {
            true => text
                .get(account + 1..text.len() - 1)
                .is_some_and(|path| begins_with(fields.path, path)),
            false => is(account + 1, text.len(), fields.path),
        };
        path && is(0, service, fields.service)
            && may(service + 1, region, fields.region)
            && may(region + 1, account, fields.account)
    }
}

impl FieldForms {
    fn of(fields: &Fields<'_>) -> Option<Self> {
        let path = Wildcard::new(fields.plain_path()?);
        let place = |field: &str| match field {
            "*" => None,
            // A request's own empty field reads `*`.
            "" => Some(Wildcard::with_literal_star(
                LITERAL_STAR.encode_utf8(&mut [0; 4]),
                LITERAL_STAR,
            )),
            _ => Some(Wildcard::new(field)),
        };
        Some(Self {
            service: Wildcard::new(fields.service),
            region: place(fields.region),
            account: place(fields.account),
            path,
        })
    }

    fn match_all(&self, fields: &Fields<'_>) -> bool {
        let fits = |form: &Wildcard, field: &str| form.matches(field, Case::Kept);
        let may = |form: &Option<Wildcard>, field: &str| {
            form.as_ref().is_none_or(|form| fits(form, field))
        };
        fits(&self.path, fields.path)
            && fits(&self.service, fields.service)
            && may(&self.region, fields.region)
            && may(&self.account, fields.account)
    }
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
        Ok(Self {
            text: text.into(),
            form: Wildcard::new(&text.to_ascii_lowercase()),
            by_field: ByField::Never,
        })
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
            !c.is_whitespace() && !is_hidden(c)
        })?;
        let form = match star_empty_fields(text) {
            Some(canonical) => Wildcard::with_literal_star(&canonical, LITERAL_STAR),
            None => Wildcard::new(text),
        };
        Ok(Self {
            text: text.into(),
            form,
            by_field: ByField::of(text),
        })
    }

    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern covers this name: a folded action, a
    /// [canonical](super::canonical_resource) resource. The time is linear in the name, but for
    /// pieces with `?` in them.
    pub fn matches(&self, name: &str) -> bool {
        self.form.matches(name, Case::Kept)
    }

    /// Whether a resource pattern covers the resource that is asked for.
    pub(super) fn covers(&self, request: &Requested<'_>) -> bool {
        let asked = request
            .fields
            .as_ref()
            .filter(|fields| fields.plain_path().is_some());
        match (&self.by_field, asked) {
            (ByField::Written(written), Some(fields)) => written.match_all(&self.text, fields),
            (ByField::Forms(forms), Some(fields)) => forms.match_all(fields),
            _ => self.matches(request.resource),
        }
    }

    /// Whether it covers every name.
    pub fn is_any(&self) -> bool {
        self.form.is_any()
    }

    /// What stands between its stars, in the form that is compared.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        self.form.pieces()
    }

    /// Whether it has no wildcard.
    pub fn is_exact(&self) -> bool {
        self.form.is_exact()
    }

    /// What every name it covers begins with, in the form that is compared.
    pub(super) fn literal_prefix(&self) -> &str {
        self.form.literal_prefix()
    }
}

impl Hash for Pattern {
    /// What is written is all there is: forms follow from it.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
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
    use crate::policy::requested::canonical_resource;

    fn folded(action: &str) -> String {
        crate::policy::requested::fold(action, &mut [0; 64]).into_owned()
    }

    fn check(pattern: &str, name: &str, expected: bool) {
        let pattern = Pattern::resource(pattern).unwrap();
        let name = canonical_resource(name);
        assert_eq!(pattern.matches(&name), expected, "{pattern} on {name}");
        let request = Requested::new("s:a", &name);
        assert_eq!(pattern.covers(&request), expected, "{pattern} on {name}");
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
        assert!(action.matches(&folded("resourcemanager:GETACCOUNT")));
        assert!(action.matches(&folded("ResourceManager:getaccount")));
        assert!(!action.matches(&folded("resourcemanager:ListAccounts")));
    }

    #[test]
    fn an_empty_region_or_account_of_a_request_is_a_star() {
        check("acs:rm:*:1000:x", "acs:rm::1000:x", true);
        check("acs:rm:?:1000:x", "acs:rm::1000:x", true);
        check("acs:rm::1000:x", "acs:rm::1000:x", true);
        check("acs:rm::1000:x", "acs:rm:*:1000:x", true);
        check("acs:rm::1000:x", "acs:rm:cn:1000:x", false);
        check("acs:rm:*:1000:x", "acs:rm:::x", false);
        // A star reaches across fields, also to where an empty one stands.
        check("acs:*::*:*", "acs:rm:cn::x:y", true);
        check("acs:rm::*:*", "acs:rm:cn::x:y", false);
    }

    #[test]
    fn an_empty_field_of_aws_is_empty() {
        check("arn:aws:s3:::x", "arn:aws:s3:::x", true);
        check("arn:aws:*::x", "arn:aws:s3:::x", true);
        check("arn:aws:s3:?::x", "arn:aws:s3:::x", false);
        check("arn:aws:s3:::x", "arn:aws:s3:*::x", false);
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
        assert!(Pattern::action("ECS:a*a").unwrap().matches(&folded(&long)));
    }
    proptest! {
        #[test]
        fn field_by_field_is_as_a_whole(
            pattern in "(acs|a[*?]?):[s*]?:[c*?]{0,2}:[1*]{0,2}:[ab/*?:]{0,4}",
            name in "acs:s?:(c|cd)?:1{0,2}:[ab/:]{0,4}",
        ) {
            let pattern = Pattern::resource(&pattern).unwrap();
            let name = canonical_resource(&name);
            let request = Requested::new("s:a", &name);
            prop_assert_eq!(pattern.covers(&request), pattern.matches(&name));
        }
    }
}
