//! Patterns over names of which parts are not known.

use std::borrow::Cow;

use crate::expr::Truth;
use crate::name::closest;
use crate::policy::{Actions, Pattern, canonical_resource};

/// Stands in a resource name for a part that is not known, which is taken to hold no `:`, since that
/// divides names into their parts. No name can hold it: it is a control character.
pub(crate) const UNKNOWN: &str = "\u{2}";

/// A name for people: what is not known in it reads `*`.
pub(crate) fn readable(name: &str) -> String {
    name.replace(UNKNOWN, "*")
}

/// What a resource is: its service, and the first word of its path.
pub(crate) fn kind_of(resource: &str) -> Option<(&str, &str)> {
    let mut fields = resource.splitn(5, ':');
    let service = fields.nth(1)?;
    let path = fields.nth(2)?;
    Some((service, path.split('/').next()?))
}

/// Whether one of the patterns covers a resource; no pattern covers all.
pub(super) fn on_resource(patterns: &[Pattern], resource: &str) -> Truth {
    if patterns.is_empty() {
        return Truth::True;
    }
    let resource = canonical_resource(resource);
    let covered = patterns.iter().map(|pattern| covers(pattern, &resource));
    any(covered)
}

/// Whether one of several is true.
pub(super) fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::False, |so_far, this| match (so_far, this) {
        (Truth::True, _) | (_, Truth::True) => Truth::True,
        (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
        _ => Truth::False,
    })
}

/// Whether a pattern covers a canonical name, whatever stands where it is not known.
pub(super) fn covers(pattern: &Pattern, name: &str) -> Truth {
    if !name.contains(UNKNOWN) {
        return truth(pattern.matches(name));
    }
    // What only wildcards can match is matched by a star if it may be empty and may be long.
    let nothing = name.replace(UNKNOWN, "");
    let anything = name.replace(UNKNOWN, &UNKNOWN.repeat(pattern.text().len() + 1));
    if pattern.matches(&nothing) && pattern.matches(&anything) {
        Truth::True
    } else if overlap(&canonical_resource(pattern.text()), name) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

fn truth(known: bool) -> Truth {
    if known { Truth::True } else { Truth::False }
}

/// Whether some name fits both a pattern and a name of which parts are not known.
fn overlap(pattern: &str, name: &str) -> bool {
    let unknown = |c: char| UNKNOWN.starts_with(c);
    let name: Vec<char> = name.chars().collect();
    // `reach[j]`: the pattern so far fits the first `j` characters of the name.
    let mut reach = vec![false; name.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    spread(&mut reach, &name, &unknown);
    for wanted in pattern.chars() {
        let mut next = vec![false; reach.len()];
        let mut carried = false;
        for (j, fits) in reach.iter().enumerate() {
            let found = j.checked_sub(1).and_then(|at| name.get(at));
            let before = j.checked_sub(1).and_then(|at| reach.get(at)).copied();
            carried |= *fits;
            let here = match found {
                _ if wanted == '*' => carried,
                // What is not known takes any number of characters.
                Some(found) if unknown(*found) => wanted != ':' && (*fits || before == Some(true)),
                Some(found) => before == Some(true) && (wanted == '?' || wanted == *found),
                None => false,
            };
            if let Some(place) = next.get_mut(j) {
                *place = here;
            }
        }
        spread(&mut next, &name, &unknown);
        reach = next;
    }
    reach.last().copied().unwrap_or_default()
}

/// What is not known may be nothing at all.
fn spread(reach: &mut [bool], name: &[char], unknown: &dyn Fn(char) -> bool) {
    let mut before = false;
    for (j, fits) in reach.iter_mut().enumerate() {
        let found = j.checked_sub(1).and_then(|at| name.get(at));
        *fits |= before && found.is_some_and(|c| unknown(*c));
        before = *fits;
    }
}

/// How a statement's actions stand to a folded action that they do not cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// It is excepted by this pattern.
    Excepted(String),
    /// This pattern is close to it by name: one of the two may be mistyped.
    Close(String),
    /// It covers other actions of the same service.
    SameService,
    /// Nothing connects them.
    Unlike,
}

/// Whether actions cover a folded action.
pub(super) fn on_action(actions: &Actions, action: &str) -> bool {
    let matches = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(action));
    match actions {
        Actions::Of(patterns) => matches(patterns),
        Actions::AllExcept(patterns) => !matches(patterns),
    }
}

