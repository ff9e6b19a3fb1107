//! The operators on two values. Both engines run these, so they cannot disagree about one.

use std::time::Duration;

use super::Val;
use super::fault::Fault;
use crate::network;
use crate::time::Timestamp;

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Differ,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// What family an operator belongs to, for typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `==` and `!=`: any two values of one type.
    Equality,
    /// `<`, `<=`, `>`, `>=`: numbers, times, durations.
    Order,
    /// `+`, `-`, `*`, `/`, `%`.
    Arithmetic,
}

/// The operators of the language, as they are written, with what they give.
pub fn operators() -> impl Iterator<Item = (&'static str, &'static str)> {
    const LOGIC: [(&str, &str); 6] = [
        (
            "&&",
            "True if both are; the right one is looked at only if the left one is true.",
        ),
        (
            "||",
            "True if one is; the right one is looked at only if the left one is false.",
        ),
        ("!", "True if it is false."),
        (
            "??",
            "The left value if it is set, otherwise the right one.",
        ),
        (
            "in",
            "Whether a value is one of a list, or of several texts.",
        ),
        ("if", "`if a { b } else { c }`: one of two values."),
    ];
    let about = |operator: Operator| match operator.family() {
        Family::Equality => {
            "Two values of one type; a value of one of several words only with one of them."
        }
        Family::Order => "Two numbers, times, durations.",
        Family::Arithmetic => "Numbers; times and durations where that has a meaning.",
    };
    LOGIC
        .into_iter()
        .chain(Operator::ALL.map(|operator| (operator.symbol(), about(operator))))
}

impl Operator {
    /// Every operator.
    pub(super) const ALL: [Self; 11] = [
        Self::Equal,
        Self::Differ,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
    ];

    /// How it is written.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Differ => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// The operator that is written so.
    pub(super) fn of_symbol(symbol: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.symbol() == symbol)
    }

    /// Its family.
    pub(super) fn family(self) -> Family {
        match self {
            Self::Equal | Self::Differ => Family::Equality,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => Family::Order,
            _ => Family::Arithmetic,
        }
    }

    /// The operator that means the same with its sides exchanged.
    pub(super) fn mirrored(self) -> Option<Self> {
        Some(match self {
            Self::Equal | Self::Differ => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            _ => return None,
        })
    }

    /// Applies it.
    pub(super) fn apply(self, left: Val<'_>, right: Val<'_>) -> Result<Val<'static>, Fault> {
        if left == Val::Unset || right == Val::Unset {
            return Err(Fault::Unset(None));
        }
        match self.family() {
            Family::Equality => {
                let equal = equal(left, right)?;
                Ok(Val::Bool(equal == (self == Self::Equal)))
            }
            Family::Order => self.order(left, right).map(Val::Bool),
            Family::Arithmetic => self.calculate(left, right),
        }
    }

    fn order(self, left: Val<'_>, right: Val<'_>) -> Result<bool, Fault> {
        let ordering = match (left, right) {
            (Val::Int(a), Val::Int(b)) => a.cmp(&b),
            (Val::Time(a), Val::Time(b)) => a.cmp(&b),
            (Val::Duration(a), Val::Duration(b)) => a.cmp(&b),
            _ => return Err(Fault::KINDS_DIFFER),
        };
        Ok(match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            _ => ordering.is_ge(),
        })
    }

    fn calculate(self, left: Val<'_>, right: Val<'_>) -> Result<Val<'static>, Fault> {
        match (left, right) {
            (Val::Int(a), Val::Int(b)) => self.whole_numbers(a, b).map(Val::Int),
            (Val::Time(a), Val::Time(b)) if self == Self::Subtract => Ok(Val::Duration(a.since(b))),
            (Val::Time(at), Val::Duration(by)) => self.moved(at, by).map(Val::Time),
            (Val::Duration(a), Val::Duration(b)) => match self {
                Self::Add => a.checked_add(b).map(Val::Duration).ok_or(Fault::OVERFLOW),
                Self::Subtract => Ok(Val::Duration(a.saturating_sub(b))),
                _ => Err(Fault::KINDS_DIFFER),
            },
            _ => Err(Fault::KINDS_DIFFER),
        }
    }

    fn whole_numbers(self, a: i64, b: i64) -> Result<i64, Fault> {
        let result = match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            Self::Divide | Self::Remainder if b == 0 => {
                return Err(Fault::Failed("a number is divided by zero"));
            }
            Self::Divide => a.checked_div(b),
            _ => a.checked_rem(b),
        };
        result.ok_or(Fault::OVERFLOW)
    }

    fn moved(self, at: Timestamp, by: Duration) -> Result<Timestamp, Fault> {
        let by = i64::try_from(by.as_millis()).map_err(|_| Fault::OVERFLOW)?;
        let moved = match self {
            Self::Add => at.as_ms().checked_add(by),
            Self::Subtract => at.as_ms().checked_sub(by),
            _ => return Err(Fault::KINDS_DIFFER),
        };
        moved.map(Timestamp::from_ms).ok_or(Fault::OVERFLOW)
    }
}

