//! Strict YAML: one document, bounded, no anchors, aliases, tags or merge keys, no duplicate keys;
//! every path known by its span.

use crate::source::{FileId, Span};

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

/// One step of a path into a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStep {
    /// The value of a key.
    Key(String),
    /// An element of a sequence.
    Index(usize),
}

/// What the strict pre-pass refuses, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to write instead.
    pub help: Option<String>,
}

/// A strictly read document with the span of every path.
#[derive(Debug)]
pub struct Document {
    /// The file it was read from.
    pub file: FileId,
}
