//! What a question can come to, where not everything that it depends on is known.

use crate::expr::Truth;
use crate::policy::Effect;

/// The effects that remain possible; where everything is known, exactly one.
///
/// It never leaves out an effect that some value of the unknown facts leads to. It may hold one that
/// none does: parts that depend on the same fact are taken to be independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Possible(u8);

const EFFECTS: [Effect; 3] = [Effect::Allow, Effect::ExplicitDeny, Effect::ImplicitDeny];

fn bit(effect: Effect) -> u8 {
    match effect {
        Effect::Allow => 1,
        Effect::ExplicitDeny => 2,
        Effect::ImplicitDeny => 4,
    }
}

impl Possible {
    /// One effect, for certain.
    pub fn only(effect: Effect) -> Self {
        Self(bit(effect))
    }

    /// What policies say of which one allows and one denies.
    pub(super) fn of(allows: Truth, denies: Truth) -> Self {
        let mut possible = 0;
        if denies != Truth::False {
            possible |= bit(Effect::ExplicitDeny);
        }
        if denies != Truth::True && allows != Truth::False {
            possible |= bit(Effect::Allow);
        }
        if denies != Truth::True && allows != Truth::True {
            possible |= bit(Effect::ImplicitDeny);
        }
        Self(possible)
    }

    /// Whether an effect is possible.
    pub fn has(self, effect: Effect) -> bool {
        self.0 & bit(effect) != 0
    }

    /// The one effect that is possible.
    pub fn certain(self) -> Option<Effect> {
        let mut possible = self.effects();
        possible.next().filter(|_| possible.next().is_none())
    }

    /// Whether the request may go on: for certain, or only perhaps.
    pub fn allows(self) -> Truth {
        match (self.has(Effect::Allow), self.certain().is_some()) {
            (true, true) => Truth::True,
            (true, false) => Truth::Unknown,
            (false, _) => Truth::False,
        }
    }

    /// Everything that is possible here or there.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What two questions come to together.
    pub(super) fn with(self, other: Self, together: fn(Effect, Effect) -> Effect) -> Self {
        let mut possible = Self(0);
        for one in self.effects() {
            for two in other.effects() {
                possible = possible.or(Self::only(together(one, two)));
            }
        }
        possible
    }

    fn effects(self) -> impl Iterator<Item = Effect> {
        EFFECTS.into_iter().filter(move |effect| self.has(*effect))
    }
}

/// Two stages of which the first must allow.
pub(super) fn then(first: Effect, rest: Effect) -> Effect {
    match first {
        Effect::Allow => rest,
        _ => first,
    }
}

/// Two stages of which the second is asked where the first is silent.
pub(super) fn or_else(first: Effect, second: Effect) -> Effect {
    match first {
        Effect::ImplicitDeny => second,
        _ => first,
    }
}

/// Two parties: a deny of either wins, else an allow of either.
pub(super) fn either(one: Effect, other: Effect) -> Effect {
    match (one, other) {
        (Effect::ExplicitDeny, _) | (_, Effect::ExplicitDeny) => Effect::ExplicitDeny,
        (Effect::Allow, _) | (_, Effect::Allow) => Effect::Allow,
        _ => Effect::ImplicitDeny,
    }
}

/// Two parties that both must allow, or two resources.
pub(super) fn both(one: Effect, other: Effect) -> Effect {
    match (one, other) {
        (Effect::ExplicitDeny, _) | (_, Effect::ExplicitDeny) => Effect::ExplicitDeny,
        (Effect::ImplicitDeny, _) | (_, Effect::ImplicitDeny) => Effect::ImplicitDeny,
        _ => Effect::Allow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_leaves_one_effect() {
        use Truth::{False, True, Unknown};
        for (allows, denies, expected) in [
            (True, True, "ExplicitDeny"),
            (True, False, "Allow"),
            (False, False, "ImplicitDeny"),
            (Unknown, True, "ExplicitDeny"),
            (Unknown, False, "Allow ImplicitDeny"),
            (True, Unknown, "Allow ExplicitDeny"),
            (Unknown, Unknown, "Allow ExplicitDeny ImplicitDeny"),
        ] {
            let possible = Possible::of(allows, denies);
            let words: Vec<String> = possible.effects().map(|it| it.to_string()).collect();
            assert_eq!(words.join(" "), expected);
            assert_eq!(possible.certain().is_some(), words.len() == 1);
        }
    }

    #[test]
    fn what_is_not_known_stays_open_through_combinations() {
        let open = Possible::of(Truth::Unknown, Truth::False);
        let denied = Possible::only(Effect::ExplicitDeny);
        assert_eq!(open.with(denied, either), denied);
        assert_eq!(denied.with(open, then), denied);
        assert_eq!(open.with(denied, then).allows(), Truth::False);
        assert_eq!(Possible::only(Effect::Allow).with(open, both), open);
        assert_eq!(open.allows(), Truth::Unknown);
    }
}