/// How far actions are from covering a folded action; `None` where they cover it.
pub(super) fn missed(actions: &Actions, action: &str) -> Option<Missed> {
    let matching = |patterns: &[Pattern]| {
        let found = patterns.iter().find(|pattern| pattern.matches(action));
        found.map(|pattern| pattern.text().to_owned())
    };
    let patterns = match actions {
        Actions::AllExcept(patterns) => return matching(patterns).map(Missed::Excepted),
        Actions::Of(patterns) => patterns,
    };
    if on_action(actions, action) {
        return None;
    }
    // Services are alike by themselves: only the names in the same one are compared.
    let Some((service, name)) = action.split_once(':') else {
        return Some(Missed::Unlike);
    };
    let folded: Vec<(Cow<'_, str>, &Pattern)> =
        patterns.iter().map(|it| (fold(it.text()), it)).collect();
    let in_service = || {
        let parts = folded.iter().filter_map(|(text, pattern)| {
            let (of, name) = text.split_once(':')?;
            Some((of, name, *pattern))
        });
        parts.filter(|(of, ..)| *of == service)
    };
    let near = closest(name, in_service().map(|(_, name, _)| name));
    let written = in_service().find(|(_, name, _)| Some(*name) == near);
    Some(match written {
        Some((.., pattern)) => Missed::Close(pattern.text().to_owned()),
        None if in_service().next().is_some() => Missed::SameService,
        None => Missed::Unlike,
    })
}

fn fold(action: &str) -> Cow<'_, str> {
    if action.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(action.to_ascii_lowercase())
    } else {
        Cow::Borrowed(action)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pattern: &str, name: &str, expected: Truth) {
        let pattern = Pattern::resource(pattern).unwrap();
        let name = name.replace('_', UNKNOWN);
        assert_eq!(covers(&pattern, &name), expected, "{pattern} on {name:?}");
    }

    #[test]
    fn what_is_not_known_of_a_name_may_decide() {
        check("*", "a:_", Truth::True);
        check("acs:rm:*:*:account/*", "acs:rm:*:_:account/_", Truth::True);
        check(
            "acs:rm:*:*:account/fd-A/*",
            "acs:rm:*:_:account/_",
            Truth::Unknown,
        );
        check("acs:rm:*:*:folder/*", "acs:rm:*:_:account/_", Truth::False);
        check("acs:rm:*:1000:x", "acs:rm:*:_:x", Truth::Unknown);
        check("a/?", "a/_", Truth::Unknown);
        check("a/?*", "a/_", Truth::Unknown);
        check("a/b", "a/b", Truth::True);
    }

    #[test]
    fn a_missed_action_says_how_it_was_missed() {
        let of = |text: &str| Actions::Of(Box::new([Pattern::action(text).unwrap()]));
        let check = |actions: &Actions| missed(actions, "ram:getrole");
        assert_eq!(check(&of("ram:Get*")), None);
        assert_eq!(
            check(&of("ram:GetRoles")),
            Some(Missed::Close("ram:GetRoles".into()))
        );
        assert_eq!(check(&of("ram:DeletePolicy")), Some(Missed::SameService));
        assert_eq!(check(&of("ram:*y")), Some(Missed::SameService));
        assert_eq!(check(&of("ecs:*")), Some(Missed::Unlike));
        let except = Actions::AllExcept(Box::new([Pattern::action("ram:*").unwrap()]));
        assert_eq!(check(&except), Some(Missed::Excepted("ram:*".into())));
    }

    proptest! {
        #[test]
        fn whatever_stands_there_agrees_with_what_was_said(
            pattern in "[ab*?]{1,6}",
            name in "[ab_]{0,5}",
            fill in "[ab]{0,3}",
        ) {
            let checked = Pattern::resource(&pattern).unwrap();
            let said = covers(&checked, &name.replace('_', UNKNOWN));
            let is = checked.matches(&name.replace('_', &fill));
            prop_assert!(said == Truth::Unknown || said == truth(is), "{said:?} {is}");
        }

        #[test]
        fn what_may_be_covered_can_be(pattern in "[ab*?]{1,4}", name in "[ab_]{0,3}") {
            let checked = Pattern::resource(&pattern).unwrap();
            let open = name.replace('_', UNKNOWN);
            let mut fills = vec![String::new()];
            for _ in 0..4 {
                let longer = fills.iter().flat_map(|it| [format!("{it}a"), format!("{it}b")]);
                let longer: Vec<String> = longer.collect();
                fills.extend(longer);
            }
            // One unknown part at most, so that one filling speaks for all of them.
            prop_assume!(name.matches('_').count() <= 1);
            let can = fills.iter().any(|fill| checked.matches(&name.replace('_', fill)));
            prop_assert_eq!(overlap(&pattern, &open), can);
        }
    }
}
