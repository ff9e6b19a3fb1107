//! How static types are named, and which of them fit together.

use std::fmt;
use std::sync::Arc;

use super::Type;
use crate::name::Name;

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text => "text",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Country => "country",
            Self::AccountId => "account_id",
            Self::Ip => "ip",
            Self::Secret => "secret",
            Self::Texts => "texts",
            Self::OneOf(words) => {
                let words: Vec<&str> = words.iter().map(Name::as_str).collect();
                return write!(f, "one of {}", words.join(", "));
            }
        })
    }
}

impl Type {
    /// Whether its values are text that expressions may look into.
    pub(super) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Phone
                | Self::Email
                | Self::Country
                | Self::AccountId
                | Self::OneOf(_)
        )
    }

    /// Whether a text in quotes can be one of its values.
    pub(super) fn has_literals(&self) -> bool {
        self.is_text() || *self == Self::Ip
    }

    /// Whether its values can be written as text.
    pub(super) fn has_text(&self) -> bool {
        !matches!(self, Self::Secret | Self::Texts)
    }

    /// Whether a value of type `found` can stand where this type is asked for.
    pub(super) fn accepts(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Text, found) => found.is_text(),
            (Self::OneOf(wanted), Self::OneOf(found)) => {
                found.iter().all(|word| wanted.contains(word))
            }
            _ => self == found,
        }
    }

    /// Whether `==` between the two can be true: the types are the same, and so may be the values.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Secret | Self::Texts, _) => false,
            (Self::OneOf(left), Self::OneOf(right)) => left.iter().any(|word| right.contains(word)),
            _ => self == other,
        }
    }

    /// The type of a value that is of one of the two types; texts of different kinds are just text,
    /// where text is asked for.
    pub(super) fn joined(&self, other: &Self, wanted: Option<&Self>) -> Option<Self> {
        match (self, other) {
            _ if self == other => Some(self.clone()),
            (Self::OneOf(left), Self::OneOf(right)) => {
                let more = right.iter().filter(|word| !left.contains(word));
                let words: Arc<[Name]> = left.iter().chain(more).cloned().collect();
                Some(Self::OneOf(words))
            }
            _ if wanted == Some(&Self::Text) && self.is_text() && other.is_text() => {
                Some(Self::Text)
            }
            _ => None,
        }
    }
}
