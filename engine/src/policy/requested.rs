//! Requested names in the form that patterns compare: folded actions, canonical resources.

use std::borrow::Cow;

/// Longest action that is folded without allocating; also the longest action pattern.
pub(super) const ACTION_LENGTH_MAX: usize = 256;

/// The fields of `acs:service:region:account:path`; the path may hold further colons.
pub(super) struct Fields<'r> {
    /// `acs:service`.
    service: &'r str,
    region: &'r str,
    /// The account that the resource belongs to.
    pub(super) account: &'r str,
    /// The resource within its account.
    pub(super) path: &'r str,
}

impl<'r> Fields<'r> {
    /// The fields of a resource name, where it has all five.
    pub(super) fn of(resource: &'r str) -> Option<Self> {
        let (head, path) = split_after_colons(resource, 4)?;
        let (service, place) = split_after_colons(head, 2)?;
        let (region, account) = place.split_once(':')?;
        Some(Self {
            service,
            region,
            account,
            path,
        })
    }

    /// The path, where the colons of this name are exactly those between its fields: only then do
    /// the fields of a name and those of a pattern that matches it correspond.
    pub(super) fn plain_path(&self) -> Option<&'r str> {
        (!self.path.contains(':')).then_some(self.path)
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

/// Splits at the `nth` colon.
fn split_after_colons(text: &str, nth: usize) -> Option<(&str, &str)> {
    let (at, _) = text.match_indices(':').nth(nth.checked_sub(1)?)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
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

/// An action in lower case, kept on the stack where it is as short as actions are.
pub(super) struct Folded {
    bytes: [u8; ACTION_LENGTH_MAX],
    length: usize,
    long: Option<String>,
}

/// An action as patterns compare it: without regard to case.
pub(super) fn fold(action: &str) -> Folded {
    let mut folded = Folded {
        bytes: [0; ACTION_LENGTH_MAX],
        length: action.len(),
        long: None,
    };
    match folded.bytes.get_mut(..action.len()) {
        Some(place) => {
            place.copy_from_slice(action.as_bytes());
            place.make_ascii_lowercase();
        }
        None => folded.long = Some(action.to_ascii_lowercase()),
    }
    folded
}

impl Folded {
    /// The action in lower case.
    pub(super) fn as_str(&self) -> &str {
        match &self.long {
            Some(text) => text,
            // Lower-casing ASCII letters keeps UTF-8 intact; an empty text would match nothing.
            None => self
                .bytes
                .get(..self.length)
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
        }
    }
}