/// Whether two values are the same. Values of different kinds are not unequal but a mistake.
pub(super) fn equal(left: Val<'_>, right: Val<'_>) -> Result<bool, Fault> {
    match (left, right) {
        (Val::Unset, _) | (_, Val::Unset) => Err(Fault::Unset(None)),
        (Val::Bool(_), Val::Bool(_))
        | (Val::Int(_), Val::Int(_))
        | (Val::Text(_), Val::Text(_))
        | (Val::Time(_), Val::Time(_))
        | (Val::Duration(_), Val::Duration(_))
        | (Val::Ip(_), Val::Ip(_)) => Ok(left == right),
        // The native form has read the text already; rhai has it as it is written.
        (Val::Ip(address), Val::Text(text)) | (Val::Text(text), Val::Ip(address)) => {
            let other = network::address(text).ok_or(Fault::KINDS_DIFFER)?;
            Ok(address == other)
        }
        _ => Err(Fault::KINDS_DIFFER),
    }
}

/// Whether a truth value is what it is not.
pub(super) fn not(value: Val<'_>) -> Result<Val<'static>, Fault> {
    match value {
        Val::Bool(truth) => Ok(Val::Bool(!truth)),
        Val::Unset => Err(Fault::Unset(None)),
        _ => Err(Fault::UNEXPECTED_KIND),
    }
}

/// A number with its sign turned.
pub(super) fn negate(value: Val<'_>) -> Result<Val<'static>, Fault> {
    match value {
        Val::Int(number) => number.checked_neg().map(Val::Int).ok_or(Fault::OVERFLOW),
        Val::Unset => Err(Fault::Unset(None)),
        _ => Err(Fault::UNEXPECTED_KIND),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(left: Val<'_>, symbol: &str, right: Val<'_>) -> Option<Val<'static>> {
        Operator::of_symbol(symbol).unwrap().apply(left, right).ok()
    }

    #[test]
    fn arithmetic_is_checked() {
        let max = Val::Int(i64::MAX);
        let min = Val::Int(i64::MIN);
        for (left, symbol, right) in [
            (max, "+", Val::Int(1)),
            (min, "-", Val::Int(1)),
            (max, "*", Val::Int(2)),
            (min, "/", Val::Int(-1)),
            (min, "%", Val::Int(-1)),
            (Val::Int(1), "/", Val::Int(0)),
            (Val::Int(1), "%", Val::Int(0)),
        ] {
            assert_eq!(
                apply(left, symbol, right),
                None,
                "{left:?} {symbol} {right:?}"
            );
        }
        assert!(negate(min).is_err());
        assert_eq!(apply(Val::Int(7), "%", Val::Int(4)), Some(Val::Int(3)));
    }

    #[test]
    fn times_move_by_durations_but_not_past_the_end() {
        let hour = Val::Duration(Duration::from_secs(3_600));
        let start = Val::Time(Timestamp::from_ms(0));
        let later = Val::Time(Timestamp::from_ms(3_600_000));
        assert_eq!(apply(start, "+", hour), Some(later));
        assert_eq!(apply(later, "-", start), Some(hour));
        let none = Val::Duration(Duration::ZERO);
        assert_eq!(apply(start, "-", later), Some(none), "never negative");
        assert_eq!(
            apply(Val::Time(Timestamp::from_ms(i64::MAX)), "+", hour),
            None
        );
        assert_eq!(apply(Val::Duration(Duration::MAX), "+", hour), None);
    }

    #[test]
    fn different_kinds_are_a_mistake_not_unequal() {
        for symbol in ["==", "!=", "<", "+"] {
            assert_eq!(apply(Val::Int(1), symbol, Val::Text("1")), None, "{symbol}");
            assert_eq!(apply(Val::Unset, symbol, Val::Text("1")), None, "{symbol}");
            assert_eq!(apply(Val::Unset, symbol, Val::Unset), None, "{symbol}");
        }
        assert_eq!(apply(Val::Text("a"), "<", Val::Text("b")), None);
    }
}
