//! Requested names in the form that patterns compare: folded actions, canonical resources.

use std::borrow::Cow;
use std::cell::Cell;

use super::hash::hash;
use crate::words::{WORD, word_of};

/// Longest action pattern.
pub(super) const ACTION_LENGTH_MAX: usize = 256;

/// What is asked for, in the form that patterns and indexes compare.
pub(super) struct Requested<'r> {
    /// The action, in lower case.
    pub(super) action: &'r str,
    /// Its hash, by which indexes look for it.
    pub(super) action_hash: u64,
    /// The [canonical](canonical_resource) resource.
    pub(super) resource: &'r str,
    /// Its fields, where it has them.
    pub(super) fields: Option<Fields<'r>>,
    /// What the last resources that were compared came to. Statements on the same ones share their
    /// lists and are asked one after another.
    pub(super) last_resources: Last,
}

impl<'r> Requested<'r> {
    /// A folded action on a canonical resource.
    pub(super) fn new(action: &'r str, resource: &'r str) -> Self {
        Self {
            action,
            action_hash: hash(action),
            resource,
            fields: Fields::of(resource),
            last_resources: Last::default(),
        }
    }
}

/// What the last list that was looked at came to.
pub(super) struct Last(Cell<(*const (), bool)>);

impl Default for Last {
    fn default() -> Self {
        Self(Cell::new((std::ptr::null(), false)))
    }
}

impl Last {
    /// What a list comes to that is told by its address, which must live as long as the request.
    pub(super) fn or_look(&self, list: *const (), look: impl FnOnce() -> bool) -> bool {
        let (last, came_to) = self.0.get();
        if std::ptr::eq(last, list) {
            return came_to;
        }
        let comes_to = look();
        self.0.set((list, comes_to));
        comes_to
    }
}

/// The fields of `acs:service:region:account:path`; the path may hold further colons.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'r> {
    /// `acs:service`.
    pub(super) service: &'r str,
    pub(super) region: &'r str,
    /// The account that the resource belongs to.
    pub(super) account: &'r str,
    /// The resource within its account.
    pub(super) path: &'r str,
    /// Whether the colons of the name are exactly those between its fields.
    is_plain: bool,
}

impl<'r> Fields<'r> {
    /// The fields of a resource name, where it has all five.
    pub(super) fn of(resource: &'r str) -> Option<Self> {
        let ([_, service, region, account], is_plain) = colons(resource)?;
        Some(Self {
            service: resource.get(..service)?,
            region: resource.get(service + 1..region)?,
            account: resource.get(region + 1..account)?,
            path: resource.get(account + 1..)?,
            is_plain,
        })
    }

    /// The path, where the colons of this name are exactly those between its fields: only then do
    /// the fields of a name and those of a pattern that matches it correspond.
    pub(super) fn plain_path(&self) -> Option<&'r str> {
        self.is_plain.then_some(self.path)
    }

    /// The name with its empty region and account written as `star`, if there is an empty one.
    ///
    /// Names of AWS have one field more, and there an empty field is empty.
    pub(super) fn join_with(&self, star: char) -> Option<String> {
        let complete = !self.region.is_empty() && !self.account.is_empty();
        if complete || self.service.starts_with("arn:") {
            return None;
        }
        let mut star_bytes = [0; 4];
        let star = &*star.encode_utf8(&mut star_bytes);
        let or_star = |field: &'r str| if field.is_empty() { star } else { field }.to_owned();
        let (region, account) = (or_star(self.region), or_star(self.account));
        Some(format!("{}:{region}:{account}:{}", self.service, self.path))
    }
}

/// Where the first four colons of a text are, if it has so many, and whether those are all.
///
/// Every request is read so; eight bytes at a time, that is a matter of nanoseconds.
fn colons(text: &str) -> Option<([usize; 4], bool)> {
    let mut places = [0; 4];
    let mut free = places.iter_mut();
    let (words, rest) = text.as_bytes().as_chunks::<WORD>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    for (number, word) in words.chain([word_of(rest)]).enumerate() {
        let mut marks = marks_of_colons(word);
        while marks != 0 {
            match free.next() {
                Some(place) => *place = number * WORD + marks.trailing_zeros() as usize / 8,
                None => return Some((places, false)),
            }
            marks &= marks - 1;
        }
    }
    free.next().is_none().then_some((places, true))
}

/// The highest bit of each byte that is a colon; the sum carries into no other byte.
fn marks_of_colons(word: u64) -> u64 {
    const COLONS: u64 = u64::from_le_bytes([b':'; WORD]);
    const LOW_BITS: u64 = u64::from_le_bytes([0x7f; WORD]);
    let differing = word ^ COLONS;
    !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS)
}

/// A requested resource as patterns see it: an empty region or account is the same as `*`.
///
/// Documents print both `acs:resourcemanager:*:1000:account/…` and
/// `acs:resourcemanager::1000:account/…` for one resource. Names of AWS (`arn:…`) stay as they are.
pub fn canonical_resource(resource: &str) -> Cow<'_, str> {
    Fields::of(resource)
        .and_then(|fields| fields.join_with('*'))
        .map_or(Cow::Borrowed(resource), Cow::Owned)
}

/// Where a [folded](fold) action is kept that is as short as actions are.
pub(super) type FoldBuffer = [u8; 64];

/// An action as patterns compare it: without regard to case.
pub(super) fn fold<'a>(action: &str, buffer: &'a mut FoldBuffer) -> Cow<'a, str> {
    if let Some(place) = buffer.get_mut(..action.len()) {
        for (folded, byte) in place.iter_mut().zip(action.bytes()) {
            *folded = byte.to_ascii_lowercase();
        }
        // Lower-casing ASCII letters keeps UTF-8 intact.
        if let Ok(folded) = std::str::from_utf8(place) {
            return Cow::Borrowed(folded);
        }
    }
    Cow::Owned(action.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(name: &str) -> Option<[&str; 4]> {
        Fields::of(name).map(|it| [it.service, it.region, it.account, it.path])
    }

    #[test]
    fn a_name_has_five_fields_and_the_last_may_hold_colons() {
        let name = "acs:directory:*:1000:account/rd-3G/fd-0001/100001";
        let path = "account/rd-3G/fd-0001/100001";
        assert_eq!(fields(name), Some(["acs:directory", "*", "1000", path]));
        assert_eq!(fields("::::"), Some([":", "", "", ""]));
        assert_eq!(fields("acs:directory:*:1000"), None);
        assert!(Fields::of(name).unwrap().is_plain);
        assert!(!Fields::of("a:b:c:d:e:f").unwrap().is_plain);
    }

    proptest! {
        #[test]
        fn fields_joined_are_the_name(name in "[:;9\u{ba}\u{17ba}a]{0,40}") {
            let colons = name.matches(':').count();
            let found = Fields::of(&name);
            prop_assert_eq!(found.is_some(), colons >= 4);
            if let Some(found) = found {
                prop_assert_eq!(&fields(&name).unwrap().join(":"), &name);
                prop_assert_eq!(found.is_plain, colons == 4);
                prop_assert_eq!(found.service.matches(':').count(), 1);
            }
        }
    }
}
