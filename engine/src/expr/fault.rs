//! Why an operation has no result: cheap to make, and never with a value in it.

use super::{EvalError, Slot, Vocabulary};

/// Why an operation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A value that is needed is unset: that of this name, if it is a name's.
    Unset(Option<Slot>),
    /// Anything else, in one lower-case sentence.
    Failed(&'static str),
}

impl Fault {
    pub(super) const OVERFLOW: Self = Self::Failed("the result is too large");
    pub(super) const KINDS_DIFFER: Self =
        Self::Failed("values of different kinds cannot be used together");
    pub(super) const UNEXPECTED_KIND: Self = Self::Failed("a value is of another kind than needed");

    /// The same fault, blamed on the name that was read, where it is about an unset value.
    pub(super) fn of(self, name: Option<Slot>) -> Self {
        match self {
            Self::Unset(None) => Self::Unset(name),
            other => other,
        }
    }

    /// The error that callers see.
    pub(super) fn into_error(
        self,
        name: impl FnOnce(Slot) -> Option<std::sync::Arc<str>>,
    ) -> EvalError {
        let message = match self {
            Self::Unset(slot) => match slot.and_then(name) {
                Some(name) => format!("`{name}` is unset"),
                None => "a value that is needed is unset".to_owned(),
            },
            Self::Failed(message) => message.to_owned(),
        };
        EvalError { message }
    }

    /// As [`into_error`](Self::into_error), with the names of a vocabulary.
    pub(super) fn in_words(self, vocabulary: &Vocabulary) -> EvalError {
        self.into_error(|slot| vocabulary.fact(slot).map(|fact| fact.path.clone()))
    }
}
