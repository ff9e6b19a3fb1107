//! Strict YAML: one document, bounded, no anchors, aliases, tags or merge keys, no duplicate keys,
//! no word that another YAML version reads differently; the span of every key and value is known.

mod document;
mod reader;
mod scalar;
#[cfg(test)]
mod tests;
mod typed;

use crate::source::Span;

pub use document::{Document, Place};

/// Bounds on a document, so that a hostile one costs little.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of text.
    pub bytes: usize,
    /// Deepest nesting.
    pub depth: usize,
    /// Most scalars, sequences and mappings.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            depth: 32,
            nodes: 20_000,
        }
    }
}

/// Which kind of mistake a [`YamlError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum YamlProblem {
    /// The text is not YAML.
    Syntax,
    /// The document is larger or deeper than allowed.
    Limit,
    /// A feature of YAML that is not accepted: anchor, alias, tag, merge key, second document, …
    Feature,
    /// An invisible character that has no business in a definition.
    Character,
    /// A key that its mapping already has.
    DuplicateKey,
    /// An unquoted word that YAML versions read differently.
    Ambiguous,
    /// A key that is not known here.
    UnknownKey,
    /// A key that must be there.
    MissingKey,
    /// A value of another form than is asked for.
    Form,
    /// A word that is not a valid name.
    Name,
}

/// One mistake in a document, with everything needed to show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Which kind of mistake.
    pub problem: YamlProblem,
    /// What is wrong, in one lower-case sentence.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A few words under the place; may be empty.
    pub label: String,
    /// Another place that explains it.
    pub also: Option<(Span, &'static str)>,
    /// What to write instead.
    pub help: Option<String>,
    /// Text that would mend it, in the place of `span`.
    pub replacement: Option<String>,
}

impl YamlError {
    fn new(problem: YamlProblem, span: Span, message: impl Into<String>) -> Self {
        Self {
            problem,
            message: message.into(),
            span,
            label: String::new(),
            also: None,
            help: None,
            replacement: None,
        }
    }

    fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    fn replacement(mut self, text: impl Into<String>) -> Self {
        self.replacement = Some(text.into());
        self
    }
}
